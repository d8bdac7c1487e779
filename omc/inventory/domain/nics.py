"""Network interfaces of a domain, as the XML has them; addresses come later (see `complete`)."""

from collections.abc import Callable
from typing import Any

from omc.inventory.markup import Element, integer, pci_address, switch
from omc.model import Nic

Fields = dict[str, Any]


def read_nic(element: Element) -> Nic:
    """Read one `<interface>`.

    A running guest's interface on a network shows what the network made of it ("direct", "bridge"); the model keeps
    what was asked for, so that live and inactive configuration are the same when nobody changed anything.
    """
    fields: Fields = {"mac": "", "type": element.get("type", "network")}
    if element.get("trustGuestRxFilters") == "yes":
        fields["trust_guest_rx_filters"] = True
    for child in element:
        reader = _READERS.get(child.tag)
        if reader is not None:
            reader(child, fields)
    return Nic(**fields)


def vlan_tags(element: Element) -> tuple[int, ...]:
    """Read `<vlan><tag id='42'/>…`."""
    tags = (integer(tag.get("id")) for tag in element.iter("tag"))
    return tuple(tag for tag in tags if tag is not None)


def _mac(element: Element, fields: Fields) -> None:
    fields["mac"] = element.get("address", "").lower()


def _source(element: Element, fields: Fields) -> None:
    network = element.get("network")
    if network is not None:
        fields["type"] = "network"
        fields["source"] = network
    else:
        fields["source"] = element.get("bridge") or element.get("dev") or _other_source(element)
        fields["source_mode"] = element.get("mode") if fields["type"] == "direct" else None
    fields["portgroup"] = element.get("portgroup")


def _other_source(element: Element) -> str | None:
    """Say where sockets and host devices lead: "HOST:PORT", a path, or a PCI address."""
    path, name, port = element.get("path"), element.get("address"), element.get("port")
    if name or port:
        return f"{name or ''}:{port or ''}"
    return path or element.get("name") or pci_address(element.find("address"))


def _target(element: Element, fields: Fields) -> None:
    fields["target"] = element.get("dev")


def _model(element: Element, fields: Fields) -> None:
    fields["model"] = element.get("type")


def _driver(element: Element, fields: Fields) -> None:
    fields["driver"] = element.get("name")
    fields["queues"] = integer(element.get("queues"))


def _link(element: Element, fields: Fields) -> None:
    fields["link_state"] = element.get("state", "up")


def _mtu(element: Element, fields: Fields) -> None:
    fields["mtu"] = integer(element.get("size"))


def _vlan(element: Element, fields: Fields) -> None:
    fields["vlan"] = vlan_tags(element)


def _filter(element: Element, fields: Fields) -> None:
    fields["filter"] = element.get("filter")


def _virtual_port(element: Element, fields: Fields) -> None:
    fields["virtual_port"] = element.get("type")


def _port(element: Element, fields: Fields) -> None:
    fields["isolated"] = switch(element.get("isolated")) or False


def _bandwidth(element: Element, fields: Fields) -> None:
    for child in element:
        if child.tag in {"inbound", "outbound"}:
            fields[f"{child.tag}_average_kib"] = integer(child.get("average"))


def _boot(element: Element, fields: Fields) -> None:
    fields["boot_order"] = integer(element.get("order"))


def _alias(element: Element, fields: Fields) -> None:
    fields["alias"] = element.get("name")


def _teaming(element: Element, fields: Fields) -> None:
    fields["teaming"] = element.get("type")


_READERS: dict[str, Callable[[Element, Fields], None]] = {
    "mac": _mac,
    "source": _source,
    "target": _target,
    "model": _model,
    "driver": _driver,
    "link": _link,
    "mtu": _mtu,
    "vlan": _vlan,
    "filterref": _filter,
    "virtualport": _virtual_port,
    "port": _port,
    "bandwidth": _bandwidth,
    "boot": _boot,
    "alias": _alias,
    "teaming": _teaming,
}
