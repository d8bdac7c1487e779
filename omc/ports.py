"""What a feature may ask of a host: the seams between the features and the drivers.

A driver fetches and does not think: it hands over XML as text and flat values as libvirt named them, and a Fault for
every call that did not work. `omc.inventory` reads them into the model. A second provider implements `Provider` and
comes in through the entry point group `omc.providers`.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

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
    domain_capabilities: tuple[str, ...] | None = None  # XML of each architecture and type
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


class LiveAgent(msgspec.Struct, frozen=True, kw_only=True):
    """What a guest agent last said. All of it is the guest's own word."""

    up: bool  # it answered when it was last asked
    read_at: float | None = None  # time.time()
    values: Mapping[str, Value] = {}  # virDomainGetGuestInfo, as named there; time.offset: seconds ahead of our clock


class LiveGuest(msgspec.Struct, frozen=True, kw_only=True):
    """What one scrape read of one guest."""

    name: str
    uuid: str
    running: bool
    values: Mapping[str, Value]  # named as by virConnectGetAllDomainStats; job.* by virDomainGetJobStats
    complete: bool = True  # else its monitor did not answer, or nothing of it did
    agent: LiveAgent | None = None  # None: nobody wants to know, it has none, or it was not asked yet


class LiveFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What no scrape reads, because it would cost calls a guest: kept fresh in the background."""

    host: RawHost  # its guests have no stats
    read_at: float  # time.time()


class LiveReading(msgspec.Struct, frozen=True, kw_only=True):
    """What one scrape read of one host."""

    guests: tuple[LiveGuest, ...]
    facts: LiveFacts | None  # None: not read yet
    cpu: Mapping[str, int] = {}  # virNodeGetCPUStats, ns
    memory: Mapping[str, int] = {}  # virNodeGetMemoryStats, KiB
    seconds: Mapping[str, float] = {}  # part of the reading → how long it took
    faults: tuple[Fault, ...] = ()
    reconnects: int = 0
    listening: bool = False  # the host's events are heard, so that the facts follow a change within seconds
    library_version: int | None = None  # of the library here, numbered as RawHost.libvirt_version


class LiveOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a host is read again and again."""

    refresh_seconds: float = 60.0
    refresh_deadline_seconds: float = 30.0
    volumes_per_pool: int = 1_000  # whose sizes are read, where somebody asks for them


class LiveHost(Protocol):
    """One host behind a connection that stays open. Thread-safe; one reading at a time."""

    def read(self, groups: frozenset[str], deadline: float) -> LiveReading:
        """Read these groups of statistics before the deadline; raises HostError where the host does not answer.

        Groups are state, cpu, balloon, vcpu, interface, block, perf, iothread, dirtyrate, memory, node; job, vcpu_cpu,
        block_error and block_job, which cost calls a guest; volumes and daemon, which come with the facts, and agent,
        which comes with the guests, once they were asked for.
        """

    def close(self) -> None:
        """Close the connection, without waiting for what does not answer."""


class Provider(Protocol):
    """A part that reads hosts of some kind; `schemes` are the URI schemes before "+" and ":" that it takes."""

    schemes: tuple[str, ...]

    def hypervisor(self) -> Hypervisor:
        """Give the reader; cheap, connects to nothing."""


@runtime_checkable
class LiveProvider(Protocol):
    """A provider whose hosts can also be read again and again over one connection."""

    def live(self, uri: str, options: LiveOptions) -> LiveHost:
        """Give the reader of one host; connects at the first reading."""


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """A libvirt object as its host keeps it: `xml` is what counts from its next start on, passwords included."""

    kind: str  # network, pool, secret, nwfilter, guest
    name: str
    xml: str
    active: bool = False  # it runs now


class Definitions(Protocol):
    """The definitions of libvirt objects of one host, over a read-write connection. Used by one thread at a time.

    Every call raises HostError where libvirt refuses, DeadlineError at the deadline that the connection was opened
    with. Nothing is ever started, stopped or destroyed. A secret's name is its usage, or its UUID.
    """

    def read(self, kind: str, name: str) -> Definition | None:
        """Return the definition; None where there is no such object. Raises also where it may not be defined."""

    def faults(self, kind: str, xml: str) -> str:
        """Say, without asking the host, why the XML does not follow libvirt's schema; "" where that is not known."""

    def define(self, kind: str, name: str, xml: str) -> Definition:
        """Define it anew, checked by the host against its schema; return it as libvirt keeps it."""

    def undefine(self, kind: str, name: str) -> None:
        """Take the definition away; refused for an object that runs. One that is not there is no error."""

    def close(self) -> None:
        """End the connection; never waits for what does not answer."""


@runtime_checkable
class DefinitionsProvider(Protocol):
    """A provider whose hosts' objects can also be defined."""

    def definitions(self, uri: str, deadline: float) -> Definitions:
        """Connect to write; `deadline` is time.monotonic(). Raises HostError where that may not be."""


