"""The lasting reader of one host: its connection, what is still unanswered on it, and when to take another.

At most four calls are unanswered on a connection, as libvirtd serves five. A guest whose QEMU stands still keeps the
one call that found it; while that is out there, NOWAIT gives what needs no monitor. A connection on which too many
such calls wait is set aside until they return, and another one is opened.
"""

import threading
import time
from collections.abc import Mapping

import libvirt
import msgspec

from omc.drivers.hypervisor.calls import LANES_PER_CONNECTION, Calls, Session
from omc.drivers.hypervisor.live.door import Door, close_behind
from omc.drivers.hypervisor.live.facts import FactsKeeper
from omc.drivers.hypervisor.live.reading import QUIET_GROUPS, Reading
from omc.errors import DeadlineError, HostError
from omc.ports import LiveOptions, LiveReading

NEAR_LANES = 2
MOST_LEFT = 2
"""Unanswered calls on a connection; with more of them it is set aside."""

MOST_LEFT_IN_ALL = 12
"""libvirtd has 20 workers: with so many taken by guests that hang, no more monitors are asked."""

SILENT_SECONDS = 10.0
"""After so long without the answer to a list a connection counts as lost."""


class _Line:
    """One connection, and the calls on it that nobody waits for any more."""

    def __init__(self, connection: libvirt.virConnect) -> None:
        self.connection = connection
        self.left: list[Calls] = []
        self.silent_since: float | None = None

    @property
    def outstanding(self) -> int:
        self.left = [calls for calls in self.left if calls.outstanding]
        return sum(calls.outstanding for calls in self.left)


class LibvirtLiveHost:
    """Reads one host over libvirt, again and again."""

    def __init__(self, uri: str, options: LiveOptions) -> None:
        self._door = Door(uri)
        self._facts = FactsKeeper(uri, options)
        self._far = "+" in uri.partition(":")[0] and "+unix" not in uri
        self._line: _Line | None = None
        self._aside: list[_Line] = []
        self._known: frozenset[tuple[str, int | None, str]] | None = None
        self._hung: frozenset[str] = frozenset()
        self._connections = 0
        self._lock = threading.Lock()

    def read(self, groups: frozenset[str], deadline: float) -> LiveReading:
        """Read before the deadline; a connection that turns out to be broken is replaced in the same reading."""
        with self._lock:
            self._facts.want(groups)
            self._facts.start()
            try:
                reading = self._attempt(groups, deadline)
                if reading is None:
                    reading = self._attempt(groups, deadline)
            finally:
                self._sweep()
        if reading is None:
            raise HostError("the connection broke twice", code="connection-lost", hint="see the daemon's log there")
        now = time.monotonic()
        facts = self._facts.current(now + (deadline - now) * 0.8)
        reconnects = self._connections - 1
        return msgspec.structs.replace(reading, facts=facts, reconnects=reconnects, listening=self.listening)

    @property
    def listening(self) -> bool:
        """Tell whether the host's events are heard."""
        return self._facts.listening

    def close(self) -> None:
        """Close all, without waiting."""
        self._facts.close()
        self._door.close()
        for line in (self._line, *self._aside):
            if line is not None:
                close_behind(line.connection)

    def _attempt(self, groups: frozenset[str], deadline: float) -> LiveReading | None:
        """Read over the connection there is, or a new one; None where it broke."""
        line = self._take(deadline)
        left = line.outstanding
        calls = Calls(Session(line.connection))
        calls.most = min(LANES_PER_CONNECTION - left, LANES_PER_CONNECTION if self._far else NEAR_LANES)
        if left + sum(other.outstanding for other in self._aside) >= MOST_LEFT_IN_ALL:
            groups &= QUIET_GROUPS
        reading = Reading(calls, groups, deadline=deadline, hung=self._hung)
        reading.run(self._xml)
        if calls.outstanding:
            line.left.append(calls)
        if calls.broken is not None:
            self._set_aside()
            return None
        if not reading.listed:
            self._missing_list(line, calls)
        line.silent_since = None
        self._notice(reading)
        return reading.finish()

    def _take(self, deadline: float) -> _Line:
        """Give the connection to use; raise DeadlineError while the daemon owes the answer to a list."""
        line = self._line
        if line is not None and line.silent_since is not None and line.outstanding:
            silent = time.monotonic() - line.silent_since
            if silent < SILENT_SECONDS:
                raise DeadlineError(f"the daemon has answered nothing for {silent:.1f} s", hint="is it stopped?")
            self._set_aside()
        elif line is not None and line.outstanding > MOST_LEFT:
            self._set_aside()
        if self._line is None:
            self._line = _Line(self._door.open(deadline))
            self._connections += 1
        return self._line

    def _missing_list(self, line: _Line, calls: Calls) -> None:
        if calls.outstanding:
            line.silent_since = line.silent_since or time.monotonic()
            raise DeadlineError("the daemon takes the connection, but did not list its guests", hint="is it stopped?")
        fault = calls.faults[0]
        raise HostError(fault.message, code=fault.code, hint="see the daemon's log there")

    def _notice(self, reading: Reading) -> None:
        """Have the facts of guests read that came, started, stopped or have another name."""
        found = frozenset((draft.uuid, draft.id, draft.name) for draft in reading.guests.drafts)
        if self._known is not None:
            self._facts.wake(uuid for uuid, _, _ in found - self._known)
        self._known = found
        self._hung = reading.hung

    def _xml(self) -> Mapping[str, str]:
        facts = self._facts.current(time.monotonic() + 1.0)
        return {guest.uuid: guest.xml for guest in facts.host.guests} if facts else {}

    def _set_aside(self) -> None:
        if self._line is not None:
            self._aside.append(self._line)
            self._line = None

    def _sweep(self) -> None:
        for line in self._aside:
            if not line.outstanding:
                close_behind(line.connection)
        self._aside = [line for line in self._aside if line.outstanding]
