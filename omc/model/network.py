"""Nics of guests with their addresses, and the networks of hosts with their leases."""

from typing import ClassVar

from omc.model.base import Fact


class Address(Fact, frozen=True, kw_only=True):
    """An address of a nic, with who says so: the three sources know different things."""

    address: str  # "192.0.2.7", "2001:db8::7"
    prefix: int | None = None  # length; null where the source does not know it (arp)
    source: str = "lease"  # agent (the guest itself), lease (libvirt's DHCP server), arp (the host's table)


class Nic(Fact, frozen=True, kw_only=True):
    """A network interface of a guest."""

    OBSERVED: ClassVar[frozenset[str]] = frozenset({"target", "addresses", "guest_name"})

    mac: str  # lower case, with colons
    model: str | None = None  # virtio, e1000 …; null is the hypervisor's default
    type: str = "network"  # libvirt's: network, bridge, direct, ethernet, hostdev, user, vdpa, vhostuser …
    source: str | None = None  # name of the network or bridge, or the host's device
    source_mode: str | None = None  # of a direct interface: bridge, vepa, private, passthrough
    portgroup: str | None = None  # of the network
    target: str | None = None  # the host's device while the guest runs: "vnet0"
    vlan: tuple[int, ...] = ()  # VLAN tags
    link_state: str = "up"  # up or down, as configured
    mtu: int | None = None  # bytes
    queues: int | None = None  # of the driver
    driver: str | None = None  # vhost, qemu
    filter: str | None = None  # nwfilter that guards it
    virtual_port: str | None = None  # openvswitch, 802.1Qbh …
    teaming: str | None = None  # of a failover pair: persistent, transient
    isolated: bool = False  # cut off from other isolated ports of the bridge
    trust_guest_rx_filters: bool = False  # the guest may change the host's filters
    inbound_average_kib: int | None = None  # KiB a second, `<bandwidth>`
    outbound_average_kib: int | None = None  # KiB a second, `<bandwidth>`
    boot_order: int | None = None  # 1 is tried first
    alias: str | None = None  # libvirt's name for the device
    addresses: tuple[Address, ...] = ()  # every source's, without doubles within one source
    guest_name: str | None = None  # what the guest calls it, from the agent


class Lease(Fact, frozen=True, kw_only=True):
    """An address that libvirt's DHCP server gave out."""

    mac: str  # lower case, with colons
    address: str  # IPv4 or IPv6
    prefix: int | None = None  # length
    hostname: str | None = None  # as the client said it
    client_id: str | None = None  # DHCP client id or DUID
    expires_at: str | None = None  # RFC 3339 UTC; null never


class Route(Fact, frozen=True, kw_only=True):
    """An address range that a network serves."""

    address: str  # of the host on it
    prefix: int | None = None  # length
    dhcp_ranges: tuple[str, ...] = ()  # "START-END"
    dhcp_hosts: int = 0  # static reservations


class PortGroup(Fact, frozen=True, kw_only=True):
    """A class of ports of a network."""

    name: str  # guests choose it by this name
    default: bool = False  # taken where a guest names none
    vlan: tuple[int, ...] = ()  # VLAN tags


class Network(Fact, frozen=True, kw_only=True):
    """A virtual network of a host."""

    OBSERVED: ClassVar[frozenset[str]] = frozenset({"active", "leases"})

    name: str  # libvirt's name
    uuid: str  # libvirt's UUID
    active: bool  # started
    autostart: bool | None = None  # started with the daemon
    persistent: bool | None = None  # kept over a restart of the daemon
    bridge: str | None = None  # the host's device
    forward: str | None = None  # nat, route, open, bridge, private, vepa, passthrough, hostdev; null is isolated
    forward_devices: tuple[str, ...] = ()  # devices of the host that it uses
    domain: str | None = None  # DNS domain
    mtu: int | None = None  # bytes
    vlan: tuple[int, ...] = ()  # VLAN tags
    virtual_port: str | None = None  # openvswitch …
    isolated_ports: bool = False  # ports cannot reach each other
    addresses: tuple[Route, ...] = ()  # ranges that it serves
    portgroups: tuple[PortGroup, ...] = ()  # classes of ports
    leases: tuple[Lease, ...] | None = None  # null: not read
