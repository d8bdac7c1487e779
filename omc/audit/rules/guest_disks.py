"""Rules on guests' disks: how they are driven, and whether what is written stays written."""

from omc.audit.guests import can_move, is_machine, listed, of_host, place_of, writable_disks
from omc.audit.rule import Found, Missing, Seen, Verdicts, guest_rule
from omc.model import Disk, Guest

_SLOW_BUSES = frozenset({"ide", "sata"})
_DIRECT = frozenset({"none", "directsync"})
_GIB = 1024**3
_QEMU_DROPS_CACHE = (4, 0)


@guest_rule(
    "G09",
    severity="warning",
    title="Disk on an emulated IDE or SATA controller",
    reason="Each request of such a disk is many exits to QEMU, one after the other; virtio needs few, and many at "
    "once.",
    source="Proxmox VE, qm(1): Hard disk, bus/controller",
    fix="put virtio drivers into {guest} first (Windows: virtio-win), then virsh edit {guest}: <target "
    "bus='virtio'/> and no <address>",
    reads=("Guest.disks", "Guest.type"),
)
def slow_bus(guest: Guest, _: Seen) -> Verdicts:
    """Found for disks, not for drives: a CD-ROM on SATA is as it should be."""
    slow = [f"{disk.target} ({disk.bus})" for disk in writable_disks(guest) if disk.bus in _SLOW_BUSES]
    if is_machine(guest) and slow:
        yield Found(message=f"on an emulated controller: {listed(slow)}")


@guest_rule(
    "G11",
    severity="critical",
    title="Disk loses data when the host fails (cache=unsafe)",
    reason='cache=unsafe ignores that the guest says "now on the disk": after a power cut its file systems are broken.',
    source="libvirt, formatdomain: Hard drives, driver cache; QEMU, -drive cache=unsafe",
    fix="virsh edit {guest}: <driver cache='none'/> or no cache=; stop and start it",
    reads=("Guest.disks",),
)
def unsafe_cache(guest: Guest, _: Seen) -> Verdicts:
    """Found for disks that are written and kept; a transient disk has nothing to lose."""
    unsafe = [disk.target for disk in writable_disks(guest) if disk.cache == "unsafe" and not disk.transient]
    if unsafe:
        yield Found(message=f"cache=unsafe on {listed(unsafe)}")


@guest_rule(
    "G12",
    severity="warning",
    title="Cached disk on shared storage keeps the guest from moving",
    reason="A QEMU of before 4.0 cannot drop what its host has cached: the other host could read old data, and so "
    "libvirt refuses to migrate the guest.",
    source="libvirt, virsh(1): migrate --unsafe; formatdomain: driver cache",
    fix="virsh edit {guest}: <driver cache='none'/>; stop and start it",
    reads=("Guest.disks", "Guest.type", "Host.hypervisor_version", "Host.pools", "cluster"),
)
def cached_shared(guest: Guest, seen: Seen) -> Verdicts:
    """Found for a file on a shared pool with another cache than none or directsync, where QEMU is that old."""
    cached = [disk for disk in writable_disks(guest) if disk.cache not in _DIRECT and disk.source]
    if not (is_machine(guest) and can_move(seen) and cached):
        return
    version = _version(seen.host.hypervisor_version)
    if version is None:
        yield of_host("the version of the host's QEMU was not read")
    elif version < _QEMU_DROPS_CACHE:
        shared = [disk.target for disk in cached if _is_on_shared_files(disk, seen)]
        if shared:
            yield Found(message=f"cached on shared storage: {listed(shared)}, QEMU {seen.host.hypervisor_version}")


def _is_on_shared_files(disk: Disk, seen: Seen) -> bool:
    place = place_of(disk.type, disk.source or "", seen.host)
    return disk.type != "network" and bool(place.shared) and not disk.shareable


def _version(text: str | None) -> tuple[int, int] | None:
    major, _, rest = (text or "").partition(".")
    minor = rest.partition(".")[0]
    return (int(major), int(minor)) if major.isdecimal() and minor.isdecimal() else None


