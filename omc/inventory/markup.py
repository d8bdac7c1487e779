"""Reading libvirt's XML: a document in, or an OmcError that says where; and the conversions that every reader needs.

Nothing here trusts its input: a document type declaration is refused (so no entity can grow), numbers that are none
or do not fit 64 bits are "not read" (None), and no reader below raises on an element that it does not know.
"""

import re
from datetime import UTC, datetime
from xml.etree import ElementTree as ET
from xml.parsers import expat

from omc.errors import OmcError

Element = ET.Element

INTEGER_LIMIT = 2**63

# formatdomain, "Memory Allocation": the units of libvirt's scaled integers (virScaleInteger); without one it is KiB.
UNITS = {
    "": 1024,
    "b": 1,
    "byte": 1,
    "bytes": 1,
    "k": 1 << 10,
    "kib": 1 << 10,
    "kb": 10**3,
    "m": 1 << 20,
    "mib": 1 << 20,
    "mb": 10**6,
    "g": 1 << 30,
    "gib": 1 << 30,
    "gb": 10**9,
    "t": 1 << 40,
    "tib": 1 << 40,
    "tb": 10**12,
    "p": 1 << 50,
    "pib": 1 << 50,
    "pb": 10**15,
    "e": 1 << 60,
    "eib": 1 << 60,
    "eb": 10**18,
}

_NUMBER = re.compile(r"\s*[+-]?(?:0[xX][0-9a-fA-F]{1,16}|[0-9]{1,19})\s*", re.ASCII)


def document(text: str, *, tag: str, where: str) -> Element:
    """Parse `text` and return its root, which must be `<tag>`; raise OmcError on anything else."""
    try:
        if "<!DOCTYPE" in text:
            _refuse_doctype(text, where)
        root = ET.fromstring(text)  # noqa: S314 - a declaration that could define entities was refused above
    except ET.ParseError as error:
        raise OmcError(f"not well-formed XML: {error}", where=where) from error
    except ValueError as error:
        raise OmcError("not XML: the text holds what no XML may hold", where=where) from error
    if root.tag != tag:
        raise OmcError(f"XML of <{root.tag[:80]}>, expected <{tag}>", where=where)
    return root


def _refuse_doctype(text: str, where: str) -> None:
    """Raise OmcError where the document really has a declaration, not only the word in a comment."""

    def refuse(*_: object) -> None:
        raise OmcError("XML with a document type declaration, which libvirt never writes", where=where)

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text, True)  # noqa: FBT003 - expat takes it by position only
    except expat.ExpatError:
        return  # the real parser says it better


def integer(text: str | None) -> int | None:
    """Read a decimal or 0x number of at most 64 bits; None where there is none."""
    if text is None or _NUMBER.fullmatch(text) is None:
        return None
    number = int(text, 16) if "x" in text or "X" in text else int(text)
    return number if -INTEGER_LIMIT <= number < INTEGER_LIMIT else None


def whole(value: object) -> int | None:
    """Take a flat value as a whole number of at most 64 bits; None where it is anything else, a truth value too."""
    return value if type(value) is int and -INTEGER_LIMIT <= value < INTEGER_LIMIT else None


def scaled(text: str | None, unit: str | None) -> int | None:
    """Read a size in one of libvirt's units (KiB where none is given) as bytes."""
    number = integer(text)
    factor = UNITS.get(unit.lower() if unit else "")
    if number is None or factor is None:
        return None
    size = number * factor
    return size if -INTEGER_LIMIT <= size < INTEGER_LIMIT else None


def size(element: Element) -> int | None:
    """Read `<memory unit='KiB'>…` and its like as bytes."""
    return scaled(element.text, element.get("unit"))


def switch(text: str | None) -> bool | None:
    """Read yes/on/enabled as true, no/off/disabled as false, anything else as "not said"."""
    return _SWITCHES.get(text) if text is not None else None


_SWITCHES = {"yes": True, "on": True, "enabled": True, "no": False, "off": False, "disabled": False}


def pci_address(element: Element | None) -> str | None:
    """Write `<address domain= bus= slot= function=>` as the kernel does: "0000:03:00.1"."""
    if element is None or element.get("bus") is None:
        return None
    read = (integer(element.get(key, "0")) for key in ("domain", "bus", "slot", "function"))
    parts = [part for part in read if part is not None]
    return "{:04x}:{:02x}:{:02x}.{:x}".format(*parts) if len(parts) == 4 else None


def moment(seconds: int | float | str | None) -> str | None:
    """Write seconds since 1970 as an RFC 3339 time in UTC; None where that is no time."""
    number = integer(seconds) if isinstance(seconds, str) else seconds
    if number is None:
        return None
    try:
        return datetime.fromtimestamp(int(number), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return None
