"""Memory: whether it is free on the target, in the pages and cells that the guest is bound to."""

from shlex import quote

from omc.audit.guests import is_active, listed
from omc.audit.migrate.move import Checks, Move, first, never, unknown
from omc.cpus import parse
from omc.model import Host
from omc.text import human_bytes

AREA = "memory"


def checks(move: Move) -> Checks:
    """Check the amount, huge pages, and the host's CPUs and cells that the guest names."""
    needed = move.guest.memory_bytes
    if needed is None:
        yield unknown(AREA, "the guest's memory was not read", "omc inventory")
    elif move.guest.memory.huge_pages:
        yield from _huge(move, needed)
    else:
        yield from _plain(move, needed)
    yield from _bound(move)


def _plain(move: Move, needed: int) -> Checks:
    total, free = move.target.memory_bytes, move.target.memory_free_bytes
    if total is None:
        yield unknown(AREA, f"the memory of {move.target.name} was not read", "omc inventory")
        return
    given = sum(each.memory_bytes or 0 for each in move.target.guests if is_active(each) and not each.memory.huge_pages)
    room = total - _reserved(move.target) - given
    told = f"it needs {human_bytes(needed)}"
    if needed > total:
        yield never(AREA, f"{told}, {move.target.name} has {human_bytes(total)}")
    elif move.live and needed > room:
        told = f"{told}, guests and huge pages leave {human_bytes(max(room, 0))} on {move.target.name}"
        yield first(AREA, told, _away(move))
    elif move.live and free is not None and needed > free:
        told = f"{told}, {human_bytes(free)} lay free when {move.target.name} was read: caches may give way"
        yield unknown(AREA, told, f"free -h on {move.target.name}")


def _reserved(host: Host) -> int:
    return sum(
        pages.size_bytes * pages.total for cell in host.cells for pages in cell.huge_pages if _is_huge(pages.size_bytes)
    )


def _is_huge(size: int) -> bool:
    return size > 64 * 1024


def _huge(move: Move, needed: int) -> Checks:
    found = [pages for cell in move.target.cells for pages in cell.huge_pages if _is_huge(pages.size_bytes)]
    sizes = move.guest.memory.huge_page_bytes or tuple(sorted({pages.size_bytes for pages in found})[:1])
    if not sizes:
        yield never(AREA, f"{move.target.name} has no huge pages", _reserve(move))
    for size in sizes:
        mine = [pages for pages in found if pages.size_bytes == size]
        wanted = -(-needed // size)
        total, free = sum(pages.total for pages in mine), sum(pages.free or 0 for pages in mine)
        told = f"it needs {wanted} huge pages of {human_bytes(size)}, {move.target.name} has"
        if wanted > total:
            yield first(AREA, f"{told} {total}", _reserve(move))
        elif any(pages.free is None for pages in mine):
            yield unknown(AREA, f"{told} {total}; how many are free was not read", "omc inventory")
        elif move.live and wanted > free:
            yield first(
                AREA,
                f"{told} {free} free of {total}",
                _away(move),
            )


def _reserve(move: Move) -> str:
    return f"omc template plan {quote(move.target.name)} hugepages"


def _away(move: Move) -> str:
    return f"move guests away: omc inventory guests {quote(move.target.name)}"


def _bound(move: Move) -> Checks:
    tuning, cells = move.guest.cpu_tuning, move.target.cells
    if not cells:
        return
    there = {cpu for cell in cells for cpu in _numbers(cell.cpus)}
    lists = [pin.cpus for pin in tuning.pins] + ([tuning.cpuset] if tuning.cpuset else [])
    gone = sorted({cpu for cpus in lists for cpu in _numbers(cpus)} - there)
    if gone:
        fix = move.here("vcpupin", move.guest.name, "VCPU", "CPUS", "--live" if move.live else "--config")
        yield first(AREA, f"pinned to CPUs that are not there: {listed([str(cpu) for cpu in gone])}", fix)
    nodes = sorted({*_numbers(move.guest.memory.numa_nodes or "")} - {cell.id for cell in cells})
    if nodes:
        fix = move.here("numatune", move.guest.name, "--nodeset", "NODES", "--live" if move.live else "--config")
        yield first(AREA, f"bound to NUMA cells that are not there: {listed([str(node) for node in nodes])}", fix)


def _numbers(cpus: str) -> list[int]:
    try:
        return parse(cpus)
    except ValueError:
        return []
