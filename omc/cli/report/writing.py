"""Puts a report into its place: the old file or the new one, whole, at any instant; or on stdout."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from omc.cli.context import Run
from omc.errors import OmcError, UsageError

_CHUNK = 1 << 18


def write_file(run: Run, path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make the file that it is given, then put that in the place of `path`; "-" is stdout.

    `write` may leave other files beside it: the folder is its own and goes away. Raise UsageError where stdout is a
    terminal or `path` is no place for a file, OmcError where it cannot be written.
    """
    try:
        if str(path) == "-":
            _refuse_terminal(path)
            with tempfile.TemporaryDirectory(prefix="omc-report-") as folder:
                write(Path(folder) / "report")
                run.output.write(_chunks(Path(folder) / "report"))
            return
        _refuse_special(path)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
            made = Path(folder) / path.name
            write(made)
            with made.open("rb") as file:
                os.fsync(file.fileno())
            made.replace(path)
    except OSError as error:
        hint = f"is there room, and may this user write into {path.parent}?" if str(path) != "-" else "-f FILE"
        raise OmcError(f"cannot be written: {error.strerror or error}", where=str(path), hint=hint) from error


def _refuse_terminal(path: Path) -> None:
    if sys.stdout is not None and sys.stdout.isatty():
        raise UsageError("a report is nothing to look at on a terminal", where=str(path), hint="-f FILE, or a pipe")


def _refuse_special(path: Path) -> None:
    if path.exists() and not path.is_file():
        raise UsageError("this is no file that could be replaced", where=str(path), hint="-f FILE, or -f - for stdout")


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
