"""Reads a host over libvirt, the only place that imports it: raw XML and flat values out, nothing interpreted.

Every call may be left behind, so a daemon, a guest or a pool that stands still costs itself alone. Reading changes
nothing on a host, but for the agent's response timeout (see `agent`); only `definitions` writes.
"""

import time

import libvirt

from omc.drivers.hypervisor.agent import RESERVE_SECONDS, Agents
from omc.drivers.hypervisor.calls import LANES_PER_CONNECTION, Calls, Session
from omc.drivers.hypervisor.connection import keep_open, open_connection
from omc.drivers.hypervisor.faults import connect_error
from omc.drivers.hypervisor.guests import Guests
from omc.drivers.hypervisor.network import Networks
from omc.drivers.hypervisor.node import Node
from omc.drivers.hypervisor.stats import Stats, missing
from omc.drivers.hypervisor.storage import Pools
from omc.errors import DeadlineError, HostError
from omc.ports import Definitions, LiveHost, LiveOptions, RawHost, ReadOptions

CALL_SECONDS = 10.0
"""After this long one call is left behind, while the rest of the host goes on."""

NEAR_SECONDS = 0.002
"""A round trip shorter than this needs few calls in flight: the daemon's CPU is the limit, not the line."""

NEAR_LANES = 2
IN_PROCESS_SECONDS = 0.00005
"""A round trip shorter than this stays in the process: a second lane would only fight over the interpreter."""

FAR_SECONDS = 0.005
"""A round trip longer than this is worth further connections, which are opened while the first one works."""


class LibvirtHypervisor:
    """Any host that libvirt reaches: qemu, lxc, xen, esx, ch, test, by every transport."""

    def read(self, uri: str, options: ReadOptions) -> RawHost:
        """Read the whole host before the deadline; raises HostError where no connection or no list came about."""
        read_write = options.read_write or options.agent
        connection = _connect(uri, options, read_write=read_write)
        reading = _Reading(uri, connection, options, read_write=read_write)
        try:
            return reading.run()
        finally:
            if reading.calls.abandoned or reading.calls.broken is not None:
                keep_open([connection, *(session.connection for session in reading.further)])


def _connect(uri: str, options: ReadOptions, *, read_write: bool) -> libvirt.virConnect:
    connect_by = time.monotonic() + options.connect_seconds
    try:
        return open_connection(uri, read_write=read_write, deadline=min(options.deadline, connect_by))
    except DeadlineError as error:
        if options.deadline >= connect_by:
            raise
        raise DeadlineError("the time for the whole collect was over", hint="raise --timeout") from error


class _Reading:
    """One host being read."""

    def __init__(self, uri: str, connection: libvirt.virConnect, options: ReadOptions, *, read_write: bool) -> None:
        self.uri = uri
        self.options = options
        self.read_write = read_write
        self.session = Session(connection)
        self.calls = Calls(self.session)
        self.node = Node(self.calls)
        self.guests = Guests(self.calls)
        self.pools = Pools(self.calls)
        self.networks = Networks(self.calls)
        self.type = ""
        self.stats: Stats | None = None
        self.version: int | None = None
        self.further: list[Session] = []

    def run(self) -> RawHost:
        self._begin()
        self.stats = Stats(self.calls, self.guests.drafts)
        self.stats.submit()
        self.pools.submit()  # what is a chain of calls begins before what is many calls
        self.networks.submit()
        self.node.submit(read_write=self.read_write)
        self.guests.submit()
        self._drain()
        if self.options.agent and self.calls.broken is None:
            self._ask_agents()
        self.calls.close()
        return self._finish()

    def _begin(self) -> None:
        """List the guests: without the list there is nothing to say about the host."""
        failures: list[libvirt.libvirtError] = []

        def begin(session: Session) -> None:
            try:
                self.version = session.connection.getLibVersion()
                started = time.monotonic()
                self.type = session.connection.getType()
                self._widen(time.monotonic() - started)
                self.guests.list(session)
            except libvirt.libvirtError as error:
                failures.append(error)

        self.calls.submit("host", "virConnectListAllDomains", begin)
        self.calls.drain(self.options.deadline, call_seconds=CALL_SECONDS)
        if failures:
            raise connect_error(failures[0], self.uri)
        if self.calls.faults:
            self.calls.close()
            fault = self.calls.faults[0]
            hint = "the daemon takes the connection, but no call: see its log, then restart it"
            raise HostError(fault.message, code=fault.code, hint=hint)

    def _widen(self, round_trip: float) -> None:
        """Choose how many calls are in flight: the daemon's limit a connection, more connections over distance."""
        if round_trip < NEAR_SECONDS:
            self.calls.most = 1 if round_trip < IN_PROCESS_SECONDS else NEAR_LANES
            return
        self.calls.batch = 1
        if round_trip > FAR_SECONDS:
            for _ in range(self.options.in_flight // LANES_PER_CONNECTION - 1):
                self.calls.add_session(self._further_session)

    def _further_session(self) -> Session | None:
        try:
            session = Session(_connect(self.uri, self.options, read_write=self.read_write))
            session.list_domains()
        except (HostError, libvirt.libvirtError):
            return None  # the first connection does the work alone, only slower
        self.further.append(session)
        return session

    def _ask_agents(self) -> None:
        deadline = self.options.deadline
        agents = Agents(self.calls, seconds=self.options.agent_seconds, deadline=deadline)
        agents.submit(self.guests.drafts)
        # two calls with a timeout each, and both sides' own time
        self.calls.drain(deadline - RESERVE_SECONDS, call_seconds=2 * self.options.agent_seconds + 1)
        agents.restore()
        self.calls.drain(max(deadline, time.monotonic() + RESERVE_SECONDS / 2), call_seconds=RESERVE_SECONDS)

    def _drain(self) -> None:
        look = self.stats.look if self.stats is not None else lambda: None
        self.calls.drain(self.options.deadline, call_seconds=CALL_SECONDS, look=look)

    def _finish(self) -> RawHost:
        faults = [fault for fault in self.calls.faults if not fault.subject.startswith("host#")]
        if self.stats is not None and self.calls.broken is None:
            faults += missing(self.calls, self.stats)
        return RawHost(
            driver=self.type,
            libvirt_version=self.version,
            guests=self.guests.finish(),
            pools=self.pools.finish(),
            networks=self.networks.finish(),
            faults=tuple(faults),
            read_only=not self.read_write,
            **self.node.finish(),
        )


class LibvirtProvider:
    """The built-in provider (entry point `libvirt` of the group `omc.providers`)."""

    schemes = ("qemu", "lxc", "xen", "test", "esx", "vpx", "gsx", "ch", "bhyve", "vbox", "vz", "openvz", "hyperv")

    def hypervisor(self) -> LibvirtHypervisor:
        """Give the reader; connects to nothing."""
        return LibvirtHypervisor()

    def live(self, uri: str, options: LiveOptions) -> LiveHost:
        """Give the lasting reader of one host; connects at its first reading."""
        from omc.drivers.hypervisor.live.host import LibvirtLiveHost

        return LibvirtLiveHost(uri, options)

    def definitions(self, uri: str, deadline: float) -> Definitions:
        """Connect to write, for the definitions of objects."""
        from omc.drivers.hypervisor.definitions.door import open_definitions

        return open_definitions(uri, deadline)


PROVIDER = LibvirtProvider()
