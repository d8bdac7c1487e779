"""The drawing: each cluster with its hosts, as wide as they have memory and filled as far as it is given to guests.

Only the geometry; the page's template draws it as SVG. A host's fill is made of one piece a guest, as long as the fleet
is small enough for that; where more is given than there is, the pieces share the whole width.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from omc.report.html.cell import Tone, counted, fullness, natural
from omc.report.html.room import Room, Space
from omc.report.html.rows import HostRow
from omc.text import human_bytes

WIDEST, NARROWEST = 220.0, 40.0
SMALL = 0.25
MOST_LARGE = 120
"""So many hosts are drawn with their names; more of them small, the name in the tip."""

MOST_PIECES = 3000
_MOST_NAMES = 8


class Piece(NamedTuple):
    """A guest in a host."""

    x: float
    width: float
    title: str


class Box(NamedTuple):
    """A host; `given` is the width that is filled, None where that is not known."""

    name: str
    title: str
    link: str
    width: float
    given: float | None
    percent: str
    tone: Tone
    status: str
    pieces: Sequence[Piece]


class Panel(NamedTuple):
    """A cluster; `networks` and `pools` say on how many of its hosts they are."""

    name: str
    told: str
    verdict: str
    boxes: Sequence[Box]
    networks: Sequence[str]
    pools: Sequence[str]


class Drawing(NamedTuple):
    """All of it; `small` where names do not fit."""

    panels: Sequence[Panel]
    small: bool
    height: int


def draw(hosts: Sequence[HostRow], room: Room) -> Drawing:
    """Lay the fleet out."""
    small = len(hosts) > MOST_LARGE
    spaces = {space.name: space for space in room.hosts}
    largest = max((space.memory_bytes or 0 for space in room.hosts), default=0) or 1
    factor = SMALL if small else 1.0
    pieces = sum(len(host.slices) for host in hosts) <= MOST_PIECES
    scale = _Scale(factor * WIDEST / largest, factor * NARROWEST, pieces)
    boxes: dict[str, list[Box]] = {}
    members: dict[str, list[HostRow]] = {}
    for number, host in enumerate(hosts):
        box = _box(host, spaces.get(host.name, Space(host.name)), scale)
        boxes.setdefault(host.cluster, []).append(box._replace(link=f"#host-{number}"))
        members.setdefault(host.cluster, []).append(host)
    verdicts = {loss.cluster: loss.verdict for loss in room.losses if loss.level == "N+1"}
    sums = {space.name: space for space in room.clusters}
    panels = [
        Panel(
            name=name,
            told=_told(sums.get(name, Space(name, hosts=len(members[name])))),
            verdict=verdicts.get(name, ""),
            boxes=boxes[name],
            networks=_shared([host.networks for host in members[name]]),
            pools=_shared([host.pools for host in members[name]]),
        )
        for name in sorted(boxes, key=natural)
    ]
    return Drawing(panels, small, 18 if small else 40)


class _Scale(NamedTuple):
    """How wide hosts are drawn, and whether their guests are."""

    a_byte: float
    least: float
    pieces: bool


def _box(host: HostRow, space: Space, scale: _Scale) -> Box:
    width = round(max((space.memory_bytes or 0) * scale.a_byte, scale.least), 1)
    percent = space.given_percent
    given = None if percent is None else round(width * min(percent, 100) / 100, 1)
    told = f"{percent:.0f} % of its memory given" if percent is not None else "what is given is not known"
    size = human_bytes(space.memory_bytes) if space.memory_bytes is not None else "memory not read"
    return Box(
        name=host.name,
        title=f"{host.name}: {size}, {told}, {counted(space.guests_running, 'guest')} running, {host.status}"
        if host.collected_at
        else f"{host.name}: never read",
        link="",
        width=width,
        given=given,
        percent=f"{percent:.0f} %" if percent is not None else "?",
        tone="bad"
        if host.status == "unreachable" or not host.collected_at
        else fullness(percent)
        if percent is not None
        else "calm",
        status=host.status,
        pieces=_pieces(host, given) if scale.pieces and given else (),
    )


def _pieces(host: HostRow, given: float) -> Sequence[Piece]:
    total = sum(part.memory_bytes for part in host.slices)
    if not total:
        return ()
    found, x = [], 0.0
    for part in sorted(host.slices, key=lambda part: -part.memory_bytes):
        width = given * part.memory_bytes / total
        found.append(Piece(round(x, 2), round(width, 2), f"{part.name}: {human_bytes(part.memory_bytes)}"))
        x += width
    return found


def _told(space: Space) -> str:
    parts = [counted(space.hosts, "host")]
    if space.unread_hosts:
        parts.append(f"{space.unread_hosts:,} not known")
    if space.unread_hosts < space.hosts or space.guests:
        parts.append(f"{space.guests_running:,} of {counted(space.guests, 'guest')} running")
    if space.memory_bytes is not None:
        parts.append(human_bytes(space.memory_bytes))
    if space.given_percent is not None:
        parts.append(f"{space.given_percent:.0f} % given")
    return " · ".join(parts)


def _shared(names: Iterable[Sequence[str] | None]) -> Sequence[str]:
    """Say on how many hosts each is; one that some lack is what a guest cannot move for."""
    each = list(names)
    counts: Mapping[str, int] = Counter(name for some in each for name in set(some or ()))
    told = [
        name if len(each) == 1 else f"{name} on {'all' if count == len(each) else f'{count} of'} {len(each)}"
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], natural(item[0])))
    ]
    return [*told[:_MOST_NAMES], *([f"and {len(told) - _MOST_NAMES} more"] if len(told) > _MOST_NAMES else [])]
