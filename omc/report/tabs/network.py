"""vNetwork: a row a network interface of a guest."""

from omc.model import Nic
from omc.report import words
from omc.report.guests import Part, parts_tab
from omc.report.tab import Column


def _switch(part: Part) -> str | None:
    """Return the bridge that it hangs on: its own, or that of its network."""
    nic: Nic = part.item
    if nic.type != "network":
        return nic.source if nic.type == "bridge" else None
    found = (network.bridge for network in part.host.networks or () if network.name == nic.source)
    return next(found, None)


def _connected(part: Part) -> bool:
    return part.guest.active and part.item.link_state == "up"


def _addresses(part: Part, sign: str) -> str | None:
    return words.joined(dict.fromkeys(one.address for one in part.item.addresses if sign in one.address))


def _sources(part: Part) -> str | None:
    return words.joined(dict.fromkeys(one.source for one in part.item.addresses))


COLUMNS = (
    Column("NIC label", "text", lambda part: part.item.alias, "libvirt's name for the device, while it runs"),
    Column("Adapter", "text", lambda part: part.item.model, "virtio, e1000 …; empty: the hypervisor's default"),
    Column("Network", "text", lambda part: part.item.source, "network, bridge or device of the host"),
    Column("Switch", "text", _switch, "the bridge"),
    Column("Connected", "boolean", _connected, "it runs and the link is up"),
    Column("Starts Connected", "boolean", lambda part: part.item.link_state == "up", "as configured"),
    Column("Mac Address", "text", lambda part: part.item.mac, ""),
    Column("IPv4 Address", "text", lambda part: _addresses(part, "."), "of all sources"),
    Column("IPv6 Address", "text", lambda part: _addresses(part, ":"), "of all sources"),
    Column("Direct Path IO", "boolean", lambda part: part.item.type in ("hostdev", "vdpa"), "a device of the host"),
)
MORE = (
    Column("omc Type", "text", lambda part: part.item.type, "network, bridge, direct, hostdev …"),
    Column("omc Address sources", "text", _sources, "agent, lease, arp"),
    Column("omc Port group", "text", lambda part: part.item.portgroup, "of the network"),
    Column("omc VLAN", "text", lambda part: words.joined(part.item.vlan), "tags"),
    Column("omc MTU", "number", lambda part: part.item.mtu, "bytes"),
    Column("omc Target", "text", lambda part: part.item.target, "the host's device, while it runs"),
    Column("omc Guest name", "text", lambda part: part.item.guest_name, "what the guest calls it"),
    Column("omc Queues", "number", lambda part: part.item.queues, "of the driver"),
    Column("omc Filter", "text", lambda part: part.item.filter, "nwfilter that guards it"),
    Column("omc Virtual port", "text", lambda part: part.item.virtual_port, "openvswitch …"),
    Column("omc Inbound KiB/s", "number", lambda part: part.item.inbound_average_kib, "`<bandwidth>`"),
    Column("omc Outbound KiB/s", "number", lambda part: part.item.outbound_average_kib, "`<bandwidth>`"),
    Column("omc Boot order", "number", lambda part: part.item.boot_order, "1 is tried first"),
    Column("omc Isolated", "boolean", lambda part: part.item.isolated, "from other isolated ports"),
)

TAB = parts_tab("vNetwork", "network interface of a guest", COLUMNS, more=MORE, parts=lambda guest: guest.nics)
