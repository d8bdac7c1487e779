"""The two hosts and the guest's names: what libvirt refuses before it looks at the machine."""

from shlex import quote

from omc.audit.guests import is_active, is_in_files, keeping
from omc.audit.migrate.move import Checks, Move, fine, first, never, unknown
from omc.model import Snapshot
from omc.text import plural

HOST, NAME, STATE = "host", "names", "state"
_JOBS = frozenset({"migrating", "saving", "dumping", "snapshot", "starting up"})


def checks(move: Move) -> Checks:
    """Check the hosts themselves: read, of the same kind, able to migrate, not one machine."""
    source, target = move.source, move.target
    if target.status == "unreachable":
        why = target.status_reason or "it did not answer"
        yield unknown(
            HOST, f"{target.name} was unreachable: {why}; its facts are of {target.collected_at}", "omc inventory"
        )
    if source.driver != target.driver:
        yield never(HOST, f"{source.name} runs {source.driver}, {target.name} runs {target.driver}")
    if source.uuid and source.uuid == target.uuid:
        told = f"both hosts have the UUID {source.uuid}: libvirt takes them for one"
        yield never(HOST, told, f"host_uuid in libvirtd.conf of {target.name}; restart libvirtd")
    if move.live and False in {source.live_migration, target.live_migration}:
        yield never(HOST, "live migration is not supported")
    if source.libvirt_version and target.libvirt_version:
        yield fine(HOST, f"libvirt {source.libvirt_version} here, {target.libvirt_version} there")


def name_checks(move: Move) -> Checks:
    """Check that name and UUID are free there, or are those of the guest itself."""
    guest = move.guest
    for other in move.target.guests:
        if other.uuid == guest.uuid and is_active(other):
            yield never(NAME, "it runs there already, or another guest has its UUID")
        elif other.uuid == guest.uuid and other.name != guest.name:
            fix = f"where it is a left-over of this guest: {move.there('undefine', other.name, *keeping(other))}"
            yield first(NAME, f"{other.name} has its UUID there", f"{fix}; else define one anew, with another UUID")
        elif other.uuid == guest.uuid:
            yield fine(NAME, "it is defined there, too, and is replaced")
        elif other.name == guest.name:
            fix = move.there("domrename", other.name, f"{other.name}-2")
            off = f"{move.there('shutdown', other.name)}; once it is off: " if is_active(other) else ""
            yield first(NAME, f"another guest there has its name; it is {other.state}", f"{off}{fix}")


def _offline(move: Move) -> str:
    return f"omc audit migrate {quote(f'{move.source.name}/{move.guest.name}')} {quote(move.target.name)} --offline"


def state_checks(move: Move) -> Checks:
    """Check what the guest does now, and what libvirt keeps of it on this host alone."""
    guest = move.guest
    if move.live and not is_active(guest):
        yield never(STATE, f"it is {guest.state}: nothing runs that could move", _offline(move))
    if not move.live and is_active(guest):
        end = "destroy" if guest.state == "crashed" else "shutdown"
        yield first(STATE, f"it is {guest.state}", move.here(end, guest.name))
    if move.live and guest.state_reason in _JOBS | {"I/O error"}:
        yield first(STATE, f"it is {guest.state}: {guest.state_reason}", move.here("domjobinfo", guest.name))
    if not move.live and guest.persistent is False:
        yield never(STATE, "it has no persistent configuration: stopped, it is gone", move.here("dumpxml", guest.name))
    if guest.managed_save and not move.live:
        told = "a saved image of its memory lies on this host, and does not go along"
        yield first(STATE, told, f"{move.here('start', guest.name)}, or managedsave-remove, which forgets that memory")
    if guest.snapshots is None:
        yield unknown(STATE, "its snapshots were not read", "omc inventory")
    elif guest.snapshots:
        told = f"it has {plural(len(guest.snapshots), 'snapshot')}, which libvirt does not move"
        yield first(STATE, told, "; ".join(_without(move, each) for each in guest.snapshots))
    if guest.checkpoints:
        fix = "; ".join(move.here("checkpoint-delete", guest.name, one.name, "--metadata") for one in guest.checkpoints)
        yield first(STATE, f"it has {plural(len(guest.checkpoints), 'checkpoint')}, which libvirt does not move", fix)


def _without(move: Move, snapshot: Snapshot) -> str:
    """Return what takes a snapshot away; of one in files of its own libvirt before 9.9 forgets no more than the name.

    Its disks stay as they are then, and are what they were: a chain of images.
    """
    options = ("--metadata",) if is_in_files(snapshot) else ()
    return move.here("snapshot-delete", move.guest.name, snapshot.name, *options)
