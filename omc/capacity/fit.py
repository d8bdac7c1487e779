"""How many more guests of a size fit: on each host by itself, and on a cluster, whose hosts share storage. Pure.

A host takes as many as its memory, its vCPUs and its storage allow, the least of the three. Huge pages are counted by
NUMA cell, as free when the host was read; it is they that count then, not the host's free memory. In one cell: the
cell's memory without huge pages, its share of the reserve and the guests that are bound to it, and its CPUs by the same
ratio; the host's own limits hold as well. A disk is
counted whole (thick), in pools that run.
"""

from collections.abc import Iterable, Sequence

import msgspec

from omc.capacity.flow import most
from omc.capacity.size import Size
from omc.capacity.storage import PoolUse
from omc.capacity.terms import Terms
from omc.capacity.usage import HostUse

MANY = 1_000_000
"""What is not asked for, or takes nothing, limits to so many."""


class Fit(msgspec.Struct, frozen=True):
    """How many more fit on a host, and what stops the next one: memory, vcpus, huge pages, disk, or why none can."""

    count: int
    limit: str


def fit_on(host: HostUse, size: Size, terms: Terms, pools: Sequence[PoolUse]) -> Fit:
    """Count one host by itself; `pools` are those that it has."""
    without = fit_without_disk(host, size, terms)
    if not size.disk_bytes:
        return without
    disks = Fit(min(sum(disks_in(pool, size) for pool in pools), MANY), "disk")
    return min(without, disks, key=lambda fit: fit.count)


def fit_without_disk(host: HostUse, size: Size, terms: Terms) -> Fit:
    """Count one host, whatever its storage."""
    if not host.reachable:
        return Fit(0, "unreachable" if host.status == "unreachable" else "not read")
    if size.vcpus > (host.cpus or 0):
        return Fit(0, "a guest has more vCPUs than the host has CPUs")
    limits = [_by_memory(host, size), Fit(_times(host.free_vcpus(terms.ratio), size.vcpus), "vcpus")]
    if size.one_cell or size.page_bytes:
        limits.append(_by_cell(host, size, terms))
    return min(limits, key=lambda fit: fit.count)


def disks_in(pool: PoolUse, size: Size) -> int:
    """Return how many disks of the size the pool takes; a folder whose file system is another pool's takes none."""
    if pool.same_as and not size.pool:
        return 0
    if not pool.usable or (size.pool and pool.name != size.pool):
        return 0
    return _times(pool.available_bytes or 0, size.disk_bytes)


def fit_together(fits: Sequence[tuple[HostUse, int]], pools: Iterable[PoolUse], size: Size) -> int:
    """Return how many fit on these hosts together, each with its count without disk, over storage that they share."""
    if not size.disk_bytes:
        return sum(count for _, count in fits)
    return most({host.name: count for host, count in fits}, [(disks_in(pool, size), pool.hosts) for pool in pools])


def _by_memory(host: HostUse, size: Size) -> Fit:
    if size.page_bytes:
        return Fit(MANY, "memory")
    return Fit(_times(host.free_bytes or 0, size.memory_bytes), "memory")


def _by_cell(host: HostUse, size: Size, terms: Terms) -> Fit:
    if size.page_bytes:
        mine = [each for each in host.huge_pages if each.size_bytes == size.page_bytes]
        if any(each.free_bytes is None for each in mine):
            return Fit(0, "not read")
        pages = {each.cell: each.free or 0 for each in mine}
        needed = -(-size.memory_bytes // size.page_bytes)
        if not size.one_cell:
            return Fit(_times(sum(pages.values()), needed), "huge pages")
        counts = {cell: _times(free, needed) for cell, free in pages.items()}
    else:
        share = (host.reserve_bytes or 0) // max(len(host.cells), 1)
        counts = {
            cell.cell: _times((cell.memory_bytes or 0) - share - cell.pages_bytes - cell.bound_bytes, size.memory_bytes)
            for cell in host.cells
        }
    cpus = {cell.cell: cell.cpus for cell in host.cells}
    fitting = (
        min(count, _times(int(cpus.get(cell, 0) * terms.ratio), size.vcpus))
        for cell, count in counts.items()
        if size.vcpus <= cpus.get(cell, 0)
    )
    return Fit(min(sum(fitting), MANY), "huge pages" if size.page_bytes else "a NUMA cell")


def _times(has: int, each: int) -> int:
    return min(max(has, 0) // each, MANY) if each > 0 else MANY