@guest_rule(
    "G13",
    severity="info",
    title="io=native without cache=none",
    reason="Native asynchronous I/O needs direct access to the disk: libvirt and QEMU refuse such a guest. One that an "
    "older libvirt has defined does not start any more.",
    source="QEMU, -blockdev: aio=native requires cache.direct=on",
    fix="virsh edit {guest}: <driver io='native' cache='none'/>, or no io=",
    reads=("Guest.disks", "Guest.type"),
)
def native_with_cache(guest: Guest, _: Seen) -> Verdicts:
    """Found for native without none or directsync; no cache= at all is writeback."""
    wrong = [disk.target for disk in guest.disks if disk.io == "native" and disk.cache not in _DIRECT]
    if is_machine(guest) and wrong:
        yield Found(message=f"io=native with a cache on {listed(wrong)}")


@guest_rule(
    "G14",
    severity="info",
    title="Space that the guest frees does not come back",
    reason="Without discard='unmap' a thin image only grows: what the guest deletes still takes space on the host.",
    source="libvirt, formatdomain: driver discard; Proxmox VE, qm(1): Trim/Discard",
    fix="virsh edit {guest}: <driver discard='unmap'/>; stop and start it, then fstrim -a in the guest",
    reads=("Guest.disks", "Guest.type"),
)
def no_discard(guest: Guest, _: Seen) -> Verdicts:
    """Found for qcow2, RBD, and raw files with holes; thick images have nothing to give back."""
    if not is_machine(guest):
        return
    thin = {disk.target: _is_thin(disk) for disk in writable_disks(guest) if disk.discard != "unmap"}
    kept = [target for target, is_thin in thin.items() if is_thin]
    unread = [target for target, is_thin in thin.items() if is_thin is None]
    if kept:
        yield Found(message=f"no discard='unmap' on {listed(kept)}")
    if unread:
        yield Missing(why=f"whether there are holes in {listed(unread)} is not known: the sizes were not read")


def _is_thin(disk: Disk) -> bool | None:
    """Tell whether it takes less than the guest sees; None where that was not read of a raw file."""
    if disk.transient or disk.shareable or not disk.source:
        return False
    if disk.type == "network":
        return disk.source.startswith("rbd")
    has_sizes = disk.physical_bytes is not None and disk.capacity_bytes is not None
    smaller = (disk.physical_bytes or 0) < (disk.capacity_bytes or 0) if has_sizes else None
    if disk.format == "qcow2":
        return smaller is not False
    return smaller if disk.type == "file" else False


@guest_rule(
    "G15",
    severity="info",
    title="Many large disks, and no thread of their own",
    reason="Without <iothreads> all requests of all disks go through QEMU's one main loop, which is also the guest's "
    "screen, its network and its monitor.",
    source="libvirt, formatdomain: IOThreads allocation; RVTools, health check on disks",
    fix="virsh edit {guest}: <iothreads>2</iothreads> and <driver iothread='1'/> on the disks; stop and start it",
    reads=("Guest.disks", "Guest.iothreads", "Guest.type"),
    limits={"disks": 3, "gibibytes": 750},
)
def no_iothread(guest: Guest, seen: Seen) -> Verdicts:
    """Found above both limits."""
    disks = [disk for disk in writable_disks(guest) if disk.bus in {"virtio", "scsi"}]
    if not is_machine(guest) or guest.iothreads or len(disks) <= seen.limits["disks"]:
        return
    sizes = [disk.capacity_bytes for disk in disks]
    total = sum(size or 0 for size in sizes) / _GIB
    if total > seen.limits["gibibytes"]:
        yield Found(message=f"{len(disks)} disks, {total:.0f} GiB, no iothread")
    elif None in sizes:
        yield Missing(why="the sizes of its disks were not read")


@guest_rule(
    "G55",
    severity="info",
    title="Faults of disks are hidden from everybody, or a crashed guest is kept",
    reason="error_policy=ignore lets the guest go on as if what was not written were on the disk. A crashed guest that "
    "is preserved holds its memory and serves nobody.",
    source="libvirt, formatdomain: driver error_policy; Events configuration, on_crash",
    fix="virsh edit {guest}: no error_policy= (a full pool then pauses it), <on_crash>restart</on_crash>",
    reads=("Guest.disks", "Guest.on_crash"),
)
def bad_policy(guest: Guest, _: Seen) -> Verdicts:
    """Found for ignored errors of written disks, and for on_crash=preserve; libvirt's own defaults are fine."""
    ignoring = [disk.target for disk in writable_disks(guest) if disk.error_policy == "ignore"]
    if ignoring:
        yield Found(message=f"errors of {listed(ignoring)} are ignored")
    if guest.on_crash == "preserve":
        yield Found(message="on_crash is preserve")
