"""Rules on snapshots, and on what half-deleted ones leave."""

from pathlib import PurePosixPath

from omc.audit.guests import CHAIN_UNTOLD, age_days, has_others, is_chain_told, is_in_files, listed, of_host
from omc.audit.rule import Found, Missing, Seen, Verdicts, guest_rule, typed
from omc.model import Disk, Guest, Snapshot

_NOT_READ = "its snapshots were not read"
_IMAGES = frozenset({"", ".qcow2", ".qcow", ".img", ".raw", ".vmdk", ".vdi", ".vhdx"})


@guest_rule(
    "G20",
    severity="warning",
    title="Old or many snapshots",
    reason="A snapshot grows with all that is written after it, slows the disk down, and is no backup: it dies with "
    "its disk.",
    source="RVTools, vHealth: snapshots; cv4pve-diag: old snapshots; libvirt, Snapshots",
    fix="virsh snapshot-list {guest} --tree, then virsh snapshot-delete {guest} NAME",
    reads=("Guest.snapshots",),
    limits={"days": 30, "count": 10},
)
def old_snapshots(guest: Guest, seen: Seen) -> Verdicts:
    """Found above either limit."""
    if guest.snapshots is None:
        yield Missing(why=_NOT_READ)
        return
    if len(guest.snapshots) > seen.limits["count"]:
        yield Found(message=f"{len(guest.snapshots)} snapshots")
    ages = {one.name: age for one in guest.snapshots if (age := age_days(one.created_at, seen.now)) is not None}
    oldest = max((one for one in guest.snapshots if one.name in ages), key=lambda one: ages[one.name], default=None)
    if oldest is not None and ages[oldest.name] > seen.limits["days"]:
        yield Found(message=f"snapshot {oldest.name} is {ages[oldest.name]:.0f} days old", fix=_deleted(oldest))
    elif undated := [one.name for one in guest.snapshots if one.name not in ages]:
        yield Missing(why=f"when snapshots ({listed(undated, 3)}) were made is not told")


def _deleted(snapshot: Snapshot) -> str:
    fix = f"where nobody goes back to it: virsh snapshot-delete {{guest}} {typed(snapshot.name)}"
    if not is_in_files(snapshot):
        return fix
    return f"{fix} (libvirt before 9.9 merges no files: there blockcommit --shallow each overlay, then add --metadata)"


@guest_rule(
    "G21",
    severity="warning",
    title="Overlay of a snapshot that libvirt does not know",
    reason="The guest writes to an overlay that a snapshot made, and the snapshot is gone: half deleted, or made with "
    "--no-metadata by a backup that failed. It grows and nobody will merge it.",
    source="libvirt, Backing chain management; virsh(1): snapshot-create-as --no-metadata",
    fix="where no backup runs: virsh blockcommit {guest} DISK --shallow --active --pivot, while it runs; then delete "
    "the overlay. Never without --shallow or --base: that writes into the lowest image, maybe a template of others",
    reads=("Guest.disks", "Guest.snapshots", "Guest.type"),
)
def left_overlay(guest: Guest, seen: Seen) -> Verdicts:
    """Found by libvirt's own way to name overlays, DISK.SNAPSHOT beside DISK.qcow2: clones of templates are fine.

    A clone may be called like that, too: what others lie upon as well is a template, and nothing to merge into.
    """
    overlays = [
        disk
        for disk in guest.disks
        if _is_overlay(disk) and not has_others(disk.backing_chain[0].source, (guest.uuid, disk.source or ""), seen)
    ]
    if not all(is_chain_told(disk, guest, seen.host) for disk in guest.disks):
        yield of_host(CHAIN_UNTOLD)
    if not overlays:
        return
    if guest.snapshots is None:
        yield Missing(why=_NOT_READ)
        return
    known = {(disk.target, disk.source) for snapshot in guest.snapshots for disk in snapshot.disks}
    for disk in overlays:
        if (disk.target, disk.source) not in known:
            message = f"{disk.target}: {disk.source} over {disk.backing_chain[0].source}"
            fix = left_overlay.fix.replace("DISK", typed(disk.target))
            yield Found(message=message, fix=fix)


def _is_overlay(disk: Disk) -> bool:
    if disk.type != "file" or not disk.source or not disk.backing_chain or disk.mirror:
        return False
    top, below = PurePosixPath(disk.source), PurePosixPath(disk.backing_chain[0].source)
    return top.parent == below.parent and top.stem == below.stem and top.suffix.lower() not in _IMAGES


@guest_rule(
    "G54",
    severity="info",
    title="Saved memory waits for the next start",
    reason="The next start resumes from where the guest was saved: to its clients that is a jump from the past. To "
    "forget it instead, as a power cut would: virsh managedsave-remove.",
    source="libvirt, virsh(1): managedsave",
    fix="virsh start {guest}",
    reads=("Guest.managed_save", "Guest.state"),
)
def managed_save(guest: Guest, _: Seen) -> Verdicts:
    """Found for a guest that is off and has one; how old it is libvirt does not tell."""
    if guest.managed_save is None:
        yield Missing(why="whether its memory is saved was not read")
    elif guest.managed_save and guest.state == "shut off":
        yield Found(message="it has a managed save image")
