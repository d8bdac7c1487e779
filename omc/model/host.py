"""A host: one hypervisor that libvirt manages, with the machine below it."""

from typing import ClassVar

from omc.model.base import Fact
from omc.model.guest import CpuFeature, Guest
from omc.model.issue import Issue
from omc.model.network import Network
from omc.model.storage import Pool


class HugePages(Fact, frozen=True, kw_only=True):
    """Huge pages of one size in one NUMA cell."""

    OBSERVED: ClassVar[frozenset[str]] = frozenset({"free"})

    size_bytes: int  # of a page
    total: int  # pages reserved
    free: int | None = None  # pages not in use


class HostCell(Fact, frozen=True, kw_only=True):
    """A NUMA cell of the host."""

    OBSERVED: ClassVar[frozenset[str]] = frozenset({"free_bytes"})

    id: int  # number
    memory_bytes: int | None = None  # bytes
    free_bytes: int | None = None  # bytes
    cpus: str = ""  # libvirt's CPU list: "0-15"
    cpu_count: int = 0  # logical CPUs
    huge_pages: tuple[HugePages, ...] = ()  # one entry a size
    distances: dict[str, int] = {}  # to the cell of that number


class HostCpu(Fact, frozen=True, kw_only=True):
    """The host's CPUs, from capabilities and nodeinfo."""

    arch: str | None = None  # x86_64
    model: str | None = None  # libvirt's named model
    vendor: str | None = None  # Intel, AMD
    microcode: str | None = None  # version
    features: tuple[str, ...] = ()  # beyond the named model
    count: int | None = None  # logical CPUs that are online
    mhz: int | None = None  # MHz
    sockets: int | None = None  # of the whole host
    cores_per_socket: int | None = None  # cores
    threads_per_core: int | None = None  # threads


class Board(Fact, frozen=True, kw_only=True):
    """A base board or a chassis (SMBIOS)."""

    manufacturer: str | None = None
    product: str | None = None
    version: str | None = None
    serial: str | None = None
    asset: str | None = None


class Bios(Fact, frozen=True, kw_only=True):
    """The firmware (SMBIOS)."""

    vendor: str | None = None
    version: str | None = None
    date: str | None = None  # as the vendor writes it
    release: str | None = None


class System(Fact, frozen=True, kw_only=True):
    """The machine (SMBIOS)."""

    manufacturer: str | None = None
    product: str | None = None
    version: str | None = None
    serial: str | None = None
    uuid: str | None = None
    sku: str | None = None
    family: str | None = None


class Dimm(Fact, frozen=True, kw_only=True):
    """A memory slot (SMBIOS); size 0 is an empty one."""

    locator: str | None = None  # as printed on the board
    bank: str | None = None
    size_bytes: int | None = None  # bytes
    type: str | None = None  # DDR4 …
    speed: str | None = None  # as SMBIOS says it
    manufacturer: str | None = None
    serial: str | None = None
    part: str | None = None  # part number


class Hardware(Fact, frozen=True, kw_only=True):
    """The machine below the hypervisor, from SMBIOS; null where the daemon cannot read it."""

    system: System | None = None
    bios: Bios | None = None
    boards: tuple[Board, ...] = ()
    chassis: Board | None = None
    dimms: tuple[Dimm, ...] = ()
    oem_strings: tuple[str, ...] = ()


class SecurityModel(Fact, frozen=True, kw_only=True):
    """A way in which the host keeps guests apart."""

    model: str  # selinux, apparmor, dac, none
    doi: str | None = None  # domain of interpretation


class Machine(Fact, frozen=True, kw_only=True):
    """A machine type that guests of an architecture may have."""

    name: str  # "pc-q35-7.2"
    canonical: str | None = None  # what an alias stands for
    max_cpus: int | None = None  # vCPUs
    deprecated: bool = False  # goes away in a later version


class Architecture(Fact, frozen=True, kw_only=True):
    """Guests of one architecture that the host can run."""

    arch: str  # x86_64
    os_type: str  # hvm, exe …
    emulator: str | None = None  # program
    types: tuple[str, ...] = ()  # kvm, qemu, …: how
    machines: tuple[Machine, ...] = ()


