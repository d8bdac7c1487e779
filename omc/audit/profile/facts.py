"""Facts of guests that a profile may speak of: each a name, and a function that gives its values.

A function gives (subject, value) pairs: the subject is the part of the guest, empty for the guest itself. It gives
nothing where the guest has no such part, and None where the facts were not collected.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from omc import offered, x86
from omc.audit.profile.sheet import Sheet
from omc.model import Guest
from omc.names import AGENT_CHANNEL

Values = Sequence[tuple[str, str]] | None
GuestFact = Callable[[Guest, Sheet], Values]


def _one(value: str | None) -> Values:
    return None if value is None else (("", value),)


def _each(values: Iterable[str]) -> Values:
    return tuple((value, value) for value in values)


def _present(found: object) -> Values:
    return (("", "yes" if found else "no"),)


def _cpu_mode(guest: Guest, _: Sheet) -> Values:
    return _one(guest.cpu.mode or ("custom" if guest.cpu.model else "default"))


def _cpu_level(guest: Guest, _: Sheet) -> Values:
    model = guest.cpu.model
    if guest.arch != "x86_64" or model is None:
        return ()
    return ((model, x86.name(x86.level_of_model(model)) or "unknown"),)


def _cpu_features(guest: Guest, _: Sheet) -> Values:
    return _each(sorted(offered.seen(guest.cpu.features)))


def _cpu_there(guest: Guest, sheet: Sheet) -> Values:
    """Tell whether its named model runs on every host of the group, with the features that it leaves out."""
    model = guest.cpu.model
    if model is None or guest.cpu.mode not in {None, "custom"}:
        return ()
    if sheet.kinds is None:
        return None
    kind = sheet.kinds.get((guest.arch or "", guest.type or ""))
    if kind is None:
        return ((f"{guest.type} guests of {guest.arch}", "no"),)
    if kind.models is None:
        return None
    left_out = offered.unseen(guest.cpu.features)
    return _everywhere(sheet, [(model, "yes" if model in kind.models and kind.models[model] <= left_out else "no")])


def _everywhere(sheet: Sheet, values: Sequence[tuple[str, str]]) -> Values:
    """Return what is so on every host: one that was not looked at may lack it; what one lacks, not all have."""
    lacking = [(subject, value) for subject, value in values if value == "no"]
    return values if sheet.whole else (lacking or (None if values else ()))


def _machine_there(guest: Guest, sheet: Sheet) -> Values:
    if sheet.kinds is None:
        return None
    kind = sheet.kinds.get((guest.arch or "", guest.type or ""))
    if kind is None:
        return ((f"{guest.type} guests of {guest.arch}", "no"),)
    if guest.machine is None or not kind.machines:
        return None
    deprecated = guest.machine in kind.deprecated_machines
    there = "deprecated" if deprecated else "yes" if guest.machine in kind.machines else "no"
    return _everywhere(sheet, [(guest.machine, there)])


def _firmware(guest: Guest, _: Sheet) -> Values:
    firmware = guest.firmware
    if firmware.type == "efi":
        return _one("efi" if firmware.auto else "efi-file")
    return _one(firmware.type) if firmware.type else ()


def _firmware_there(guest: Guest, sheet: Sheet) -> Values:
    """Tell whether guests with its board may have its UEFI, with Secure Boot or without, on every host of the group."""
    if guest.firmware.type != "efi":
        return ()
    kind = (sheet.kinds or {}).get((guest.arch or "", guest.type or ""))
    if kind is None:  # whether there is such a kind at all is asked for with its machine type
        return None if sheet.kinds is None else ()
    board = offered.board(guest.machine or "")
    has = (kind.firmware or {}).get(board)
    if has is None:
        return None
    secure = guest.firmware.secure_boot
    there = "efi" in has and (not secure or "secure-boot" in has)
    return _everywhere(sheet, [(f"{'Secure Boot' if secure else 'UEFI'} on {board}", "yes" if there else "no")])


def _secure_boot(guest: Guest, _: Sheet) -> Values:
    if guest.firmware.type != "efi":
        return _one("off")
    return _one({True: "on", False: "off", None: None}[guest.firmware.secure_boot])


def _tpm(guest: Guest, _: Sheet) -> Values:
    tpm = guest.tpm
    return _one("none" if tpm is None else "-".join(filter(None, (tpm.backend, tpm.version))))


def _disk_traits(guest: Guest, _: Sheet) -> Values:
    """Tell what binds disks to a host: shared, reservations, encrypted, and images below them."""
    found = []
    for disk in guest.disks:
        traits = {
            "shareable": disk.shareable,
            "reservations": disk.reservations,
            "encrypted": disk.encrypted,
            "backing": bool(disk.backing_chain),
            "transient": disk.transient,
            "mirror": disk.mirror is not None,
        }
        found += [(disk.target, trait) for trait, there in traits.items() if there]
    return found


def _disks(field: str, *, drives: bool = False) -> GuestFact:
    def values(guest: Guest, _: Sheet) -> Values:
        mine = (disk for disk in guest.disks if drives or disk.device in {"disk", "lun"})
        return [(disk.target, str(value)) for disk in mine if (value := getattr(disk, field)) is not None]

    return values


def _media(guest: Guest, _: Sheet) -> Values:
    drives = (disk for disk in guest.disks if disk.device in {"cdrom", "floppy"})
    return [(disk.target, "inserted" if disk.source else "empty") for disk in drives]


def _nics(field: str, default: str | None = None) -> GuestFact:
    def values(guest: Guest, _: Sheet) -> Values:
        found = ((nic.mac, getattr(nic, field) or default) for nic in guest.nics)
        return [(mac, str(value)) for mac, value in found if value is not None]

    return values


def _networks_there(guest: Guest, sheet: Sheet) -> Values:
    names = {nic.source for nic in guest.nics if nic.type == "network" and nic.source}
    active = sheet.facts.get("network")
    if names and active is None:
        return None
    return _everywhere(sheet, [(name, "yes" if name in (active or ()) else "no") for name in sorted(names)])


def _snapshots(guest: Guest, _: Sheet) -> Values:
    if guest.snapshots is None:
        return None
    return [(one.name, "disks" if one.memory in {None, "no"} else "memory") for one in guest.snapshots]


def _agent(guest: Guest, _: Sheet) -> Values:
    return _present(any(one.name == AGENT_CHANNEL for one in guest.channels))


def _placement(guest: Guest, _: Sheet) -> Values:
    memory, tuning = guest.memory, guest.cpu_tuning
    found = {"pins": tuning.pins, "cpuset": tuning.cpuset, "numa": memory.numa_nodes, "huge-pages": memory.huge_pages}
    return _each(name for name, there in found.items() if there)


FACTS: Mapping[str, GuestFact] = {
    "type": lambda guest, _: _one(guest.type),
    "cpu.mode": _cpu_mode,
    "cpu.level": _cpu_level,
    "cpu.feature": _cpu_features,
    "cpu.model-there": _cpu_there,
    "qemu.arguments": lambda guest, _: _each(("arguments",) if guest.custom_arguments else ()),
    "machine.type": lambda guest, _: _one(guest.machine),
    "machine.there": _machine_there,
    "firmware.type": _firmware,
    "firmware.there": _firmware_there,
    "firmware.variables": lambda guest, _: _each(("file",) if guest.firmware.nvram else ()),
    "firmware.secure-boot": _secure_boot,
    "firmware.tpm": _tpm,
    "firmware.sealed": lambda guest, _: _each((guest.launch_security,) if guest.launch_security else ()),
    "placement": _placement,
    "disk.source-type": _disks("type"),
    "disk.device": _disks("device", drives=True),
    "disk.format": _disks("format"),
    "disk.bus": _disks("bus"),
    "disk.trait": _disk_traits,
    "disk.medium": _media,
    "nic.type": _nics("type"),
    "nic.model": _nics("model", "default"),
    "nic.mac": _nics("mac"),
    "nic.port": _nics("virtual_port"),
    "nic.vlan": lambda guest, _: [(nic.mac, "tagged") for nic in guest.nics if nic.vlan],
    "network.there": _networks_there,
    "device.host": lambda guest, _: [(device.source, device.type) for device in guest.host_devices],
    "device.folder": lambda guest, _: [
        (one.target or one.source or "", one.driver or one.type) for one in guest.filesystems
    ],
    "device.graphics": lambda guest, _: _each(sorted({one.type for one in guest.graphics})),
    "device.video": lambda guest, _: _each(sorted({one.model for one in guest.videos})),
    "device.sound": lambda guest, _: _each(guest.sounds),
    "device.serial": lambda guest, _: _each(sorted({one.type for one in guest.serials})),
    "device.usb-redirection": lambda guest, _: _each(("port",) if guest.usb_redirections else ()),
    "device.other": lambda guest, _: _each(name.partition("/")[0] for name in guest.other_devices),
    "state.snapshot": _snapshots,
    "state.saved": lambda guest, _: None if guest.managed_save is None else _each(("memory",) * guest.managed_save),
    "state.persistent": lambda guest, _: None if guest.persistent is None else _present(guest.persistent),
    "metadata.title": lambda guest, _: _present(guest.title),
    "metadata.owner": lambda guest, _: _present(guest.metadata.attributes.get("owner")),
    "metadata.os": lambda guest, _: _present(guest.metadata.os_id),
    "metadata.agent-channel": _agent,
}
"""All facts of guests, by the name that a profile uses."""

HOST_FACTS = (
    *("type", "arch", "machine", "cpu.level", "cpu.mode", "firmware", "secure-boot", "feature", "migration", "iommu"),
    *("huge-pages", "network"),
)
"""Facts of hosts; beside these, each enumeration of libvirt's domain capabilities: disk.bus, video.modelType …"""
