"""vPartition: a row a file system that a guest has mounted, as its agent says."""

from collections.abc import Sequence

from omc.model import AgentFilesystem, Guest
from omc.report import words
from omc.report.guests import Part, parts_tab
from omc.report.tab import Column


def _mounted(guest: Guest) -> Sequence[AgentFilesystem]:
    return guest.agent.filesystems if guest.agent else ()


def _free(part: Part) -> int | None:
    total, used = part.item.total_bytes, part.item.used_bytes
    return None if total is None or used is None else max(total - used, 0)


COLUMNS = (
    Column("Disk", "text", lambda part: part.item.mountpoint, "where it is mounted"),
    Column("Capacity MiB", "mib", lambda part: words.mib(part.item.total_bytes), "size"),
    Column("Consumed MiB", "mib", lambda part: words.mib(part.item.used_bytes), "in use"),
    Column("Free MiB", "mib", lambda part: words.mib(_free(part)), "not in use"),
    Column("Free %", "percent", lambda part: words.share(_free(part), part.item.total_bytes), "not in use"),
)
MORE = (
    Column("omc Type", "text", lambda part: part.item.type, "ext4, xfs, ntfs …"),
    Column("omc Device", "text", lambda part: part.item.name, "the guest's"),
    Column("omc Disks", "text", lambda part: words.joined(part.item.disks), "targets of the disks below it: vda"),
)

TAB = parts_tab("vPartition", "file system in a guest (needs --agent)", COLUMNS, more=MORE, parts=_mounted)
