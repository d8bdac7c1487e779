"""What the store remembers of how full things were: one figure a pool and day, and when guests ran with how much.

Sizes of pools are kept as spans (`pool_sample`), and so are states and configurations of guests; nothing is kept twice
for this. A day's figure is that of the day's last read of the host (days of UTC), so a forecast over a year reads as
little as one over a month of a fleet that is collected every five minutes.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple

import msgspec

from omc.inventory.store.database import Session
from omc.model.states import was_active

_FIRST = "SELECT host, min(collected_at) FROM collect WHERE collected_at IS NOT NULL GROUP BY host"
_DAYS = (
    "SELECT d.host, p.name, d.read_at, s.capacity_bytes, s.allocation_bytes, s.available_bytes, s.state FROM "
    "(SELECT host, max(collected_at) AS read_at FROM collect WHERE collected_at >= ? "
    "GROUP BY host, substr(collected_at, 1, 10)) d "
    "LEFT JOIN pool p ON p.host = d.host "
    "LEFT JOIN pool_sample s ON s.host = p.host AND s.pool = p.name AND s.valid_from <= d.read_at "
    "AND s.valid_to = (SELECT min(x.valid_to) FROM pool_sample x "
    "WHERE x.host = p.host AND x.pool = p.name AND x.valid_to > d.read_at) "
    "ORDER BY d.read_at, d.host"
)
"""The last read of each host and day, with each pool that the host has now, as it was then."""

_GUESTS = (
    "SELECT v.host, v.uuid, v.valid_from, v.valid_to, d.document FROM version v "
    "JOIN version_document d ON d.id = v.document WHERE v.kind = 'guest' AND v.valid_to >= ?"
)
_STATES = (
    "SELECT g.host, g.uuid, s.valid_from, s.valid_to, s.state FROM guest_state s "
    "JOIN guest g ON g.id = s.guest WHERE s.valid_to >= ?"
)


class _Sizes(msgspec.Struct, frozen=True):
    """What a guest was given, out of its configuration."""

    vcpus: int | None = None
    memory_bytes: int | None = None


_decode = msgspec.json.Decoder(_Sizes).decode


class PoolFigure(NamedTuple):
    """A pool that ran, on one day."""

    host: str
    pool: str
    read_at: str
    capacity_bytes: int | None
    allocation_bytes: int | None
    available_bytes: int | None


class GuestSpan(NamedTuple):
    """A guest with a size, or in a state, from one time to another."""

    host: str
    uuid: str
    valid_from: str
    valid_to: str
    vcpus: int = 0
    memory_bytes: int = 0


class Usage(NamedTuple):
    """`reads`: the last read of each host and day; `first`: the first read of each host, of all that is kept."""

    reads: list[tuple[str, str]]
    first: dict[str, str]
    pools: list[PoolFigure]
    sizes: list[GuestSpan]
    running: list[GuestSpan]


def usage(session: Session, since: str, hosts: Collection[str]) -> Usage:
    """Read what is known of these hosts since then."""
    chosen = set(hosts)
    days = [row for row in session.stream(_DAYS, (since,)) if row[0] in chosen]
    return Usage(
        reads=list(dict.fromkeys((str(row[0]), str(row[2])) for row in days)),
        first={str(host): str(at) for host, at in session.rows(_FIRST) if host in chosen},
        pools=[PoolFigure(*row[:6]) for row in days if row[6] == "running"],
        sizes=list(_sizes(session, since, chosen)),
        running=list(_running(session, since, chosen)),
    )


def _running(session: Session, since: str, hosts: Collection[str]) -> Iterator[GuestSpan]:
    for *span, state in session.stream(_STATES, (since,)):
        if span[0] in hosts and was_active(state):
            yield GuestSpan(*span)


def _sizes(session: Session, since: str, hosts: Collection[str]) -> Iterator[GuestSpan]:
    for host, uuid, begin, end, document in session.stream(_GUESTS, (since,)):
        if host in hosts:
            found = _decode(bytes(document))
            yield GuestSpan(host, uuid, begin, end, found.vcpus or 0, found.memory_bytes or 0)