class DomainCapabilities(Fact, frozen=True, kw_only=True):
    """What guests of one type and machine may have on this host (`virConnectGetDomainCapabilities`).

    Of each type there is what libvirt tells of its default machine, and, where that is another, of q35 (x86_64) or virt
    (aarch64). Needs a read-write connection.
    """

    arch: str
    type: str  # kvm, qemu …
    machine: str | None = None
    max_vcpus: int | None = None
    firmware: tuple[str, ...] = ()  # bios, efi
    secure_boot: bool | None = None  # a loader with Secure Boot exists
    cpu_modes: tuple[str, ...] = ()  # supported modes
    host_model: str | None = None  # model that host-model gives
    host_model_features: tuple[CpuFeature, ...] | None = None  # that it adds or leaves out; null: not read
    usable_models: tuple[str, ...] = ()  # named models that run here
    blocked_models: dict[str, list[str]] = {}  # named models that do not, and the features that they miss
    unknown_models: tuple[str, ...] = ()  # named models of which libvirt does not tell whether they run
    deprecated_models: tuple[str, ...] = ()
    devices: dict[str, list[str]] = {}  # "disk.bus": ["virtio", …]: every enumeration of the document
    features: dict[str, bool] = {}  # sev, sgx, genid, backup … supported or not


class Device(Fact, frozen=True, kw_only=True):
    """A PCI device, network interface, disk or adapter of the host."""

    OBSERVED: ClassVar[frozenset[str]] = frozenset({"link_state", "speed_mbits"})

    name: str  # libvirt's: "pci_0000_03_00_0"
    kind: str  # pci, net, storage, scsi_host, usb_device, mdev …
    parent: str | None = None  # device above it
    driver: str | None = None  # of the host's kernel
    address: str | None = None  # PCI address, MAC address or block device
    vendor: str | None = None
    product: str | None = None
    serial: str | None = None
    class_id: str | None = None  # PCI class
    numa_node: int | None = None
    iommu_group: int | None = None
    virtual_functions: int | None = None  # SR-IOV: how many it has now
    virtual_functions_maximum: int | None = None  # SR-IOV: how many it can have
    physical_function: str | None = None  # SR-IOV: the device that it is a part of
    interface: str | None = None  # name of the network interface
    link_state: str | None = None  # up, down, unknown …
    speed_mbits: int | None = None  # Mbit/s
    size_bytes: int | None = None  # of a disk
    removable: bool = False
    wwn: str | None = None  # World Wide Name (port name of an FC adapter)


class Host(Fact, frozen=True, kw_only=True):
    """A host with all that was read of it.

    `status` is "ok" (all that the driver and the connection give was read), "partial" (a read that should have
    worked failed, see `issues`) or "unreachable" (then `status_reason` says why, and all facts are of `collected_at`).
    """

    OBSERVED: ClassVar[frozenset[str]] = frozenset(
        {
            "status",
            "status_reason",
            "collected_at",
            "collect_seconds",
            "memory_free_bytes",
            "ksm",
            "guests",
            "pools",
            "networks",
            "issues",
        }
    )

    name: str  # in the site
    uri: str  # libvirt's URI, without secrets
    status: str = "ok"  # ok, partial, unreachable
    status_reason: str | None = None  # why it is not ok
    collected_at: str | None = None  # RFC 3339 UTC: when these facts were read; null never
    collect_seconds: float | None = None  # how long that took
    groups: tuple[str, ...] = ()  # of the site
    hostname: str | None = None  # as the host calls itself
    uuid: str | None = None  # of the host, from capabilities
    driver: str | None = None  # QEMU, LXC, Xen, TEST, ESX, CH
    libvirt_version: str | None = None  # of the daemon
    hypervisor_version: str | None = None  # of QEMU …
    read_only: bool = True  # the connection that read this
    cpu: HostCpu = HostCpu()
    memory_bytes: int | None = None  # of the machine
    memory_free_bytes: int | None = None  # now
    cells: tuple[HostCell, ...] = ()  # NUMA
    hardware: Hardware | None = None  # SMBIOS
    security_models: tuple[SecurityModel, ...] = ()
    iommu: bool | None = None  # supported and on
    live_migration: bool | None = None  # supported
    migration_transports: tuple[str, ...] = ()  # tcp, rdma …
    suspend_modes: tuple[str, ...] = ()  # suspend_mem …
    page_sizes_bytes: tuple[int, ...] = ()  # that guests may be backed with
    ksm: dict[str, int] = {}  # parameters of memory merging; empty where the driver has none
    architectures: tuple[Architecture, ...] = ()
    domain_capabilities: tuple[DomainCapabilities, ...] | None = None  # null: not read (needs --read-write)
    devices: tuple[Device, ...] | None = None  # null: not read
    guests: tuple[Guest, ...] = ()
    pools: tuple[Pool, ...] | None = None  # null: not read
    networks: tuple[Network, ...] | None = None  # null: not read
    issues: tuple[Issue, ...] = ()
