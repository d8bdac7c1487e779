"""The shell of this machine itself, for hosts with `ansible_connection: local`: the same port, over a subprocess."""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Sequence

from omc.drivers.shell import Exchange, Request
from omc.drivers.shell.request import login_of
from omc.errors import DeadlineError, HostError
from omc.ports import Answer, Endpoint

_CHUNK = 1 << 16
_END_SECONDS = 0.5


class LocalShells:
    """Opens shells of this machine; there is nothing to share and nothing to close."""

    def open(self, endpoint: Endpoint, *, deadline: float) -> "LocalShell":
        """Give a shell; raise HostError where sudo could not be told as whom, DeadlineError where it is too late."""
        if deadline <= time.monotonic():
            raise DeadlineError("not reached before the deadline", where=endpoint.host, hint="raise --timeout")
        return LocalShell(endpoint)

    def close(self) -> None:
        """Nothing stays open."""


class LocalShell:
    """One machine's own shell, a process for each script."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._login = login_of(endpoint)
        self._proven = False
        self._closed = False

    def run(self, script: str, data: Sequence[bytes] = (), *, deadline: float, most_bytes: int = 16 << 20) -> Answer:
        """Run a script in `sh`; see `omc.ports.Shell`."""
        if self._closed:
            raise HostError("the shell is closed", code="connection-lost", where=self._login.host)
        request = Request(self._login, script, data)
        with _Process(self._login.command, self._login.host) as process:
            answer = Exchange(request, process, deadline=deadline, most_bytes=most_bytes).run(proven=self._proven)
        self._proven = True
        return answer

    def close(self) -> None:
        """Take no more scripts."""
        self._closed = True


class _Process:
    """A command's standard streams; what it started in the background is left alone, as over SSH."""

    def __init__(self, command: str, host: str) -> None:
        try:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            raise HostError(f"no shell starts: {error.strerror}", code="no-shell", where=host) from error
        self._files = [file for file in (self._process.stdin, self._process.stdout, self._process.stderr) if file]
        self._input, self._output, self._errors = (file.fileno() for file in self._files)
        self._selector = selectors.DefaultSelector()
        for descriptor in (self._output, self._errors):
            self._selector.register(descriptor, selectors.EVENT_READ)
        os.set_blocking(self._input, False)
        self._pending: deque[memoryview] = deque()
        self._finished = False

    def __enter__(self) -> "_Process":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Leave nothing open; end what does not end by itself, and all that a script began that was given up."""
        self._selector.close()
        for file in self._files:
            file.close()
        if kind is None and self._ended():
            return
        # SIGTERM is what sudo hands on to the command; SIGKILL would end sudo alone and leave the command running.
        for ending in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, PermissionError):  # sudo's may belong to root
                os.killpg(self._process.pid, ending)
            self._ended()

    def _ended(self) -> bool:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_SECONDS)
        return self._process.returncode is not None

    def send(self, pieces: Sequence[bytes]) -> None:
        """Send; see `omc.drivers.shell.Pipes`."""
        if not self._pending and not self._files[0].closed:
            self._selector.register(self._input, selectors.EVENT_WRITE)
        self._pending.extend(memoryview(piece) for piece in pieces if piece)

    def finish(self) -> None:
        """End the input; see `omc.drivers.shell.Pipes`."""
        self._finished = True
        if not self._pending:
            self._files[0].close()

    def receive(self, seconds: float) -> tuple[bytes, bytes, bool]:
        """Receive, and hand over what is still to be sent; see `omc.drivers.shell.Pipes`."""
        came = {self._output: b"", self._errors: b""}
        for key, _ in self._selector.select(seconds):
            if key.fd == self._input:
                self._write()
                continue
            came[key.fd] = os.read(key.fd, _CHUNK)
            if not came[key.fd]:
                self._selector.unregister(key.fd)
        return came[self._output], came[self._errors], self._silent()

    def _write(self) -> None:
        try:
            piece = self._pending.popleft()
            written = os.write(self._input, piece[:_CHUNK])
            if written < len(piece):
                self._pending.appendleft(piece[written:])
        except BrokenPipeError:  # it wants no more; what it said tells why
            self._pending.clear()
        if not self._pending:
            self._selector.unregister(self._input)
            if self._finished:
                self._files[0].close()

    def _silent(self) -> bool:
        return not {self._output, self._errors} & set(self._selector.get_map())
