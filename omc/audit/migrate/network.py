"""Networks: whether what each nic is plugged into is on the target, too."""

from shlex import quote

from omc.audit.guests import is_active
from omc.audit.migrate.move import Check, Checks, Move, fine, first, unknown
from omc.model import Host, Nic

AREA = "network"
_TIED = frozenset({"hostdev", "vdpa"})
_PLUGGED = frozenset({"bridge", "direct"})


def checks(move: Move) -> Checks:
    """Check each nic's network, bridge or device, its filter, and its address."""
    for nic in move.guest.nics:
        found = _plugged(move, nic)
        if found is not None:
            yield found
        if nic.filter:
            told = f"{nic.mac}: whether the filter {nic.filter} is there is not told"
            yield unknown(AREA, told, move.there("nwfilter-dumpxml", nic.filter))
        yield from _taken(move, nic)


def _plugged(move: Move, nic: Nic) -> Check | None:
    if nic.type in _TIED:
        return None  # a device of the host: that area tells
    if nic.type == "network":
        return _network(move, nic)
    if nic.type in _PLUGGED:
        return _device(move, nic)
    if nic.type == "user":
        return fine(AREA, f"{nic.mac}: it needs nothing of the host")
    return unknown(AREA, f"{nic.mac}: whether {nic.type} {nic.source or ''} is there is not told".replace("  ", " "))


def _network(move: Move, nic: Nic) -> Check:
    name = nic.source or ""
    if move.target.networks is None:
        return unknown(AREA, f"{nic.mac}: the networks of {move.target.name} were not read", "omc inventory")
    there = next((each for each in move.target.networks if each.name == name), None)
    if there is None:
        made = [move.there("net-define", "net.xml"), move.there("net-start", name), move.there("net-autostart", name)]
        fix = " && ".join([f"{move.here('net-dumpxml', name)} > net.xml", *made])
        return first(AREA, f"{nic.mac}: {move.target.name} has no network {name}", fix)
    if not there.active:
        return first(AREA, f"{nic.mac}: network {name} is not active there", move.there("net-start", name))
    if nic.portgroup and nic.portgroup not in {each.name for each in there.portgroups}:
        told = f"{nic.mac}: network {name} has no portgroup {nic.portgroup} there"
        return first(AREA, told, move.there("net-edit", name))
    return fine(AREA, f"{nic.mac}: network {name} is active there")


def _device(move: Move, nic: Nic) -> Check:
    if nic.source in _seen(move.target):
        return fine(AREA, f"{nic.mac}: {nic.source} is there")
    if nic.source in _listed(move.source):
        fix = f"make {nic.source} on {move.target.name}, or migrate with --xml"
        return first(AREA, f"{nic.mac}: {move.target.name} has no {nic.source}", fix)
    told = f"{nic.mac}: whether {nic.source} is there is not told: libvirt does not list it here either"
    return unknown(AREA, told, f"ip link show {quote(nic.source or '')} on {move.target.name}")


def _listed(host: Host) -> set[str | None]:
    return {each.interface for each in host.devices or () if each.kind == "net"}


def _seen(host: Host) -> set[str | None]:
    """Return the devices that a host is known to have: listed, of a network, or used by a guest that runs."""
    bridges = {each.bridge for each in host.networks or () if each.active}
    used = {nic.source for guest in host.guests if is_active(guest) for nic in guest.nics if nic.type in _PLUGGED}
    return _listed(host) | bridges | used


def _taken(move: Move, nic: Nic) -> Checks:
    for other in move.target.guests:
        if other.uuid != move.guest.uuid and nic.mac in {each.mac for each in other.nics}:
            word = "runs" if is_active(other) else "is"
            fix = move.there("edit", other.name)
            yield first(AREA, f"{nic.mac}: {other.name}, which {word} there, has the same MAC address", fix)
