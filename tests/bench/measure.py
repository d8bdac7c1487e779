"""Whole processes, timed from outside: seconds, processor time and peak memory; two sides in turns."""

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import IO

import msgspec

from omc.errors import OmcError

TIMEOUT_SECONDS = 330.0
_SAID = 2000
_CHUNK = 1 << 16
_PYTHON_SWITCHES = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONDEVMODE", "PYTHONPROFILEIMPORTTIME")


class BenchError(OmcError):
    """A side of a benchmark failed, with what it said."""


class Sample(msgspec.Struct, frozen=True):
    """One run of one process; processor time includes that of its children (ssh) that it waited for.

    The kernel counts the memory of the process that started it as its own, so the peak is never seen below this one's.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    first_line: bytes = b""
    lines: int = 0


class Side(msgspec.Struct, frozen=True):
    """One of the two that are compared: how it is called, and what must be done before each run of it."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = {}
    prepare: Callable[[], object] = lambda: None
    exit_codes: tuple[int, ...] = (0,)


def run(side: Side, *, timeout: float = TIMEOUT_SECONDS) -> Sample:
    """Run one side once, its output in a pipe that is read at once; BenchError where it fails."""
    side.prepare()
    with tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            side.command,
            env=environment(side.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        killer = threading.Timer(timeout, process.send_signal, (signal.SIGKILL,))
        killer.start()
        assert process.stdout is not None
        with process.stdout:
            first_line, lines = _read(process.stdout)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        killer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in side.exit_codes:
            raise BenchError(f"{side.name}: exit code {process.returncode} after {seconds:.1f} s: {last_words(errors)}")
    return Sample(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, first_line, lines)


def paired(ours: Side, theirs: Side, *, rounds: int) -> list[tuple[Sample, Sample]]:
    """Run both once to warm up, then in turns; each pair saw the same load of the machine."""
    return [(mine, other) for mine, other in in_turns([ours, theirs], rounds)]


def in_turns(sides: Sequence[Side], rounds: int) -> list[list[Sample]]:
    """Run each once to warm up, then all in turns; one list a turn, in the order of the sides."""
    for side in sides:
        run(side)
    return [[run(side) for side in sides] for _ in range(rounds)]


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """Python as users run it: compiled files are kept and output is buffered, whatever this shell says."""
    kept = {name: value for name, value in os.environ.items() if name not in _PYTHON_SWITCHES}
    return {**kept, **more}


def _read(output: IO[bytes]) -> tuple[bytes, int]:
    """Take what comes at once and keep none of it but the first line and how many lines there were."""
    first = output.readline()
    lines = first.count(b"\n")
    while chunk := output.read(_CHUNK):
        lines += chunk.count(b"\n")
    return first, lines


def last_words(errors: IO[bytes]) -> str:
    """Give the end of what a process said."""
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - _SAID))
    return errors.read().decode(errors="replace").strip() or "it said nothing"
