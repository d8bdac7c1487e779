"""Virtual networks with their leases, from XML and the DHCP server's table."""

import ipaddress

from omc.inventory.domain.nics import vlan_tags
from omc.inventory.markup import Element, document, integer, moment, switch
from omc.model import Lease, Network, PortGroup, Route
from omc.ports import RawLease, RawNetwork


def read_network(raw: RawNetwork, *, where: str) -> Network:
    """Read one network. Raises OmcError."""
    root = document(raw.xml, tag="network", where=where)
    parts = {child.tag: child for child in root if type(child.tag) is str}
    forward = parts.get("forward")
    port = parts.get("port")
    return Network(
        name=raw.name,
        uuid=raw.uuid,
        active=raw.active,
        autostart=raw.autostart,
        persistent=raw.persistent,
        bridge=_attribute(parts.get("bridge"), "name"),
        forward=None if forward is None else forward.get("mode", "nat"),
        forward_devices=() if forward is None else _devices(forward),
        domain=_attribute(parts.get("domain"), "name"),
        mtu=integer(_attribute(parts.get("mtu"), "size")),
        vlan=vlan_tags(parts["vlan"]) if "vlan" in parts else (),
        virtual_port=_attribute(parts.get("virtualport"), "type"),
        isolated_ports=port is not None and (switch(port.get("isolated")) or False),
        addresses=tuple(_route(child) for child in root if child.tag == "ip"),
        portgroups=tuple(_portgroup(child) for child in root if child.tag == "portgroup"),
        leases=None if raw.leases is None else tuple(read_lease(lease) for lease in raw.leases),
    )


def _attribute(element: Element | None, name: str) -> str | None:
    return None if element is None else element.get(name)


def _devices(forward: Element) -> tuple[str, ...]:
    """Name the host's devices that a network uses; the one of the attribute stands first."""
    names = [forward.get("dev"), *(child.get("dev") for child in forward if child.tag in {"interface", "pf"})]
    return tuple(dict.fromkeys(name for name in names if name))


def _portgroup(element: Element) -> PortGroup:
    vlan = element.find("vlan")
    return PortGroup(
        name=element.get("name", ""),
        default=element.get("default") == "yes",
        vlan=() if vlan is None else vlan_tags(vlan),
    )


def _route(element: Element) -> Route:
    dhcp = element.find("dhcp")
    ranges: list[Element] = [] if dhcp is None else [child for child in dhcp if child.tag == "range"]
    return Route(
        address=element.get("address", ""),
        prefix=_prefix(element),
        dhcp_ranges=tuple(f"{each.get('start', '')}-{each.get('end', '')}" for each in ranges),
        dhcp_hosts=0 if dhcp is None else sum(child.tag == "host" for child in dhcp),
    )


def _prefix(element: Element) -> int | None:
    """Read the prefix, or make it of the netmask."""
    mask = element.get("netmask")
    if mask is None:
        return integer(element.get("prefix"))
    try:
        return ipaddress.ip_network(f"0.0.0.0/{mask}").prefixlen
    except ValueError:
        return None


def read_lease(raw: RawLease) -> Lease:
    """Read one lease."""
    return Lease(
        mac=raw.mac.lower(),
        address=raw.address,
        prefix=raw.prefix,
        hostname=raw.hostname,
        client_id=raw.client_id,
        expires_at=moment(raw.expires),
    )
