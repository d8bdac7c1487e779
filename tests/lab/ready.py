"""Runs `omc` in processes that have the libraries of others loaded already, which take longer than most commands do.

Each is a fork of one process that did nothing but load them; libvirt and most of what is omc's own it loads itself.
What the program is told (its words, environment, folder and files) and what it gives back is as if it were started.
`python -m tests.lab.ready NUMBER` is that process; the number is its socket's, and it ends when the other end is gone.
"""

import functools
import gc
import importlib
import io
import json
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from omc.drivers.ssh import ssh_shells
from tests.lab.process import LabError

_ROOT = Path(__file__).parents[2]
_LIBRARIES = (
    "asyncio",
    "click",
    "concurrent.futures",
    "difflib",
    "email.parser",
    "getpass",
    "hmac",
    "importlib.metadata",
    "jinja2.sandbox",
    "msgspec",
    "multiprocessing.popen_fork",
    "secrets",
    "shlex",
    "sqlite3",
    "xml.etree.ElementTree",
    "yaml",
)
_REQUEST_BYTES = 1 << 17
_NUMBER = struct.Struct("i")

Request = tuple[Sequence[str], Mapping[str, str], str]


def run(command: Sequence[str], environment: Mapping[str, str], *, seconds: float) -> tuple[int, str, str]:
    """Run a command line of `omc`; its exit status (below 0 for a signal), what it printed, and its messages."""
    ends = [os.pipe() for _ in range(3)]
    request = json.dumps((command, dict(environment), str(Path.cwd()))).encode()
    with Path(os.devnull).open("rb") as nothing:
        socket.send_fds(_forker(), [request], [nothing.fileno(), *(write for _, write in ends)])
    for _, write in ends:
        os.close(write)
    said = {read: bytearray() for read, _ in ends}
    try:
        is_whole = _read(said, seconds)
    finally:
        out, errors, numbers = said.values()
        _kill(numbers)
        for read in said:
            os.close(read)
    if not is_whole:
        raise subprocess.TimeoutExpired(list(command), seconds)
    if len(numbers) < 2 * _NUMBER.size:
        raise LabError("the process that starts omc has ended")
    _, (status,) = _NUMBER.iter_unpack(numbers)
    return os.waitstatus_to_exitcode(status), _text(out), _text(errors)


def _read(said: Mapping[int, bytearray], seconds: float) -> bool:
    """Read all until their ends; whether these came within so many seconds."""
    deadline = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        for number in said:
            selector.register(number, selectors.EVENT_READ)
        while selector.get_map():
            if not (ready := selector.select(max(deadline - time.monotonic(), 0))):
                return False
            for key, _ in ready:
                said[key.fd] += (part := os.read(key.fd, 1 << 16))
                if not part:
                    selector.unregister(key.fd)
    return True


def _kill(numbers: bytearray) -> None:
    """End the process if its end was not told yet."""
    if len(numbers) == _NUMBER.size:
        os.kill(_NUMBER.unpack(numbers)[0], signal.SIGKILL)


def _text(content: bytearray) -> str:
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8").read()


@functools.cache
def _forker() -> socket.socket:
    """The socket to the process that forks; it is started when the first command comes."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    unread, pipe = os.pipe()  # what Python knows of its stdout from its start is to be true of the commands' pipes
    number = there.fileno()
    subprocess.run(
        ["setsid", "--fork", sys.executable, "-m", "tests.lab.ready", str(number)],
        env={name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ},
        cwd=_ROOT, pass_fds=(number,), stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, check=True,
    )  # fmt: skip
    for end in (unread, pipe):
        os.close(end)
    there.close()
    return here


def _serve(control: socket.socket) -> Request | None:
    """Fork for each request: the child returns with it, its files in place; this one when the other end is gone."""
    running: dict[int, tuple[int, int]] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is not control:
                    selector.unregister(key.fd)
                    _tell_end(key.fd, *running.pop(key.fd))
                    continue
                text, files, *_ = socket.recv_fds(control, _REQUEST_BYTES, 4)
                if not text:
                    return None
                if not (process := os.fork()):
                    for number in (*running, *(told for _, told in running.values()), files[3]):
                        os.close(number)
                    _take(files[:3])
                    request: Request = json.loads(text)
                    return request
                for number in files[:3]:
                    os.close(number)
                os.write(files[3], _NUMBER.pack(process))
                watched = os.pidfd_open(process)
                running[watched] = (process, files[3])
                selector.register(watched, selectors.EVENT_READ)


def _tell_end(watched: int, process: int, told: int) -> None:
    _, status = os.waitpid(process, 0)
    with suppress(BrokenPipeError):  # who asked waits no longer
        os.write(told, _NUMBER.pack(status))
    os.close(told)
    os.close(watched)


def _take(files: Sequence[int]) -> None:
    """Make these files the process's stdin, stdout and stderr."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)


def _become(command: Sequence[str], environment: Mapping[str, str], folder: str) -> None:
    """Be the program that was asked for, in its folder."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv, sys.path[0] = list(command), str(Path(command[0]).parent)
    program = importlib.import_module("omc.cli.main")
    program.run()


if __name__ == "__main__":
    for library in _LIBRARIES:
        importlib.import_module(library)
    ssh_shells()  # this loads paramiko, as much of it as omc does
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        request = _serve(asked)
    if request is not None:
        _become(*request)
