"""The devices of a domain: one small reader an element, and a table that says which field its answer goes to."""

from collections.abc import Callable

from omc.inventory.domain.disks import read_disk
from omc.inventory.domain.facts import Facts, Found
from omc.inventory.domain.nics import read_nic
from omc.inventory.markup import Element, integer, pci_address, size, switch
from omc.model import (
    Channel,
    Controller,
    Filesystem,
    Graphics,
    HostDevice,
    MemoryDevice,
    Serial,
    Tpm,
    Video,
)

REDIRECTIONS = "usb_redirections"
"""Counted, not listed."""


def read_device(element: Element) -> Found:
    """Read one element of `<devices>`; one that nobody knows is named in `other_devices`."""
    tag = element.tag
    if tag in _MANY:
        name, read = _MANY[tag]
        return name, read(element)
    if tag in _ONE:
        return _ONE[tag](element)
    return {} if tag in _SILENT else ("other_devices", _named(element))


def _named(element: Element) -> str:
    model = element.get("model") or element.get("type")
    return f"{element.tag}/{model}" if model else str(element.tag)


def _controller(element: Element) -> Controller:
    return Controller(type=element.get("type", ""), index=integer(element.get("index")), model=element.get("model"))


def _host_device(element: Element) -> HostDevice:
    kind, source = element.get("type", ""), element.find("source")
    driver = element.find("driver")
    return HostDevice(
        type=kind,
        source="" if source is None else _host_source(kind, source),
        managed=element.get("managed") == "yes",
        driver=None if driver is None else driver.get("name") or driver.get("model"),
        mode=element.get("mode", "subsystem"),
    )


def _host_source(kind: str, source: Element) -> str:
    """Say which device of the host it is, in the notation that its kind has on the host."""
    address = source.find("address")
    if kind == "pci":
        return pci_address(address) or ""
    if kind == "usb":
        return _usb_source(source, address)
    if kind == "mdev" and address is not None:
        return address.get("uuid", "")
    if kind == "scsi":
        return _scsi_source(source, address)
    if kind == "scsi_host":
        return source.get("wwpn", "")
    return _first_text(source)


def _usb_source(source: Element, address: Element | None) -> str:
    vendor, product = source.find("vendor"), source.find("product")
    if vendor is not None and product is not None:
        return f"{_hexadecimal(vendor.get('id'))}:{_hexadecimal(product.get('id'))}"
    if address is None:
        return ""
    return f"bus {address.get('bus', '')} device {address.get('device', '')}"


def _hexadecimal(text: str | None) -> str:
    number = integer(text)
    return "" if number is None else f"{number:04x}"


def _scsi_source(source: Element, address: Element | None) -> str:
    if source.get("protocol") == "iscsi":
        return f"iscsi:{source.get('name', '')}"
    adapter = source.find("adapter")
    name = "" if adapter is None else adapter.get("name", "")
    if address is None:
        return name
    return f"{name}:{address.get('bus', '0')}:{address.get('target', '0')}:{address.get('unit', '0')}"


def _first_text(source: Element) -> str:
    """Take the word inside `<source><block>/dev/sda</block></source>` and its like (containers)."""
    return next((child.text for child in source if child.text), "")


def _channel(element: Element) -> Channel:
    target = element.find("target")
    if target is None:
        return Channel(type=element.get("type", "unix"))
    state = target.get("state")
    return Channel(
        name=target.get("name"),
        type=element.get("type", "unix"),
        connected=None if state is None else state == "connected",
    )


def _graphics(element: Element) -> Graphics:
    listen = element.find("listen")
    address = element.get("listen")
    if listen is not None:
        address = listen.get("address") or listen.get("network") or address
    return Graphics(
        type=element.get("type", ""),
        listen=address,
        port=_port(element.get("port")),
        tls_port=_port(element.get("tlsPort")),
        websocket=_port(element.get("websocket")),
        autoport=element.get("autoport") == "yes",
        password_valid_to=element.get("passwdValidTo"),
    )


def _port(text: str | None) -> int | None:
    """Read a port; -1 and 0 mean that none is chosen yet."""
    number = integer(text)
    return number if number is not None and number > 0 else None


def _video(element: Element) -> Video:
    model = element.find("model")
    if model is None:
        return Video(model="")
    acceleration = model.find("acceleration")
    return Video(
        model=model.get("type", ""),
        vram_kib=integer(model.get("vram")),
        heads=integer(model.get("heads")),
        acceleration=acceleration is not None and acceleration.get("accel3d") == "yes",
    )


