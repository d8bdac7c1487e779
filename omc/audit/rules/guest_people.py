"""Rules on what people should know of a guest: who it is for, and what runs in it."""

from omc.audit.guests import is_active, is_machine, listed, of_host, scope
from omc.audit.rule import Found, Missing, Seen, Verdicts, guest_rule
from omc.audit.systems import ENDS, UNKNOWN_SYSTEM, system_of
from omc.model import Guest

_FIXED = frozenset({"iso9660", "udf", "squashfs", "cdfs", "overlay", "tmpfs", "devtmpfs", "erofs", "cramfs"})


@guest_rule(
    "G48",
    severity="warning",
    title="File system in the guest is nearly full",
    reason="A full file system stops what runs in the guest, whatever space its pool has.",
    source="RVTools, vHealth: guest disk free; libvirt, virDomainGetGuestInfo: file systems",
    fix="free space in {guest}, or virsh blockresize {guest} DISK SIZE with more than it has and its unit (40GiB: a "
    "smaller SIZE cuts off what lies behind), and grow the file system",
    reads=("Guest.agent", "Guest.state", "Guest.type"),
    limits={"percent": 90},
)
def full_filesystem(guest: Guest, seen: Seen) -> Verdicts:
    """Found by what the agent says; images that are always full, such as CD-ROMs, are fine."""
    if not is_machine(guest) or not is_active(guest):
        return
    if guest.agent is None:
        yield of_host("some guests have no agent that answers, or it was not asked (omc inventory --agent)")
        return
    untold: list[str] = []
    for mounted in guest.agent.filesystems:
        if mounted.total_bytes == 0 or (mounted.type or "").lower() in _FIXED:
            continue
        if mounted.total_bytes is None or mounted.used_bytes is None:
            untold.append(mounted.mountpoint)
            continue
        percent = 100 * mounted.used_bytes / mounted.total_bytes
        if percent > seen.limits["percent"]:
            yield Found(message=f"{mounted.mountpoint}: {percent:.0f} % used")
    if untold:
        yield Missing(why=f"its agent does not tell how full {listed(untold)} is")


@guest_rule(
    "G49",
    severity="warning",
    title="Guest's operating system gets no more updates",
    reason="Holes that are found from now on stay open.",
    source="the makers' published dates; libosinfo, end of life",
    fix="plan its upgrade: in {guest}, or beside it with a new guest",
    reads=("Guest.agent", "Guest.metadata", "Guest.type"),
)
def end_of_life(guest: Guest, seen: Seen) -> Verdicts:
    """Found by omc's table of dates; a system that is not in it is not checked."""
    if not is_machine(guest):
        return
    system = system_of(guest)
    if system is None:
        yield of_host(UNKNOWN_SYSTEM)
        return
    end = ENDS.get((system.family, system.version))
    if end is None:
        yield of_host(f"omc does not know until when {system} gets updates")
    elif end < seen.now[:10]:
        yield Found(message=f"{system} has had none since {end}")


@guest_rule(
    "G50",
    severity="info",
    title="Nobody knows whose the guest is",
    reason="A guest without a title, a description or an owner cannot be asked about, and so is never deleted.",
    source="libvirt, formatdomain: General metadata; cv4pve-diag",
    fix="virsh desc {guest} --title 'what it is' --config; or omc's tag owner in its metadata",
    reads=("Guest.title", "Guest.description", "Guest.metadata"),
)
def nameless(guest: Guest, _: Seen) -> Verdicts:
    """Found where neither people nor a tool (OpenStack, terraform) wrote anything."""
    metadata = guest.metadata
    known = guest.title or guest.description or metadata.tags or metadata.attributes or metadata.nova
    if not known and metadata.terraform is None:
        fix = f"virsh desc {{guest}} --title 'what it is' {scope(guest)}; or omc's tag owner in its metadata"
        yield Found(message="no title, no description, no tags, no owner", fix=fix)
