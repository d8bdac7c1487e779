"""What a host's shell tells that libvirt does not: one script, read-only, and a pure reader of what it prints.

`machine.sh` prints lines of "KEY<tab>VALUE"; a key may come several times. A key that does not come was not there to be
read, and the rule that needs it says so. The script is POSIX and starts no program that changes anything.
"""

from collections import defaultdict
from collections.abc import Mapping

import msgspec

LAST = "end"
"""The key of the last line: an answer without it was cut off."""


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """The lines of one host by key; `asked` and `answered` are this machine's clock (seconds since 1970) around it."""

    lines: Mapping[str, tuple[str, ...]] = {}
    asked: float | None = None
    answered: float | None = None

    def all(self, key: str) -> tuple[str, ...]:
        """Return all values of a key."""
        return self.lines.get(key, ())

    def one(self, key: str) -> str | None:
        """Return the first value of a key, None where there is none."""
        values = self.lines.get(key)
        return values[0] if values else None

    def number(self, key: str) -> float | None:
        """Return the first value of a key as a number, None where it is none."""
        try:
            return float(self.one(key) or "")
        except ValueError:
            return None

    def pairs(self, key: str) -> dict[str, str]:
        """Return the values of a key, each "NAME VALUE", by name."""
        return {name: value for name, _, value in (line.partition(" ") for line in self.all(key))}


def script() -> str:
    """Return the script to run on a host."""
    from importlib.resources import files  # not before a shell is asked: every audit imports this file

    return (files("omc.audit") / "machine.sh").read_text(encoding="utf-8")


def read_machine(output: bytes, *, asked: float | None = None, answered: float | None = None) -> Machine | str:
    """Return what the script printed, or why it is no answer."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in output.decode("utf-8", "replace").splitlines():
        key, tab, value = line.partition("\t")
        if tab:
            found[key].append(value.strip())
    if LAST not in found:
        return "its shell's answer was cut off"
    lines = {key: tuple(values) for key, values in found.items()}
    return Machine(lines=lines, asked=asked, answered=answered)
