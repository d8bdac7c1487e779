"""Definitions of libvirt objects as trees: read safely, brought to one form, written one element a line. Pure."""

import copy
from collections.abc import Iterator
from xml.etree import ElementTree as ET
from xml.parsers import expat

MOST_BYTES = 256 << 10
_MOST_DEPTH = 64
_UNITS = {"b": 1, "bytes": 1, "kb": 1000, "k": 1024, "kib": 1024, "mb": 1000**2, "m": 1024**2, "mib": 1024**2}
_UNITS |= {"gb": 1000**3, "g": 1024**3, "gib": 1024**3, "tb": 1000**4, "t": 1024**4, "tib": 1024**4}
_MEMORY = {"memory", "currentMemory", "maxMemory", "size", "tb-cache"}
_VOLATILE = {"pool": {"capacity", "allocation", "available"}}
_ROOTS = {"network": "network", "pool": "pool", "secret": "secret", "nwfilter": "filter", "guest": "domain"}


class UnfitError(ValueError):
    """A definition that cannot be used; the message says why."""


def parse(text: str) -> ET.Element:
    """Return the tree. Raise UnfitError for what is no XML, declares entities, or is too large or deep."""
    if len(text.encode()) > MOST_BYTES:
        raise UnfitError(f"a definition has at most {MOST_BYTES >> 10} KiB")
    builder, parser = ET.TreeBuilder(), expat.ParserCreate()
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _MOST_DEPTH:
            raise UnfitError(f"elements are nested more than {_MOST_DEPTH} deep")
        builder.start(name, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name)

    def refuse(*_: object) -> None:
        raise UnfitError("a document type declaration has no place in a definition")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text, True)  # noqa: FBT003 - it is the whole text
    except expat.ExpatError as error:
        raise UnfitError(f"this is no XML: {expat.ErrorString(error.code)} in line {error.lineno}") from None
    return builder.close()


def read(kind: str, text: str) -> ET.Element:
    """Return a definition of that kind in its one form: without space around text, memory in KiB, nothing volatile."""
    root = parse(text)
    if root.tag != _ROOTS[kind]:
        raise UnfitError(f"the definition of a {kind} begins with <{_ROOTS[kind]}>, not with <{root.tag[:40]}>")
    for name in _VOLATILE.get(kind, ()):
        for child in root.findall(name):
            root.remove(child)
    for element in root.iter():
        element.text, element.tail = (element.text or "").strip(), (element.tail or "").strip() or None
        if element.tag in _MEMORY and kind == "guest":
            _in_kib(element)
    if (uuid := root.find("uuid")) is not None:
        uuid.text = _uuid(uuid.text or "")
    return root


def name_of(kind: str, root: ET.Element) -> tuple[str, ...]:
    """Return the names that an object goes by."""
    if kind == "nwfilter":
        return (root.get("name", ""),)
    if kind != "secret":
        return (root.findtext("name", ""),)
    usage = root.find("usage")
    used = [child.text or "" for child in usage] if usage is not None else []
    return tuple(filter(None, [*used, root.findtext("uuid", "")]))


def passwords(root: ET.Element) -> Iterator[str]:
    """Yield what nobody may see of a definition, as it is and as the text of a definition has it."""
    for element in root.iter():
        found = [element.get("passwd"), element.get("password")]
        found.append(element.text if element.tag in ("password", "passwd") else None)
        for value in filter(None, found):
            yield from as_written(value)


def as_written(value: str) -> tuple[str, ...]:
    """Return a value in the forms that it has in the text of a definition."""
    element = ET.Element("v", v=value)
    element.text = value
    written = ET.tostring(element, encoding="unicode")
    return tuple(dict.fromkeys([value, written[6 : written.index('">')], written[written.index('">') + 2 : -4]]))


def text_of(root: ET.Element) -> str:
    """Return the definition as text, an element a line, as it is compared, shown and defined."""
    own = copy.deepcopy(root)
    for element in own.iter():
        element.text = element.text or None
    ET.indent(own)
    return ET.tostring(own, encoding="unicode") + "\n"


def _in_kib(element: ET.Element) -> None:
    unit = _UNITS.get((element.get("unit") or "KiB").lower())
    if unit is not None and (element.text or "").isdigit():
        element.text = str(-(-int(element.text or "0") * unit // 1024))
        element.set("unit", "KiB")


def _uuid(text: str) -> str:
    plain = text.replace("-", "").lower()
    if len(plain) != 32:
        return text
    return "-".join((plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]))
