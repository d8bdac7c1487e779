"""vSnapshot: a row a snapshot of a guest."""

from omc.report import guests, words
from omc.report.guests import Part, parts_tab
from omc.report.tab import Column


def _overlays(part: Part) -> str | None:
    return words.joined(disk.source for disk in part.item.disks if disk.source)


def _disks(part: Part) -> str | None:
    return words.joined(f"{disk.target} ({disk.snapshot})" for disk in part.item.disks)


COLUMNS = (
    Column("Name", "text", lambda part: part.item.name, "libvirt's name"),
    Column("Description", "long", lambda part: part.item.description, ""),
    Column("Date / time", "time", lambda part: words.moment(part.item.created_at), "UTC"),
    Column("Filename", "text", _overlays, "overlays of an external snapshot"),
    Column("State", "text", lambda part: part.item.state, "the guest's state then"),
)
MORE = (
    Column("omc Parent", "text", lambda part: part.item.parent, "the snapshot before it"),
    Column("omc Current", "boolean", lambda part: part.item.current, "the guest goes on from it"),
    Column("omc Memory", "text", lambda part: part.item.memory, "internal, external, no"),
    Column("omc Disks", "text", _disks, "with how each is kept"),
)

TAB = parts_tab(
    "vSnapshot",
    "snapshot of a guest",
    COLUMNS,
    more=MORE,
    parts=lambda guest: guest.snapshots,
    head=(guests.NAME, guests.POWER),
)
