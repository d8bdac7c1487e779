"""What capacity counts, as plain rows: reports count none themselves."""

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

import msgspec

from omc.cli.capacity.reading import Wanted, terms_of
from omc.cli.context import Run

if TYPE_CHECKING:
    from omc.report.html.room import Room
    from omc.report.source import Source


def room_of(run: Run, source: "Source") -> "Room":
    """Count what the store knows of the hosts of a report, at its time."""
    from omc.audit.rules import all_rules
    from omc.audit.settings import read_audit_settings
    from omc.capacity.whole import count
    from omc.report.html.room import Loss, PoolSpace, Room, Space
    from omc.site.clusters import cluster_name

    audit = read_audit_settings(run.site.root / "inventory" / "audit.yaml", all_rules())
    terms = terms_of(run, Wanted(), audit)
    clusters = {host.name: cluster_name(host.groups, audit.clusters) for host in run.site.hosts.values()}
    documents = chain(run.store.documents(source.about.names, at=source.about.at), _never_tried(run, source))
    counted = count(documents, terms, None, clusters)

    return Room(
        reserve=terms.reserve,
        ratio=terms.ratio,
        total=Space.of(counted.total),
        clusters=[Space.of(line) for line in counted.clusters],
        hosts=[Space.of(line) for line in counted.hosts],
        pools=[PoolSpace(*(getattr(pool, name) for name in PoolSpace._fields)) for pool in counted.pools],
        losses=[Loss(*(getattr(loss, name) for name in Loss._fields)) for loss in counted.losses],
    )


def _never_tried(run: Run, source: "Source") -> Iterator[bytes]:
    """Give documents of the hosts that the store has none of: of these nothing is known."""
    for state in run.store.freshness(source.about.unread):
        if not state.attempted_at:
            yield msgspec.json.encode({"name": state.host, "status": "unreachable"})
