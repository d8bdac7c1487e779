"""vCD: a row a CD-ROM or floppy drive of a guest."""

from omc.model import Disk, Guest
from omc.report.guests import Part, parts_tab
from omc.report.tab import Column


def _drives(guest: Guest) -> list[Disk]:
    return [disk for disk in guest.disks if disk.device in ("cdrom", "floppy")]


def _inserted(part: Part) -> bool:
    return part.item.source is not None


COLUMNS = (
    Column("Device Node", "text", lambda part: part.item.target, "libvirt's target: sda"),
    Column("Connected", "boolean", _inserted, "a medium is in it"),
    Column("Starts Connected", "boolean", _inserted, "as Connected: libvirt has no other state of it"),
    Column("Device Type", "text", lambda part: part.item.device, "cdrom or floppy"),
)
MORE = (
    Column("omc Source", "text", lambda part: part.item.source, "the medium"),
    Column("omc Bus", "text", lambda part: part.item.bus, "sata, ide, fdc …"),
    Column("omc Startup policy", "text", lambda part: part.item.startup_policy, "what a missing medium does"),
    Column("omc Boot order", "number", lambda part: part.item.boot_order, "1 is tried first"),
)

TAB = parts_tab("vCD", "CD-ROM or floppy drive of a guest", COLUMNS, more=MORE, parts=_drives)
