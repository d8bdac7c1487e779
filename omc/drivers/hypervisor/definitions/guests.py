"""Which running guests use a network or a pool, and how their interfaces come back to a network that was restarted.

A network that is stopped takes its bridge along, and the guests' interfaces stay without one; nothing of libvirt's puts
them back but a restart of its daemon. An interface moves to another bridge while its guest runs, and libvirt compares
names: so it is first told that it is one of that bridge itself, then that it is one of the network.
"""

import copy
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree as ET

import libvirt

from omc.drivers.hypervisor.faults import GONE, number
from omc.errors import HostError
from omc.ports import Usage

_HARMLESS = ("dir", "rbd", "gluster", "zfs", "sheepdog", "iscsi-direct")
"""Types of pools that take no guest's disk away when they are stopped."""

_OF_ONE_START = ("alias", "target", "backend")


class Interface(NamedTuple):
    """An interface of a running guest."""

    domain: libvirt.virDomain
    element: ET.Element

    @property
    def guest(self) -> str:
        """The name of its guest."""
        return str(self.domain.name())


def usage_of_network(connection: libvirt.virConnect, network: libvirt.virNetwork) -> Usage:
    """Return who uses a network; what is not on a bridge, or on one of Open vSwitch, cannot be attached again."""
    found = list(_interfaces(connection, network))
    fixed = sorted({one.guest for one in found if not _is_movable(one.element)})
    hindrance = f"interfaces that are on no Linux bridge cannot be attached again: {', '.join(fixed)}" if fixed else ""
    return Usage(guests=_names(found), hindrance=hindrance)


def usage_of_pool(connection: libvirt.virConnect, pool: libvirt.virStoragePool) -> Usage:
    """Return whose disks lie in a pool; where stopping it would take them away, that is a hindrance."""
    root = parsed(pool.XMLDesc(0))
    folder = (root.findtext("target/path") or "").rstrip("/")
    names = set()
    for domain, guest in _running(connection):
        for source in guest.iterfind("devices/disk/source"):
            path = source.get("file") or source.get("dev") or source.get("dir") or ""
            if source.get("pool") == pool.name() or (folder and path.startswith(f"{folder}/")):
                names.add(str(domain.name()))
    guests = tuple(sorted(names))
    takes_away = guests and root.get("type") not in _HARMLESS
    return Usage(guests=guests, hindrance=f"it would take disks away from {', '.join(guests)}" if takes_away else "")


def attach_again(connection: libvirt.virConnect, network: libvirt.virNetwork) -> None:
    """Attach the interfaces of running guests that have lost a network; raise HostError with those that cannot be."""
    ports = {port.UUIDString() for port in network.listAllPorts(0)}
    failed = []
    for one in _interfaces(connection, network):
        source = one.element.find("source")
        if source is not None and source.get("network") and source.get("portid") in ports:
            continue
        try:
            _attach(one, network)
        except libvirt.libvirtError as error:
            if number(error) not in GONE:
                failed.append(f"{one.guest}: {error.get_error_message()}")
    if failed:
        hint = "restart the daemon of libvirt there: it attaches them, and no guest notices"
        raise HostError(f"not attached again: {'; '.join(failed)}", code="attach", hint=hint)


def _attach(one: Interface, network: libvirt.virNetwork) -> None:
    changes = {"bridge": {"bridge": network.bridgeName()}, "network": {"network": network.name()}}
    source = one.element.find("source")
    if source is not None and (portgroup := source.get("portgroup")):
        changes["network"]["portgroup"] = portgroup
    for kind, attributes in changes.items():
        element = copy.deepcopy(one.element)
        element.set("type", kind)
        for child in list(element):
            if child.tag in (*_OF_ONE_START, "source"):
                element.remove(child)
        ET.SubElement(element, "source", attributes)
        one.domain.updateDeviceFlags(ET.tostring(element, encoding="unicode"), libvirt.VIR_DOMAIN_AFFECT_LIVE)


def _interfaces(connection: libvirt.virConnect, network: libvirt.virNetwork) -> Iterator[Interface]:
    """Yield those of a network, and those on its bridge that were on the way back to it when that was cut off."""
    name, bridge = network.name(), _bridge(network)
    for domain, guest in _running(connection):
        for element in guest.iterfind("devices/interface"):
            source = element.find("source")
            if source is None:
                continue
            is_half_way = bridge and source.get("network") is None and source.get("bridge") == bridge
            if source.get("network") == name or (is_half_way and _is_defined_on(domain, element, name)):
                yield Interface(domain, element)


def _is_defined_on(domain: libvirt.virDomain, element: ET.Element, network: str) -> bool:
    mac = element.find("mac")
    address = "" if mac is None else mac.get("address")
    guest = parsed(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
    for other in guest.iterfind("devices/interface"):
        source, mac = other.find("source"), other.find("mac")
        if mac is not None and mac.get("address") == address:
            return source is not None and source.get("network") == network
    return False


def _is_movable(element: ET.Element) -> bool:
    source = element.find("source")
    return source is not None and bool(source.get("bridge")) and element.find("virtualport") is None


def _bridge(network: libvirt.virNetwork) -> str:
    try:
        return str(network.bridgeName())
    except libvirt.libvirtError:  # it has none
        return ""


def _running(connection: libvirt.virConnect) -> Iterator[tuple[libvirt.virDomain, ET.Element]]:
    for domain in connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE):
        try:
            yield domain, parsed(domain.XMLDesc(0))
        except libvirt.libvirtError as error:
            if number(error) not in GONE:
                raise


def _names(found: list[Interface]) -> tuple[str, ...]:
    return tuple(sorted({one.guest for one in found}))


def parsed(text: str) -> ET.Element:
    """Return libvirt's XML as a tree; raise HostError for what libvirt never writes."""
    try:
        if "<!DOCTYPE" in text:
            raise HostError("its XML declares a document type", code="protocol")
        return ET.fromstring(text)  # noqa: S314 - a declaration that could define entities was refused above
    except ET.ParseError as error:
        raise HostError(f"its XML cannot be read: {error}", code="protocol") from None
