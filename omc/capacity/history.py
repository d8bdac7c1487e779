"""Makes series of what the store remembers: one a pool, two a cluster (memory and vCPUs of running guests). Pure.

Of a host that was first read after others of its cluster it is taken that its guests ran there before: a host that is
new to omc is no growth. Storage that several hosts share is one series, of whoever read it last on a day.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import accumulate

from omc.capacity.forecast import Figure, Series
from omc.capacity.storage import PoolUse
from omc.capacity.terms import Terms
from omc.capacity.whole import Line
from omc.model.pools import taken_bytes
from omc.text import plural

PoolFigure = tuple[str, str, str, int | None, int | None, int | None]
"""Host, pool, time, and what it had: capacity, allocation, available; in the order of time."""

Span = tuple[str, str, str, str, int, int]
"""Host, UUID, from when until when; vCPUs and memory."""

_SECONDS = 86_400


def day_of(moment: str) -> float:
    """Return a time (RFC 3339) in days since 1970."""
    return datetime.fromisoformat(moment).timestamp() / _SECONDS


def pool_series(pools: Iterable[PoolUse], figures: Iterable[PoolFigure]) -> list[Series]:
    """Return the series of each pool that is there now; of one that does not run its size is not known."""
    by_pool: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for host, name, read_at, capacity, allocation, available in figures:
        taken = taken_bytes(capacity, allocation, available)
        if taken is not None:
            by_pool[host, name].append((read_at, float(taken)))
    return [
        Series(
            kind="pool",
            name=pool.name,
            where=pool.hosts[0] if len(pool.hosts) == 1 else f"{len(pool.hosts)} hosts",
            whole=pool.capacity_bytes or None,
            figures=_daily(point for host, name in pool.members for point in by_pool.get((host, name), ())),
        )
        for pool in pools
    ]


def _daily(points: Iterable[tuple[str, float]]) -> tuple[Figure, ...]:
    """Return the last figure of each day."""
    last = {moment[:10]: (moment, value) for moment, value in sorted(points)}
    return tuple(Figure(day_of(moment), value) for moment, value in last.values())


def cluster_series(
    hosts: Iterable[Line],
    reads: Sequence[tuple[str, str]],
    first: Mapping[str, str],
    guests: Iterable[Span],
    *,
    terms: Terms,
) -> list[Series]:
    """Return memory and vCPUs of each cluster; `guests` ran then with so much. Hosts that are not known are out.

    `where` says how many of a cluster that leaves; where it is none, there is no whole.
    """
    lines = sorted(hosts, key=lambda host: host.cluster)
    known = {host.name: host for host in lines if not host.unread_hosts}
    clusters = {host.cluster: _Cluster() for host in lines}
    for host in lines:
        clusters[host.cluster].add_host(host, terms)
    for name, read_at in reads:
        if name in known:
            clusters[known[name].cluster].add_read(read_at)
    for name, _, begin, end, vcpus, memory_bytes in guests:
        if name in known:
            start = "" if begin <= first.get(name, "") else begin
            clusters[known[name].cluster].add_guest(start, end, vcpus, memory_bytes)
    return [series for name, cluster in clusters.items() for series in cluster.series(name)]


def ran_with(sizes: Iterable[Span], running: Iterable[Span]) -> Iterator[Span]:
    """Give when each guest ran, with what it had then."""
    by_guest: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for span in sizes:
        by_guest[span[0], span[1]].append(span)
    for host, uuid, begin, end, _, _ in running:
        for _, _, since, until, vcpus, memory_bytes in by_guest.get((host, uuid), ()):
            if max(begin, since) < min(end, until):
                yield host, uuid, max(begin, since), min(end, until), vcpus, memory_bytes


class _Cluster:
    """What is added up of one cluster; guests come after all reads, and where there are none, none ran."""

    def __init__(self) -> None:
        self._hosts = self._known = 0
        self._vcpus = 0.0
        self._memory = 0
        self._last: dict[str, str] = {}

    @cached_property
    def _times(self) -> list[str]:
        return [self._last[day] for day in sorted(self._last)]

    @cached_property
    def _changes(self) -> tuple[list[int], list[int]]:
        return [0] * (len(self._times) + 1), [0] * (len(self._times) + 1)

    def add_host(self, host: Line, terms: Terms) -> None:
        self._hosts += 1
        if host.unread_hosts:
            return
        self._known += 1
        self._vcpus += int((host.cpus or 0) * terms.ratio)
        self._memory += (host.memory_bytes or 0) - (host.reserve_bytes or 0)

    def add_read(self, read_at: str) -> None:
        self._last[read_at[:10]] = max(read_at, self._last.get(read_at[:10], ""))

    def add_guest(self, begin: str, end: str, vcpus: int, memory_bytes: int) -> None:
        first, last = bisect_left(self._times, begin), bisect_left(self._times, end)
        for changes, amount in zip(self._changes, (vcpus, memory_bytes), strict=True):
            changes[first] += amount
            changes[last] -= amount

    def series(self, name: str) -> Iterator[Series]:
        where = "cluster" if self._known == self._hosts else f"{self._known} of its {plural(self._hosts, 'host')}"
        for kind, whole, changes in zip(("vcpus", "memory"), (self._vcpus, self._memory), self._changes, strict=True):
            values = accumulate(changes[:-1])
            figures = tuple(Figure(day_of(time), float(value)) for time, value in zip(self._times, values, strict=True))
            yield Series(kind=kind, name=name, where=where, whole=whole or None, figures=figures)
