"""What the next start of a running guest brings: its live configuration against its persistent one.

A running guest's XML differs from its definition by nature: libvirt fills in ports, aliases, labels, the expanded CPU,
what it took from a network. Those are not compared; of some fields what the definition leaves open is no change.
"""

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any

from msgspec import Struct, structs

from omc.model import Change, Controller, Cpu, Disk, Filesystem, Guest, Nic

PLAIN = (
    "name",
    "type",
    "title",
    "description",
    "vcpus",
    "vcpus_maximum",
    "memory_bytes",
    "memory_maximum_bytes",
    "memory_slots",
    "arch",
    "machine",
    "os_type",
    "iothreads",
    "block_weight",
    "hyperv",
    "clock_offset",
    "timers",
    "on_poweroff",
    "on_reboot",
    "on_crash",
    "memory_devices",
    "sounds",
    "inputs",
    "usb_redirections",
    "other_devices",
    "tpm",
    "watchdog",
    "panic",
    "rng",
    "launch_security",
    "custom_arguments",
)
"""Compared as they are."""

OPEN = ("emulator", "vsock_cid", "security_label", "partition", "generation_id")
"""Filled in at the start where the definition leaves them open: no change then."""

PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "boot": (("devices", "kernel", "initrd", "command_line", "menu"), ()),
    "firmware": (("type",), ("loader", "nvram", "secure_boot", "enrolled_keys")),
    "memory": (
        (
            "huge_pages",
            "huge_page_bytes",
            "locked",
            "no_share_pages",
            "source",
            "access",
            "allocation",
            "discard",
            "hard_limit_bytes",
            "soft_limit_bytes",
            "swap_hard_limit_bytes",
            "balloon",
            "balloon_period_seconds",
            "balloon_autodeflate",
            "free_page_reporting",
        ),
        ("numa_mode", "numa_nodes"),
    ),
    "cpu_tuning": (
        ("shares", "period_microseconds", "quota_microseconds", "emulator_quota_microseconds", "placement", "pins"),
        ("cpuset",),
    ),
    "metadata": (("os_id", "nova", "terraform", "tags", "attributes"), ()),
}
"""Structs of a guest: fields that are compared, and those that may be filled in."""

DISK = (
    "device",
    "bus",
    "type",
    "source",
    "format",
    "cache",
    "io",
    "discard",
    "detect_zeroes",
    "error_policy",
    "startup_policy",
    "iothread",
    "queues",
    "serial",
    "wwn",
    "boot_order",
    "readonly",
    "shareable",
    "transient",
    "encrypted",
    "reservations",
    "iotune",
)

NIC = (
    "type",
    "source",
    "model",
    "portgroup",
    "link_state",
    "mtu",
    "queues",
    "filter",
    "trust_guest_rx_filters",
    "boot_order",
    "teaming",
)
NIC_OPEN = ("driver", "source_mode")
NIC_OF_NETWORK = ("vlan", "virtual_port", "isolated", "inbound_average_kib", "outbound_average_kib")
"""What a nic takes over from its network: compared only where it hangs on none, or where the definition sets it."""

_PLAIN, _OPEN = attrgetter(*PLAIN), attrgetter(*OPEN)
_DISK, _NIC = attrgetter(*DISK), attrgetter(*NIC)
_NIC_OPEN, _NIC_OF_NETWORK = attrgetter(*NIC_OPEN), attrgetter(*NIC_OF_NETWORK)


def pending_changes(live: Guest, inactive: Guest) -> tuple[Change, ...]:
    """List what differs, by path; empty where the next start brings what runs now."""
    return tuple(_changes(live, inactive))


def _changes(live: Guest, inactive: Guest) -> Iterator[Change]:
    yield from _plain("", PLAIN, _PLAIN(live), _PLAIN(inactive))
    yield from _filled("", OPEN, _OPEN(live), _OPEN(inactive))
    for name, (compared, filled) in PARTS.items():
        before, after = getattr(live, name), getattr(inactive, name)
        if before != after:
            yield from _part(f"{name}.", compared, before, after)
            yield from _part(f"{name}.", filled, before, after, filled=True)
    if live.features != inactive.features:
        yield from _features(live, inactive)
    if live.cpu != inactive.cpu:
        yield from _cpu(live.cpu, inactive.cpu)
    yield from _keyed("disks", live.disks, inactive.disks, _disk_key, _disk)
    yield from _keyed("nics", live.nics, inactive.nics, _nic_key, _nic)
    yield from _devices(live, inactive)


def _plain(prefix: str, names: Iterable[str], before: tuple[Any, ...], after: tuple[Any, ...]) -> Iterator[Change]:
    if before != after:
        for name, old, new in zip(names, before, after, strict=True):
            if old != new:
                yield _change(f"{prefix}{name}", old, new)


def _filled(prefix: str, names: Iterable[str], before: tuple[Any, ...], after: tuple[Any, ...]) -> Iterator[Change]:
    if before != after:
        for name, old, new in zip(names, before, after, strict=True):
            if old != new and new is not None and new != ():
                yield _change(f"{prefix}{name}", old, new)


