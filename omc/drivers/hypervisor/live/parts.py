"""The parts of a host that no scrape reads, and how each is read; what has come of them is `Parts.freeze`.

A part is a function that queues its calls and returns another one, which keeps what they gave when they are done.
"""

import time
from collections.abc import Callable, Mapping

import msgspec

from omc.drivers.hypervisor.calls import Calls, Session
from omc.drivers.hypervisor.guests import GuestDraft, Guests
from omc.drivers.hypervisor.interfaces import Interfaces
from omc.drivers.hypervisor.live.agenda import Wanted
from omc.drivers.hypervisor.live.extras import Extras
from omc.drivers.hypervisor.network import Networks
from omc.drivers.hypervisor.node import Node
from omc.drivers.hypervisor.storage import Pools
from omc.ports import Fault, LiveFacts, RawGuest, RawHost, RawNetwork, RawPool

Ask = Callable[[Calls, Wanted], Callable[[], None]]


class Parts:
    """The facts as they come in, part by part; a part that does not answer keeps its last ones."""

    def __init__(self, extras: Extras) -> None:
        self.extras = extras
        self.ask: Mapping[str, Ask] = {
            "guests": self._guests,
            "node": self._node,
            "networks": self._networks,
            "pools": self._pools,
            "daemon": lambda calls, _: extras.ask_daemon(calls),
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
        self._lacking: frozenset[str] = frozenset()

    def freeze(self) -> LiveFacts:
        """Give what is known now."""
        host = RawHost(
            driver=self.driver,
            libvirt_version=self.version,
            guests=self.guests,
            pools=self.extras.with_sizes(self.pools),
            networks=self.networks,
            servers=self.extras.servers(),
            faults=tuple(fault for faults in self.faults.values() for fault in faults),
            **self.node,  # type: ignore[arg-type]  # by the names of RawHost
        )
        return LiveFacts(host=host, read_at=self.read_at)

    def _guests(self, calls: Calls, wanted: Wanted) -> Callable[[], None]:
        reading = Guests(calls)
        before = {guest.uuid: guest for guest in self.guests}

        def begin(session: Session) -> None:
            version = session.connection.getLibVersion()
            if version == self.version:  # what it cannot do would be an error in its log each time
                calls.unsupported |= self._lacking
            self.version = version
            self.driver = session.connection.getType()
            reading.list(session)
            self.listed = True
            unknown = {draft.uuid for draft in reading.drafts if _is_other(draft, before.get(draft.uuid))}
            reading.submit(None if wanted.whole else wanted.guests | unknown)

        calls.submit("host", "virConnectListAllDomains", begin)

        def keep() -> None:
            self._lacking = frozenset(calls.unsupported)
            self.guests = tuple(_merged(guest, before.get(guest.uuid)) for guest in reading.finish())
            if wanted.whole:
                self.read_at = time.time()

        return keep

    def _pools(self, calls: Calls, _: Wanted) -> Callable[[], None]:
        reading = Pools(calls, count_only=True)
        reading.submit()
        self.extras.ask_volumes(calls)

        def keep() -> None:
            found = reading.finish()
            if found is not None:
                there, late = {pool.name for pool in found}, {fault.subject for fault in calls.faults}
                kept = [pool for pool in self.pools or () if f"pool/{pool.name}" in late and pool.name not in there]
                self.pools = (*found, *kept)

        return keep

    def _networks(self, calls: Calls, _: Wanted) -> Callable[[], None]:
        reading = Networks(calls)
        reading.submit()

        def keep() -> None:
            found = reading.finish()
            self.networks = self.networks if found is None else found

        return keep

    def _node(self, calls: Calls, _: Wanted) -> Callable[[], None]:
        reading, interfaces = Node(calls), Interfaces(calls)
        reading.submit(read_write=False)
        interfaces.submit()

        def keep() -> None:
            self.node.update({**reading.finish(), **interfaces.finish()})

        return keep


def _is_other(draft: GuestDraft, known: RawGuest | None) -> bool:
    """Tell whether a guest came, started, stopped or was renamed since it was read."""
    return known is None or (known.name, known.id) != (draft.name, draft.id)


def _merged(guest: RawGuest, known: RawGuest | None) -> RawGuest:
    """Give a guest as it was just read, or as it was known, with what the lists say of all."""
    if guest.xml or known is None:
        return known if known is not None and known == guest else guest  # of what is the same, one is enough
    flags = {"autostart": guest.autostart, "persistent": guest.persistent, "managed_save": guest.managed_save}
    other = {name: flag for name, flag in flags.items() if flag not in (None, getattr(known, name))}
    return msgspec.structs.replace(known, **other) if other else known
