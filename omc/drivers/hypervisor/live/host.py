"""The lasting reader of one host: scrapes it over connections that stay open, and keeps its facts fresh behind them.

A guest whose QEMU stands still keeps the one call that found it; from then on it is asked in a way that does not wait.
"""

import threading
import time
from collections.abc import Mapping

import msgspec

from omc.drivers.hypervisor.live.agents import AgentKeeper
from omc.drivers.hypervisor.live.door import Door
from omc.drivers.hypervisor.live.facts import FactsKeeper
from omc.drivers.hypervisor.live.lines import Lines
from omc.drivers.hypervisor.live.reading import Reading, Silent
from omc.errors import DeadlineError, HostError
from omc.ports import LiveOptions, LiveReading, RawGuest


class LibvirtLiveHost:
    """Reads one host over libvirt, again and again."""

    def __init__(self, uri: str, options: LiveOptions) -> None:
        self._facts = FactsKeeper(uri, options)
        self._agents = AgentKeeper(uri, options, self._guests)
        self._lines = Lines(Door(uri))
        self._known: frozenset[tuple[str, int | None, str]] | None = None
        self._suspects = Silent()
        self._lock = threading.Lock()
        self._closed = False

    def read(self, groups: frozenset[str], deadline: float) -> LiveReading:
        """Read before the deadline; a connection that turns out to be broken is replaced in the same reading."""
        try:
            with self._lock:
                reading = self._read(groups, deadline)
        finally:
            if self._closed:
                self._close_unused()
        now = time.monotonic()
        facts = self._facts.current(now + (deadline - now) * 0.8)
        if "agent" in groups:
            reading = self._with_agents(reading, now + (deadline - now) * 0.8)
        reconnects = self._lines.reconnects
        return msgspec.structs.replace(reading, facts=facts, reconnects=reconnects, listening=self.listening)

    def _read(self, groups: frozenset[str], deadline: float) -> LiveReading:
        if self._closed:
            raise HostError("this host is no longer asked", code="closed")
        self._facts.want(groups)
        self._facts.start()
        try:
            reading = self._attempt(groups, deadline) or self._attempt(groups, deadline)
        finally:
            self._lines.sweep()
        if reading is None:
            raise HostError("the connection broke twice", code="connection-lost", hint="see the daemon's log there")
        return reading

    @property
    def listening(self) -> bool:
        """Tell whether the host's events are heard."""
        return self._facts.listening

    def close(self) -> None:
        """Close all, without waiting: what is in use is closed by its user."""
        self._closed = True
        self._facts.close()
        self._agents.close()
        self._lines.end()
        self._close_unused()

    def _close_unused(self) -> None:
        if self._lock.acquire(blocking=False):
            try:
                self._lines.close()
            finally:
                self._lock.release()

    def _attempt(self, groups: frozenset[str], deadline: float) -> LiveReading | None:
        """Read over the connection there is, or a new one; None where it broke."""
        reading = Reading(self._lines, groups, deadline=deadline, suspects=self._suspects)
        reading.run(self._xml)
        if reading.broken:
            self._lines.set_aside(lost=True)
            return None
        if not reading.listed:
            fault = next(iter(reading.faults), None)
            if fault is None or fault.code == "deadline":
                why = "the daemon takes the connection, but did not list its guests"
                raise DeadlineError(why, hint="is it stopped?")
            raise HostError(fault.message, code=fault.code, hint="see the daemon's log there")
        self._notice(reading)
        return reading.finish()

    def _notice(self, reading: Reading) -> None:
        """Have the facts of guests read that came, started, stopped or have another name."""
        found = frozenset((draft.uuid, draft.id, draft.name) for draft in reading.drafts)
        if self._known is not None:
            self._facts.wake(uuid for uuid, _, _ in found - self._known)
        self._known = found
        self._suspects = reading.silent

    def _with_agents(self, reading: LiveReading, deadline: float) -> LiveReading:
        found = self._agents.want(deadline)
        guests = tuple(
            msgspec.structs.replace(guest, agent=found.by_guest[guest.uuid]) if guest.uuid in found.by_guest else guest
            for guest in reading.guests
        )
        faults = reading.faults if found.fault is None else (*reading.faults, found.fault)
        seconds = {**reading.seconds, "agent": found.seconds}
        return msgspec.structs.replace(reading, guests=guests, faults=faults, seconds=seconds)

    def _guests(self) -> tuple[RawGuest, ...]:
        facts = self._facts.current(time.monotonic())
        return facts.host.guests if facts is not None else ()

    def _xml(self) -> Mapping[str, str]:
        facts = self._facts.current(time.monotonic() + 1.0)
        return {guest.uuid: guest.xml for guest in facts.host.guests} if facts else {}
