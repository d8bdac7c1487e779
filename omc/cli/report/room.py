"""What capacity counts, as plain rows: reports count none themselves."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from omc.cli.context import Run

if TYPE_CHECKING:
    from omc.report.html.room import Room


def room_of(run: Run, names: Sequence[str], at: str | None, clusters: Sequence[str]) -> "Room":
    """Count what the store knows of these hosts, then or now."""
    from omc.capacity.terms import Terms
    from omc.capacity.whole import count
    from omc.report.html.room import Loss, PoolSpace, Room, Space

    terms = Terms(clusters=tuple(clusters))
    counted = count(run.store.documents(names, at=at), terms)

    def space(line: object) -> Space:
        return Space(*(getattr(line, name) for name in Space._fields))

    return Room(
        reserve=terms.reserve,
        ratio=terms.ratio,
        total=space(counted.total),
        clusters=[space(line) for line in counted.clusters],
        hosts=[space(line) for line in counted.hosts],
        pools=[PoolSpace(*(getattr(pool, name) for name in PoolSpace._fields)) for pool in counted.pools],
        losses=[Loss(*(getattr(loss, name) for name in Loss._fields)) for loss in counted.losses],
    )
