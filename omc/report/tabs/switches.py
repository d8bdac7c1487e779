"""vSwitch and vPort: a row a virtual network of a host, and a row a port group of it.

A bridge of the host's own that guests are on is one, too, with all that is known of it: its name.
"""

from collections.abc import Iterator
from typing import NamedTuple

from omc.model import Network, PortGroup
from omc.report import words
from omc.report.hosts import HostPart, host_parts_tab
from omc.report.tab import Column, HostScene

_OF_HOST = "bridge of the host"


class _Group(NamedTuple):
    network: Network
    group: PortGroup | None


def _groups(scene: HostScene) -> list[_Group]:
    return [group for network in _switches(scene) for group in _of(network)]


def _switches(scene: HostScene) -> list[Network]:
    """Return libvirt's networks, and bridges that guests name which are those of no network."""
    networks = list(scene.host.networks or ())
    used = {nic.source for guest in scene.host.guests for nic in guest.nics if nic.type == "bridge" and nic.source}
    own = sorted(used.difference(network.bridge for network in networks))
    return [*networks, *(Network(name=name, uuid="", active=True, bridge=name, forward=_OF_HOST) for name in own)]


def _of(network: Network) -> Iterator[_Group]:
    """Give the port groups; a network without is one itself: guests choose it by its name."""
    yield from [_Group(network, group) for group in network.portgroups] or [_Group(network, None)]


def _served(part: HostPart) -> str | None:
    return words.joined(
        route.address if route.prefix is None else f"{route.address}/{route.prefix}" for route in part.item.addresses
    )


def _leases(part: HostPart) -> int | None:
    return None if part.item.leases is None else len(part.item.leases)


SWITCH = host_parts_tab(
    "vSwitch",
    "virtual network of a host",
    (
        Column("Switch", "text", lambda part: part.item.name, "libvirt's name of the network, or a bridge of the host"),
        Column("MTU", "number", lambda part: part.item.mtu, "bytes; empty: the default"),
    ),
    more=(
        Column("omc Bridge", "text", lambda part: part.item.bridge, "the host's device"),
        Column("omc Active", "boolean", lambda part: part.item.active if part.item.uuid else None, "started"),
        Column("omc Autostart", "boolean", lambda part: part.item.autostart, "started with the daemon"),
        Column(
            "omc Forward",
            "text",
            lambda part: part.item.forward,
            f"nat, route, bridge …; empty: isolated; {_OF_HOST}: guests are on it, libvirt has no network of it",
        ),
        Column("omc Uplinks", "text", lambda part: words.joined(part.item.forward_devices), "devices of the host"),
        Column("omc VLAN", "text", lambda part: words.joined(part.item.vlan), "tags"),
        Column("omc Virtual port", "text", lambda part: part.item.virtual_port, "openvswitch …"),
        Column("omc Addresses", "text", _served, "ranges that it serves"),
        Column("omc DNS domain", "text", lambda part: part.item.domain, ""),
        Column("omc Leases", "number", _leases, "given out by its DHCP server"),
        Column("omc UUID", "text", lambda part: part.item.uuid or None, ""),
    ),
    parts=_switches,
)


def _name(part: HostPart) -> str:
    group = part.item.group
    name: str = part.item.network.name if group is None else group.name
    return name


def _vlan(part: HostPart) -> str | None:
    group = part.item.group
    return words.joined((group.vlan if group is not None else ()) or part.item.network.vlan)


PORT = host_parts_tab(
    "vPort",
    "port group of a virtual network",
    (
        Column("Port Group", "text", _name, "the network itself where it has none"),
        Column("Switch", "text", lambda part: part.item.network.name, "libvirt's name of the network"),
        Column("VLAN", "text", _vlan, "tags"),
    ),
    more=(
        Column(
            "omc Default",
            "boolean",
            lambda part: None if part.item.group is None else part.item.group.default,
            "taken where a guest names none",
        ),
    ),
    parts=_groups,
)
