"""Tabs with rows of guests: RVTools repeats what identifies a guest in each of them, so that each can be filtered."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from omc.model import Guest, Host
from omc.report import words
from omc.report.tab import Column, HostScene, PerHost, Row, Tab


class GuestScene(NamedTuple):
    """A guest, its host, and what all its rows repeat."""

    guest: Guest
    host: Host
    datacenter: str
    cluster: str


class Part(NamedTuple):
    """A part of a guest that has a row of its own: a disk, a nic, a snapshot."""

    item: Any
    guest: Guest
    host: Host


def powered(scene: GuestScene) -> str | None:
    """Return the state of power."""
    return words.power(scene.guest)


def is_template(scene: GuestScene) -> bool:
    """Tell whether somebody tagged it so: libvirt itself has no templates."""
    return "template" in scene.guest.metadata.tags


def annotation(scene: GuestScene) -> str | None:
    """Return the description, else the title."""
    return scene.guest.description or scene.guest.title


def installed(scene: GuestScene) -> str | None:
    """Return what the guest agent says that runs."""
    agent = scene.guest.agent
    return (agent.os_name or agent.os_id) if agent else None


NAME = Column("VM", "text", lambda scene: scene.guest.name, "libvirt's name")
POWER = Column("Powerstate", "text", powered, "poweredOn, poweredOff, suspended (paused, asleep, or saved to disk)")
TEMPLATE = Column("Template", "boolean", is_template, "tagged `template`; libvirt has no templates")
PLACEHOLDER = Column("SRM Placeholder", "boolean", lambda _: False, "never")
ANNOTATION = Column("Annotation", "long", annotation, "`<description>`, else `<title>`")
DATACENTER = Column("Datacenter", "text", lambda scene: scene.datacenter, "the site")
CLUSTER = Column("Cluster", "text", lambda scene: scene.cluster, "hosts between which guests move, as in the audit")
HOST = Column("Host", "text", lambda scene: scene.host.name, "name of the host in the site")
CONFIGURED = Column(
    "OS according to the configuration file",
    "text",
    lambda scene: words.system(scene.guest.metadata.os_id),
    "libosinfo's entry in the metadata",
)
INSTALLED = Column("OS according to the VMware Tools", "text", installed, "what the guest agent says")
VM_ID = Column(
    "VM ID", "text", lambda scene: f"{scene.host.name}/{scene.guest.uuid}", "HOST/UUID, which is unique in the site"
)
VM_UUID = Column("VM UUID", "text", lambda scene: scene.guest.uuid, "libvirt's UUID")
SERVER = Column("VI SDK Server", "text", lambda scene: scene.host.uri, "libvirt's URI of the host")
SERVER_UUID = Column("VI SDK UUID", "text", lambda scene: scene.host.uuid, "UUID of the host")

HEAD = (NAME, POWER, TEMPLATE, PLACEHOLDER)
TAIL = (ANNOTATION, DATACENTER, CLUSTER, HOST, CONFIGURED, INSTALLED, VM_ID, VM_UUID, SERVER, SERVER_UUID)


def scenes(scene: HostScene) -> Iterator[GuestScene]:
    """Give all guests of a host."""
    host, datacenter, cluster = scene
    return (GuestScene(guest, host, datacenter, cluster) for guest in host.guests)


def values(columns: Iterable[Column], thing: object) -> Row:
    """Return the cells of one row."""
    return [column.value(thing) for column in columns]


def parts_tab(  # noqa: PLR0913 - the parts of a tab, each named by its caller
    name: str,
    about: str,
    columns: Sequence[Column],
    *,
    more: Sequence[Column] = (),
    parts: Callable[[Guest], Iterable[object] | None],
    head: Sequence[Column] = HEAD,
    tail: Sequence[Column] = TAIL,
) -> Tab:
    """Return a tab with a row a part of a guest, read from a `Part`; `more` are the columns that RVTools lacks."""

    def rows(scene: HostScene) -> Iterator[Row]:
        for guest in scenes(scene):
            found = parts(guest.guest)
            if not found:
                continue
            first, last = values(head, guest), values(tail, guest)
            for item in found:
                part = Part(item, guest.guest, guest.host)
                yield [*first, *values(columns, part), *last, *values(more, part)]

    return Tab(name, about, (*head, *columns, *tail, *more), lambda _: PerHost(rows))


def guests_tab(name: str, about: str, columns: Sequence[Column], *, more: Sequence[Column] = ()) -> Tab:
    """Return a tab with a row a guest, whose own columns stand between those that identify it."""
    return parts_tab(name, about, columns, more=more, parts=lambda guest: (guest,))
