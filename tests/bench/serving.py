"""An exporter as a process of its own, asked over HTTP as Prometheus asks it, with what the process uses."""

import http.client
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.bench.bench import OMC
from tests.bench.measure import BenchError, Sample, environment, last_words

READY_SECONDS = 30
SCRAPE_SECONDS = 60
_LOOK_SECONDS = 0.002
_SCHEDULED = 2  # Linux's CPUCLOCK_SCHED: time on a processor, in nanoseconds


class Exporter:
    """A running exporter on loopback, asked over one connection that stays open; `again` gives a further one."""

    def __init__(self, pid: int, port: int) -> None:
        self.pid = pid
        self.port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SCRAPE_SECONDS + 5)

    def ask(self, path: str = "/metrics", headers: Mapping[str, str] | None = None) -> bytes:
        """Give the body of one answer over the connection that stays open; BenchError where it is not 200."""
        own = {"X-Prometheus-Scrape-Timeout-Seconds": str(SCRAPE_SECONDS), "Accept-Encoding": "identity"}
        answer = self._answer(path, {**own, **(headers or {})})
        body = answer.read()
        if answer.status != 200:
            raise BenchError(f"{path}: {answer.status}: {body[:200].decode(errors='replace')}")
        return body

    def _answer(self, path: str, headers: Mapping[str, str]) -> http.client.HTTPResponse:
        """Ask again where the exporter has closed the connection because nobody used it, as Prometheus does."""
        try:
            self._connection.request("GET", path, headers=headers)
            return self._connection.getresponse()
        except ConnectionError:
            self._connection.close()
            self._connection.request("GET", path, headers=headers)
            return self._connection.getresponse()

    def timed(self, path: str = "/metrics", headers: Mapping[str, str] | None = None) -> Sample:
        """Ask once: the seconds as Prometheus sees them, and the processor time of the exporter in them."""
        seconds, cpu = time.perf_counter(), self.cpu_seconds
        body = self.ask(path, headers)
        seconds, cpu = time.perf_counter() - seconds, self.cpu_seconds - cpu
        return Sample(seconds, cpu, self.peak_bytes, b"", series(body))

    @property
    def cpu_seconds(self) -> float:
        """Processor time of the process so far; the kernel's clock of another process is named by its pid."""
        return time.clock_gettime((~self.pid << 3) | _SCHEDULED)

    @property
    def peak_bytes(self) -> int:
        """The most memory that it ever had resident."""
        return self._status("VmHWM") * 1024

    @property
    def resident_bytes(self) -> int:
        """What it has resident now."""
        return self._status("VmRSS") * 1024

    @property
    def threads(self) -> int:
        """How many threads it has now."""
        return self._status("Threads")

    @property
    def files(self) -> int:
        """How many files it has open now."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def again(self) -> "Exporter":
        """Give the same exporter over a connection of its own, for a further thread."""
        return Exporter(self.pid, self.port)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _status(self, field: str) -> int:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1])
        raise BenchError(f"the process {self.pid} has no {field}")


def series(page: bytes) -> int:
    """Count the samples of a page."""
    return sum(not line.startswith(b"#") for line in page.splitlines())


@contextmanager
def omc(*arguments: str, site: Path | None = None) -> Iterator[Exporter]:
    """Run `omc exporter serve`, of a site or with `--uri` among the arguments; it takes connections in the block."""
    port = free_port()
    where = ("--site", str(site)) if site else ()
    with serving((OMC, *where, "exporter", "serve", "--listen", f"127.0.0.1:{port}", *arguments), port) as running:
        yield running


@contextmanager
def serving(command: Sequence[str], port: int) -> Iterator[Exporter]:
    """Run an exporter until the block ends; it takes connections when the block begins."""
    none = subprocess.DEVNULL
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        process = subprocess.Popen(command, env=environment({}), stdin=none, stdout=none, stderr=said)
        running = Exporter(process.pid, port)
        try:
            while not _takes_connections(port):
                if process.poll() is not None or time.perf_counter() - started > READY_SECONDS:
                    raise BenchError(f"{command[0]} does not come up: {last_words(said)}")
                time.sleep(_LOOK_SECONDS)
            yield running
        finally:
            running.close()
            _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End it with SIGTERM, and with SIGKILL where it does not listen."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _takes_connections(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """Give a port of loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
