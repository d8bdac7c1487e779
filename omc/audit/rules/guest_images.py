"""Rules on the images below a guest's disks: chains, formats, files that are gone, storage that others do not reach."""

from collections.abc import Iterator

from omc.audit.guests import (
    CHAIN_UNTOLD,
    can_move,
    is_chain_told,
    is_machine,
    is_seen_elsewhere,
    listed,
    of_host,
    place_of,
    pool_of,
    volume_of,
    writable_disks,
)
from omc.audit.rule import Found, Missing, Seen, Verdicts, guest_rule, typed
from omc.model import Disk, Guest, Host

_FILES = frozenset({"file", "block", "volume"})
_MOVABLE = frozenset({"ha", "migratable", "high-availability"})


@guest_rule(
    "G16",
    severity="warning",
    title="Format of an image is not said",
    reason="Whoever guesses a format from an image's first bytes can be deceived by the guest, which writes them: a "
    "raw disk becomes a door to any file of the host. libvirt refuses to start chains whose formats are not recorded.",
    source="libvirt, Secure usage of libvirt: image formats; Backing chain management: probing",
    fix="virsh edit {guest}: <driver type='qcow2'/> (qemu-img info says which); for a backing file qemu-img "
    "rebase -u -F FORMAT -b BACKING IMAGE while {guest} is off",
    reads=("Guest.disks", "Guest.type"),
)
def unknown_format(guest: Guest, seen: Seen) -> Verdicts:
    """Found for disks without a driver type, and for backing images without a format."""
    if not is_machine(guest):
        return
    for disk in guest.disks:
        if disk.source and disk.format is None and disk.device != "lun" and disk.type in _FILES:
            yield Found(message=f"{disk.target}: no driver type")
        without = [image.source for image in disk.backing_chain if image.format is None]
        if without:
            yield Found(message=f"{disk.target}: no format recorded for {listed(without)}")
        elif not is_chain_told(disk, guest, seen.host):
            yield of_host(CHAIN_UNTOLD)


@guest_rule(
    "G17",
    severity="warning",
    title="Long chain of images below a disk",
    reason="Each read may go through all images of the chain, and each is one more file without which nothing is "
    "there.",
    source="libvirt, Backing chain management; Incremental backups and snapshots",
    fix="virsh blockpull {guest} DISK, while it runs, which copies all into its own image; or virsh blockcommit "
    "{guest} DISK --base IMAGE --active --pivot with an IMAGE that no other guest has: without --base it writes into "
    "the lowest",
    reads=("Guest.disks",),
    limits={"depth": 5},
)
def long_chain(guest: Guest, seen: Seen) -> Verdicts:
    """Found where more images than the limit lie below the top."""
    for disk in guest.disks:
        if len(disk.backing_chain) > seen.limits["depth"]:
            yield Found(message=f"{disk.target}: {len(disk.backing_chain)} images below {disk.source}")
        elif not is_chain_told(disk, guest, seen.host):
            yield of_host(CHAIN_UNTOLD)


@guest_rule(
    "G18",
    severity="critical",
    title="Image of a guest is gone, or its pool is not active",
    reason="Without it the guest does not start.",
    source="libvirt, formatdomain: Hard drives, source; Storage management",
    fix="virsh pool-start POOL or virsh pool-refresh POOL; look for the image in the backups",
    reads=("Guest.disks", "Guest.state", "Host.pools"),
)
def lost_image(guest: Guest, seen: Seen) -> Verdicts:
    """Found for guests that are off, in folders that an active pool lists; of other folders nobody knows."""
    if guest.active or guest.state == "unknown":
        return
    for disk in guest.disks:
        if disk.startup_policy == "optional":
            continue
        for kind, source in _unproven(disk):
            yield from _looked_up(kind, source, disk, seen.host)


def _unproven(disk: Disk) -> Iterator[tuple[str, str]]:
    """Give the images of a disk that nobody measured: what has a size is there."""
    if disk.source and disk.type in _FILES and disk.physical_bytes is None and disk.capacity_bytes is None:
        yield disk.type, disk.source
    for image in disk.backing_chain:
        if image.type in _FILES and image.physical_bytes is None and image.capacity_bytes is None:
            yield image.type, image.source


def _looked_up(kind: str, source: str, disk: Disk, host: Host) -> Verdicts:
    if host.pools is None:
        yield of_host("the host's pools were not read")
        return
    pool = pool_of(kind, source, host)
    if pool is None and kind == "volume":
        yield Found(message=f"{disk.target}: there is no pool {source.partition('/')[0]}")
    elif pool is None:
        folder = source.rpartition("/")[0] or "/"
        yield of_host(f"no pool lists {folder}: whether its images are there is not known")
    elif pool.state != "running" and kind == "volume":
        fix = f"virsh pool-start {typed(pool.name)}"
        yield Found(message=f"{disk.target}: pool {pool.name} is {pool.state}", fix=fix)
    elif pool.volumes is None:
        yield of_host(f"the volumes of pool {pool.name} were not read")
    elif volume_of(kind, source, host) is None:
        refresh = f"virsh pool-refresh {typed(pool.name)}, omc inventory, and look again"
        fix = f"{refresh}; then look for the image in the backups, or undefine {{guest}} where it is left over"
        yield Found(message=f"{disk.target}: {source} is not in pool {pool.name} as it was last read", fix=fix)


@guest_rule(
    "G41",
    severity="warning",
    title="Guest that should move has a disk that only its host reaches",
    reason="When its host fails, the guest cannot start elsewhere; moving it copies the whole disk.",
    source="libvirt, Guest migration: storage; cv4pve-diag: unmovable guests",
    fix="virsh blockcopy {guest} DISK to a volume of a shared pool, then virsh edit; or take the tag away",
    reads=("Guest.disks", "Guest.metadata", "Host.pools", "cluster"),
)
def local_disk(guest: Guest, seen: Seen) -> Verdicts:
    """Found for guests tagged ha, high-availability or migratable, on pools of the host's own disks."""
    if _MOVABLE.isdisjoint(tag.lower() for tag in guest.metadata.tags) or not can_move(seen):
        return
    for disk in writable_disks(guest):
        if not disk.source:
            continue
        place = place_of(disk.type, disk.source, seen.host)
        if place.shared or is_seen_elsewhere(disk.source, seen):
            continue
        if place.pool is None:
            yield Missing(why=f"no pool lists {disk.source}: whether other hosts reach it is not known")
        else:
            yield Found(
                message=f"{disk.target} is in pool {place.pool.name}, type {place.pool.type}, of this host alone"
            )


@guest_rule(
    "G51",
    severity="warning",
    title="Image is qcow2 of the old version",
    reason="compat 0.10 has no place for the bitmaps that incremental backups count from: each backup reads "
    "everything.",
    source="QEMU, qcow2 format: version 3, bitmaps extension; libvirt, Incremental backup internals",
    fix="with {guest} off: qemu-img amend -f qcow2 -o compat=1.1 IMAGE",
    reads=("Guest.disks", "Guest.type", "Host.pools"),
)
def old_qcow2(guest: Guest, seen: Seen) -> Verdicts:
    """Found by the compat of the disk's volume; images outside of pools are not checked."""
    for disk in writable_disks(guest) if is_machine(guest) else ():
        if disk.format != "qcow2" or disk.type not in _FILES or not disk.source:
            continue
        volume = volume_of(disk.type, disk.source, seen.host)
        if volume is None:
            yield of_host("no pool lists some of the qcow2 images: their version is not known")
        elif volume.compat == "0.10":
            yield Found(message=f"{disk.target}: compat 0.10")
