"""What a host has and what its guests were given; clusters and the fleet are sums of hosts. Pure.

Memory counts as given when the guest is started with it (`memory_bytes`), be it used or ballooned away: that is what it
may take at any time. Huge pages are a memory of their own: what is set aside for them is not free for guests in usual
pages, and guests in huge pages take nothing of the rest. What was not read is counted as such (`unread_guests`, null
figures), never as nothing.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

import msgspec

from omc.capacity.facts import Cell, Disk, DomainCapabilities, Guest, Host, Pool
from omc.capacity.terms import Terms
from omc.model.pools import lies_in
from omc.names import ANTI_AFFINITY
from omc.offered import lacking_on_all, unseen
from omc.placement import Item, Room

_STRICT = (None, "strict", "restrictive")


class Needs(NamedTuple):
    """What a guest needs of a host besides room; `page_bytes` is 0 where any size of huge pages does, or none."""

    kind: str  # ARCHITECTURE/TYPE
    model: str = ""  # of the CPU, where it names one
    page_bytes: int = 0
    off: frozenset[str] = frozenset()  # features that it leaves out of the model


class PageUse(msgspec.Struct, frozen=True, kw_only=True):
    """Huge pages of one size in a NUMA cell."""

    cell: int
    size_bytes: int
    total: int
    free: int | None = None  # when the host was read

    @property
    def free_bytes(self) -> int | None:
        """What of them was free; of none that are set aside none is."""
        return None if self.free is None and self.total else (self.free or 0) * self.size_bytes


class CellUse(msgspec.Struct, frozen=True, kw_only=True):
    """A NUMA cell: `bound_bytes` is the memory of running guests in usual pages that are bound to it alone."""

    cell: int
    cpus: int
    memory_bytes: int | None = None
    pages_bytes: int = 0  # set aside for huge pages
    bound_bytes: int = 0


class HostUse(msgspec.Struct, frozen=True, kw_only=True):
    """A host in figures; null is "not read"."""

    name: str
    cluster: str
    status: str
    collected_at: str | None = None
    cores: int | None = None
    cpus: int | None = None  # logical
    vcpus_running: int = 0
    vcpus_defined: int = 0
    memory_bytes: int | None = None
    reserve_bytes: int | None = None
    allocated_bytes: int = 0  # to running guests
    defined_bytes: int = 0  # to all guests
    in_pages_bytes: int = 0  # of what is allocated: in huge pages
    guests_running: int = 0
    guests: int = 0
    unread_guests: int = 0  # running ones of which memory or vCPUs were not read
    tied_guests: int = 0  # running ones that cannot start elsewhere as they are
    huge_pages: tuple[PageUse, ...] = ()
    cells: tuple[CellUse, ...] = ()
    items: tuple[Item, ...] = ()
    kinds: frozenset[str] = frozenset()
    offered: tuple[DomainCapabilities, ...] = ()

    @property
    def free_bytes(self) -> int | None:
        """What more may be given in usual pages; negative where too much was."""
        if self.memory_bytes is None or self.reserve_bytes is None:
            return None
        return self.memory_bytes - self.reserve_bytes - self.pages_bytes - (self.allocated_bytes - self.in_pages_bytes)

    @property
    def pages_bytes(self) -> int:
        """What is set aside for huge pages."""
        return sum(pages.total * pages.size_bytes for pages in self.huge_pages)

    @property
    def pages_free_bytes(self) -> int | None:
        """What of that was free when the host was read; None where that was not read."""
        free = [pages.free_bytes for pages in self.huge_pages]
        return None if None in free else sum(size or 0 for size in free)

    @property
    def known(self) -> bool:
        """Whether all is known that says what is free on it."""
        return self.free_bytes is not None and self.cpus is not None and not self.unread_guests

    @property
    def reachable(self) -> bool:
        """Whether guests could be started on it: it answered last time, and what is free there is known."""
        return self.status != "unreachable" and self.known

    def free_vcpus(self, ratio: float) -> int:
        """How many vCPUs more the ratio allows; negative where there are too many."""
        return int((self.cpus or 0) * ratio) - self.vcpus_running

    def refuses(self, needs: Hashable) -> bool:
        """Tell whether guests with these needs cannot be started here; of one that was not read nothing is known."""
        if not isinstance(needs, Needs):
            return False
        pages = {each.size_bytes for each in self.huge_pages if each.total}
        lacks_pages = needs.page_bytes and needs.page_bytes not in pages
        return needs.kind not in self.kinds or bool(lacks_pages) or self._lacks_model(needs)

    def _lacks_model(self, needs: Needs) -> bool:
        """Tell whether the CPU that a guest names is known not to run here."""
        boards = [each for each in self.offered if f"{each.arch}/{each.type}" == needs.kind] if needs.model else []
        return bool(lacking_on_all(needs.model, needs.off, boards))

    def room(self, ratio: float, needs: Iterable[Hashable]) -> Room:
        """Return what is known to be free on it, and which of the needs it refuses."""
        apart = frozenset(mark for item in self.items for mark in item.apart)
        refuses = frozenset(need for need in needs if self.refuses(need))
        free = max(self.free_bytes or 0, 0)
        pages = sum(pages.free_bytes or 0 for pages in self.huge_pages)
        return Room(self.name, free, self.free_vcpus(ratio), apart, refuses, pages)


def use_of(host: Host, cluster: str, terms: Terms) -> HostUse:
    """Count one host of a cluster."""
    running = list(host.active)
    pools = host.pools or ()
    cores = _product(host.cpu.sockets, host.cpu.cores_per_socket)
    return HostUse(
        name=host.name,
        cluster=cluster,
        status=host.status,
        collected_at=host.collected_at,
        cores=cores,
        cpus=host.cpu.count,
        vcpus_running=sum(guest.vcpus or 0 for guest in running),
        vcpus_defined=sum(guest.vcpus or 0 for guest in host.guests),
        memory_bytes=host.memory_bytes,
        reserve_bytes=None if host.memory_bytes is None else terms.reserve_of(host.memory_bytes),
        allocated_bytes=sum(guest.memory_bytes or 0 for guest in running),
        defined_bytes=sum(guest.memory_bytes or 0 for guest in host.guests),
        in_pages_bytes=sum(guest.memory_bytes or 0 for guest in running if guest.memory.huge_pages),
        guests_running=len(running),
        guests=len(host.guests),
        unread_guests=sum(guest.memory_bytes is None or guest.vcpus is None for guest in running),
        tied_guests=sum(_is_tied(guest, pools) for guest in running),
        huge_pages=tuple(_pages(host.cells)),
        cells=_cells(host.cells, running),
        items=tuple(item_of(guest, host.name) for guest in running),
        kinds=_kinds(host, running),
        offered=host.domain_capabilities or (),
    )


def item_of(guest: Guest, host: str) -> Item:
    """Return what a guest takes and needs, to be placed."""
    apart = frozenset(tag for tag in guest.metadata.tags if tag.startswith(ANTI_AFFINITY))
    model = (guest.cpu.model if guest.cpu.mode in {None, "custom"} else None) or ""
    off = unseen(guest.cpu.features) if model else frozenset[str]()
    sizes = guest.memory.huge_page_bytes
    needs = Needs(f"{guest.arch}/{guest.type}", model, sizes[0] if len(sizes) == 1 else 0, off)
    memory, pages = guest.memory_bytes or 0, 0
    if guest.memory.huge_pages:
        memory, pages = 0, memory
    known = needs if guest.arch and guest.type else None
    return Item(f"{host}/{guest.name}", memory, guest.vcpus or 0, apart, known, pages)


def _kinds(host: Host, running: Sequence[Guest]) -> frozenset[str]:
    """Return architecture and type of the guests that it can run: those that it says, and those that it does run."""
    said = {f"{each.arch}/{kind}" for each in host.architectures for kind in each.types}
    return frozenset(said | {f"{guest.arch}/{guest.type}" for guest in running})


def _pages(cells: Sequence[Cell]) -> Iterable[PageUse]:
    for cell in cells:
        for pages in cell.huge_pages:
            if pages.size_bytes > 64 << 10:  # the usual pages are listed, too: 4 KiB, on Arm and POWER up to 64 KiB
                yield PageUse(cell=cell.id, size_bytes=pages.size_bytes, total=pages.total, free=pages.free)


def _cells(cells: Sequence[Cell], running: Sequence[Guest]) -> tuple[CellUse, ...]:
    bound: Counter[int] = Counter()
    for guest in running:
        nodes = guest.memory.numa_nodes
        if nodes and nodes.isdecimal() and guest.memory.numa_mode in _STRICT and not guest.memory.huge_pages:
            bound[int(nodes)] += guest.memory_bytes or 0
    return tuple(
        CellUse(
            cell=cell.id,
            cpus=cell.cpu_count,
            memory_bytes=cell.memory_bytes,
            pages_bytes=sum(pages.total * pages.size_bytes for pages in _pages([cell])),
            bound_bytes=bound[cell.id],
        )
        for cell in cells
    )


def _is_tied(guest: Guest, pools: Sequence[Pool]) -> bool:
    """Tell whether it has a device of the host, or a disk that is neither on the network nor in a network's pool."""
    return bool(guest.host_devices) or any(_is_local(disk, pools) for disk in guest.disks)


def _is_local(disk: Disk, pools: Sequence[Pool]) -> bool:
    if disk.device not in ("disk", "lun") or disk.readonly or disk.source is None or disk.type == "network":
        return False
    return not any(each.shared and lies_in(each.name, each.path, disk.type, disk.source) for each in pools)


def _product(*values: int | None) -> int | None:
    result = 1
    for value in values:
        if value is None:
            return None
        result *= value
    return result
