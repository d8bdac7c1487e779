"""The only printer: answers go to stdout, all else (errors, warnings, progress) to stderr.

Text is escaped here and in the formats, so that a guest's name cannot write to the terminal. With `--log-format json`
each message on stderr is one JSON object a line: time, level, message, and where and hint where there are some.
"""

import os
import sys
import time
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO

from omc.errors import OmcError, UsageError
from omc.text import safe, safe_lines

if TYPE_CHECKING:
    from omc.cli.progress import Progress
    from omc.inventory.formats import Listing, Page
    from omc.ports import Hidden

_COLORS = {"error": "\x1b[31m", "warning": "\x1b[33m"}
_DIFFERENCE_COLORS = {"-": "\x1b[31m", "+": "\x1b[32m", "@": "\x1b[36m"}
_WIDEST = 1000


class Output:
    """Prints for one run; `verbosity` 0 leaves out details, 1 the smallest of them."""

    def __init__(self, *, color: bool = True, log_format: str = "text", verbosity: int = 0) -> None:
        self._color = color
        self._log_format = log_format
        self._verbosity = verbosity

    @cached_property
    def page(self) -> "Page":
        """What the formats must know of the place that answers go to."""
        from omc.inventory.formats import Page

        terminal = sys.stdout is not None and sys.stdout.isatty()
        return Page(width=_width() if terminal else None, color=terminal and self._color, now=time.time())

    def format_or_default(self, name: str | None) -> str:
        """Return the format's name; without one it is a table on a terminal, tab-separated in a pipe."""
        return name or ("table" if self.page.width is not None else "tsv")

    def listing(self, listing: "Listing", format_name: str | None) -> None:
        """Print a list as an answer."""
        from omc.inventory.formats import render

        self.write(render(listing, self.format_or_default(format_name), self.page))

    def write(self, chunks: Iterable[bytes]) -> None:
        """Print bytes that a format made, as they come; they are already safe."""
        stream = self._stdout()
        for chunk in chunks:
            stream.write(chunk)
        stream.flush()  # before anything that is said on stderr about it

    def answer(self, text: str) -> None:
        """Print text as an answer; its lines stay lines."""
        self.write([safe_lines(text).encode() + b"\n"])

    def heading(self, text: str) -> None:
        """Print a line that stands above others as an answer."""
        shown = f"\x1b[1m{safe(text)}\x1b[0m" if self.page.color else safe(text)
        self.write([f"{shown}\n".encode()])

    def difference(self, lines: Iterable[str]) -> None:
        """Print the lines of a unified difference as an answer: what goes in red, what comes in green."""
        self.write([b"".join(f"{self._tinted(line)}\n".encode() for line in lines)])

    def _tinted(self, line: str) -> str:
        color = _DIFFERENCE_COLORS.get(line[:1]) if self.page.color else None
        return f"{color}{safe(line)}\x1b[0m" if color else safe(line)

    def ask(self, question: str, *, hint: str = "look at it with omc template plan, then add --yes") -> bool:
        """Ask a person, and return whether the answer was yes; raise UsageError with `hint` where nobody is there."""
        if sys.stdin is None or not sys.stdin.isatty() or sys.stderr is None or not sys.stderr.isatty():
            raise UsageError("nobody is here to say yes", hint=hint)
        print(f"{safe_lines(question)} [y/N] ", end="", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    def ask_password(self, question: str) -> "Hidden":
        """Ask a person for a password, unseen; raise UsageError where there is no terminal to ask at."""
        import warnings
        from getpass import GetPassWarning, getpass

        from omc.ports import Hidden

        with warnings.catch_warnings(category=GetPassWarning, action="error"):
            try:
                return Hidden(getpass(question))
            except (GetPassWarning, EOFError) as error:
                hint = "ansible_become_password: \"{{ secret('NAME') }}\" in the inventory needs nobody"
                raise UsageError("there is no terminal to ask for a password at", hint=hint) from error

    def flush(self) -> None:
        """Bring everything out; raises OSError where that cannot be done (a full disk, a reader that is gone)."""
        if sys.stdout is not None:
            sys.stdout.flush()

    def debug(self, message: str, *, where: str = "", hint: str = "") -> None:
        """Say what -vv asks for."""
        if self._verbosity > 1:
            self._say("debug", message, where=where, hint=hint)

    def detail(self, message: str, *, where: str = "") -> None:
        """Say what -v asks for."""
        if self._verbosity > 0:
            self._say("info", message, where=where)

    def info(self, message: str) -> None:
        """Say on stderr what a person wants to know beside the answer."""
        self._say("info", message)

    def note(self, message: str, *, where: str = "", hint: str = "") -> None:
        """Say on stderr, about one thing, what a person wants to know beside the answer."""
        self._say("info", message, where=where, hint=hint)

    def warning(self, message: str, *, where: str = "", hint: str = "") -> None:
        """Say on stderr that something is odd."""
        self._say("warning", message, where=where, hint=hint)

    def error(self, message: str, *, where: str = "", hint: str = "") -> None:
        """Say on stderr what failed, where, and what to do next."""
        self._say("error", message, where=where, hint=hint)

    def trace(self, text: str) -> None:
        """Print a traceback on stderr."""
        if self._log_format == "json":
            self._say("debug", text)
        else:
            _print_error(safe_lines(text))

    def attach_logging(self) -> None:
        """Let what a server's parts log come out here too, from warnings on; -v lets more through."""
        from omc.cli.logs import attach

        attach(self._say, self._verbosity)

    def progress(self, what: str, names: Sequence[str]) -> "Progress":
        """Return a progress display of these, a context manager; on anything but a terminal it shows nothing."""
        from omc.cli.progress import Progress, TerminalProgress

        terminal = sys.stderr is not None and sys.stderr.isatty() and self._log_format == "text"
        return TerminalProgress(what, names, color=self._color) if terminal else Progress()

    def _stdout(self) -> BinaryIO:
        if sys.stdout is None:
            raise OmcError("stdout is closed: there is nowhere to print the answer")
        return sys.stdout.buffer

    def _say(self, level: str, message: str, *, where: str = "", hint: str = "") -> None:
        if self._log_format == "json":
            _print_error(_json_line(level, message, where, hint))
            return
        head = f"{level}: " if level in _COLORS else ""
        place = f"{where}: " if where else ""
        if head and self._color and sys.stderr is not None and sys.stderr.isatty():
            head = f"{_COLORS[level]}{head}\x1b[0m"
        _print_error(f"{head}{safe(place)}{safe_lines(message)}" + (f"\n  hint: {safe(hint)}" if hint else ""))


def _json_line(level: str, message: str, where: str, hint: str) -> str:
    import json
    from datetime import UTC, datetime

    fields = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "level": level, "message": message}
    extra = {"where": where, "hint": hint}
    return json.dumps(fields | {name: text for name, text in extra.items() if text})


def _print_error(text: str) -> None:
    """Print a line on stderr; a stderr that is gone is no reason to fail."""
    if sys.stderr is None:
        return
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        sys.stderr = None


def _width() -> int:
    """Return the terminal's width; COLUMNS wins, as for any program."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return min(int(columns), _WIDEST)
    try:
        return min(os.get_terminal_size(sys.stdout.fileno()).columns or 80, _WIDEST)
    except (OSError, ValueError):
        return 80
