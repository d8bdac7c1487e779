"""Keeps fresh what no scrape reads: XML, autostart, snapshots, pending changes, pools, networks, the host itself.

A timer and not events: libvirt's events need its event loop, which costs a busy client a sixth of its time. A guest
that a scrape sees for the first time wakes the timer. Each part (guests, pools, networks, node) asks in a lane of its
own over a connection of its own: a part of which a call is still out there is not asked again, and holds up neither the
others nor a scrape.
"""

import threading
import time
from collections.abc import Callable

import libvirt

from omc.drivers.hypervisor.calls import Calls, Session
from omc.drivers.hypervisor.guests import Guests
from omc.drivers.hypervisor.live.door import Door, close_behind
from omc.drivers.hypervisor.network import Networks
from omc.drivers.hypervisor.node import Node
from omc.drivers.hypervisor.storage import Pools
from omc.errors import HostError
from omc.ports import Fault, LiveFacts, LiveOptions, RawGuest, RawHost, RawNetwork, RawPool

PATIENCE_SECONDS = 2.0
"""So long the first scrape waits for pools, networks and node when the guests are there."""

LEAST_SECONDS = 5.0
"""Guests that come and go all the time do not make this a loop."""


class FactsKeeper:
    """The facts of one host, read in a thread of their own from the first `start` on."""

    def __init__(self, uri: str, options: LiveOptions) -> None:
        self._options = options
        self._door = Door(uri)
        self._parts: dict[str, Calls] = {}
        self._connection: libvirt.virConnect | None = None
        self._draft = _Draft()
        self._current: LiveFacts | None = None
        self._wake = threading.Event()
        self._changed = threading.Condition()
        self._rounds = 0
        self._published: float | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def start(self) -> None:
        """Begin; later calls do nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True, name="omc-facts")
            self._thread.start()

    def wake(self) -> None:
        """Read soon, because something is there that was not."""
        self._wake.set()

    def current(self, deadline: float) -> LiveFacts | None:
        """Give the last facts; before the first reading has ended, wait for it until the deadline.

        Once the guests are there, for what else it reads only a moment.
        """
        with self._changed:
            while self._rounds == 0:
                patience = deadline
                if self._published is not None:
                    patience = min(deadline, self._published + PATIENCE_SECONDS)
                if time.monotonic() >= patience:
                    break
                self._changed.wait(patience - time.monotonic())
            return self._current

    def close(self) -> None:
        """End the thread when it is next awake."""
        self._closed = True
        self._wake.set()
        self._door.close()
        if self._connection is not None:
            close_behind(self._connection)

    def _run(self) -> None:
        while not self._closed:
            self._round()
            if not self._closed:
                threading.Event().wait(min(LEAST_SECONDS, self._options.refresh_seconds))
                self._wake.wait(max(0.0, self._options.refresh_seconds - LEAST_SECONDS))
                self._wake.clear()

    def _round(self) -> None:
        deadline = time.monotonic() + self._options.refresh_deadline_seconds
        try:
            if self._connection is None:
                self._connection = self._door.open(deadline)
                self._parts.clear()
            self._read(self._connection, deadline)
        except HostError as error:
            self._draft.faults = {"connection": (Fault("host", "connection", error.code, error.message),)}
        with self._changed:
            self._rounds += 1
            self._changed.notify_all()

    def _read(self, connection: libvirt.virConnect, deadline: float) -> None:
        asked = {name: ask for name, ask in self._draft.parts.items() if not self._outstanding(name)}
        finish = {name: ask(self._calls(name, connection)) for name, ask in asked.items()}
        broken = False
        for name, keep in finish.items():
            calls = self._parts[name]
            calls.drain(deadline, call_seconds=self._options.refresh_deadline_seconds)
            calls.close()
            broken = broken or calls.broken is not None
            if calls.broken is None:
                keep()
                self._draft.faults[name] = tuple(calls.faults)
                self._publish()
        if broken:
            close_behind(connection)
            self._connection = None

    def _publish(self) -> None:
        """Show what has come, so that a part that hangs keeps nobody from the others' news."""
        if self._draft.listed:
            self._draft.faults.pop("connection", None)
            with self._changed:
                self._current = self._draft.freeze()
                self._published = self._published or time.monotonic()
                self._changed.notify_all()

    def _calls(self, name: str, connection: libvirt.virConnect) -> Calls:
        self._parts[name] = Calls(Session(connection), lanes=1)
        return self._parts[name]

    def _outstanding(self, name: str) -> bool:
        return name in self._parts and self._parts[name].outstanding > 0


class _Draft:
    """The facts as they come in, part by part; a part that does not answer keeps its last ones."""

    def __init__(self) -> None:
        self.parts: dict[str, Callable[[Calls], Callable[[], None]]] = {
            "guests": self._guests,
            "node": self._node,
            "networks": self._networks,
            "pools": self._pools,  # the last: a pool on a mount that hangs is what most likely keeps a round waiting
        }
        self.listed = False
        self.driver = ""
        self.version: int | None = None
        self.guests: tuple[RawGuest, ...] = ()
        self.read_at = time.time()
        self.pools: tuple[RawPool, ...] | None = None
        self.networks: tuple[RawNetwork, ...] | None = None
        self.node: dict[str, object] = {}
        self.faults: dict[str, tuple[Fault, ...]] = {}

    def freeze(self) -> LiveFacts:
        host = RawHost(
            driver=self.driver,
            libvirt_version=self.version,
            guests=self.guests,
            pools=self.pools,
            networks=self.networks,
            faults=tuple(fault for faults in self.faults.values() for fault in faults),
            **self.node,  # type: ignore[arg-type]  # by the names of RawHost
        )
        return LiveFacts(host=host, read_at=self.read_at)

    def _guests(self, calls: Calls) -> Callable[[], None]:
        reading = Guests(calls)

        def begin(session: Session) -> None:
            self.version = session.connection.getLibVersion()
            self.driver = session.connection.getType()
            reading.list(session)
            self.listed = True
            reading.submit()

        calls.submit("host", "virConnectListAllDomains", begin)

        def keep() -> None:
            before = {guest.uuid: guest for guest in self.guests}
            self.guests = tuple(guest if guest.xml else before.get(guest.uuid, guest) for guest in reading.finish())
            self.read_at = time.time()

        return keep

    def _pools(self, calls: Calls) -> Callable[[], None]:
        reading = Pools(calls, count_only=True)
        reading.submit()

        def keep() -> None:
            found = reading.finish()
            if found is not None:
                there, late = {pool.name for pool in found}, {fault.subject for fault in calls.faults}
                kept = [pool for pool in self.pools or () if f"pool/{pool.name}" in late and pool.name not in there]
                self.pools = (*found, *kept)

        return keep

    def _networks(self, calls: Calls) -> Callable[[], None]:
        reading = Networks(calls)
        reading.submit()

        def keep() -> None:
            found = reading.finish()
            self.networks = self.networks if found is None else found

        return keep

    def _node(self, calls: Calls) -> Callable[[], None]:
        reading = Node(calls)
        reading.submit(read_write=False)

        def keep() -> None:
            self.node.update(reading.finish())

        return keep
