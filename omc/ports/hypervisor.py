"""One reading of a host, raw, and the provider whose hosts are read so: what the inventory asks."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

Value = int | float | str | bool
"""One flat value of libvirt's typed parameters."""


class Fault(msgspec.Struct, frozen=True):
    """A read that gave nothing.

    `subject` is "host", "guest/NAME", "pool/NAME" …; `call` is libvirt's function; `code` is a word of
    `omc.model.Issue.code`; `failed` tells a read that should have worked from one that this driver or connection
    does not give.
    """

    subject: str
    call: str
    code: str
    message: str
    failed: bool = True


class RawAddress(msgspec.Struct, frozen=True):
    """One address of one interface as libvirt's `virDomainInterfaceAddresses` gives it."""

    source: str  # agent, lease, arp
    interface: str  # the name that the source knows
    mac: str  # may be empty
    address: str
    prefix: int | None


class RawGuest(msgspec.Struct, frozen=True, kw_only=True):
    """All that was read of one guest; None means "not read", with a Fault beside it where it should have been."""

    name: str
    uuid: str
    xml: str  # of the running guest, or of the defined one where it does not run; "" where it could not be read
    id: int | None = None  # libvirt's number while it runs
    state: tuple[int, int] | None = None  # state and reason: virDomainState and the reason's own enumeration
    inactive_xml: str | None = None  # None: transient, or not running (then `xml` is it)
    autostart: bool | None = None
    persistent: bool | None = None
    managed_save: bool | None = None
    stats: Mapping[str, Value] | None = None  # virConnectGetAllDomainStats, as named there
    snapshots: tuple[str, ...] | None = ()  # XML of each
    current_snapshot: str | None = None  # name
    checkpoints: tuple[str, ...] | None = ()  # XML of each
    addresses: tuple[RawAddress, ...] = ()  # from arp and agent; leases come with the networks
    messages: tuple[str, ...] = ()  # virDomainGetMessages
    agent: Mapping[str, Value] | None = None  # virDomainGetGuestInfo, as named there
    hung: bool = False  # its monitor did not answer within the deadline


class RawVolume(msgspec.Struct, frozen=True, kw_only=True):
    """The sizes of one volume."""

    name: str
    capacity_bytes: int
    allocation_bytes: int


class RawInterface(msgspec.Struct, frozen=True, kw_only=True):
    """One network interface of the host itself, as libvirt's interface driver lists it."""

    name: str
    active: bool


class RawServer(msgspec.Struct, frozen=True, kw_only=True):
    """One server of one of libvirt's daemons, by the names that its administration interface gives its fields."""

    daemon: str  # libvirtd, virtqemud …
    name: str
    workers: Mapping[str, int]  # virAdmServerGetThreadPoolParameters: nWorkers, freeWorkers …
    clients: Mapping[str, int]  # virAdmServerGetClientLimits: nclients, nclients_max …


class RawPool(msgspec.Struct, frozen=True, kw_only=True):
    """All that was read of one storage pool."""

    name: str
    uuid: str
    xml: str
    state: int  # virStoragePoolState
    capacity_bytes: int | None = None
    allocation_bytes: int | None = None
    available_bytes: int | None = None
    autostart: bool | None = None
    persistent: bool | None = None
    volumes: tuple[str, ...] | None = None  # XML of each
    volume_count: int | None = None  # where only their number was read
    sizes: tuple[RawVolume, ...] | None = None  # of the first ones by name, where only their sizes were read


class RawLease(msgspec.Struct, frozen=True, kw_only=True):
    """One lease of a network's DHCP server."""

    mac: str
    address: str
    prefix: int | None = None
    hostname: str | None = None
    client_id: str | None = None
    expires: int | None = None  # seconds since 1970; None never


class RawNetwork(msgspec.Struct, frozen=True, kw_only=True):
    """All that was read of one network."""

    name: str
    uuid: str
    xml: str
    active: bool
    autostart: bool | None = None
    persistent: bool | None = None
    leases: tuple[RawLease, ...] | None = None


class RawHost(msgspec.Struct, frozen=True, kw_only=True):
    """All that was read of one host."""

    driver: str  # virConnectGetType: QEMU, LXC, TEST …
    hostname: str | None = None
    libvirt_version: int | None = None  # major * 1,000,000 + minor * 1,000 + release
    hypervisor_version: int | None = None  # the same
    capabilities: str | None = None  # XML
    sysinfo: str | None = None  # XML
    node: tuple[str, int, int, int, int, int, int, int] | None = None  # virNodeGetInfo: model, memory MiB, cpus, MHz, …
    memory: Mapping[str, int] | None = None  # virNodeGetMemoryStats, KiB
    memory_parameters: Mapping[str, Value] | None = None  # virNodeGetMemoryParameters (KSM)
    free_pages: Mapping[int, Mapping[int, int]] | None = None  # cell → page size in KiB → free pages
    cell_free_bytes: Mapping[int, int] | None = None  # cell → free memory
    domain_capabilities: tuple[str, ...] | None = None  # XML of each architecture and type, of q35 and virt another
    devices: tuple[str, ...] | None = None  # XML of each node device
    guests: tuple[RawGuest, ...] = ()
    pools: tuple[RawPool, ...] | None = None
    networks: tuple[RawNetwork, ...] | None = None
    interfaces: tuple[RawInterface, ...] | None = None
    network_filters: int | None = None  # how many; what is in them is nobody's business here
    secrets: int | None = None
    servers: tuple[RawServer, ...] | None = None
    faults: tuple[Fault, ...] = ()
    read_only: bool = True


class ReadOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What to read of a host, and for how long."""

    deadline: float  # time.monotonic() at which the answer must be there
    connect_seconds: float = 5.0
    in_flight: int = 4  # calls of this host at a time; above 4 further connections are opened where the line is long
    read_write: bool = False  # also what needs a read-write connection: domain capabilities
    agent: bool = False  # also ask the guest agents; needs read_write
    agent_seconds: float = 5.0  # of one agent


class Hypervisor(Protocol):
    """A way to read one host. Raises HostError where nothing at all can be read."""

    def read(self, uri: str, options: ReadOptions) -> RawHost:
        """Read the whole host before the deadline; what does not answer by then is a Fault."""


class Provider(Protocol):
    """A part that reads hosts of some kind; `schemes` are the URI schemes before "+" and ":" that it takes."""

    schemes: tuple[str, ...]

    def hypervisor(self) -> Hypervisor:
        """Give the reader; cheap, connects to nothing."""
