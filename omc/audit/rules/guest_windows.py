"""Rules on guests with Windows, which wants a machine of its own making; where nobody says what runs, not checked."""

from omc.audit.guests import is_machine, is_x86, listed, of_host
from omc.audit.rule import Found, Missing, Seen, Verdicts, guest_rule
from omc.audit.systems import UNKNOWN_SYSTEM, is_windows, system_of
from omc.model import Guest

_WITH_TPM = frozenset({"11", "2022", "2025"})
_ENLIGHTENMENTS = ("relaxed", "vapic", "spinlocks", "vpindex", "synic", "stimer")
_LOCAL = frozenset({"localtime", "variable", "timezone", "absolute"})


@guest_rule(
    "G33",
    severity="warning",
    title="Windows without UEFI, Secure Boot or TPM 2.0",
    reason="Windows 11 is not supported without them and may refuse the next update; Server 2022 and later need them "
    "for BitLocker and their secured core.",
    source="Microsoft, Windows 11 requirements; Proxmox VE, qm(1): BIOS and UEFI, Trusted Platform Module",
    fix="virsh edit {guest}: <os firmware='efi'> with <feature enabled='yes' name='secure-boot'/>, <tpm "
    "model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>; a system installed under BIOS must be converted "
    "first (mbr2gpt)",
    reads=("Guest.firmware", "Guest.tpm", "Guest.metadata", "Guest.agent", "Guest.type"),
)
def unsupported_windows(guest: Guest, _: Seen) -> Verdicts:
    """Found for Windows 11, Server 2022 and 2025."""
    if not (is_machine(guest) and is_x86(guest)):
        return
    tpm = guest.tpm is not None and guest.tpm.version in {None, "2.0"}
    uefi = guest.firmware.type == "efi"
    lacking = [name for name, there in (("UEFI", uefi), ("TPM 2.0", tpm)) if not there]
    if uefi and guest.firmware.secure_boot is False:
        lacking.append("Secure Boot")
    unsure = uefi and guest.firmware.secure_boot is None
    system = system_of(guest)
    if system is None and (lacking or unsure):
        yield of_host(UNKNOWN_SYSTEM)
    elif system is not None and system.family == "windows" and system.version in _WITH_TPM:
        if lacking:
            yield Found(message=f"{system} without {listed(lacking)}")
        elif unsure:
            yield Missing(why="whether its Secure Boot is on was not said by its firmware")


@guest_rule(
    "G34",
    severity="warning",
    title="Windows without Hyper-V enlightenments",
    reason="Windows knows how to spare a hypervisor work, if it is told that there is one. None of it is on by "
    "default: an idle Windows then takes a good part of a CPU.",
    source="QEMU, Hyper-V Enlightenments; libvirt, formatdomain: Hypervisor features, Time keeping",
    fix="virsh edit {guest}: <hyperv> with <relaxed state='on'/> and those that are named, <timer "
    "name='hypervclock' present='yes'/>; stop and start it",
    reads=("Guest.hyperv", "Guest.timers", "Guest.metadata", "Guest.agent", "Guest.type"),
)
def no_enlightenments(guest: Guest, _: Seen) -> Verdicts:
    """Found for Windows under KVM that lacks some of the usual ones."""
    if guest.type != "kvm" or not is_x86(guest) or "passthrough" in guest.hyperv:
        return
    lacking = [name for name in _ENLIGHTENMENTS if name not in guest.hyperv]
    if not any(timer.name == "hypervclock" and timer.present is not False for timer in guest.timers):
        lacking.append("hypervclock")
    if not lacking:
        return
    windows = is_windows(guest)
    if windows is None:
        yield of_host(UNKNOWN_SYSTEM)
    elif windows:
        yield Found(message=f"without {listed(lacking, most=len(lacking))}")


@guest_rule(
    "G35",
    severity="info",
    title="Guest's hardware clock is in another zone than its system thinks",
    reason="Windows reads the hardware clock as local time, all others as UTC: after a start the clock is wrong by "
    "hours.",
    source="libvirt, formatdomain: Time keeping; Proxmox VE, qm(1): OS settings",
    fix="virsh edit {guest}: <clock offset='localtime'/> for Windows, 'utc' for others; stop and start it",
    reads=("Guest.clock_offset", "Guest.metadata", "Guest.agent", "Guest.type"),
)
def wrong_clock(guest: Guest, _: Seen) -> Verdicts:
    """Found for Windows on UTC and for others on local time; an offset that the guest has set itself is fine."""
    if not is_machine(guest) or guest.clock_offset is None:
        return
    windows = is_windows(guest)
    if windows is None:
        yield of_host(UNKNOWN_SYSTEM)
    elif windows and guest.clock_offset not in _LOCAL:
        yield Found(message=f"Windows, and its clock is in {guest.clock_offset}")
    elif not windows and guest.clock_offset == "localtime":
        yield Found(message="no Windows, and its clock is in local time")
