"""Devices that are the host's own: what is passed through, shared folders, what QEMU was told past libvirt."""

from shlex import quote

from omc.audit.migrate.move import Checks, Move, first, never, unknown
from omc.model import Filesystem, HostDevice

AREA = "devices"
_ALL = "0.0.0.0"  # noqa: S104 - what to tell QEMU, nothing listens here
_EVERYWHERE = frozenset({None, "", _ALL, "::", "127.0.0.1", "::1", "localhost"})


def checks(move: Move) -> Checks:
    """Check what ties a guest to the machine that it is on."""
    for device in move.guest.host_devices:
        yield from _passed(move, device)
    for nic in move.guest.nics:
        if nic.type in {"hostdev", "vdpa"} and nic.teaming != "transient":
            fix = move.here("detach-interface", move.guest.name, nic.type, "--mac", nic.mac, _now(move))
            yield first(AREA, f"nic {nic.mac} is a device of this host", fix)
    for folder in move.guest.filesystems:
        yield from _folder(move, folder)
    for other in move.guest.other_devices:
        if other.partition("/")[0] == "shmem":
            yield first(AREA, "it shares memory with others of this host (shmem)", _edited(move))
    if move.guest.custom_arguments:
        told = "QEMU is given arguments past libvirt: whether they hold there is not told"
        yield unknown(AREA, told, move.here("dumpxml", move.guest.name))
    yield from _screens(move)


def _now(move: Move) -> str:
    return "--live" if move.live else "--config"


def _edited(move: Move) -> str:
    return f"{move.here('edit', move.guest.name)}; stop and start it"


def _passed(move: Move, device: HostDevice) -> Checks:
    told = f"{device.type} device {device.source} is this host's"
    if move.live:
        yield first(AREA, told, move.here("detach-device", move.guest.name, "FILE", "--live"))
        return
    known = move.target.devices
    if known is None:
        yield unknown(AREA, f"{told}; the devices of {move.target.name} were not read", "omc inventory")
    elif device.type == "pci" and device.source not in {each.address for each in known if each.kind == "pci"}:
        yield first(
            AREA, f"{told}, and {move.target.name} has none at that address", move.here("edit", move.guest.name)
        )
    else:
        told = f"whether {device.type} device {device.source} is of the same kind there is not told"
        yield unknown(AREA, told, move.there("nodedev-list", "--cap", device.type))


def _folder(move: Move, folder: Filesystem) -> Checks:
    where = quote(folder.target or folder.source or "")
    told = f"it sees the folder {folder.source} of this host ({folder.driver or folder.type})"
    if folder.type != "mount":
        return
    if not move.live:
        yield unknown(AREA, f"{told}: whether it is there is not told", f"ls {quote(folder.source or '')} there")
    elif folder.driver == "virtiofs":
        yield never(AREA, told, "stop it, and move it then; or give it the folder over the network")
    else:  # 9p: QEMU refuses while the guest has it mounted
        yield first(AREA, told, f"umount {where} in the guest; and have the folder there, too")


def _screens(move: Move) -> Checks:
    for screen in move.guest.graphics:
        if move.live and screen.listen not in _EVERYWHERE and not _is_path(screen.listen):
            told = f"its screen listens on {screen.listen}, an address of this host"
            yield first(AREA, told, f"migrate with --xml FILE, in which <graphics> listens on {_ALL}")


def _is_path(listen: str | None) -> bool:
    return listen is not None and listen.startswith("/")
