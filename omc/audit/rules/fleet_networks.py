"""The rule on network addresses that two guests have."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from omc.audit.abreast import doubled, left_out, machines
from omc.audit.fleet import FleetGuest, FleetHost, FleetNetwork, FleetNic
from omc.audit.guests import listed
from omc.audit.rule import Found, Missing, Seen, Verdicts, fleet_rule

_INSIDE = frozenset({None, "nat", "route", "open"})
"""Forward modes of networks that end at the host: the same MAC address on two hosts never meets."""

_NONE = frozenset({"", "00:00:00:00:00:00"})

Segment = tuple[str, ...]
"""A network in which addresses meet: its kind, the host or cluster that has it, its name, then its VLAN tags."""

_NAMED = 3
"""So many parts of a segment are its name."""


class _Port(msgspec.Struct, frozen=True, gc=False):
    host: FleetHost
    guest: FleetGuest
    nic: FleetNic
    segment: Segment | None  # None: nobody knows

    def __str__(self) -> str:
        return f"{self.guest.name} on {self.host.name}"


@fleet_rule(
    "G42",
    severity="critical",
    title="Two guests have the same MAC address in one network",
    reason="The bridges send frames for both to whichever spoke last: connections of both break, now and then.",
    source="cv4pve-diag WC0033; libvirt, formatdomain: Network interfaces",
    fix="virsh edit {guest}: a <mac address=…/> of its own; without the line libvirt makes one",
    reads=("Guest.nics", "Guest.state", "Host.networks", "cluster"),
)
def same_mac(seen: Seen) -> Verdicts:
    """Found for each guest; as a warning where not both run. Bridges of one name in a cluster are one network."""
    yield from left_out(seen)
    yield from doubled(seen.fleet)
    for ports in _by_mac(seen).values():
        if len({port.guest.uuid for port in ports}) < 2:
            continue
        segments: dict[Segment | None, list[_Port]] = defaultdict(list)
        for port in ports:
            segments[port.segment].append(port)
        for segment, group in segments.items():
            if segment is not None and len({port.guest.uuid for port in group}) > 1:
                yield from _of_segment(group)
        yield from _unclear(ports, segments)


def _by_mac(seen: Seen) -> Mapping[str, Sequence[_Port]]:
    found: dict[str, list[_Port]] = defaultdict(list)
    for host in machines(seen.fleet):
        networks = None if host.networks is None else {network.name: network for network in host.networks}
        cluster = seen.fleet.cluster_of(host.name).name
        for guest in host.guests:
            for nic in (nic for nic in guest.nics if nic.mac.lower() not in _NONE):
                found[nic.mac.lower()].append(_Port(host, guest, nic, _segment(nic, host, cluster, networks)))
    return found


def _segment(
    nic: FleetNic, host: FleetHost, cluster: str, networks: Mapping[str, FleetNetwork] | None
) -> Segment | None:
    """Return where the nic's frames go; None where nothing tells."""
    source = nic.source or ""
    if nic.type == "user":
        return ("own", host.name, nic.mac)
    if nic.type == "network":
        network = (networks or {}).get(source)
        return None if network is None else _of_network(nic, network, host, cluster)
    if nic.type == "bridge":
        inner = next(
            (one for one in (networks or {}).values() if one.bridge == source and one.forward in _INSIDE), None
        )
        if inner is not None:
            return ("inside", host.name, inner.name)
        return None if networks is None else ("bridge", cluster, source, *_tags(nic.vlan))
    return ("direct", cluster, source, *_tags(nic.vlan)) if nic.type == "direct" and source else None


def _of_network(nic: FleetNic, network: FleetNetwork, host: FleetHost, cluster: str) -> Segment:
    if network.forward in _INSIDE:
        return ("inside", host.name, network.name)
    group = next((one for one in network.portgroups if one.name == nic.portgroup), None)
    vlan = nic.vlan or (group.vlan if group else ()) or network.vlan
    if network.bridge:
        return ("bridge", cluster, network.bridge, *_tags(vlan))
    return ("network", cluster, network.name, *_tags(vlan))


def _tags(vlan: Sequence[int]) -> tuple[str, ...]:
    return tuple(map(str, vlan))


def _of_segment(group: Sequence[_Port]) -> Verdicts:
    for port in group:
        others = [other for other in group if other.guest.uuid != port.guest.uuid]
        at_once = port.guest.active and any(other.guest.active for other in others)
        yield Found(
            message=f"{port.nic.mac} on {port.nic.source or port.nic.type}, as {listed(list(map(str, others)), 3)}",
            host=port.host.name,
            subject=f"guest/{port.guest.name}",
            severity="" if at_once else "warning",
        )


def _are_apart(segments: Sequence[Segment | None]) -> bool:
    """Tell whether these are one segment, or different VLANs of one."""
    known = [segment for segment in segments if segment is not None]
    one_name = len({segment[:_NAMED] for segment in known}) == 1
    return len(known) == len(segments) and one_name and (len(known) == 1 or all(len(one) > _NAMED for one in known))


def _unclear(ports: Sequence[_Port], segments: Mapping[Segment | None, Sequence[_Port]]) -> Iterator[Missing]:
    """Say so where guests of one address are in networks of which nobody knows whether they are one."""
    outside = [segment for segment in segments if segment is None or segment[0] not in {"inside", "own"}]
    guests = {port.guest.uuid for segment in outside for port in segments[segment]}
    if len(guests) > 1 and not _are_apart(outside):
        names = listed(sorted({f"{port} ({port.nic.source or port.nic.type})" for port in ports}), 3)
        why = f"{ports[0].nic.mac} is of {names}: whether these are one network is not known"
        yield Missing(why=why, host=ports[0].host.name, subject=f"guest/{ports[0].guest.name}")
