"""Puts a report into its place: the old file or the new one, whole, at any instant; or on stdout."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from omc.cli.context import Run
from omc.errors import OmcError, UsageError

_CHUNK = 1 << 18


def write_file(run: Run, path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make the file that it is given, then put that in the place of `path`; "-" is stdout.

    A file that was there keeps its owner and mode, a new one has those of any new file; a link stays one.
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
        target = path.resolve()
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as folder:
            made = Path(folder) / target.name
            write(made)
            with made.open("rb") as file:
                _keep_readers(file.fileno(), target)
                os.fsync(file.fileno())
            made.replace(target)
    except OSError as error:
        hint = f"is there room, and may this user write into {path.parent}?" if str(path) != "-" else "-f FILE"
        raise OmcError(f"cannot be written: {error.strerror or error}", where=str(path), hint=hint) from error


def _refuse_terminal(path: Path) -> None:
    if sys.stdout is not None and sys.stdout.isatty():
        raise UsageError("a report is nothing to look at on a terminal", where=str(path), hint="-f FILE, or a pipe")


def _refuse_special(path: Path) -> None:
    if path.exists() and not path.is_file():
        raise UsageError("this is no file that could be replaced", where=str(path), hint="-f FILE, or -f - for stdout")


def _keep_readers(descriptor: int, old: Path) -> None:
    """Give a file the mode of the one whose place it takes, and its owner as far as this user may."""
    if old.is_file():
        known = old.stat()
        with suppress(PermissionError):
            os.fchown(descriptor, known.st_uid, known.st_gid)
        os.fchmod(descriptor, known.st_mode & 0o777)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
