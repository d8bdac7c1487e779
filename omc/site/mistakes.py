"""Collects what is wrong with a site, so that one run can name every mistake, not only the first."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from omc.errors import SiteError

_PASSWORD = re.compile(r"(//[^:@/\s]*):[^@/\s]*(@|…)")


class VariableError(SiteError):
    """A variable of one host cannot be used; `variable` is empty where it is the host's own name that cannot."""

    def __init__(self, message: str, *, host: str, variable: str, hint: str = "") -> None:
        super().__init__(message, where=f"host {host}", hint=hint)
        self.host = host
        self.variable = variable


class Mistakes:
    """The mistakes, warnings and notes of one reading; the readers add to it and go on with what is sound."""

    def __init__(self) -> None:
        self.errors: list[SiteError] = []
        self.warnings: list[str] = []
        self.notes: list[str] = []

    def add(self, where: str, message: str, hint: str = "") -> None:
        """Note a mistake; `where` is "FILE:LINE", or FILE where it has no line."""
        self.errors.append(SiteError(message, where=where, hint=hint))

    def warn(self, where: str, message: str) -> None:
        """Keep what is odd but accepted; every command shows it."""
        self.warnings.append(f"{where}: {message}")

    def note(self, where: str, message: str) -> None:
        """Keep what only a check of the site is to show."""
        self.notes.append(f"{where}: {message}")

    def raise_any(self, lister: str = "omc site check") -> None:
        """Raise the first mistake, with a word on how many there are and what lists them; return if there is none."""
        if not self.errors:
            return
        first = self.errors[0]
        if len(self.errors) == 1:
            raise first
        more = f"and {len(self.errors) - 1} more: {lister} lists them"
        hint = f"{first.hint} ({more})" if first.hint else more
        raise SiteError(first.message, where=first.where, hint=hint)


def near(name: str, known: Iterable[str]) -> str:
    """Return the two known names that look most like `name`, for a hint: "meant web1 or web2?", or nothing."""
    matches = get_close_matches(name, list(known), n=2, cutoff=0.6)
    return f"meant {' or '.join(matches)}?" if matches else ""


def without_password(text: str) -> str:
    """Return a text with URLs in it as it may be shown; one that is cut short ends with "…"."""
    return _PASSWORD.sub(r"\1:…\2", text)
