"""vInfo: a row a guest, with what most people look for."""

from collections.abc import Iterable, Sequence

from omc.model import Disk, Guest
from omc.report import guests, words
from omc.report.guests import GuestScene, scenes, values
from omc.report.tab import Column, PerHost, Tab

NETWORKS = 8
"""So many columns RVTools has for them."""


def disks(guest: Guest) -> list[Disk]:
    """Return what counts as a disk: no CD-ROM, no floppy."""
    return [disk for disk in guest.disks if disk.device in ("disk", "lun")]


def known(guest: Guest) -> bool:
    """Tell whether its configuration was read: without that no device counts as "none"."""
    return guest.type is not None


def in_use(guest: Guest) -> int | None:
    """Return the space that all images of all disks take."""
    if not known(guest):
        return None
    found = disks(guest)
    tops: Iterable[int | None] = (disk.physical_bytes for disk in found)
    below: Iterable[int | None] = (image.physical_bytes for disk in found for image in disk.backing_chain)
    return words.mib_total([*tops, *below])


def _capacity(scene: GuestScene) -> int | None:
    return words.mib_total(disk.capacity_bytes for disk in disks(scene.guest)) if known(scene.guest) else None


def _network(number: int) -> Column:
    def value(scene: GuestScene) -> str | None:
        nics = scene.guest.nics
        return nics[number].source if number < len(nics) else None

    return Column(f"Network #{number + 1}", "text", value, "network, bridge or device of that nic")


def _agent(scene: GuestScene) -> str | None:
    connected = scene.guest.agent_connected
    return None if connected is None else "running" if connected else "notRunning"


def _of(scene: GuestScene, things: Sequence[object]) -> int | None:
    return len(things) if known(scene.guest) else None


def _screens(scene: GuestScene) -> int | None:
    return sum(video.heads or 1 for video in scene.guest.videos) if known(scene.guest) else None


def _count(things: tuple[object, ...] | None) -> int | None:
    return None if things is None else len(things)


def _tracked(scene: GuestScene) -> bool | None:
    return None if scene.guest.checkpoints is None else bool(scene.guest.checkpoints)


def _tpm(scene: GuestScene) -> str | None:
    tpm = scene.guest.tpm
    return None if tpm is None else tpm.version or tpm.model


COLUMNS = (
    *guests.HEAD,
    Column("DNS Name", "text", lambda scene: scene.guest.agent and scene.guest.agent.hostname, "from the guest agent"),
    Column(
        "Connection state",
        "text",
        lambda scene: "disconnected" if scene.host.status == "unreachable" else "connected",
        "whether its host could be reached",
    ),
    Column("Guest state", "text", _agent, "whether the guest agent is connected; empty without an agent's channel"),
    Column("CPUs", "number", lambda scene: scene.guest.vcpus, "vCPUs now"),
    Column("Memory", "mib", lambda scene: words.mib(scene.guest.memory_bytes), "MiB that it starts with"),
    Column("NICs", "number", lambda scene: _of(scene, scene.guest.nics), "network interfaces"),
    Column("Disks", "number", lambda scene: _of(scene, disks(scene.guest)), "without CD-ROMs and floppies"),
    Column("Total disk capacity MiB", "mib", _capacity, "what the guest sees"),
    Column("CBT", "boolean", _tracked, "it has checkpoints"),
    Column("Primary IP Address", "text", lambda scene: words.address(scene.guest), "the first that is not link-local"),
    *map(_network, range(NETWORKS)),
    Column("Num Monitors", "number", _screens, "screens"),
    Column(
        "Video Ram KiB", "number", lambda scene: sum(video.vram_kib or 0 for video in scene.guest.videos) or None, ""
    ),
    Column("Resource pool", "text", lambda scene: scene.guest.partition, "cgroup partition"),
    Column("Provisioned MiB", "mib", _capacity, "what the guest could fill"),
    Column("In Use MiB", "mib", lambda scene: in_use(scene.guest), "on the host, images below included"),
    Column("EFI Secure boot", "boolean", lambda scene: scene.guest.firmware.secure_boot, ""),
    Column("Firmware", "text", lambda scene: scene.guest.firmware.type, "bios or efi"),
    Column("HW version", "text", lambda scene: scene.guest.machine, "machine type"),
    *guests.TAIL[:-4],
    guests.VM_ID,
    Column("SMBIOS UUID", "text", lambda scene: scene.guest.uuid, "libvirt's UUID"),
    guests.VM_UUID,
    Column("VI SDK Server type", "text", lambda scene: scene.host.driver, "hypervisor"),
    Column("VI SDK API Version", "text", lambda scene: scene.host.libvirt_version, "of libvirt"),
    guests.SERVER,
    guests.SERVER_UUID,
    Column("omc State", "text", lambda scene: scene.guest.state, "in libvirt's words"),
    Column("omc State reason", "text", lambda scene: scene.guest.state_reason, "why it is in that state"),
    Column("omc Title", "text", lambda scene: scene.guest.title, "`<title>`"),
    Column("omc Type", "text", lambda scene: scene.guest.type, "kvm, qemu, lxc …"),
    Column("omc Architecture", "text", lambda scene: scene.guest.arch, ""),
    Column("omc Autostart", "boolean", lambda scene: scene.guest.autostart, "started with the host"),
    Column("omc Persistent", "boolean", lambda scene: scene.guest.persistent, "kept when it stops"),
    Column("omc Managed save", "boolean", lambda scene: scene.guest.managed_save, "its memory is saved to disk"),
    Column("omc Pending changes", "boolean", lambda scene: scene.guest.pending_changes, "see the tab omcPending"),
    Column("omc Snapshots", "number", lambda scene: _count(scene.guest.snapshots), ""),
    Column("omc Checkpoints", "number", lambda scene: _count(scene.guest.checkpoints), ""),
    Column("omc TPM", "text", _tpm, "version, else model"),
    Column(
        "omc Host devices", "number", lambda scene: _of(scene, scene.guest.host_devices), "see the tab omcHostDevices"
    ),
    Column("omc Launch security", "text", lambda scene: scene.guest.launch_security, "sev, tdx …"),
    Column("omc Tags", "text", lambda scene: words.joined(scene.guest.metadata.tags), "of omc's namespace"),
    Column("omc Attributes", "long", lambda scene: words.pairs(scene.guest.metadata.attributes), "of omc's namespace"),
    Column(
        "omc Project", "text", lambda scene: scene.guest.metadata.nova and scene.guest.metadata.nova.project, "nova's"
    ),
    Column("omc Messages", "long", lambda scene: words.joined(scene.guest.messages), "libvirt's own: tainting …"),
)


TAB = Tab(
    "vInfo",
    "guest",
    COLUMNS,
    lambda _: PerHost(lambda scene: (values(COLUMNS, guest) for guest in scenes(scene))),
)
