"""The drawing: each cluster with its hosts, as wide as they have memory and filled as far as it is given to guests.

Only the geometry; the page's template draws it as SVG. A host's fill is made of one piece a guest, as long as the fleet
is small enough for that; where more is given than there is, the pieces share the whole width.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from omc.report.html.cell import FULL, Tone, counted, fullness, natural
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
    """A host; `given` is the width that is filled, None where that is not known; a `lost` one is crossed out."""

    name: str
    title: str
    link: str
    width: float
    given: float | None
    percent: str
    tone: Tone
    status: str
    lost: bool
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
    """Lay the fleet out; boxes lead to `#host-N`, their places in `hosts`."""
    small = len(hosts) > MOST_LARGE
    pen = _Pen(hosts, room, SMALL if small else 1.0)
    members: dict[str, list[tuple[int, HostRow]]] = {}
    for number, host in enumerate(hosts):
        members.setdefault(host.cluster, []).append((number, host))
    panels = [pen.panel(name, members[name]) for name in sorted(members, key=natural)]
    return Drawing(panels, small, 18 if small else 40)


class _Pen:
    """Draws in one scale: so many points a byte, and no host so narrow that it cannot be seen."""

    def __init__(self, hosts: Sequence[HostRow], room: Room, factor: float) -> None:
        largest = max((space.memory_bytes or 0 for space in room.hosts), default=0) or 1
        self._points = factor * WIDEST / largest
        self._least = factor * NARROWEST
        self._with_pieces = sum(len(host.slices) for host in hosts) <= MOST_PIECES
        self._hosts = {space.name: space for space in room.hosts}
        self._clusters = {space.name: space for space in room.clusters}
        self._verdicts = room.verdicts

    def panel(self, name: str, members: Sequence[tuple[int, HostRow]]) -> Panel:
        return Panel(
            name=name,
            told=_told(self._clusters.get(name, Space(name, hosts=len(members)))),
            verdict=self._verdicts.get(name, ""),
            boxes=[self._box(host, f"#host-{number}") for number, host in members],
            networks=_shared([host.networks for _, host in members]),
            pools=_shared([host.pools for _, host in members]),
        )

    def _box(self, host: HostRow, link: str) -> Box:
        space = self._hosts.get(host.name, Space(host.name))
        width = round(max((space.memory_bytes or 0) * self._points, self._least), 1)
        percent = space.given_percent
        given = None if percent is None else round(width * min(percent, FULL) / FULL, 1)
        return Box(
            name=host.name,
            title=_title(host, space),
            link=link,
            width=width,
            given=given,
            percent="?" if percent is None else f"{percent:.0f} %",
            tone=_tone(host, percent),
            status=host.status,
            lost=_lost(host),
            pieces=_pieces(host, given) if self._with_pieces and given else (),
        )


def _title(host: HostRow, space: Space) -> str:
    if not host.collected_at:
        return f"{host.name}: never read"
    percent = space.given_percent
    size = "memory not read" if space.memory_bytes is None else human_bytes(space.memory_bytes)
    told = "what is given is not known" if percent is None else f"{percent:.0f} % of its memory given"
    return f"{host.name}: {size}, {told}, {counted(space.guests_running, 'guest')} running, {host.status}"


def _lost(host: HostRow) -> bool:
    return host.status == "unreachable" or not host.collected_at


def _tone(host: HostRow, percent: float | None) -> Tone:
    if _lost(host):
        return "bad"
    return "calm" if percent is None else fullness(percent)


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
