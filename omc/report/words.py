"""Facts in the words and units of RVTools: MiB, states of power, names of operating systems. Pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from omc.model import Guest

_HALF = 1 << 19
_ON = frozenset(("running", "idle", "in shutdown"))
_SUSPENDED = frozenset(("paused", "pmsuspended"))
_OFF = frozenset(("shut off", "crashed"))
_NO_OWN_NETWORK = ("fe80:", "169.254.", "127.", "::1")


def mib(size: int | None) -> int | None:
    """Return bytes as MiB, rounded to whole ones, as RVTools has them."""
    return None if size is None else (size + _HALF) >> 20


def mib_total(sizes: Iterable[int | None]) -> int | None:
    """Return the sum as MiB; None where one of them was not read."""
    total = 0
    for size in sizes:
        if size is None:
            return None
        total += size
    return mib(total)


def power(guest: Guest) -> str | None:
    """Return RVTools' state of power; a guest whose memory is saved is suspended, too. None where it is not known."""
    if guest.state in _ON or (guest.state == "crashed" and guest.active):
        return "poweredOn"
    if guest.state in _SUSPENDED or (guest.state == "shut off" and guest.managed_save):
        return "suspended"
    return "poweredOff" if guest.state in _OFF else None


def system(url: str | None) -> str | None:
    """Return libosinfo's `http://debian.org/debian/12` as `debian 12`; what is no URL stays."""
    return " ".join(url.rstrip("/").split("/")[-2:]) if url and "://" in url else url


def share(part: int | None, whole: int | None) -> float | None:
    """Return the percentage that `part` is of `whole`."""
    return None if part is None or not whole else round(100 * part / whole, 1)


def ratio(part: int | None, whole: int | None) -> float | None:
    """Return how many of `part` there are for each of `whole`."""
    return None if part is None or not whole else round(part / whole, 2)


def joined(words: Iterable[object]) -> str | None:
    """Return words in one cell; None where there is none."""
    return ", ".join(map(str, words)) or None


def pairs(values: Mapping[str, object]) -> str | None:
    """Return a mapping in one cell; None where it is empty."""
    return "; ".join(f"{name}={value}" for name, value in values.items()) or None


def moment(text: str | None) -> datetime | None:
    """Return the time that an RFC 3339 text stands for, UTC where it has no zone; None where it is no such text."""
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def address(guest: Guest) -> str | None:
    """Return the first address of a guest that other machines can use."""
    found = (address.address for nic in guest.nics for address in nic.addresses)
    return next((text for text in found if not text.startswith(_NO_OWN_NETWORK)), None)
