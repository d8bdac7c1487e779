"""The machine below a host, from libvirt's `<sysinfo type='smbios'>`."""

from collections.abc import Iterator
from typing import Any

from omc.inventory.markup import Element, document, integer
from omc.model import Bios, Board, Dimm, Hardware, System

Entries = dict[str, str]


def read_hardware(xml: str, *, where: str) -> Hardware:
    """Read the SMBIOS tables. Raises OmcError."""
    root = document(xml, tag="sysinfo", where=where)
    parts = {child.tag: _entries(child) for child in root}
    return Hardware(
        system=System(**_pick(parts["system"], _SYSTEM)) if "system" in parts else None,
        bios=Bios(**_pick(parts["bios"], _BIOS)) if "bios" in parts else None,
        boards=tuple(Board(**_pick(entries, _BOARD)) for entries in _all(root, "baseBoard")),
        chassis=Board(**_pick(parts["chassis"], _BOARD)) if "chassis" in parts else None,
        dimms=tuple(_dimm(entries) for entries in _all(root, "memory_device")),
        oem_strings=tuple(
            entry.text.strip() for entry in root.iterfind("oemStrings/entry") if entry.text and entry.text.strip()
        ),
    )


def _all(root: Element, tag: str) -> Iterator[Entries]:
    return (_entries(child) for child in root if child.tag == tag)


def _entries(element: Element) -> Entries:
    """Read `<entry name='serial'> text</entry>`; vendors pad with blanks, and dmidecode has words for "empty"."""
    entries = {entry.get("name", ""): (entry.text or "").strip() for entry in element if entry.tag == "entry"}
    return {name: text for name, text in entries.items() if text not in _EMPTY}


_EMPTY = frozenset({"", "Not Specified", "Unknown"})


def _pick(entries: Entries, names: dict[str, str]) -> dict[str, Any]:
    return {field: entries[name] for name, field in names.items() if name in entries}


_SYSTEM = {
    "manufacturer": "manufacturer",
    "product": "product",
    "version": "version",
    "serial": "serial",
    "uuid": "uuid",
    "sku": "sku",
    "family": "family",
}
_BIOS = {"vendor": "vendor", "version": "version", "date": "date", "release": "release"}
_BOARD = {
    "manufacturer": "manufacturer",
    "product": "product",
    "version": "version",
    "serial": "serial",
    "asset": "asset",
}
_DIMM = {
    "locator": "locator",
    "bank_locator": "bank",
    "type": "type",
    "speed": "speed",
    "manufacturer": "manufacturer",
    "serial_number": "serial",
    "part_number": "part",
}


def _dimm(entries: Entries) -> Dimm:
    return Dimm(size_bytes=dimm_bytes(entries.get("size")), **_pick(entries, _DIMM))


def dimm_bytes(text: str | None) -> int | None:
    """Read dmidecode's size: "16 GB", "16384 MB" (binary units in truth); an empty slot is 0."""
    if text is None:
        return None
    number, _, unit = text.partition(" ")
    factor, count = _DIMM_UNITS.get(unit.strip()), integer(number)
    if factor is not None and count is not None:
        return count * factor
    return 0 if text == "No Module Installed" else None


_DIMM_UNITS = {"kB": 1 << 10, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}
