"""Rules on the devices that a guest should have, and on those that tie it to its host."""

from omc.audit.guests import (
    can_move,
    is_machine,
    is_managed,
    is_production,
    is_seen_elsewhere,
    is_x86,
    listed,
    of_host,
    place_of,
    scope,
)
from omc.audit.rule import Found, Missing, Seen, Verdicts, guest_rule, typed
from omc.model import Disk, DomainCapabilities, Guest, Nic
from omc.names import AGENT_CHANNEL

_WITH_RANDOM = ("IvyBridge", "Haswell", "Broadwell", "Skylake", "Cascadelake", "Icelake", "Sapphire", "EPYC")
_EVERYWHERE = frozenset({"0.0.0.0", "::", "[::]"})  # noqa: S104 - what is looked for


@guest_rule(
    "G22",
    severity="warning",
    title="Guest has no channel for the guest agent",
    reason="Without the agent nobody can freeze its file systems for a backup, shut it down from within, or ask for "
    "its addresses.",
    source="libvirt, formatdomain: Channel; QEMU guest agent",
    fix="virsh edit {guest}: <channel type='unix'><target type='virtio' "
    f"name='{AGENT_CHANNEL}'/></channel>, and install qemu-guest-agent in it",
    reads=("Guest.channels", "Guest.type"),
)
def no_agent_channel(guest: Guest, _: Seen) -> Verdicts:
    """Found for every whole machine without it."""
    if is_machine(guest) and not any(channel.name == AGENT_CHANNEL for channel in guest.channels):
        yield Found(message=f"no channel {AGENT_CHANNEL}")


@guest_rule(
    "G23",
    severity="warning",
    title="Guest agent does not listen",
    reason="The channel is there and nobody in the guest has it open: the agent is not installed, or has died.",
    source="libvirt, formatdomain: Channel, target state",
    fix="in {guest}: install and start qemu-guest-agent (systemctl enable --now qemu-guest-agent)",
    reads=("Guest.channels", "Guest.agent_connected", "Guest.state", "Guest.type"),
)
def deaf_agent(guest: Guest, _: Seen) -> Verdicts:
    """Found for running guests; one that is paused or off cannot listen."""
    if guest.state not in {"running", "idle"} or not is_machine(guest):
        return
    if not any(channel.name == AGENT_CHANNEL for channel in guest.channels):
        return
    if guest.agent_connected is None:
        yield Missing(why="libvirt does not tell whether the agent's channel is open")
    elif not guest.agent_connected:
        yield Found(message="the agent's channel is disconnected")


@guest_rule(
    "G24",
    severity="info",
    title="Nobody knows how much memory the guest uses",
    reason="The balloon tells the host what the guest uses, if it is there and asked to: without, capacity is guessed.",
    source="libvirt, formatdomain: Memory balloon device, stats period; Proxmox VE, qm(1): Memory",
    fix="virsh dommemstat {guest} --period 10 --config (and --live while it runs); without a balloon virsh edit "
    "{guest}: <memballoon model='virtio'><stats period='10'/></memballoon>; stop and start it",
    reads=("Guest.memory", "Guest.host_devices", "Guest.type"),
)
def no_balloon(guest: Guest, _: Seen) -> Verdicts:
    """Found without a balloon or its period; memory that is locked or in huge pages is all taken anyhow."""
    memory = guest.memory
    if not is_machine(guest) or memory.locked or memory.huge_pages or guest.host_devices:
        return
    if memory.balloon in {None, "none"}:
        fix = "virsh edit {guest}: <memballoon model='virtio'><stats period='10'/></memballoon>; stop and start it"
        yield Found(message="it has no memory balloon", fix=fix)
    elif memory.balloon_period_seconds is None:
        fix = f"virsh dommemstat {{guest}} --period 10 {scope(guest)}"
        yield Found(message="its memory balloon has no stats period", fix=fix)


