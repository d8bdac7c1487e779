"""Keeps what guest agents say: opt-in, over a read-write connection of its own, in no scrape's way.

One agent is asked at a time, those that answered last time first: one that is silent costs its own seconds, and those
at the end of the round. A call that outlives even that is left with its connection, and its guest is not asked again
until it has returned. The agent's response timeout is set for the calls and put back behind them, see `agent`.
"""

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import NamedTuple

import libvirt
import msgspec

from omc.drivers.hypervisor.agent import is_connected_xml
from omc.drivers.hypervisor.calls import Calls, Session
from omc.drivers.hypervisor.connection import connect
from omc.drivers.hypervisor.live.door import Door
from omc.drivers.hypervisor.live.lines import MOST_LEFT_IN_ALL, Lines
from omc.errors import HostError
from omc.names import AGENT_CHANNEL
from omc.ports import Fault, LiveAgent, LiveOptions, RawGuest, Value

KEPT_SECONDS = 600.0
"""Agents that no scrape has asked for so long are left alone."""

PATIENCE_SECONDS = 3.0
"""So long the first scrape waits for the agents' first answers."""

ANSWER_SECONDS = 5
"""An agent that answers no question for so long is silent."""

LEFT_SECONDS = 15.0
"""After so long a call is left, whatever its timeout: it is eight questions at the most, and silence ends the first."""

_WAIT_FOR_EVER = libvirt.VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_BLOCK


class AgentAnswers(NamedTuple):
    """What is known of a host's agents."""

    by_guest: dict[str, LiveAgent]  # by UUID
    seconds: float  # that the last round took
    fault: Fault | None  # what keeps them from being asked


class AgentKeeper:
    """The agents of one host, asked in a thread of their own from the first `want` on. `guests` gives their XML."""

    def __init__(self, uri: str, options: LiveOptions, guests: Callable[[], Iterable[RawGuest]]) -> None:
        self._options = options
        self._guests = guests
        self._lines = Lines(Door(uri, partial(connect, read_write=True)))
        self._answers: dict[str, LiveAgent] = {}
        self._left: dict[str, Calls] = {}
        self._fault: Fault | None = None
        self._seconds = 0.0
        self._wanted_at = 0.0
        self._changed = threading.Condition()
        self._settled = False
        self._closed = False
        self._thread: threading.Thread | None = None

    def want(self, deadline: float) -> AgentAnswers:
        """Give the last answers; the first time wait for them for a moment."""
        if self._thread is None:
            self._wanted_at = time.monotonic()
            self._thread = threading.Thread(target=self._run, daemon=True, name="omc-agents")
            self._thread.start()
        until = min(deadline, time.monotonic() + PATIENCE_SECONDS)
        with self._changed:
            self._wanted_at = time.monotonic()
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._settled, max(0.0, until - time.monotonic()))
            return AgentAnswers(self._answers, self._seconds, self._fault)

    def close(self) -> None:
        """End the thread when it is next awake."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._lines.end()

    def _run(self) -> None:
        try:
            while self._is_wanted():
                self._once()
        finally:
            self._lines.close()

    def _is_wanted(self) -> bool:
        """Wait until somebody wants answers, with the connection open; False once nobody will."""
        with self._changed:
            if time.monotonic() - self._wanted_at > KEPT_SECONDS:
                self._answers = {}
            self._changed.wait_for(lambda: self._closed or time.monotonic() - self._wanted_at <= KEPT_SECONDS)
            return not self._closed

    def _once(self) -> None:
        """Ask all agents, and wait until it is time for the next round."""
        began = time.monotonic()
        self._round(began + self._options.refresh_seconds)
        with self._changed:
            self._seconds = time.monotonic() - began
            self._settled = True
            self._changed.notify_all()
            left = began + self._options.refresh_seconds - time.monotonic()
            self._changed.wait_for(lambda: self._closed, max(0.0, left))

    def _round(self, until: float) -> None:
        running = {guest.uuid: guest for guest in self._guests() if guest.id is not None and has_channel(guest.xml)}
        self._answers = {uuid: answer for uuid, answer in self._answers.items() if uuid in running}
        self._left = {uuid: calls for uuid, calls in self._left.items() if calls.outstanding}
        if not running:
            self._fault = None  # there is nobody that it keeps from being asked
        for uuid in sorted(running, key=self._is_silent):
            if self._closed or time.monotonic() > until:
                return
            guest = running[uuid]
            if not is_connected_xml(guest.xml):
                self._keep(uuid, LiveAgent(up=False))
            elif uuid not in self._left:
                self._ask(guest)
                if self._fault is not None:
                    return  # it is the same for all of them

    def _is_silent(self, uuid: str) -> bool:
        return uuid in self._answers and not self._answers[uuid].up

    def _ask(self, guest: RawGuest) -> None:
        if self._lines.outstanding >= MOST_LEFT_IN_ALL:
            return
        try:
            line = self._lines.take(time.monotonic() + self._options.refresh_deadline_seconds)
        except HostError as error:
            self._fault = Fault("agent", "virConnectOpenAuth", error.code, error.message)
            return
        calls, found = Calls(Session(line.connection), lanes=1), list[LiveAgent]()
        calls.submit(
            f"agent/{guest.name}", "virDomainGetGuestInfo", lambda session: found.append(_read(guest, session))
        )
        calls.drain(time.monotonic() + LEFT_SECONDS, call_seconds=LEFT_SECONDS)
        calls.close()
        if calls.outstanding:
            line.left.append(calls)
            self._left[guest.uuid] = calls
        if calls.broken is not None:
            self._lines.set_aside(lost=True)
        self._lines.sweep()
        denied = next((fault for fault in calls.faults if fault.code == "needs-read-write"), None)
        self._fault = msgspec.structs.replace(denied, subject="agent", failed=True) if denied is not None else None
        if denied is None:
            self._keep(guest.uuid, found[0] if found else LiveAgent(up=False))

    def _keep(self, uuid: str, answer: LiveAgent) -> None:
        with self._changed:
            self._answers = {**self._answers, uuid: answer}


def has_channel(xml: str) -> bool:
    """Tell whether the guest is meant to have an agent."""
    return f"'{AGENT_CHANNEL}'" in xml


def _read(guest: RawGuest, session: Session) -> LiveAgent:
    domain = session.domain(guest.uuid)
    try:
        domain.agentSetResponseTimeout(ANSWER_SECONDS)
        values: dict[str, Value] = dict(domain.guestInfo(0, 0))
        with suppress(libvirt.libvirtError):  # some agents do not tell the time, and all else is there
            values["time.offset"] = _offset(domain)
    finally:
        domain.agentSetResponseTimeout(_WAIT_FOR_EVER)
    return LiveAgent(up=True, read_at=time.time(), values=values)


def _offset(domain: libvirt.virDomain) -> float:
    """Give by how many seconds the guest's clock is ahead of the one here."""
    before = time.time()
    found = domain.getTime()
    return float(found["seconds"] + found["nseconds"] / 1e9 - (before + time.time()) / 2)
