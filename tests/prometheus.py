"""Real Prometheus and Alertmanager for the tests: Debian's packages, on loopback, each in a folder of its own.

With OMC_LAB=required a machine without them fails these tests instead of skipping them.
"""

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from tests.required import lacking
from tests.waiting import until

SECONDS = 30
_LOOK_SECONDS = 0.1
_OPENER = build_opener(ProxyHandler({}))


def need(*programs: str) -> None:
    """Skip the test where a program is missing; fail it where the lab is required."""
    absent = [program for program in programs if not shutil.which(program)]
    if absent:
        lacking(f"no {', '.join(absent)}: apt-get install prometheus prometheus-alertmanager")


def free_port() -> int:
    """Return a port of loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def get(url: str) -> Any:
    """Return what a URL answers, as JSON where it is."""
    with _OPENER.open(url, timeout=10) as answer:
        text = answer.read().decode()
    with suppress(ValueError):
        return json.loads(text)
    return text


@contextmanager
def _running(command: Sequence[str], folder: Path, ready: str) -> Iterator[None]:
    """Run a server as long as the block; it has answered `ready` when the block begins."""
    log = folder / "log"
    with log.open("wb") as said:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said)

    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            return bool(get(ready))
        except (URLError, ConnectionError, TimeoutError):
            return False

    try:
        until(answers)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


class Prometheus:
    """A server that runs; `url` has no slash at its end."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder

    def ask(self, expression: str) -> list[dict[str, Any]]:
        """Return the series of an expression, now; an error of the expression is an HTTPError."""
        answer = get(f"{self.url}/api/v1/query?{urlencode({'query': expression})}")
        assert answer["status"] == "success", answer
        found = answer["data"]["result"]
        return [{"value": found[1]}] if answer["data"]["resultType"] in ("scalar", "string") else found

    def targets(self) -> list[dict[str, Any]]:
        """Return the targets that it scrapes."""
        found: list[dict[str, Any]] = get(f"{self.url}/api/v1/targets")["data"]["activeTargets"]
        return found

    def rules(self) -> list[dict[str, Any]]:
        """Return every rule, with how its last evaluation went."""
        groups = get(f"{self.url}/api/v1/rules")["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]


@contextmanager
def prometheus(folder: Path, config: str) -> Iterator[Prometheus]:
    """Run Prometheus with a configuration; blocks in `folder`/data are its past."""
    need("prometheus")
    port = free_port()
    (folder / "prometheus.yml").write_text(config)
    files = (f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data")
    url = f"http://127.0.0.1:{port}"
    command = ("prometheus", *files, f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn")
    with _running(command, folder, f"{url}/-/ready"):
        yield Prometheus(url, folder)


@contextmanager
def alertmanager(folder: Path, config: str) -> Iterator[str]:
    """Run an Alertmanager of its own, in no cluster, and return its address."""
    need("prometheus-alertmanager")
    port = free_port()
    (folder / "alertmanager.yml").write_text(config)
    files = (f"--config.file={folder}/alertmanager.yml", f"--storage.path={folder}/data", "--cluster.listen-address=")
    command = ("prometheus-alertmanager", *files, f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn")
    with _running(command, folder, f"http://127.0.0.1:{port}/-/ready"):
        yield f"127.0.0.1:{port}"
