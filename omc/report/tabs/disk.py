"""vDisk: a row a disk of a guest; CD-ROMs and floppies are in vCD."""

from omc.model import Disk, IoTune
from omc.report import words
from omc.report.guests import Part, parts_tab
from omc.report.tab import Column
from omc.report.tabs.info import disks

_NO_LIMITS = IoTune()


def _tune(part: Part) -> IoTune:
    return part.item.iotune or _NO_LIMITS


def _raw(part: Part) -> bool:
    return part.item.device == "lun" or part.item.type in ("block", "nvme")


def _mode(part: Part) -> str:
    return "independent_nonpersistent" if part.item.transient else "persistent"


def _thin(part: Part) -> bool | None:
    disk: Disk = part.item
    if disk.capacity_bytes is None or disk.physical_bytes is None:
        return None
    return disk.physical_bytes < disk.capacity_bytes


def _unit(part: Part) -> int | None:
    unit = (part.item.controller or "").rpartition(":")[2]
    return int(unit) if unit.isdecimal() else None


def _limit(name: str, what: str, about: str) -> Column:
    return Column(f"omc {name}", "number", lambda part: getattr(_tune(part), what) or None, f"{about}; empty: no limit")


COLUMNS = (
    Column("Disk", "text", lambda part: part.item.target, "libvirt's target: vda"),
    Column("Disk Path", "text", lambda part: part.item.source, "path, device, POOL/VOLUME or URL"),
    Column("Capacity MiB", "mib", lambda part: words.mib(part.item.capacity_bytes), "what the guest sees"),
    Column("Raw", "boolean", _raw, "a device of the host"),
    Column("Disk Mode", "text", _mode, "persistent; independent_nonpersistent: changes are dropped at stop"),
    Column(
        "Sharing mode",
        "text",
        lambda part: "sharingMultiWriter" if part.item.shareable else "sharingNone",
        "`<shareable/>`",
    ),
    Column("Thin", "boolean", _thin, "it takes less on the host than the guest sees"),
    Column("Write Through", "boolean", lambda part: part.item.cache == "writethrough", "cache mode"),
    Column("Limit", "number", lambda part: _tune(part).total_iops_sec or None, "requests a second; empty: none"),
    Column("Controller", "text", lambda part: part.item.bus, "virtio, scsi, sata …"),
    Column("Label", "text", lambda part: part.item.alias, "libvirt's name for the device, while it runs"),
    Column("Unit #", "number", _unit, "of a drive's address"),
    Column("Path", "text", lambda part: part.item.source, "as Disk Path"),
)
MORE = (
    Column("omc Device", "text", lambda part: part.item.device, "disk or lun"),
    Column("omc Type", "text", lambda part: part.item.type, "file, block, network, volume …"),
    Column("omc Format", "text", lambda part: part.item.format, "raw, qcow2 …"),
    Column("omc Written MiB", "mib", lambda part: words.mib(part.item.allocation_bytes), "highest offset written"),
    Column("omc On host MiB", "mib", lambda part: words.mib(part.item.physical_bytes), "of the top image"),
    Column("omc Images below", "number", lambda part: len(part.item.backing_chain), "length of the backing chain"),
    Column(
        "omc Backing file",
        "text",
        lambda part: part.item.backing_chain[0].source if part.item.backing_chain else None,
        "the image below",
    ),
    Column("omc Cache", "text", lambda part: part.item.cache, "empty: the hypervisor's default"),
    Column("omc IO", "text", lambda part: part.item.io, "threads, native, io_uring"),
    Column("omc Discard", "text", lambda part: part.item.discard, "unmap, ignore"),
    Column("omc IO thread", "number", lambda part: part.item.iothread, "that serves it"),
    Column("omc Error policy", "text", lambda part: part.item.error_policy, "stop, report, ignore, enospace"),
    Column("omc Serial", "text", lambda part: part.item.serial, "as the guest sees it"),
    Column("omc WWN", "text", lambda part: part.item.wwn, "as the guest sees it"),
    Column("omc Boot order", "number", lambda part: part.item.boot_order, "1 is tried first"),
    Column("omc Read-only", "boolean", lambda part: part.item.readonly, "the guest cannot write it"),
    Column("omc Encrypted", "boolean", lambda part: part.item.encrypted, "by the hypervisor"),
    Column("omc Mirror", "text", lambda part: part.item.mirror, "target of a running block copy or commit"),
    _limit("Limit bytes/s", "total_bytes_sec", "bytes a second"),
    _limit("Limit read bytes/s", "read_bytes_sec", "bytes a second read"),
    _limit("Limit write bytes/s", "write_bytes_sec", "bytes a second written"),
)

TAB = parts_tab("vDisk", "disk of a guest", COLUMNS, more=MORE, parts=disks)
