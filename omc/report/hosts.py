"""Tabs with rows of hosts and of what hosts have: devices, networks, pools, volumes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from omc.report.guests import values
from omc.report.tab import Column, HostScene, PerHost, Row, Tab


class HostPart(NamedTuple):
    """A part of a host that has a row of its own."""

    item: Any
    scene: HostScene


HOST = Column("Host", "text", lambda scene: scene.host.name, "name of the host in the site")
DATACENTER = Column("Datacenter", "text", lambda scene: scene.datacenter, "the site")
CLUSTER = Column("Cluster", "text", lambda scene: scene.cluster, "hosts between which guests move, as in the audit")
SERVER = Column("VI SDK Server", "text", lambda scene: scene.host.uri, "libvirt's URI of the host")
SERVER_UUID = Column("VI SDK UUID", "text", lambda scene: scene.host.uuid, "UUID of the host")

HEAD = (HOST, DATACENTER, CLUSTER)
TAIL = (SERVER, SERVER_UUID)


def hosts_tab(name: str, about: str, columns: Sequence[Column]) -> Tab:
    """Return a tab with a row a host."""
    return Tab(name, about, columns, lambda _: PerHost(lambda scene: (values(columns, scene),)))


def host_parts_tab(  # noqa: PLR0913 - the parts of a tab, each named by its caller
    name: str,
    about: str,
    columns: Sequence[Column],
    *,
    more: Sequence[Column] = (),
    parts: Callable[[HostScene], Iterable[object] | None],
    head: Sequence[Column] = HEAD,
    tail: Sequence[Column] = TAIL,
) -> Tab:
    """Return a tab with a row a part of a host, read from a `HostPart`; `more` are the columns that RVTools lacks."""

    def rows(scene: HostScene) -> Iterator[Row]:
        found = parts(scene)
        if not found:
            return
        first, last = values(head, scene), values(tail, scene)
        for item in found:
            part = HostPart(item, scene)
            yield [*first, *values(columns, part), *last, *values(more, part)]

    return Tab(name, about, (*head, *columns, *tail, *more), lambda _: PerHost(rows))