@guest_rule(
    "G25",
    severity="info",
    title="Guest has no source of random numbers",
    reason="Without one, and without a CPU that has an instruction for it, a fresh guest makes its keys late, or of "
    "too little.",
    source="libvirt, formatdomain: Random number generator device",
    fix="virsh edit {guest}: <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>",
    reads=("Guest.rng", "Guest.cpu", "Guest.type"),
)
def no_random(guest: Guest, _: Seen) -> Verdicts:
    """Found for whole machines without one, whose CPU is not known to have RDRAND either."""
    if is_machine(guest) and guest.rng is None and not _has_instruction(guest):
        yield Found(message="it has no rng device")


def _has_instruction(guest: Guest) -> bool:
    if not is_x86(guest) or guest.type != "kvm":
        return False
    features = {feature.name: feature.policy for feature in guest.cpu.features}
    if "rdrand" in features:
        return features["rdrand"] not in {"disable", "forbid"}
    model = guest.cpu.model or ""
    return guest.cpu.mode in {"host-model", "host-passthrough"} or model.startswith(_WITH_RANDOM)


@guest_rule(
    "G26",
    severity="info",
    title="Nobody notices when a production guest hangs or crashes",
    reason="A watchdog restarts a guest that hangs; a panic device tells libvirt that its kernel has given up.",
    source="libvirt, formatdomain: Watchdog devices, Panic device; OpenStack Nova, hw:watchdog_action",
    fix="virsh edit {guest}: <watchdog model='i6300esb' action='reset'/>, <panic model='isa'/> (Windows: "
    "hyperv), and the watchdog's service in the guest",
    reads=("Guest.watchdog", "Guest.panic", "Guest.metadata", "Guest.type"),
)
def no_watchdog(guest: Guest, _: Seen) -> Verdicts:
    """Found for guests that are tagged production and have neither."""
    if is_machine(guest) and is_production(guest) and guest.watchdog is None and guest.panic is None:
        yield Found(message="it has neither watchdog nor panic device")


@guest_rule(
    "G31",
    severity="critical",
    title="Guest's screen is open to every network of the host",
    reason="Who reaches the port sits at the guest's console. A VNC password is eight characters at most and is sent "
    "over a line that anybody can read.",
    source="libvirt, formatdomain: Graphical framebuffers; QEMU, VNC security",
    fix="virsh edit {guest}: <graphics listen='127.0.0.1'> and look through ssh (virt-viewer -c "
    "qemu+ssh://{host}/system {guest}); or vnc_tls=1 in the host's qemu.conf and a waiver",
    reads=("Guest.graphics",),
)
def open_screen(guest: Guest, _: Seen) -> Verdicts:
    """Found for VNC and SPICE on all addresses; passwords are never read, one that expires is seen by its date."""
    for screen in guest.graphics:
        if screen.type not in {"vnc", "spice"} or screen.listen not in _EVERYWHERE:
            continue
        if screen.type == "spice" and screen.tls_port is not None and screen.port is None:
            continue
        if screen.password_valid_to is None:
            yield Found(message=f"{screen.type} listens on {screen.listen}; whether it has a password was not read")
        else:
            yield Found(message=f"{screen.type} listens on {screen.listen} with a password", severity="warning")


@guest_rule(
    "G32",
    severity="info",
    title="Screen or graphics card that the host's QEMU does not have",
    reason="Some distributions build QEMU without SPICE and QXL: the guest does not start there again.",
    source="libvirt, domain capabilities: Graphics device, Video device",
    fix="virsh edit {guest}: <graphics type='vnc'/>, <video><model type='virtio'/></video>",
    reads=("Guest.graphics", "Guest.videos", "Guest.type", "Host.domain_capabilities"),
)
def lost_screen(guest: Guest, seen: Seen) -> Verdicts:
    """Found where the domain capabilities list neither; only SPICE and QXL are asked for, all hosts have the others."""
    spice = any(screen.type == "spice" for screen in guest.graphics)
    qxl = any(video.model == "qxl" for video in guest.videos)
    if not is_machine(guest) or not (spice or qxl):
        return
    if seen.host.domain_capabilities is None:
        yield of_host("what guests may have here was not read: omc inventory --read-write")
        return
    own = [each for each in seen.host.domain_capabilities if (each.arch, each.type) == (guest.arch, guest.type)]
    if spice and _lacks(own, "graphics.type", "spice"):
        yield Found(message="the host's QEMU has no SPICE")
    if qxl and _lacks(own, "video.modelType", "qxl"):
        yield Found(message="the host's QEMU has no QXL")