class Hidden:
    """A value that no message, log, repr or JSON shows; whoever must send it asks for it by name."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the value itself."""
        return self._value

    def __repr__(self) -> str:
        return "(hidden)"


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where a host's shell is, and as whom; None means what the user's own SSH configuration says."""

    host: str  # its name in the site
    address: str  # ansible_host, else the name
    port: int | None = None
    user: str | None = None
    identity_file: str | None = None
    ssh_arguments: tuple[str, ...] = ()  # words of ssh's command line (ansible_ssh_common_args), read by the driver
    local: bool = False  # this machine itself, without SSH (ansible_connection: local)
    become: bool = False  # by sudo
    become_user: str = "root"
    become_password: Hidden | None = None


class Answer(msgspec.Struct, frozen=True):
    """What a script on a host gave: its exit status, and what it wrote, cut at the limit that was asked for."""

    status: int
    output: bytes
    errors: bytes


class Shell(Protocol):
    """One host's POSIX shell over one connection, kept between scripts. Used by one thread at a time."""

    def run(self, script: str, data: Sequence[bytes] = (), *, deadline: float, most_bytes: int = 16 << 20) -> Answer:
        """Run a script in `sh` as the user that the endpoint says, with `data` on its standard input.

        What the login shell itself prints is not in the answer. The script is no argument of any process. Raises
        HostError where the connection, sudo or the shell fails, DeadlineError at `deadline` (time.monotonic()), and
        HostError with code "too_large" where more than `most_bytes` came back.
        """

    def close(self) -> None:
        """End the connection; never waits for what does not answer."""


class Shells(Protocol):
    """A way to reach hosts' shells. Thread-safe; what hosts share (keys, known hosts, bastions) is read once."""

    def open(self, endpoint: Endpoint, *, deadline: float) -> Shell:
        """Connect and log in; raises HostError with what to do where the host is not to be trusted or reached."""

    def close(self) -> None:
        """End everything that is still open."""


class RunFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file in a run of templates; `before`, `after` and `rendered` are fingerprints, not content."""

    path: str  # of a libvirt object "libvirt:KIND/NAME"
    template: str
    action: str  # create, change, attributes; of a rollback: restore
    before: str | None = None
    after: str | None = None  # None: no file
    rendered: str = ""  # of all that was asked for, attributes included


class RunHost(msgspec.Struct, frozen=True, kw_only=True):
    """What a run of templates did on one host.

    `status` is planned (nothing is known yet), changed, waiting (to be confirmed by `confirm_until`, RFC 3339),
    restored (it failed and all is as it was), refused, failed, unreachable, unknown (the line broke in the middle),
    rolled_back, skipped or not_begun; `code` and `message` say why.
    """

    host: str
    status: str
    code: str = ""
    message: str = ""
    machine: str = ""
    finished_at: str | None = None  # RFC 3339 UTC
    seconds: float | None = None
    confirm_until: str | None = None
    files: tuple[RunFile, ...] = ()
    pending_handlers: tuple[tuple[str, ...], ...] = ()


class TemplateRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run of templates; plans are none.

    `kind` is apply or rollback (then `undoes` is the run that it puts back). `status` is running, ok, partial (some
    hosts failed), failed (all did), stopped (by --max-fail or a health check) or interrupted. `process` tells which
    process of which machine it is, so that a run whose process is gone is known to be interrupted.
    """

    run: str
    kind: str
    started_at: str  # RFC 3339 UTC with microseconds
    actor: str
    status: str = "running"
    reason: str = ""
    finished_at: str | None = None
    selection: str = ""
    templates: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()  # names of those given by -e
    undoes: str = ""
    process: str = ""
    omc_version: str = ""
    hosts: tuple[RunHost, ...] = ()


class AppliedFile(msgspec.Struct, frozen=True, kw_only=True):
    """What was last put at a path of a host, by which run; `after` None: the file was taken away."""

    host: str
    path: str
    template: str
    run: str
    after: str | None
    rendered: str = ""


class Runs(Protocol):
    """The memory of what was applied. Thread-safe."""

    def begin(self, run: TemplateRun) -> None:
        """Write a run with all its hosts, before the first of them is touched."""

    def record(self, run: str, host: RunHost) -> None:
        """Write what became of one host; its files are kept as they were begun where `files` is empty."""

    def finish(self, run: str, status: str, reason: str = "") -> None:
        """End a run; from here on what was written outlives a power cut."""

    def carry_on(self, run: str, process: str) -> None:
        """Begin a run again that was cut off; `process` is the one that does it."""

    def runs(self, limit: int | None = None) -> Sequence[TemplateRun]:
        """Return the runs with their hosts (without the hosts' files), newest first."""

    def run(self, name: str) -> TemplateRun | None:
        """Return one run whole; None where there is none of that name."""

    def applied(self, hosts: Sequence[str]) -> Sequence[AppliedFile]:
        """Return what was last applied to each path of these hosts."""
