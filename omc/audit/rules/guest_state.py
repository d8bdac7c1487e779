"""Rules on how a guest is: what it should be after the next start, and what went wrong."""

from omc.audit.guests import (
    age_days,
    has_others,
    is_active,
    is_managed,
    is_production,
    is_template,
    listed,
    of_host,
    undefine,
    volume_of,
    writable_disks,
)
from omc.audit.rule import Found, Missing, Seen, Verdicts, guest_rule
from omc.model import Guest

_BAD_REASONS = {
    "paused": frozenset({"I/O error", "watchdog", "crashed", "post-copy failed", "api error"}),
    "shut off": frozenset({"crashed", "failed"}),
    "running": frozenset({"crashed", "post-copy failed"}),
}
_MESSAGES = "libvirt's messages on guests"
_LEAVES = (
    "(never --remove-all-storage) leaves its disks; then disk by disk: where nothing lies upon it (F01), move it out "
    "of the pool's folder, and delete it weeks later"
)
_PRIVILEGES = "elevated privileges"
_PRIVILEGES_FIX = (
    'user = "libvirt-qemu" (or qemu) in /etc/libvirt/qemu.conf on {host}, restart libvirt; stop and start it'
)


@guest_rule(
    "G27",
    severity="warning",
    title="Production guest does not start with its host",
    reason="After the host's next reboot the guest stays down until somebody misses it.",
    source="libvirt, virsh(1): autostart; cv4pve-diag: start on boot",
    fix="virsh autostart {guest}",
    reads=("Guest.autostart", "Guest.persistent", "Guest.metadata"),
)
def no_autostart(guest: Guest, _: Seen) -> Verdicts:
    """Found for guests tagged production that no other manager starts."""
    if not is_production(guest) or is_managed(guest) or guest.persistent is False:
        return
    if guest.autostart is None:
        yield Missing(why="whether it starts with the host was not read")
    elif not guest.autostart:
        yield Found(message="autostart is off")


@guest_rule(
    "G28",
    severity="warning",
    title="The next start brings another configuration",
    reason="Somebody changed the definition and not what runs, or the other way round: at the next start, perhaps by "
    "night, the guest is another one.",
    source="libvirt, virsh(1): dumpxml --inactive, the options --live and --config",
    fix="omc inventory show {host}/{guest}: make its changes with --live too, restart it, or take them back",
    reads=("Guest.pending_changes", "Guest.pending", "Guest.state", "Guest.persistent"),
)
def pending(guest: Guest, _: Seen) -> Verdicts:
    """Found where what runs and what is defined differ, in what people configure."""
    if not is_active(guest) or guest.persistent is False:
        return
    if guest.pending_changes is None:
        yield Missing(why="its persistent configuration was not read")
    elif guest.pending_changes:
        paths = listed([change.path for change in guest.pending])
        yield Found(message=f"changed at the next start: {paths or 'not known what'}")


@guest_rule(
    "G29",
    severity="warning",
    title="Guest is gone once it stops",
    reason="A transient guest has no definition: when it stops, or its host does, nothing of it is left but its disks.",
    source="libvirt, virsh(1): create and define",
    fix="virsh dumpxml {guest} --migratable > guest.xml && virsh define guest.xml",
    reads=("Guest.persistent", "Guest.metadata"),
)
def transient(guest: Guest, _: Seen) -> Verdicts:
    """Found unless another manager keeps its definition."""
    if is_managed(guest):
        return
    if guest.persistent is None:
        yield Missing(why="whether it is persistent was not read")
    elif not guest.persistent:
        yield Found(message="it is transient")


@guest_rule(
    "G30",
    severity="warning",
    title="libvirt warns of the guest's configuration",
    reason="libvirt marks guests that run with more rights than they should, with arguments that it does not "
    "understand, or with what goes away in a later version.",
    source="libvirt, virDomainGetMessages; virsh(1): dominfo --messages",
    fix="virsh dominfo {guest} shows them; virsh edit {guest}, stop and start it",
    reads=("Guest.messages", "Guest.state", "Host.issues"),
)
def warned(guest: Guest, seen: Seen) -> Verdicts:
    """Found for each message; libvirt has them while a guest runs."""
    for message in guest.messages:
        yield Found(message=message, fix=_PRIVILEGES_FIX if _PRIVILEGES in message else "")
    if not guest.messages and is_active(guest):
        subjects = {issue.subject for issue in seen.host.issues if issue.what == _MESSAGES}
        if "host" in subjects:
            yield of_host("this libvirt does not tell its messages on guests")
        elif f"guest/{guest.name}" in subjects:
            yield Missing(why="libvirt's messages on it were not read")


@guest_rule(
    "G53",
    severity="warning",
    title="Guest has stopped of itself",
    reason="Paused by a full pool or a disk that fails, crashed, or asleep: it serves nobody, and nobody asked for "
    "that.",
    source="libvirt, virDomainState and its reasons; formatdomain: error_policy",
    fix="virsh domstate {guest} --reason and virsh domblkerror {guest}; mend the cause, then virsh "
    "resume {guest} (crashed: virsh start, where its memory is kept after virsh destroy; asleep: virsh dompmwakeup)",
    reads=("Guest.state", "Guest.state_reason"),
)
def stopped(guest: Guest, _: Seen) -> Verdicts:
    """Found for bad reasons; a guest that somebody paused or shut off is as it should be."""
    if guest.state == "unknown":
        yield Missing(why="its state was not read")
    elif guest.state in {"crashed", "pmsuspended"}:
        yield Found(message=guest.state)
    elif guest.state_reason in _BAD_REASONS.get(guest.state, ()):
        yield Found(message=f"{guest.state}: {guest.state_reason}", severity="critical")


@guest_rule(
    "G56",
    severity="warning",
    title="Guest has been off for long and keeps its disks",
    reason="Nobody misses it, and its disks still take space.",
    source="RVTools, vHealth: zombie guests; Ganeti, hspace",
    fix=f"ask its owner; virsh undefine {{guest}} {_LEAVES}",
    reads=("Guest.state", "Guest.disks", "Host.pools"),
    limits={"days": 90},
)
def forgotten(guest: Guest, seen: Seen) -> Verdicts:
    """Found for a guest that is off, by the day on which the last of its disks was written.

    A guest tagged template, or upon whose disks others lie, is off because it is to be.
    """
    if guest.state != "shut off" or is_template(guest):
        return
    disks = [disk for disk in writable_disks(guest) if disk.source]
    volumes = [volume_of(disk.type, disk.source or "", seen.host) for disk in disks]
    paths = [disk.source for disk in disks] + [volume.path for volume in volumes if volume is not None]
    if any(path and has_others(path, (guest.uuid,), seen) for path in paths):
        return
    written = [volume.modified_at for volume in volumes if volume is not None and volume.modified_at is not None]
    ages = [age for moment in written if (age := age_days(moment, seen.now)) is not None]
    if any(age <= seen.limits["days"] for age in ages):
        return
    if len(ages) < len(disks):
        yield of_host(
            "when some guests that are off last wrote their disks is not known: no pool lists them with a time"
        )
    elif ages:
        told = f"its disks were last written {min(ages):.0f} days ago, on {max(written)[:10]}"
        yield Found(message=told, fix=f"ask its owner; {undefine(guest)} {_LEAVES}")
