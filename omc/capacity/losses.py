"""What a cluster does when it loses hosts: do the guests that ran there find a place on the others? Pure.

N+1 is asked for every host of a cluster by itself, and the worst is told; N+2 for the two whose running guests have the
most memory. Guests of the other hosts stay where they are. A placement that was found (`omc.placement`) proves that
there is room; the lower bound proves that there is none. Between the two nobody knows: "not found".

Hosts that did not answer, and hosts of which it is not known what is free, take no guest, and one whose free huge pages
were not read takes none that needs them; where one of these might have, nothing is proved: "not read". What a guest
needs besides room: its architecture and type, its CPU model where it names one, and no guest of the same
`anti-affinity:` tag beside it. Where its disks are is told apart (`tied`).
"""

from collections.abc import Iterable, Sequence

import msgspec

from omc.capacity.terms import Terms
from omc.capacity.usage import HostUse
from omc.placement import Item, Rooms

FITS, TIED, ALONE, BAD = "fits", "room, but tied", "one host", "does not fit"
VERDICTS = (FITS, TIED, ALONE, "not found", "not read", BAD)
"""From good to bad. TIED: there is room for all, and some have disks or devices of the host that is lost."""


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """What the loss of hosts means: `left` guests get no place by first-fit decreasing, `least_left` can have none."""

    cluster: str
    level: str  # N+1, N+2
    verdict: str
    lost: tuple[str, ...] = ()  # of N+1 the worst
    guests: int = 0  # that ran there
    memory_bytes: int = 0  # of these
    left: int = 0
    least_left: int = 0
    away: tuple[str, ...] = ()  # hosts of the cluster that did not answer: they take no guest
    tied: int = 0  # of the guests that ran there: they have disks or devices of that host
    failing: int = 0  # of N+1: hosts whose loss is not known to fit
    checked: int = 0  # of N+1: hosts that were tried
    left_guests: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """The verdict, with how many guests are tied."""
        return self.verdict.replace("tied", f"{self.tied} tied")


def losses(hosts: Sequence[HostUse], terms: Terms) -> list[Loss]:
    """Return N+1 of the hosts of one cluster, and N+2 where there are more than two."""
    needs = {item.needs for host in hosts for item in host.items}
    rooms = Rooms(host.room(terms.ratio, needs) for host in hosts if host.reachable)
    unclear = _Unclear(hosts)
    ranked = sorted(hosts, key=lambda host: (-host.allocated_bytes, -host.vcpus_running, host.name))
    each = [_lose([host], rooms, unclear) for host in ranked]
    worst = max(each, key=lambda loss: (VERDICTS.index(loss.verdict), loss.left, loss.memory_bytes))
    failing = sum(loss.verdict != FITS for loss in each)
    alone = len(hosts) == 1 and worst.verdict == BAD
    first = msgspec.structs.replace(
        worst, failing=failing, checked=len(each), verdict=ALONE if alone else worst.verdict
    )
    found = [first, _lose(ranked[:2], rooms, unclear)] if len(hosts) > 2 else [first]
    away = tuple(host.name for host in hosts if host.status == "unreachable")
    return [msgspec.structs.replace(loss, away=away) for loss in found] if away else found


class _Unclear:
    """The hosts that might take more guests than is known."""

    def __init__(self, hosts: Sequence[HostUse]) -> None:
        self.names = frozenset(host.name for host in hosts if not host.known)
        self._pages = [host for host in hosts if host.reachable and host.pages_free_bytes is None]

    def might_take(self, left: Sequence[Item], lost: Sequence[str]) -> bool:
        """Tell whether any of these guests might find a place on one that is not lost."""
        others = [host for host in self._pages if host.name not in lost]
        in_pages = any(item.page_bytes and not host.refuses(item.needs) for host in others for item in left)
        return in_pages or not self.names.issubset(lost)


def _lose(lost: Sequence[HostUse], rooms: Rooms, unclear: _Unclear) -> Loss:
    names = tuple(host.name for host in lost)
    items = [item for host in lost for item in host.items]
    left = rooms.place(items, names).left
    might = unclear.might_take(left, names)
    least = rooms.least_left(items, names) if left and not might else 0
    tied = sum(host.tied_guests for host in lost)
    verdict = _verdict(left, least, known=not (left and might) and unclear.names.isdisjoint(names))
    return Loss(
        cluster=lost[0].cluster,
        level=f"N+{len(lost)}",
        verdict=TIED if verdict == FITS and tied else verdict,
        lost=names,
        guests=len(items),
        memory_bytes=sum(item.memory_bytes + item.page_bytes for item in items),
        left=len(left),
        least_left=least,
        tied=tied,
        left_guests=tuple(item.name for item in left),
    )


def _verdict(left: Sequence[Item], least: int, *, known: bool) -> str:
    if least:
        return BAD
    if not known:
        return "not read"
    return "not found" if left else FITS


def by_cluster(hosts: Iterable[HostUse]) -> dict[str, list[HostUse]]:
    """Return the hosts of each cluster, clusters by name."""
    found: dict[str, list[HostUse]] = {}
    for host in sorted(hosts, key=lambda host: (host.cluster, host.name)):
        found.setdefault(host.cluster, []).append(host)
    return found
