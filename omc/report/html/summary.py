"""The first screen: how much there is, how healthy it is, how full it is."""

from collections.abc import Sequence
from typing import NamedTuple

from omc.report.html.cell import NOT_READ, Tone, counted, fullness, tone
from omc.report.html.findings import by_severity
from omc.report.html.room import PoolSpace, Room, Space
from omc.report.html.rows import Rows
from omc.report.source import Audited
from omc.text import human_bytes

MOST_METERS = 6


class Tile(NamedTuple):
    """One total, with what it is made of."""

    name: str
    figure: str
    told: Sequence[str]


class Part(NamedTuple):
    """A severity, how many findings it has, and its place in a bar of 100."""

    severity: str
    total: int
    x: float
    width: float
    tone: Tone


class Health(NamedTuple):
    """Findings by severity; `told` says how much was checked."""

    parts: Sequence[Part]
    told: str


class Meter(NamedTuple):
    """How full something is; `share` is at most 100."""

    name: str
    percent: str
    share: float
    tone: Tone
    told: str


def tiles(rows: Rows, room: Room) -> list[Tile]:
    """Return the totals."""
    total = room.total
    ok = sum(host.status == "ok" and host.collected_at is not None for host in rows.hosts)
    apart = [pool for pool in room.pools if not pool.same_as]  # folders of one file system each have all of its space
    used = [pool.allocated_bytes for pool in apart if pool.allocated_bytes is not None]
    sizes = [pool.capacity_bytes for pool in apart if pool.capacity_bytes is not None]
    return [
        Tile("Hosts", f"{len(rows.hosts):,}", [f"{ok:,} read whole", counted(len(room.clusters), "cluster")]),
        Tile(
            "Guests",
            f"{total.guests:,}",
            [f"{total.guests_running:,} running", f"{total.guests - total.guests_running:,} not"],
        ),
        Tile("vCPUs running", f"{total.vcpus_running:,}", _cpus(total)),
        Tile("Memory", _size(total.memory_bytes), [f"{human_bytes(total.allocated_bytes)} given to running guests"]),
        Tile(
            "Storage",
            _size(sum(sizes) if sizes else None),
            [f"{human_bytes(sum(used))} used" if used else "use not read", counted(len(room.pools), "pool")],
        ),
    ]


def health(audited: Audited) -> Health:
    """Return the findings by severity."""
    counts = by_severity(audited.findings)
    total = sum(counts.values()) or 1
    parts, x = [], 0.0
    for severity, count in counts.items():
        width = 100 * count / total
        parts.append(Part(severity, count, round(x, 2), round(width, 2), tone(severity)))
        x += width
    more = [
        f"{audited.unchecked:,} of them not checked everywhere" if audited.unchecked else "all facts were there",
        *([f"{audited.waived:,} waived"] if audited.waived else []),
    ]
    return Health(parts, f"{counted(audited.rules, 'rule')} · {' · '.join(more)}")


def meters(room: Room, *, most: int = MOST_METERS) -> list[Meter]:
    """Return the fullest clusters and storage pools."""
    clusters = [_cluster_meter(space) for space in room.clusters if space.given_percent is not None]
    pools = [_pool_meter(pool) for pool in room.pools if pool.used_percent is not None and not pool.same_as]
    return [*_fullest(clusters, most), *_fullest(pools, max(most // 2, most - len(clusters)))]


def _fullest(found: Sequence[tuple[float, Meter]], most: int) -> list[Meter]:
    return [meter for _, meter in sorted(found, key=lambda each: -each[0])[:most]]


def _cluster_meter(space: Space) -> tuple[float, Meter]:
    percent = space.given_percent or 0.0
    free = space.free_bytes or 0
    told = f"{human_bytes(free)} free" if free >= 0 else f"{human_bytes(-free)} too much"
    if space.overcommit is not None:
        told = f"{told}, {space.overcommit:.2f} vCPUs a CPU"
    return percent, Meter(f"Memory of {space.name}", f"{percent:.0f} %", min(percent, 100.0), fullness(percent), told)


def _pool_meter(pool: PoolSpace) -> tuple[float, Meter]:
    percent = pool.used_percent or 0.0
    where = pool.hosts[0] if len(pool.hosts) == 1 else counted(len(pool.hosts), "host")
    told = f"{human_bytes(pool.available_bytes)} free" if pool.available_bytes is not None else ""
    name = f"Pool {pool.name} of {where}"
    return percent, Meter(name, f"{percent:.0f} %", min(percent, 100.0), fullness(percent), told)


def _cpus(total: Space) -> list[str]:
    told = [f"on {counted(total.cpus, 'CPU')}"] if total.cpus is not None else ["CPUs not read"]
    return [*told, *([f"{total.overcommit:.2f} a CPU"] if total.overcommit is not None else [])]


def _size(size: int | None) -> str:
    return NOT_READ if size is None else human_bytes(size)
