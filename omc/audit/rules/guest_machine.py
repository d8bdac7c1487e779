"""Rules on what a guest starts as: its machine type, its firmware's needs, its architecture's age."""

import re
from datetime import date

from omc.audit.guests import is_machine, is_x86, of_host
from omc.audit.rule import Found, Seen, Verdicts, guest_rule
from omc.audit.systems import system_of
from omc.model import Guest, Host, Machine

_VERSIONED = re.compile(r"(?:pc-i440fx|pc-q35|pc|virt|pseries|s390-ccw-virtio)-(\d+)\.(\d+)")
_FIRST_YEARLY = 4
_EARLIER = {
    (2, 0): 2014,
    (2, 1): 2014,
    (2, 2): 2014,
    (2, 3): 2015,
    (2, 4): 2015,
    (2, 5): 2015,
    (2, 6): 2016,
    (2, 7): 2016,
    (2, 8): 2016,
    (2, 9): 2017,
    (2, 10): 2017,
    (2, 11): 2017,
    (2, 12): 2018,
    (3, 0): 2018,
    (3, 1): 2018,
}


@guest_rule(
    "G02",
    severity="warning",
    title="Machine type is an alias, deprecated, gone from the host's QEMU, or too old",
    reason="A machine type is the guest's mainboard. QEMU drops versions after some years: the guest then does not "
    "start. An alias is another board after each update of QEMU, which Windows takes for new hardware.",
    source="QEMU, Removed features and Deprecated features: versioned machine types; libvirt, capabilities: machine",
    fix="virsh edit {guest}: <type machine='…'> with one of virsh capabilities; stop, start, and "
    "look whether it is well",
    reads=("Guest.machine", "Guest.arch", "Guest.type", "Host.architectures"),
    limits={"years": 6},
)
def old_machine(guest: Guest, seen: Seen) -> Verdicts:
    """Found by the host's list of machine types, and by the year of QEMU's version in the name."""
    name = guest.machine
    if not is_machine(guest) or name is None:
        return
    known = _machines(seen.host, guest.arch)
    if not known:
        yield of_host("the host's machine types were not read")
    elif name not in known:
        yield Found(message=f"the host's QEMU does not know {name}: it will not start here again", severity="critical")
    elif known[name].deprecated:
        yield Found(message=f"{name} is deprecated")
    elif known[name].canonical is not None:
        system = system_of(guest)
        if system is not None and system.family == "windows":
            yield Found(message=f"{name} is an alias, now of {known[name].canonical}")
    year = release_year(name)
    if year is not None and date.fromisoformat(seen.now[:10]).year - year >= seen.limits["years"]:
        yield Found(message=f"{name} is of {year}")


def _machines(host: Host, arch: str | None) -> dict[str, Machine]:
    return {
        machine.name: machine
        for found in host.architectures
        if arch in {None, found.arch}
        for machine in found.machines
    }


def release_year(machine: str) -> int | None:
    """Return the year of the QEMU that brought a machine type; None for those that distributions name."""
    match = _VERSIONED.fullmatch(machine)
    if match is None:
        return None
    version = int(match[1]), int(match[2])
    if version[0] < _FIRST_YEARLY:
        return _EARLIER.get(version)
    return 2015 + version[0]  # since 4.0 each April begins a new number


@guest_rule(
    "G03",
    severity="info",
    title="Guest has the old PC board (i440FX)",
    reason="i440FX is a PC of 1996: no PCI Express, and so no place for much of what is passed through or plugged in "
    "today.",
    source="OpenStack Nova, Launching with hw_machine_type; QEMU, i440fx and q35",
    fix="make new guests with virt-install --machine q35; a guest that is there is best left as it is",
    reads=("Guest.machine", "Guest.arch", "Guest.type"),
)
def old_board(guest: Guest, _: Seen) -> Verdicts:
    """Found for pc and pc-i440fx-*; systems of before q35 need it, so those are fine."""
    if not (is_machine(guest) and is_x86(guest) and guest.machine is not None):
        return
    system = system_of(guest)
    if system is not None and system.family == "windows" and system.version in {"xp", "2003", "2000"}:
        return
    if guest.machine == "pc" or guest.machine.startswith("pc-i440fx"):
        yield Found(message=f"its machine type is {guest.machine}")
