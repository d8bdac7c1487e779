"""Storage pools and their volumes, from XML and the pool's figures."""

from omc.inventory.markup import Element, document, moment, size
from omc.model import Pool, Volume
from omc.ports import RawPool

STATES = ("inactive", "building", "running", "degraded", "inaccessible")
"""virStoragePoolState (libvirt-storage.h), in libvirt's words."""


def read_pool(raw: RawPool, *, volumes: tuple[Volume, ...] | None, where: str) -> Pool:
    """Read one pool; its volumes are read one by one before (`read_volume`). Raises OmcError."""
    root = document(raw.xml, tag="pool", where=where)
    source, target = root.find("source"), root.find("target")
    path = None if target is None else target.find("path")
    active = raw.state != 0
    return Pool(
        name=raw.name,
        uuid=raw.uuid,
        type=root.get("type", ""),
        state=STATES[raw.state] if 0 <= raw.state < len(STATES) else "unknown",
        autostart=raw.autostart,
        persistent=raw.persistent,
        path=None if path is None else path.text,
        source=None if source is None else _source(source),
        capacity_bytes=raw.capacity_bytes if active else None,
        allocation_bytes=raw.allocation_bytes if active else None,
        available_bytes=raw.available_bytes if active else None,
        volumes=volumes,
    )


def _source(element: Element) -> str | None:
    """Say what storage is behind the pool: "HOST:/PATH", "HOST NAME", a device, an adapter."""
    hosts = ",".join(_host(host) for host in element.iter("host"))
    devices = [device.get("path", "") for device in element.iter("device")]
    folder, name, adapter = element.find("dir"), element.find("name"), element.find("adapter")
    if folder is not None and folder.get("path"):
        return f"{hosts}:{folder.get('path')}" if hosts else folder.get("path")
    parts = [hosts, *devices]
    if name is not None and name.text:
        parts.append(name.text)
    if adapter is not None:
        parts.append(adapter.get("name") or adapter.get("wwpn") or "")
    return " ".join(part for part in parts if part) or None


def _host(host: Element) -> str:
    name, port = host.get("name", ""), host.get("port")
    return f"{name}:{port}" if port else name


def read_volume(xml: str, *, pool: str, where: str) -> Volume:
    """Read one volume of a pool. Raises OmcError."""
    root = document(xml, tag="volume", where=where)
    parts = {child.tag: child for child in root if type(child.tag) is str}
    target = parts.get("target")
    inner = {} if target is None else {child.tag: child for child in target if type(child.tag) is str}
    below = parts.get("backingStore")
    times = inner.get("timestamps")
    return Volume(
        pool=pool,
        name=_text(parts.get("name")) or "",
        key=_text(parts.get("key")),
        path=_text(inner.get("path")),
        type=root.get("type"),
        format=_type(inner.get("format")),
        capacity_bytes=_bytes(parts.get("capacity")),
        allocation_bytes=_bytes(parts.get("allocation")),
        physical_bytes=_bytes(parts.get("physical")),
        backing_path=None if below is None else _text(below.find("path")),
        backing_format=None if below is None else _type(below.find("format")),
        compat=_text(inner.get("compat")),
        encrypted="encryption" in inner,
        modified_at=None if times is None else _time(times.find("mtime")),
    )


def _text(element: Element | None) -> str | None:
    return None if element is None else element.text


def _type(element: Element | None) -> str | None:
    kind = None if element is None else element.get("type")
    return None if kind == "unknown" else kind


def _bytes(element: Element | None) -> int | None:
    """Read a size; volumes and pools count in bytes where no unit is given."""
    if element is None:
        return None
    if element.get("unit") is None:
        element.set("unit", "bytes")
    return size(element)


def _time(element: Element | None) -> str | None:
    """Read `<mtime>SECONDS.NANOSECONDS</mtime>`."""
    text = _text(element)
    return None if text is None else moment(text.partition(".")[0])
