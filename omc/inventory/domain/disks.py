"""Disks of a domain: what each is, where its data lies, and the images below it as the XML has them."""

from collections.abc import Callable
from typing import Any

from omc.inventory.markup import Element, integer, pci_address
from omc.model import ChainImage, Disk, IoTune

CHAIN_DEPTH = (
    200  # what libvirt itself follows (QEMU_DOMAIN_STORAGE_SOURCE_CHAIN_MAX_DEPTH); a hostile document ends here
)


def read_disk(element: Element) -> Disk:
    """Read one `<disk>`; sizes are not in the XML (see `complete`)."""
    kind = element.get("type", "file")
    fields: dict[str, Any] = {"type": kind, "device": element.get("device", "disk"), "target": ""}
    if (snapshot := element.get("snapshot")) is not None:
        fields["snapshot"] = snapshot
    for child in element:
        reader = _READERS.get(child.tag)
        if reader is not None:
            reader(child, fields)
    return Disk(**fields)


def _driver(element: Element, fields: dict[str, Any]) -> None:
    for key, value in element.items():
        name = _DRIVER_WORDS.get(key)
        if name is not None:
            fields[name] = value
        elif key in _DRIVER_NUMBERS:
            fields[key] = integer(value)


_DRIVER_WORDS = {
    "type": "format",
    "cache": "cache",
    "io": "io",
    "discard": "discard",
    "detect_zeroes": "detect_zeroes",
    "error_policy": "error_policy",
}
_DRIVER_NUMBERS = frozenset({"iothread", "queues"})


def _source(element: Element, fields: dict[str, Any]) -> None:
    fields["source"] = source_text(fields["type"], element)
    if (policy := element.get("startupPolicy")) is not None:
        fields["startup_policy"] = policy
    for child in element:
        if child.tag == "reservations":
            fields["reservations"] = child.get("managed") == "yes" or len(child) > 0
        elif child.tag == "encryption":
            fields["encrypted"] = True


def source_text(kind: str, element: Element) -> str | None:
    """Say where a `<source>` of this type leads: a path, POOL/VOLUME, or a URL; None for an empty drive."""
    if kind == "file":
        return element.get("file")
    if kind == "block":
        return element.get("dev")
    if kind in _SOURCES:
        return _SOURCES[kind](element)
    return element.get("file") or element.get("dev") or element.get("name")


def _volume(element: Element) -> str | None:
    pool, volume = element.get("pool"), element.get("volume")
    return f"{pool}/{volume}" if pool and volume else None


def _network(element: Element) -> str | None:
    """Write a network disk as PROTOCOL://HOST:PORT,…/NAME, one on a local socket as PROTOCOL+unix:///NAME?socket=PATH.

    The query is left out: that of a signed HTTP address is a secret.
    """
    protocol, name = element.get("protocol"), (element.get("name") or "").lstrip("/")
    if protocol is None:
        return None
    hosts = list(element.iter("host"))
    transport = next((host.get("transport") for host in hosts if host.get("transport")), None)
    scheme = f"{protocol}+{transport}" if transport and transport != "tcp" else protocol
    if hosts and hosts[0].get("socket"):
        return f"{scheme}:///{name}?socket={hosts[0].get('socket')}"
    return f"{scheme}://{','.join(_endpoint(host) for host in hosts)}/{name}"


def _endpoint(host: Element) -> str:
    """Write HOST:PORT; an IPv6 address stands in brackets."""
    name, port = host.get("name") or "", host.get("port")
    if ":" in name:
        name = f"[{name}]"
    return f"{name}:{port}" if port else name


def _nvme(element: Element) -> str | None:
    address = pci_address(element.find("address"))
    return f"nvme://{address}/{element.get('namespace', '1')}" if address else None


def _vhost_user(element: Element) -> str | None:
    return element.get("path")


_SOURCES: dict[str, Callable[[Element], str | None]] = {
    "volume": _volume,
    "network": _network,
    "nvme": _nvme,
    "vhostuser": _vhost_user,
    "vhostvdpa": lambda element: element.get("dev"),
    "dir": lambda element: element.get("dir"),
}


def _backing(element: Element, fields: dict[str, Any]) -> None:
    """Follow `<backingStore>` into itself; an empty one ends the chain."""
    images: list[ChainImage] = []
    store: Element | None = element
    while store is not None and len(images) < CHAIN_DEPTH:
        source = store.find("source")
        if source is None:
            break
        kind = store.get("type", "file")
        driver = store.find("format")
        images.append(
            ChainImage(
                source=source_text(kind, source) or "",
                type=kind,
                format=None if driver is None else driver.get("type"),
            )
        )
        store = store.find("backingStore")
    if images:
        fields["backing_chain"] = tuple(images)


def _target(element: Element, fields: dict[str, Any]) -> None:
    fields["target"] = element.get("dev", "")
    fields["bus"] = element.get("bus")


def _address(element: Element, fields: dict[str, Any]) -> None:
    if element.get("type") == "drive":
        parts = (element.get(key, "0") for key in ("controller", "bus", "target", "unit"))
        fields["controller"] = ":".join(parts)


def _tune(element: Element, fields: dict[str, Any]) -> None:
    limits: dict[str, Any] = {}
    for child in element:
        if child.tag == "group_name":
            limits["group_name"] = child.text or ""
        elif child.tag in _LIMITS:
            limits[child.tag] = integer(child.text) or 0
    if any(limits.values()):
        fields["iotune"] = IoTune(**limits)


_LIMITS = frozenset(IoTune.__struct_fields__) - {"group_name"}


def _mirror(element: Element, fields: dict[str, Any]) -> None:
    """Say where a running copy or commit writes to."""
    kind, source = element.get("type"), element.find("source")
    fields["mirror"] = element.get("file") if source is None else source_text(kind or "file", source)


def _word(name: str) -> Callable[[Element, dict[str, Any]], None]:
    def read(element: Element, fields: dict[str, Any]) -> None:
        fields[name] = element.text

    return read


def _flag(name: str) -> Callable[[Element, dict[str, Any]], None]:
    def read(element: Element, fields: dict[str, Any]) -> None:  # noqa: ARG001 - its presence says it
        fields[name] = True

    return read


def _boot(element: Element, fields: dict[str, Any]) -> None:
    fields["boot_order"] = integer(element.get("order"))


def _alias(element: Element, fields: dict[str, Any]) -> None:
    fields["alias"] = element.get("name")


_READERS: dict[str, Callable[[Element, dict[str, Any]], None]] = {
    "driver": _driver,
    "source": _source,
    "target": _target,
    "backingStore": _backing,
    "address": _address,
    "alias": _alias,
    "boot": _boot,
    "serial": _word("serial"),
    "wwn": _word("wwn"),
    "iotune": _tune,
    "mirror": _mirror,
    "readonly": _flag("readonly"),
    "shareable": _flag("shareable"),
    "transient": _flag("transient"),
    "encryption": _flag("encrypted"),
}