def _serial(element: Element) -> Serial:
    source, target = element.find("source"), element.find("target")
    where = None
    if source is not None:
        where = source.get("path") or _endpoint(source)
    return Serial(
        kind=str(element.tag),
        type=element.get("type", ""),
        source=where or element.get("tty"),
        target=None if target is None else target.get("type"),
    )


def _endpoint(source: Element) -> str | None:
    host, service = source.get("host"), source.get("service")
    return f"{host or ''}:{service or ''}" if host or service else source.get("channel")


def _filesystem(element: Element) -> Filesystem:
    driver, source, target = element.find("driver"), element.find("source"), element.find("target")
    where = None
    if source is not None:
        where = next((source.get(key) for key in _FILESYSTEM_SOURCES if source.get(key)), None) or _ram(source)
    return Filesystem(
        type=element.get("type", "mount"),
        driver=None if driver is None else driver.get("type"),
        source=where,
        target=None if target is None else target.get("dir"),
        readonly=element.find("readonly") is not None,
    )


_FILESYSTEM_SOURCES = ("dir", "file", "dev", "name", "socket", "volume")


def _ram(source: Element) -> str | None:
    """Name the size of a file system in memory: "10240 KiB"."""
    usage = source.get("usage")
    return f"{usage} {source.get('units', 'KiB')}" if usage else None


def _memory_device(element: Element) -> MemoryDevice:
    target = element.find("target")
    extent = node = None
    if target is not None:
        extent, node = target.find("size"), target.find("node")
    return MemoryDevice(
        model=element.get("model", ""),
        size_bytes=None if extent is None else size(extent),
        node=None if node is None else integer(node.text),
    )


def _input(element: Element) -> str:
    return f"{element.get('type', '')}/{element.get('bus', '')}"


def _tpm(element: Element) -> Facts:
    backend = element.find("backend")
    tpm = Tpm(
        model=element.get("model"),
        backend=None if backend is None else backend.get("type"),
        version=None if backend is None else backend.get("version"),
    )
    return {"tpm": tpm}


def _balloon(element: Element) -> Facts:
    statistics = element.find("stats")
    memory = {
        "balloon": element.get("model"),
        "balloon_autodeflate": switch(element.get("autodeflate")) or False,
        "free_page_reporting": switch(element.get("freePageReporting")) or False,
        "balloon_period_seconds": None if statistics is None else integer(statistics.get("period")) or None,
    }
    return {"memory": memory}


def _emulator(element: Element) -> Facts:
    return {"emulator": element.text}


def _watchdog(element: Element) -> Facts:
    return {"watchdog": f"{element.get('model', '')}/{element.get('action', 'reset')}"}


def _panic(element: Element) -> Facts:
    return {"panic": element.get("model", "default")}


def _random(element: Element) -> Facts:
    backend = element.find("backend")
    return {} if backend is None else {"rng": (backend.text or "").strip() or backend.get("model")}


def _vsock(element: Element) -> Facts:
    cid = element.find("cid")
    return {"vsock_cid": None if cid is None else integer(cid.get("address"))}


_SILENT = frozenset({"audio"})
"""What every guest has and what says nothing of it: where its sound goes on the host."""

_MANY: dict[str, tuple[str, Callable[[Element], object]]] = {
    "disk": ("disks", read_disk),
    "interface": ("nics", read_nic),
    "controller": ("controllers", _controller),
    "hostdev": ("host_devices", _host_device),
    "channel": ("channels", _channel),
    "graphics": ("graphics", _graphics),
    "video": ("videos", _video),
    "serial": ("serials", _serial),
    "parallel": ("serials", _serial),
    "console": ("serials", _serial),
    "filesystem": ("filesystems", _filesystem),
    "memory": ("memory_devices", _memory_device),
    "sound": ("sounds", lambda element: element.get("model", "")),
    "input": ("inputs", _input),
    "redirdev": (REDIRECTIONS, _named),
}

_ONE: dict[str, Callable[[Element], Facts]] = {
    "emulator": _emulator,
    "tpm": _tpm,
    "memballoon": _balloon,
    "watchdog": _watchdog,
    "panic": _panic,
    "rng": _random,
    "vsock": _vsock,
}