def _lacks(capabilities: list[DomainCapabilities], name: str, value: str) -> bool:
    listed_values = [found.devices[name] for found in capabilities if name in found.devices]
    return bool(listed_values) and not any(value in values for values in listed_values)


@guest_rule(
    "G39",
    severity="warning",
    title="Device of the host ties the guest to it",
    reason="A guest with a device of its host cannot be migrated live: it must stop before the host can be serviced.",
    source="libvirt, formatdomain: Host device assignment; Teaming a virtio/hostdev NIC pair",
    fix="plan a stop of {guest} with the host's next service; for SR-IOV nics add a virtio one: "
    "<teaming type='persistent'/>",
    reads=("Guest.host_devices", "Guest.nics", "Guest.type", "Host.networks", "cluster"),
)
def tied_device(guest: Guest, seen: Seen) -> Verdicts:
    """Found in clusters of several hosts; a nic whose virtio half takes over while it moves is no tie."""
    if not is_machine(guest) or not can_move(seen):
        return
    forwards = {network.name for network in seen.host.networks or () if network.forward == "hostdev"}
    ties = [f"{device.type} {device.source}" for device in guest.host_devices if device.mode == "subsystem"]
    ties += [f"nic {nic.mac}" for nic in guest.nics if _is_host_nic(nic, forwards) and nic.teaming != "transient"]
    if ties:
        yield Found(message=f"tied by {listed(ties)}")
    elif seen.host.networks is None and any(nic.type == "network" for nic in guest.nics):
        yield of_host("the host's networks were not read: whether they give guests a card of the host is not known")


def _is_host_nic(nic: Nic, forwards: set[str]) -> bool:
    return nic.type in {"hostdev", "vdpa"} or (nic.type == "network" and nic.source in forwards)


@guest_rule(
    "G40",
    severity="warning",
    title="Medium in a drive keeps the guest from moving or starting",
    reason="A CD-ROM or floppy image that only this host has is not there on the next one; once it is deleted, the "
    "guest does not start here either.",
    source="libvirt, formatdomain: source startupPolicy; RVTools, vHealth: CD-ROM and floppy connected",
    fix="virsh change-media {guest} TARGET --eject --config (and --live while it runs), or virsh edit {guest}: <source "
    "startupPolicy='optional'>",
    reads=("Guest.disks", "Guest.type", "Host.pools", "cluster"),
)
def medium(guest: Guest, seen: Seen) -> Verdicts:
    """Found for images on no shared storage that must be there; a config drive is its manager's business."""
    if not is_machine(guest) or is_managed(guest):
        return
    held = [disk for disk in guest.disks if _must_be_there(disk) and not _shared(disk, seen)]
    if held and seen.host.pools is None:
        yield of_host("the host's pools were not read: whether media in drives are on shared storage is not known")
    elif held:
        told = listed([f"{disk.target}: {disk.source}" for disk in held])
        eject = "; ".join(f"virsh change-media {{guest}} {typed(disk.target)} --eject {scope(guest)}" for disk in held)
        yield Found(message=f"in a drive: {told}", fix=f"{eject}; or <source startupPolicy='optional'>")


def _must_be_there(disk: Disk) -> bool:
    drive = disk.device in {"cdrom", "floppy"} and disk.type in {"file", "block", "volume"}
    return drive and bool(disk.source) and disk.startup_policy not in {"optional", "requisite"}


def _shared(disk: Disk, seen: Seen) -> bool:
    source = disk.source or ""
    return bool(place_of(disk.type, source, seen.host).shared) or is_seen_elsewhere(source, seen)
