"""Disks of guests, and the pools and volumes of hosts.

Three sizes, never mixed: of a disk (virsh(1), domstats) capacity is what the guest sees, allocation the highest offset
written, physical the space taken on the host. Of a volume libvirt uses the last two words the other way round.
"""

from typing import ClassVar

from omc.model.base import Fact


class ChainImage(Fact, frozen=True, kw_only=True):
    """One image below the top of a disk's backing chain, the next one first."""

    OBSERVED: ClassVar[frozenset[str]] = frozenset({"allocation_bytes", "physical_bytes"})

    source: str  # path, device or URL of the image
    type: str = "file"  # libvirt's source type: file, block, network, volume
    format: str | None = None  # raw, qcow2 …; null where nothing tells
    capacity_bytes: int | None = None  # what a reader of this image would see
    allocation_bytes: int | None = None  # highest offset written, or the length of the file
    physical_bytes: int | None = None  # space taken on the host
    origin: str = "xml"  # who says so: xml (libvirt's configuration), volume (a pool's volume)


class IoTune(Fact, frozen=True, kw_only=True):
    """Limits of one disk (`<iotune>`); 0 is "no limit", as in libvirt."""

    total_bytes_sec: int = 0  # bytes a second, reads and writes together
    read_bytes_sec: int = 0  # bytes a second read
    write_bytes_sec: int = 0  # bytes a second written
    total_iops_sec: int = 0  # requests a second, reads and writes together
    read_iops_sec: int = 0  # read requests a second
    write_iops_sec: int = 0  # write requests a second
    group_name: str = ""  # disks of one group share the limits


class Disk(Fact, frozen=True, kw_only=True):
    """A disk, CD-ROM or floppy of a guest."""

    OBSERVED: ClassVar[frozenset[str]] = frozenset({"allocation_bytes", "physical_bytes", "backing_chain"})

    target: str  # libvirt's target device: "vda"
    bus: str | None = None  # virtio, scsi, sata, ide, usb, fdc …
    device: str = "disk"  # disk, cdrom, floppy, lun
    type: str = "file"  # libvirt's source type: file, block, network, volume, nvme, vhostuser, dir
    format: str | None = None  # the driver's type: raw, qcow2 …
    source: str | None = None  # path, device, POOL/VOLUME or URL; null for an empty drive
    capacity_bytes: int | None = None  # what the guest sees
    allocation_bytes: int | None = None  # highest offset written, or the length of the file
    physical_bytes: int | None = None  # space taken on the host by the top image
    backing_chain: tuple[ChainImage, ...] = ()  # images below the top, the next one first
    cache: str | None = None  # none, writeback, writethrough, directsync, unsafe; null is the hypervisor's default
    io: str | None = None  # threads, native, io_uring
    discard: str | None = None  # unmap, ignore
    detect_zeroes: str | None = None  # on, off, unmap
    error_policy: str | None = None  # stop, report, ignore, enospace
    startup_policy: str | None = None  # mandatory, requisite, optional: what a missing medium does
    iothread: int | None = None  # number of the iothread that serves it
    queues: int | None = None  # virtqueues
    serial: str | None = None  # as the guest sees it
    wwn: str | None = None  # World Wide Name as the guest sees it
    boot_order: int | None = None  # 1 is tried first
    controller: str | None = None  # "CONTROLLER:BUS:TARGET:UNIT" of a drive address
    alias: str | None = None  # libvirt's name for the device
    readonly: bool = False  # the guest cannot write it
    shareable: bool = False  # several guests may write it
    transient: bool = False  # changes are dropped when the guest stops
    encrypted: bool = False  # LUKS or qcow encryption by the hypervisor
    reservations: bool = False  # SCSI persistent reservations are passed through
    snapshot: str | None = None  # internal, external, no
    iotune: IoTune | None = None  # null where no limit is set
    mirror: str | None = None  # target of a running block copy or commit


class Volume(Fact, frozen=True, kw_only=True):
    """A volume of a pool, as the pool saw it at its last refresh."""

    OBSERVED: ClassVar[frozenset[str]] = frozenset({"allocation_bytes", "physical_bytes", "modified_at"})

    pool: str  # name of the pool
    name: str  # name in the pool
    key: str | None = None  # libvirt's key, unique on the host
    path: str | None = None  # where a guest finds it
    type: str | None = None  # file, block, dir, network, netdir, ploop
    format: str | None = None  # raw, qcow2, iso …
    capacity_bytes: int | None = None  # what a guest sees
    allocation_bytes: int | None = None  # space taken on the host
    physical_bytes: int | None = None  # length of the file or device, in libvirt's words "physical"
    backing_path: str | None = None  # the image below it
    backing_format: str | None = None  # and that image's format
    compat: str | None = None  # qcow2 version: "0.10" or "1.1"
    encrypted: bool = False  # the volume is encrypted
    modified_at: str | None = None  # RFC 3339 UTC


class Pool(Fact, frozen=True, kw_only=True):
    """A storage pool of a host."""

    OBSERVED: ClassVar[frozenset[str]] = frozenset({"allocation_bytes", "available_bytes", "volumes", "state"})

    name: str  # libvirt's name
    uuid: str  # libvirt's UUID
    type: str  # dir, fs, netfs, logical, iscsi, rbd, zfs …
    state: str  # inactive, building, running, degraded, inaccessible
    autostart: bool | None = None  # started with the daemon
    persistent: bool | None = None  # kept over a restart of the daemon
    path: str | None = None  # target path on the host
    source: str | None = None  # host and path, device or name of the storage behind it
    capacity_bytes: int | None = None  # size of the storage behind it
    allocation_bytes: int | None = None  # space in use
    available_bytes: int | None = None  # space left
    volumes: tuple[Volume, ...] | None = None  # null: not read (the pool is inactive or its storage hangs)
