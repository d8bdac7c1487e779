"""What is asked: one guest, the host that it is on, and the one that it shall go to."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from shlex import quote

import msgspec

from omc import offered as offering
from omc.audit.guests import is_active
from omc.model import DomainCapabilities, Guest, Host

FIRST, NEVER, UNKNOWN, FINE = "after", "cannot", "unknown", "fine"
"""What a check says: something is to be done first; it does not go; the facts do not tell; nothing is in the way."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at. `fix` is what to type or change, empty where nothing helps or nothing need."""

    area: str
    status: str
    message: str
    fix: str = ""


Checks = Iterator[Check]


class Move(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A guest that shall go from `source` to `target`: `live` while it runs, else its configuration alone."""

    guest: Guest
    source: Host
    target: Host
    live: bool

    @classmethod
    def of(cls, guest: Guest, source: Host, target: Host, *, live: bool | None = None) -> "Move":
        """Make the move that is meant where nobody says how: live where the guest is active."""
        return cls(guest=guest, source=source, target=target, live=is_active(guest) if live is None else live)

    @cached_property
    def capabilities(self) -> tuple[DomainCapabilities, ...] | None:
        """What guests of its kind may have on the target; None where that was not read."""
        return kind_of(self.guest, self.target)

    @cached_property
    def on_board(self) -> Sequence[DomainCapabilities]:
        """What guests of its kind may have there on a board like its own; empty where nobody asked for that."""
        return offering.on_board(self.capabilities or (), self.guest.machine)

    def here(self, command: str, *words: str) -> str:
        """Return a command of virsh on the host that the guest is on, its words quoted."""
        return _virsh(self.source, command, words)

    def there(self, command: str, *words: str) -> str:
        """Return a command of virsh on the target."""
        return _virsh(self.target, command, words)


def kind_of(guest: Guest, host: Host) -> tuple[DomainCapabilities, ...] | None:
    """Return what guests of the same architecture and type may have on a host; None where that was not read."""
    if host.domain_capabilities is None:
        return None
    return tuple(each for each in host.domain_capabilities if (each.arch, each.type) == (guest.arch, guest.type))


def _virsh(host: Host, command: str, words: tuple[str, ...]) -> str:
    to = f"virsh -c {quote(host.uri)}" if host.uri else "virsh"
    return " ".join((to, command, *map(quote, words)))


def first(area: str, message: str, fix: str) -> Check:
    """Something is to be done before."""
    return Check(area=area, status=FIRST, message=message, fix=fix)


def never(area: str, message: str, fix: str = "") -> Check:
    """It does not go like this; `fix` says what would go instead."""
    return Check(area=area, status=NEVER, message=message, fix=fix)


def unknown(area: str, message: str, fix: str = "") -> Check:
    """The facts do not tell."""
    return Check(area=area, status=UNKNOWN, message=message, fix=fix)


def fine(area: str, message: str) -> Check:
    """Nothing is in the way, and that is worth a word."""
    return Check(area=area, status=FINE, message=message)
