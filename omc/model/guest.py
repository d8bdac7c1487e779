"""A guest: what libvirt calls a domain."""

from typing import ClassVar

from omc.model.base import Fact
from omc.model.devices import (
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
from omc.model.network import Nic
from omc.model.states import is_active
from omc.model.storage import Disk


class CpuFeature(Fact, frozen=True, kw_only=True):
    """A CPU feature that the configuration names."""

    name: str  # "vmx"
    policy: str | None = None  # force, require, optional, disable, forbid


class NumaCell(Fact, frozen=True, kw_only=True):
    """A NUMA cell that the guest sees."""

    id: int | None = None  # number
    cpus: str | None = None  # list of vCPUs: "0-3"
    memory_bytes: int | None = None  # bytes
    memory_access: str | None = None  # shared, private


class Cpu(Fact, frozen=True, kw_only=True):
    """The CPU as configured (`<cpu>`), with its topology."""

    mode: str | None = None  # custom, host-model, host-passthrough, maximum; null is the hypervisor's default
    model: str | None = None  # "Skylake-Server-IBRS"; of a running host-model guest the model that libvirt chose
    match: str | None = None  # minimum, exact, strict
    check: str | None = None  # none, partial, full
    migratable: bool | None = None  # of host-passthrough
    fallback: str | None = None  # allow, forbid
    vendor: str | None = None  # Intel, AMD
    features: tuple[CpuFeature, ...] = ()  # named in the configuration
    sockets: int | None = None  # null: no topology is set, each vCPU is a socket
    dies: int | None = None  # per socket
    clusters: int | None = None  # per die
    cores: int | None = None  # per cluster
    threads: int | None = None  # per core
    numa: tuple[NumaCell, ...] = ()  # cells that the guest sees


class Pin(Fact, frozen=True, kw_only=True):
    """Host CPUs that a vCPU, an iothread or the emulator may use."""

    what: str  # "vcpu 0", "iothread 1", "emulator"
    cpus: str  # libvirt's CPU list: "0-3,^2"


class CpuTuning(Fact, frozen=True, kw_only=True):
    """How the host schedules the guest (`<cputune>`, `<vcpu>`)."""

    shares: int | None = None  # relative weight
    period_microseconds: int | None = None  # of the quota, microseconds
    quota_microseconds: int | None = None  # of each vCPU in a period, microseconds; negative is no limit
    emulator_quota_microseconds: int | None = None  # of the emulator in a period, microseconds
    placement: str | None = None  # static, auto
    cpuset: str | None = None  # host CPUs of all vCPUs without a pin of their own
    pins: tuple[Pin, ...] = ()  # own pins


class Memory(Fact, frozen=True, kw_only=True):
    """How the guest's memory is backed and limited (`<memoryBacking>`, `<memtune>`, `<numatune>`)."""

    huge_pages: bool = False  # backed by huge pages
    huge_page_bytes: tuple[int, ...] = ()  # sizes asked for; empty is the host's default
    locked: bool = False  # never swapped
    no_share_pages: bool = False  # KSM leaves it alone
    source: str | None = None  # anonymous, file, memfd
    access: str | None = None  # shared, private
    allocation: str | None = None  # immediate, ondemand
    discard: bool = False  # dropped rather than written back
    hard_limit_bytes: int | None = None  # beyond it the guest is killed
    soft_limit_bytes: int | None = None  # under pressure
    swap_hard_limit_bytes: int | None = None  # memory and swap together
    numa_mode: str | None = None  # strict, interleave, preferred, restrictive
    numa_nodes: str | None = None  # host cells: "0-1"
    balloon: str | None = None  # model of the balloon: virtio, none; null: there is none
    balloon_period_seconds: int | None = None  # how often the guest reports its memory; null never
    balloon_autodeflate: bool = False  # deflates before the guest kills a process
    free_page_reporting: bool = False  # free pages go back to the host


class MemoryUsage(Fact, frozen=True, kw_only=True):
    """Memory in use now, from the balloon; what the guest reports is null without a report."""

    rss_bytes: int | None = None  # of the hypervisor's process on the host
    unused_bytes: int | None = None  # wholly unused, the guest says
    available_bytes: int | None = None  # total that the guest sees
    usable_bytes: int | None = None  # could be used without swapping, the guest says
    disk_caches_bytes: int | None = None  # could be dropped, the guest says
    updated_at: str | None = None  # when the guest reported, RFC 3339 UTC


class Firmware(Fact, frozen=True, kw_only=True):
    """How the guest starts."""

    type: str | None = "bios"  # bios or efi; null for containers, paravirtual guests and machines that have neither
    loader: str | None = None  # the firmware's file
    nvram: str | None = None  # file that keeps the variables
    secure_boot: bool | None = None  # on, with keys to check against; null where nothing tells
    auto: bool = False  # libvirt selects the file from `<os firmware=…>`
    enrolled_keys: bool | None = None  # vendor keys are in the variables


class Boot(Fact, frozen=True, kw_only=True):
    """What the guest boots."""

    devices: tuple[str, ...] = ()  # hd, cdrom, network, in order; empty where devices carry their own order
    kernel: str | None = None  # a kernel that is started directly
    initrd: str | None = None  # and its initial RAM disk
    command_line: str | None = None  # and its arguments
    menu: bool = False  # a boot menu is shown


class Timer(Fact, frozen=True, kw_only=True):
    """A timer of the guest's clock."""

    name: str  # rtc, pit, hpet, kvmclock, hypervclock …
    present: bool | None = None  # null is the hypervisor's default
    tick_policy: str | None = None  # delay, catchup, merge, discard


class SnapshotDisk(Fact, frozen=True, kw_only=True):
    """A disk as a snapshot holds it."""

    target: str  # "vda"
    snapshot: str  # internal, external, manual, no
    source: str | None = None  # the overlay that the snapshot made


class Snapshot(Fact, frozen=True, kw_only=True):
    """A snapshot of a guest; libvirt keeps them in a tree."""

    OBSERVED: ClassVar[frozenset[str]] = frozenset()

    name: str  # libvirt's name
    created_at: str | None = None  # RFC 3339 UTC
    state: str | None = None  # the guest's state then: running, shutoff, disk-snapshot …
    parent: str | None = None  # name of the snapshot before it
    description: str | None = None  # free text
    current: bool = False  # the one that the guest goes on from
    memory: str | None = None  # internal, external, no
    disks: tuple[SnapshotDisk, ...] = ()  # disks that it holds


class Checkpoint(Fact, frozen=True, kw_only=True):
    """A point that incremental backups count from."""

    name: str  # libvirt's name
    created_at: str | None = None  # RFC 3339 UTC
    parent: str | None = None  # name of the checkpoint before it
    description: str | None = None  # free text
    disks: tuple[str, ...] = ()  # targets with a bitmap


class Nova(Fact, frozen=True, kw_only=True):
    """What OpenStack's compute service wrote into the metadata."""

    name: str | None = None  # display name
    flavor: str | None = None  # name of the flavor
    user: str | None = None  # owner's name
    project: str | None = None  # owner's project
    project_uuid: str | None = None  # and its UUID
    image: str | None = None  # UUID of the image it was made from
    created_at: str | None = None  # as nova wrote it


class GuestMetadata(Fact, frozen=True, kw_only=True):
    """What tools and people wrote about the guest (`<metadata>`): data, never instructions."""

    os_id: str | None = None  # libosinfo's URL of the operating system
    nova: Nova | None = None  # OpenStack's
    terraform: str | None = None  # what a terraform provider wrote, as text
    tags: tuple[str, ...] = ()  # of omc's own namespace
    attributes: dict[str, str] = {}  # of omc's own namespace: owner, service …
    namespaces: tuple[str, ...] = ()  # every namespace found


class AgentFilesystem(Fact, frozen=True, kw_only=True):
    """A file system that the guest has mounted."""

    mountpoint: str  # in the guest
    type: str | None = None  # ext4, xfs, ntfs …
    name: str | None = None  # the guest's device
    total_bytes: int | None = None  # size
    used_bytes: int | None = None  # in use
    disks: tuple[str, ...] = ()  # targets of the disks below it


class Agent(Fact, frozen=True, kw_only=True):
    """What the guest agent answered: the guest's own words, not to be trusted."""

    hostname: str | None = None  # as the guest calls itself
    os_id: str | None = None  # "debian"
    os_name: str | None = None  # pretty name
    os_version: str | None = None  # version id
    kernel: str | None = None  # release of the kernel
    timezone: str | None = None  # name
    timezone_offset_seconds: int | None = None  # from UTC
    users: tuple[str, ...] = ()  # logged in
    filesystems: tuple[AgentFilesystem, ...] = ()  # mounted


class Change(Fact, frozen=True, kw_only=True):
    """A value that differs, with where it stands: "disks.vda.cache"."""

    path: str  # dotted path in the model, list items by their key
    before: object = None  # what runs now, or what was
    after: object = None  # what the next start brings, or what is


class Guest(Fact, frozen=True, kw_only=True):
    """A guest of one host. Its identity is (host, uuid); the uuid alone only links."""

    OBSERVED: ClassVar[frozenset[str]] = frozenset(
        {
            *("id", "state", "state_reason", "memory_current_bytes", "memory_usage"),
            *("agent", "agent_connected", "messages", "files"),
        }
    )

    host: str  # the host's name in the site
    name: str  # libvirt's name
    uuid: str  # libvirt's UUID
    state: str  # running, idle, paused, in shutdown, shut off, crashed, pmsuspended, no state, unknown
    state_reason: str | None = None  # as virsh domstate says it: booted, user, migrated, I/O error …
    id: int | None = None  # libvirt's number while it runs
    type: str | None = None  # the hypervisor: kvm, qemu, lxc, xen, vmware, test …
    title: str | None = None  # short free text
    description: str | None = None  # free text
    vcpus: int | None = None  # now
    vcpus_maximum: int | None = None  # can be plugged up to
    memory_bytes: int | None = None  # `<memory>`: what it starts with, plugged modules included
    memory_current_bytes: int | None = None  # `<currentMemory>`: what the balloon leaves it now
    memory_maximum_bytes: int | None = None  # `<maxMemory>`: can be plugged up to
    memory_slots: int | None = None  # for plugged modules
    arch: str | None = None  # x86_64, aarch64, s390x …
    machine: str | None = None  # "pc-q35-7.2"
    os_type: str | None = None  # hvm, linux, exe, xen …
    emulator: str | None = None  # the program that runs it
    firmware: Firmware = Firmware()
    boot: Boot = Boot()
    cpu: Cpu = Cpu()
    cpu_tuning: CpuTuning = CpuTuning()
    memory: Memory = Memory()
    memory_usage: MemoryUsage | None = None  # null: the driver or the guest does not tell
    iothreads: int = 0  # threads for disks
    block_weight: int | None = None  # relative weight of its disk I/O
    features: tuple[str, ...] = ()  # acpi, apic, smm …
    hyperv: tuple[str, ...] = ()  # enlightenments that are on
    clock_offset: str | None = None  # utc, localtime, timezone, variable
    timers: tuple[Timer, ...] = ()
    on_poweroff: str | None = None  # destroy, restart, preserve …
    on_reboot: str | None = None
    on_crash: str | None = None
    disks: tuple[Disk, ...] = ()
    nics: tuple[Nic, ...] = ()
    controllers: tuple[Controller, ...] = ()
    host_devices: tuple[HostDevice, ...] = ()
    memory_devices: tuple[MemoryDevice, ...] = ()
    filesystems: tuple[Filesystem, ...] = ()
    channels: tuple[Channel, ...] = ()
    graphics: tuple[Graphics, ...] = ()
    videos: tuple[Video, ...] = ()
    serials: tuple[Serial, ...] = ()
    tpm: Tpm | None = None
    watchdog: str | None = None  # "MODEL/ACTION"
    panic: str | None = None  # model of the panic device
    rng: str | None = None  # backend of the random number generator
    vsock_cid: int | None = None
    sounds: tuple[str, ...] = ()  # models
    inputs: tuple[str, ...] = ()  # "TYPE/BUS"
    usb_redirections: int = 0  # ports for USB over the network
    other_devices: tuple[str, ...] = ()  # "ELEMENT" or "ELEMENT/MODEL" of devices without a field of their own
    launch_security: str | None = None  # sev, sev-snp, tdx, s390-pv
    security_label: str | None = None  # "MODEL/TYPE": selinux/dynamic, none
    partition: str | None = None  # cgroup partition
    generation_id: str | None = None  # `<genid>`
    custom_arguments: tuple[str, ...] = ()  # given to QEMU past libvirt
    autostart: bool | None = None  # started with the host
    persistent: bool | None = None  # kept when it stops
    managed_save: bool | None = None  # the next start resumes a saved memory image
    pending_changes: bool | None = None  # the next start brings another configuration; null: not read
    pending: tuple[Change, ...] = ()  # which: before is what runs, after is what the next start brings
    snapshots: tuple[Snapshot, ...] | None = ()  # null: not read
    checkpoints: tuple[Checkpoint, ...] | None = ()  # null: not read
    metadata: GuestMetadata = GuestMetadata()
    agent_connected: bool | None = None  # null: it has no agent channel, or does not run
    agent: Agent | None = None  # null: not asked for, or it did not answer
    messages: tuple[str, ...] = ()  # libvirt's own: tainting and deprecations
    files: tuple[str, ...] | None = None  # others that its XML and snapshots name; null: not read

    @property
    def active(self) -> bool:
        """Whether it has a process on its host, and holds its memory: it runs, or is paused, or crashed and kept."""
        return is_active(self.state, self.id)
