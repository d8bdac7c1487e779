"""What capacity counts, as plain rows: reports count none themselves."""

from itertools import chain
from typing import TYPE_CHECKING

import msgspec

from omc.cli.capacity.reading import Wanted, terms_of
from omc.cli.clusters import clusters_of, parts_of
from omc.cli.context import Run
from omc.cli.inventory.fresh import untried

if TYPE_CHECKING:
    from omc.report.html.room import Room
    from omc.report.source import Source


def room_of(run: Run, source: "Source") -> "Room":
    """Count what the store knows of the hosts of a report, at its time."""
    from omc.capacity.whole import count
    from omc.report.html.room import Loss, PoolSpace, Room, Space

    terms, parts = terms_of(run, Wanted()), parts_of(run, source.about.names)
    never = untried(run, run.store.freshness(source.about.unread))
    read = run.store.documents(source.about.names, at=source.about.at)
    counted = count(chain(read, map(msgspec.json.encode, never)), terms, None, clusters_of(run))

    return Room(
        reserve=terms.reserve,
        ratio=terms.ratio,
        total=Space.of(counted.total),
        clusters=[Space.of(line) for line in counted.clusters],
        hosts=[Space.of(line) for line in counted.hosts],
        pools=[PoolSpace(*(getattr(pool, name) for name in PoolSpace._fields)) for pool in counted.pools],
        losses=[
            Loss(*(getattr(loss, name) for name in Loss._fields))
            for loss in counted.losses
            if loss.cluster not in parts
        ],
        parts=parts,
    )
