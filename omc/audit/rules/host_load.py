"""Rules on how much of a host is promised: memory, CPUs, huge pages, merged pages."""

from collections import Counter
from collections.abc import Iterator

from omc.audit.rule import Found, Missing, Seen, Verdicts, host_rule
from omc.model import Guest, Host
from omc.sizes import reserve_of
from omc.text import human_bytes, plural


def running(host: Host) -> Iterator[Guest]:
    """Give the guests that take memory and CPU now."""
    return (guest for guest in host.guests if guest.active)


@host_rule(
    "H13",
    severity="warning",
    title="Running guests may take more memory than the host has",
    reason="When they use what they were promised, the host swaps, and then its kernel kills one of them.",
    source="Proxmox VE, qm: memory; Ganeti, hspace",
    fix="move guests from {host}, or give them less: virsh setmaxmem GUEST SIZE --config",
    reads=("Guest.memory_bytes", "Guest.state", "Host.memory_bytes"),
)
def memory_promised(host: Host, seen: Seen) -> Verdicts:
    """Found where the sum of running guests is more than the host's memory without the site's `host_reserve`."""
    guests = list(running(host))
    if host.memory_bytes is None:
        yield Missing(why="the host's memory was not read")
        return
    unknown = [guest.name for guest in guests if guest.memory_bytes is None]
    promised = sum(guest.memory_bytes or 0 for guest in guests)
    reserve = reserve_of(seen.host_reserve, host.memory_bytes)
    if promised > host.memory_bytes - reserve:
        has, keeps = human_bytes(host.memory_bytes), human_bytes(reserve)
        who = plural(len(guests), "running guest")
        yield Found(message=f"{who} may take {human_bytes(promised)} of {has}; {keeps} is reserved")
    elif unknown:
        yield Missing(why=f"memory was not read of {', '.join(unknown[:3])}")


@host_rule(
    "H14",
    severity="warning",
    title="More vCPUs are promised than the limit allows",
    reason="Guests wait for a CPU: steal time, and timeouts in what they run.",
    source="OpenStack Nova, conf/compute.py: initial_cpu_allocation_ratio",
    fix="move guests from {host}, give them fewer vCPUs, or raise limits: H14 in audit.yaml",
    reads=("Guest.vcpus", "Guest.state", "Host.cpu.count"),
    limits={"ratio": 4.0},
)
def vcpus_promised(host: Host, seen: Seen) -> Verdicts:
    """Found where the vCPUs of running guests are more than the ratio times the host's CPUs."""
    if not host.cpu.count:
        yield Missing(why="how many CPUs the host has was not read")
        return
    guests = list(running(host))
    ratio = sum(guest.vcpus or 0 for guest in guests) / host.cpu.count
    unknown = [guest.name for guest in guests if guest.vcpus is None]
    if ratio > seen.limits["ratio"]:
        yield Found(message=f"{ratio:.1f} vCPUs a CPU, limit {seen.limits['ratio']:g}")
    elif unknown:
        yield Missing(why=f"vCPUs were not read of {', '.join(unknown[:3])}")


@host_rule(
    "H17",
    severity="info",
    title="Memory of pinned guests is merged (KSM)",
    reason="KSM takes CPU time from them, and lets one guest find out what another has in memory.",
    source="oVirt, high performance virtual machines",
    fix="virsh edit {guest}: <memoryBacking><nosharepages/></memoryBacking>, or turn KSM off on the host",
    reads=("Host.ksm", "Guest.cpu_tuning", "Guest.memory"),
)
def merged_memory(host: Host, seen: Seen) -> Verdicts:  # noqa: ARG001 - every check has this signature
    """Found for each running pinned guest without its own exception, where pages are merged now."""
    pinned = [guest for guest in running(host) if guest.cpu_tuning.pins]
    if not pinned:
        return
    shared = host.ksm.get("shm_pages_shared")
    if shared is None:
        yield Missing(why="the parameters of memory merging were not read")
        return
    for guest in pinned:
        if shared and not (guest.memory.no_share_pages or guest.memory.huge_pages):
            message = f"its CPUs are pinned, and the host has {shared} merged pages"
            yield Found(message=message, subject=f"guest/{guest.name}")


@host_rule(
    "H18",
    severity="warning",
    title="Guests want more huge pages than are reserved",
    reason="A guest whose huge pages are not there does not start, on all cells or on the one that it is bound to.",
    source="libvirt, docs/kbase/kvm-realtime.rst; formatdomain: memoryBacking",
    fix="reserve more on {host}: /sys/devices/system/node/nodeN/hugepages/hugepages-SIZE/nr_hugepages, and at boot",
    reads=("Host.cells", "Guest.memory", "Guest.memory_bytes"),
)
def huge_pages(host: Host, seen: Seen) -> Verdicts:  # noqa: ARG001 - every check has this signature
    """Found by page size, of the host and of a cell, where guests that run or start by themselves want more."""
    guests = [guest for guest in host.guests if guest.memory.huge_pages and _is_wanted(guest)]
    if not guests:
        return
    if not host.cells:
        yield Missing(why="the host's NUMA cells with their huge pages were not read")
        return
    has: Counter[tuple[str, int]] = Counter()
    for cell in host.cells:
        for pages in cell.huge_pages:
            has["", pages.size_bytes] += pages.total * pages.size_bytes
            has[str(cell.id), pages.size_bytes] += pages.total * pages.size_bytes
    sizes = sorted({size for _, size in has if size > 4096})
    for (where, size), wants in sorted(_wanted(guests, sizes[0] if sizes else 2 << 20).items()):
        if wants > has[where, size]:
            cell_told = f" on cell {where}" if where else ""
            left = human_bytes(has[where, size])
            pages_told = f"{human_bytes(wants)} in pages of {human_bytes(size)}"
            yield Found(message=f"guests want {pages_told}{cell_told}, {left} are reserved")


def _is_wanted(guest: Guest) -> bool:
    return guest.active or bool(guest.autostart)


def _wanted(guests: list[Guest], usual: int) -> Counter[tuple[str, int]]:
    """Return how much guests want by (cell, page size); the cell is empty for the whole host."""
    wants: Counter[tuple[str, int]] = Counter()
    for guest in guests:
        sizes = guest.memory.huge_page_bytes
        if len(sizes) > 1:
            continue  # which of its cells has which size is not in the model
        size = sizes[0] if sizes else usual
        wants["", size] += guest.memory_bytes or 0
        cell = guest.memory.numa_nodes or ""
        if cell.isdigit() and guest.memory.numa_mode in (None, "strict", "restrictive"):
            wants[cell, size] += guest.memory_bytes or 0
    return wants
