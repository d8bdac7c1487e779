"""Devices of a guest other than disks and nics."""

from typing import ClassVar

from omc.model.base import Fact


class Controller(Fact, frozen=True, kw_only=True):
    """A controller that disks or other devices hang on."""

    type: str  # scsi, usb, pci, virtio-serial, sata, ide …
    index: int | None = None  # number within the type
    model: str | None = None  # virtio-scsi, pcie-root-port …


class HostDevice(Fact, frozen=True, kw_only=True):
    """A device of the host that is given to the guest; it ties the guest to that host."""

    type: str  # pci, usb, scsi, scsi_host, mdev
    source: str  # "0000:03:00.0", "046d:c52b", the mdev's UUID …
    managed: bool = False  # libvirt detaches it from the host by itself
    driver: str | None = None  # vfio …
    mode: str = "subsystem"  # subsystem or capabilities


class Channel(Fact, frozen=True, kw_only=True):
    """A port between guest and host: the guest agent's, SPICE's, or another's."""

    OBSERVED: ClassVar[frozenset[str]] = frozenset({"connected"})

    name: str | None = None  # "org.qemu.guest_agent.0"
    type: str = "unix"  # unix, spicevmc, pty …
    connected: bool | None = None  # somebody in the guest listens; null when the guest does not run


class Graphics(Fact, frozen=True, kw_only=True):
    """A screen that can be looked at over the network."""

    OBSERVED: ClassVar[frozenset[str]] = frozenset({"port", "tls_port", "websocket"})

    type: str  # vnc, spice, rdp, egl-headless, sdl, dbus
    listen: str | None = None  # address it listens on; null where nothing listens on the network
    port: int | None = None  # while the guest runs
    tls_port: int | None = None  # while the guest runs
    websocket: int | None = None  # while the guest runs
    autoport: bool = False  # libvirt chooses the port
    password_valid_to: str | None = None  # as configured; the password itself is never read


class Video(Fact, frozen=True, kw_only=True):
    """A graphics card."""

    model: str  # virtio, vga, qxl, bochs, none …
    vram_kib: int | None = None  # KiB of video memory
    heads: int | None = None  # screens
    acceleration: bool = False  # 3D


class Serial(Fact, frozen=True, kw_only=True):
    """A serial, parallel or console port."""

    kind: str  # serial, parallel, console
    type: str  # pty, file, tcp, unix …
    source: str | None = None  # where it leads, where that is configured
    target: str | None = None  # isa-serial, virtio, sclp …


class Tpm(Fact, frozen=True, kw_only=True):
    """A trusted platform module."""

    model: str | None = None  # tpm-crb, tpm-tis, tpm-spapr
    backend: str | None = None  # emulator, passthrough, external
    version: str | None = None  # "2.0"


class Filesystem(Fact, frozen=True, kw_only=True):
    """A folder of the host that the guest sees."""

    type: str  # mount, template, file, block, ram, bind
    driver: str | None = None  # path (9p), virtiofs …
    source: str | None = None  # folder of the host
    target: str | None = None  # tag or mount point in the guest
    readonly: bool = False  # the guest cannot write it


class MemoryDevice(Fact, frozen=True, kw_only=True):
    """A memory module that can be plugged: DIMM, NVDIMM, virtio-mem."""

    model: str  # dimm, nvdimm, virtio-mem, virtio-pmem, sgx-epc
    size_bytes: int | None = None  # bytes
    node: int | None = None  # the guest's NUMA cell
