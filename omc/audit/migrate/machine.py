"""Machine type, emulator and firmware: what the target's QEMU must have to build the same machine."""

from collections.abc import Sequence
from shlex import quote

from omc.audit.guests import listed
from omc.audit.migrate.move import Checks, Move, fine, first, never, unknown
from omc.model import Architecture, DomainCapabilities, Machine

AREA, FIRMWARE = "machine", "firmware"


def checks(move: Move) -> Checks:
    """Check the machine type and the emulator."""
    machines = [one for each in _architectures(move) for one in each.machines]
    wanted = move.guest.machine
    found = [one for one in machines if wanted in {one.name, one.canonical}]
    if wanted is None or not machines:
        yield unknown(AREA, "the machine types were not read", "omc inventory")
    elif not found:
        near = _near(wanted, machines)
        fix = f"{move.here('edit', move.guest.name)}: machine='{near}'; stop and start it"
        yield never(AREA, f"{wanted} is not to be had there", fix if near else "")
    elif any(one.deprecated for one in found):
        yield fine(AREA, f"{wanted} runs there, and goes away in a later QEMU")
    else:
        yield fine(AREA, f"{wanted} runs there")
    yield from _emulator(move)
    yield from _versions(move)


def _architectures(move: Move) -> list[Architecture]:
    guest = move.guest
    return [each for each in move.target.architectures if each.arch == guest.arch and guest.type in each.types]


def _near(wanted: str, machines: list[Machine]) -> str:
    """Return the newest machine type of the same family: pc-q35-… for pc-q35-rhel9.4.0."""
    family = "-".join(wanted.split("-")[:2])
    names = [one.name for one in machines if one.name.startswith(f"{family}-") and not one.deprecated]
    return max(names, key=_version, default="")


def _version(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in name.rpartition("-")[2].split(".") if part.isdigit())


def _emulator(move: Move) -> Checks:
    programs = sorted({each.emulator for each in _architectures(move) if each.emulator})
    own = move.guest.emulator
    if own is not None and programs and own not in programs:
        edit = f"{move.here('edit', move.guest.name)}: <emulator>{programs[0]}</emulator>"
        fix = f"virsh migrate … --xml FILE with <emulator>{programs[0]}</emulator>" if move.live else edit
        yield first(AREA, f"its emulator is {own}, there it is {listed(programs)}", fix)


def _versions(move: Move) -> Checks:
    here, there = move.source.hypervisor_version, move.target.hypervisor_version
    if move.live and here and there and _numbers(there) < _numbers(here):
        yield unknown(AREA, f"QEMU is {there} there and {here} here: nobody promises a way back to an older one")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def firmware_checks(move: Move) -> Checks:
    """Check UEFI with its variables and Secure Boot, the TPM, and memory that the host cannot read."""
    guest = move.guest
    if guest.firmware.type == "efi" and move.capabilities:
        yield from _uefi(move, move.capabilities)
    if guest.firmware.nvram and not move.live:
        yield first(FIRMWARE, "its UEFI variables are a file of this host", f"copy {quote(guest.firmware.nvram)} there")
    yield from _tpm(move)
    offered = move.on_board or move.capabilities
    if guest.launch_security and move.live:
        yield never(FIRMWARE, f"{guest.launch_security} keeps its memory from being sent", "stop it, and move it then")
    elif (
        guest.launch_security
        and offered
        and not any(each.features.get(_plain(guest.launch_security)) for each in offered)
    ):
        yield never(FIRMWARE, f"{guest.launch_security} is not to be had there")


def _uefi(move: Move, asked: Sequence[DomainCapabilities]) -> Checks:
    """Hold its firmware against what guests with its board may have: q35 has firmware that i440FX has not."""
    firmware, install = move.guest.firmware, f"install OVMF (edk2) on {move.target.name}"
    offered = move.on_board or asked
    lacking = _lacking(offered, secure=bool(firmware.secure_boot))
    if lacking and not move.on_board:
        told = f"libvirt was asked for {listed(sorted({each.machine or '' for each in asked}))} alone"
        machine, kind = move.guest.machine or "", move.guest.type or ""
        fix = move.there("domcapabilities", "--machine", machine, "--virttype", kind)
        yield unknown(FIRMWARE, f"{told}, and firmware depends on it", fix)
    elif lacking:
        yield never(FIRMWARE, lacking, install)
    elif firmware.loader and not firmware.auto:
        told = f"whether {firmware.loader} is there is not told"
        yield unknown(FIRMWARE, told, f"ls on {move.target.name}; <os firmware='efi'> lets libvirt choose")


def _lacking(offered: Sequence[DomainCapabilities], *, secure: bool) -> str:
    """Say which firmware is not there; empty where all is."""
    if not any("efi" in each.firmware for each in offered):
        return "no UEFI firmware is there"
    if secure and not any(each.secure_boot for each in offered):
        return "no firmware with Secure Boot is there"
    return ""


def _plain(kind: str) -> str:
    return kind.partition("-")[0]


def _tpm(move: Move) -> Checks:
    tpm = move.guest.tpm
    if tpm is None:
        return
    offered = move.on_board or move.capabilities or ()
    backends = {name for each in offered for name in each.devices.get("tpm.backendModel", ())}
    if tpm.backend == "passthrough":
        yield never(FIRMWARE, "its TPM is the one of this host", "a TPM with <backend type='emulator'> moves")
    elif tpm.backend == "emulator" and backends and "emulator" not in backends:
        yield never(FIRMWARE, "no emulated TPM is to be had there", f"install swtpm on {move.target.name}")
    elif not move.live:
        folder = f"/var/lib/libvirt/swtpm/{move.guest.uuid}"
        yield first(FIRMWARE, "the state of its TPM is a folder of this host", f"copy {folder} there")
