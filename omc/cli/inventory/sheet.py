"""One guest or one host on a sheet of text: facts, tables of its parts, trees."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from omc.cli.inventory.differences import listing
from omc.cli.inventory.facts import facts, in_words
from omc.inventory.changes import Difference
from omc.inventory.formats import Column, Page, Value
from omc.inventory.formats.table import table
from omc.model import Change, Disk, Guest, Host, Nic, Snapshot
from omc.text import safe

_GUEST_PARTS = frozenset(("disks", "nics", "snapshots", "pending"))
_HOST_PARTS = frozenset(("guests", "pools", "networks", "issues"))
_SNAPSHOT_PARTS = frozenset(("name", "parent", "current"))
_RECENT = 10
_SIZES = tuple(Column(name, "bytes") for name in ("capacity_bytes", "allocation_bytes", "physical_bytes"))
_DISKS = (Column("target"), Column("device"), Column("bus"), Column("format"), *_SIZES, Column("source"))
_NICS = tuple(map(Column, ("mac", "model", "type", "source", "vlan", "target", "link_state", "addresses")))
_PENDING = tuple(map(Column, ("field", "before", "after")))
_GUESTS = (Column("name"), Column("state", "status"), Column("vcpus", "number"), Column("memory_bytes", "bytes"))
_POOLS = (Column("name"), Column("type"), Column("state", "status"), *_SIZES[:2], Column("path"))
_NETWORKS = (Column("name"), Column("active", "boolean"), Column("forward"), Column("bridge"))
_ISSUES = tuple(map(Column, ("subject", "what", "why", "hint")))

Rows = Iterable[Sequence[Value]]


def guest_sheet(guest: Guest, page: Page) -> Iterator[bytes]:
    """Give a guest: its facts, disks with their chains, nics with addresses, snapshots, and what is pending."""
    yield from _facts(guest, _GUEST_PARTS)
    yield from _section("disks", _DISKS, _disk_rows(guest.disks), page)
    yield from _section("nics", _NICS, map(_nic_row, guest.nics), page)
    yield from _tree("snapshots", guest.snapshots or ())
    yield from _section("pending changes", _PENDING, map(_change, guest.pending), page)


def host_sheet(host: Host, page: Page) -> Iterator[bytes]:
    """Give a host: its facts, guests, pools, networks, and what could not be read of it."""
    yield from _facts(host, _HOST_PARTS)
    yield from _section("guests", _GUESTS, _picked(host.guests, _GUESTS), page)
    yield from _section("pools", _POOLS, _picked(host.pools or (), _POOLS), page)
    yield from _section("networks", _NETWORKS, _picked(host.networks or (), _NETWORKS), page)
    yield from _section("issues", _ISSUES, _picked(host.issues, _ISSUES), page)


def history_sheet(history: Sequence[Difference], page: Page) -> Iterator[bytes]:
    """Give the last changes of a guest or host, the oldest first."""
    more = f" (the last {_RECENT} of {len(history)})" if len(history) > _RECENT else ""
    shown = listing(history[-_RECENT:], for_people=True)
    narrow = [column for column in shown.columns if not column.wide]
    yield from _section(f"history{more}", narrow, (row[: len(narrow)] for row in shown.rows), page)


def _facts(thing: msgspec.Struct, without: frozenset[str]) -> Iterator[bytes]:
    pairs = list(facts(thing, without=without))
    width = max((len(name) for name, _ in pairs), default=0)
    for name, text in pairs:
        yield f"{name.ljust(width)}  {safe(text)}\n".encode()


def _section(title: str, columns: Sequence[Column], rows: Rows, page: Page) -> Iterator[bytes]:
    held = list(rows)
    if held:
        yield f"\n{title}\n".encode()
        for chunk in table(columns, held, page):
            yield b"  " + chunk


def _disk_rows(disks: Iterable[Disk]) -> Iterator[Sequence[Value]]:
    for disk in disks:
        sizes = (disk.capacity_bytes, disk.allocation_bytes, disk.physical_bytes)
        yield (disk.target, disk.device, disk.bus, disk.format, *sizes, disk.source)
        for depth, image in enumerate(disk.backing_chain):
            sizes = (image.capacity_bytes, image.allocation_bytes, image.physical_bytes)
            yield (f"{'  ' * depth}└─", "backing", "", image.format, *sizes, image.source)


def _nic_row(nic: Nic) -> Sequence[Value]:
    sources: dict[str, list[str]] = {}
    for address in nic.addresses:
        prefix = "" if address.prefix is None else f"/{address.prefix}"
        sources.setdefault(f"{address.address}{prefix}", []).append(address.source)
    addresses = ", ".join(f"{address} ({', '.join(known)})" for address, known in sources.items())
    vlan = ",".join(map(str, nic.vlan))
    return nic.mac, nic.model, nic.type, nic.source, vlan, nic.target, nic.link_state, addresses


def _tree(title: str, snapshots: Sequence[Snapshot]) -> Iterator[bytes]:
    """Draw snapshots below the one that each was made from; one whose parent is missing stands at the top."""
    names = {snapshot.name for snapshot in snapshots}
    below: dict[str | None, list[Snapshot]] = {}
    for snapshot in snapshots:
        below.setdefault(snapshot.parent if snapshot.parent in names else None, []).append(snapshot)
    if snapshots:
        yield f"\n{title}\n".encode()
    waiting = [(snapshot, 1) for snapshot in reversed(below.get(None, ()))]
    while waiting:
        snapshot, depth = waiting.pop()
        mark = " *current*" if snapshot.current else ""
        about = "  ".join(f"{name}={text}" for name, text in facts(snapshot, without=_SNAPSHOT_PARTS))
        yield f"{'  ' * depth}{safe(snapshot.name)}{mark}  {safe(about)}\n".encode()
        waiting += [(child, depth + 1) for child in reversed(below.pop(snapshot.name, ()))]


def _picked(things: Iterable[msgspec.Struct], columns: Sequence[Column]) -> Iterator[Sequence[Value]]:
    return ([getattr(thing, column.name) for column in columns] for thing in things)


def _change(change: Change) -> Sequence[Value]:
    name = change.path.rpartition(".")[2]
    values = (change.before, change.after)
    return (change.path, *(None if value is None else in_words(name, value) for value in values))