def _part(prefix: str, names: tuple[str, ...], before: Any, after: Any, *, filled: bool = False) -> Iterator[Change]:
    old, new = (tuple(getattr(part, name) for name in names) for part in (before, after))
    yield from (_filled if filled else _plain)(prefix, names, old, new)


def _change(path: str, before: object, after: object) -> Change:
    return Change(path=path, before=_builtin(before), after=_builtin(after))


def _builtin(value: object) -> object:
    """Write a value as JSON would, so that a Change is the same before and after the store."""
    if isinstance(value, Struct):
        return {name: _builtin(item) for name, item in structs.asdict(value).items()}
    if isinstance(value, tuple | list):
        return [_builtin(item) for item in value]
    return value


def _features(live: Guest, inactive: Guest) -> Iterator[Change]:
    """Compare the features; an automatically chosen firmware brings SMM along where it needs that."""
    brought = {"smm"} if inactive.firmware.auto else set()
    running = tuple(name for name in live.features if name in inactive.features or name not in brought)
    if running != inactive.features:
        yield _change("features", running, inactive.features)


def _cpu(live: Cpu, inactive: Cpu) -> Iterator[Change]:
    """Compare the CPU: a running host-model guest shows the model that was chosen, and any guest more features."""
    names = ["sockets", "dies", "clusters", "cores", "threads", "numa"]
    if inactive.mode != "host-model":
        names.append("mode")
        if inactive.match != "minimum":
            names.append("model")
    yield from _part("cpu.", tuple(names), live, inactive)
    if inactive.mode == "host-model":
        return
    running = {feature.name: feature.policy for feature in live.features}
    for feature in inactive.features:
        now = running.get(feature.name)
        wanted = _POLICIES.get(feature.policy or "require")
        expanded = now is None and live.check == "full"
        if wanted is not None and not expanded and _POLICIES.get(now or "") != wanted:
            yield _change(f"cpu.features.{feature.name}", now, feature.policy)


_POLICIES = {"require": "on", "force": "on", "disable": "off", "forbid": "off"}


def _keyed(
    field: str,
    live: tuple[Any, ...],
    inactive: tuple[Any, ...],
    key: Callable[[Any], str],
    compare: Callable[[str, Any, Any], Iterator[Change]],
) -> Iterator[Change]:
    """Compare two lists by the key of their items: gone, new, and changed ones."""
    before = {key(item): item for item in live}
    after = {key(item): item for item in inactive}
    for name, item in before.items():
        if name in after:
            yield from compare(f"{field}.{name}.", item, after[name])
        else:
            yield _change(f"{field}.{name}", _summary(item), None)
    for name, item in after.items():
        if name not in before:
            yield _change(f"{field}.{name}", None, _summary(item))


def _summary(item: Any) -> str:
    """Name a disk or a nic that is only on one side."""
    return f"{item.device if isinstance(item, Disk) else item.type} {item.source or ''}".strip()


def _disk_key(disk: Disk) -> str:
    return disk.target


def _nic_key(nic: Nic) -> str:
    return nic.mac


def _disk(prefix: str, live: Disk, inactive: Disk) -> Iterator[Change]:
    """Compare a disk; a running guest's empty drive has no format."""
    for change in _plain(prefix, DISK, _DISK(live), _DISK(inactive)):
        if live.source is not None or inactive.source is not None or not change.path.endswith(".format"):
            yield change


def _nic(prefix: str, live: Nic, inactive: Nic) -> Iterator[Change]:
    yield from _plain(prefix, NIC, _NIC(live), _NIC(inactive))
    yield from _filled(prefix, NIC_OPEN, _NIC_OPEN(live), _NIC_OPEN(inactive))
    compare = _filled if inactive.type == "network" else _plain
    yield from compare(prefix, NIC_OF_NETWORK, _NIC_OF_NETWORK(live), _NIC_OF_NETWORK(inactive))


def _devices(live: Guest, inactive: Guest) -> Iterator[Change]:
    """Compare the devices that have no key: as lists, without what libvirt fills in."""
    for name, view in _VIEWS.items():
        before, after = getattr(live, name), getattr(inactive, name)
        if before != after:
            old, new = [view(item) for item in before], [view(item) for item in after]
            if sorted(filter(None, old)) != sorted(filter(None, new)):
                yield _change(name, [text for text in old if text], [text for text in new if text])


def _controller(item: Controller) -> str:
    """Name a controller; those of PCI and of channels come and go with what is plugged."""
    return "" if item.type in {"pci", "virtio-serial"} else f"{item.type}/{item.index}/{item.model or ''}"


def _filesystem(item: Filesystem) -> str:
    """Name a folder; a container's own root, which libvirt adds at the start, is none that anybody configured."""
    if item.source == item.target == "/":
        return ""
    return f"{item.type} {item.source or ''} {item.target or ''} {'readonly' if item.readonly else ''}".strip()


_VIEWS: dict[str, Callable[[Any], str]] = {
    "controllers": _controller,
    "filesystems": _filesystem,
    "host_devices": lambda item: f"{item.type} {item.source}",
    "channels": lambda item: f"{item.type} {item.name or ''}".strip(),
    "graphics": lambda item: item.type,
    "videos": lambda item: f"{item.model} {item.heads or ''}".strip(),
    "serials": lambda item: f"{item.kind} {item.type}",
}
