"""Devices of a host (libvirt's node devices), from XML."""

from collections.abc import Callable
from typing import Any

from omc.inventory.markup import Element, document, integer, scaled
from omc.model import Device

Fields = dict[str, Any]

SKIPPED = frozenset({"usb", "system", "drm", "scsi_generic", "scsi_target", "scsi", "ap_card", "ap_queue"})
"""Kinds that say nothing that another device does not say, or nothing that an inventory needs."""


def read_device(xml: str, *, where: str) -> Device | None:
    """Read one node device; None for a kind that the inventory leaves out. Raises OmcError."""
    root = document(xml, tag="device", where=where)
    capability = root.find("capability")
    kind = "" if capability is None else capability.get("type", "")
    if kind in SKIPPED:
        return None
    fields: Fields = {"name": _text(root, "name") or "", "kind": kind, "parent": _text(root, "parent")}
    fields["driver"] = _text(root, "driver/name")
    if capability is not None:
        for child in capability:
            if child.tag in _TEXTS:
                fields[_TEXTS[child.tag]] = child.text
        if kind in _KINDS:
            _KINDS[kind](capability, fields)
    return Device(**fields)


_TEXTS = {"serial": "serial", "interface": "interface", "class": "class_id"}


def _text(element: Element, path: str) -> str | None:
    found = element.find(path)
    return None if found is None else found.text


def _named(element: Element, tag: str) -> str | None:
    """Read `<vendor id='0x8086'>Intel</vendor>`: the name, else the number."""
    found = element.find(tag)
    return None if found is None else (found.text or "").strip() or found.get("id")


def _pci(capability: Element, fields: Fields) -> None:
    fields["vendor"], fields["product"] = _named(capability, "vendor"), _named(capability, "product")
    fields["address"] = _pci_parts(capability)
    numa, group = capability.find("numa"), capability.find("iommuGroup")
    fields["numa_node"] = None if numa is None else integer(numa.get("node"))
    fields["iommu_group"] = None if group is None else integer(group.get("number"))
    for child in capability:
        if child.tag == "capability":
            _pci_capability(child, fields)


def _pci_parts(element: Element) -> str | None:
    """Read an address that stands in child elements, in decimal."""
    read = (integer(_text(element, tag)) for tag in ("domain", "bus", "slot", "function"))
    parts = [part for part in read if part is not None]
    return "{:04x}:{:02x}:{:02x}.{:x}".format(*parts) if len(parts) == 4 else None


def _pci_capability(element: Element, fields: Fields) -> None:
    kind, addresses = element.get("type"), [child for child in element if child.tag == "address"]
    if kind == "virt_functions":
        fields["virtual_functions"] = len(addresses)
        fields["virtual_functions_maximum"] = integer(element.get("maxCount"))
    elif kind == "phys_function" and addresses:
        parts = [integer(addresses[0].get(key)) for key in ("domain", "bus", "slot", "function")]
        if None not in parts:
            fields["physical_function"] = "{:04x}:{:02x}:{:02x}.{:x}".format(*(part or 0 for part in parts))
    elif kind == "vpd":
        fields["serial"] = _text(element, "fields/serial_number")


def _net(capability: Element, fields: Fields) -> None:
    fields["address"] = (_text(capability, "address") or "").lower() or None
    link = capability.find("link")
    if link is not None:
        fields["link_state"] = link.get("state")
        fields["speed_mbits"] = integer(link.get("speed"))


def _storage(capability: Element, fields: Fields) -> None:
    fields["address"] = _text(capability, "block")
    fields["vendor"], fields["product"] = _text(capability, "vendor"), _text(capability, "model")
    extent = capability.find("size")
    fields["size_bytes"] = None if extent is None else scaled(extent.text, "bytes")
    for child in capability:
        if child.tag == "capability" and child.get("type") == "removable":
            fields["removable"] = True
            fields["size_bytes"] = scaled(_text(child, "media_size"), "bytes")


def _scsi_host(capability: Element, fields: Fields) -> None:
    for child in capability:
        if child.tag == "capability" and child.get("type") == "fc_host":
            fields["wwn"] = _text(child, "wwpn")


def _usb(capability: Element, fields: Fields) -> None:
    fields["vendor"], fields["product"] = _named(capability, "vendor"), _named(capability, "product")


def _mdev(capability: Element, fields: Fields) -> None:
    kind, group = capability.find("type"), capability.find("iommuGroup")
    fields["product"] = None if kind is None else kind.get("id")
    fields["address"] = _text(capability, "uuid")
    fields["iommu_group"] = None if group is None else integer(group.get("number"))


def _ccw(capability: Element, fields: Fields) -> None:
    read = (integer(_text(capability, tag)) for tag in ("cssid", "ssid", "devno"))
    parts = [part for part in read if part is not None]
    fields["address"] = "{:x}.{:x}.{:04x}".format(*parts) if len(parts) == 3 else None


_KINDS: dict[str, Callable[[Element, Fields], None]] = {
    "pci": _pci,
    "net": _net,
    "storage": _storage,
    "scsi_host": _scsi_host,
    "usb_device": _usb,
    "mdev": _mdev,
    "css": _ccw,
    "ccw": _ccw,
}
