"""Keeps fresh what no scrape reads: XML, autostart, snapshots, pending changes, pools, networks, the host itself.

By a timer, and sooner where libvirt's events or a scrape say that something changed (`agenda`). Each part asks in a
lane of its own, at its own time: a part of which a call is still out there is not asked again, and holds up neither
the others nor a scrape.
"""

import threading
import time
from collections.abc import Callable, Iterable

from omc.drivers.hypervisor.calls import Calls, Session
from omc.drivers.hypervisor.live.agenda import Agenda, Wanted
from omc.drivers.hypervisor.live.door import Door
from omc.drivers.hypervisor.live.extras import Extras
from omc.drivers.hypervisor.live.lines import Line, Lines
from omc.drivers.hypervisor.live.parts import Parts
from omc.drivers.hypervisor.live.watch import Watch
from omc.errors import HostError
from omc.ports import Fault, LiveFacts, LiveOptions

PATIENCE_SECONDS = 2.0
"""So long the first scrape waits for pools, networks and node when the guests are there."""

LATE_SECONDS = 2.0
"""A part that has not come for so long keeps its connection to itself: others could get stuck beside its call."""

RETRY_SECONDS = 5.0
"""Between two attempts to connect."""


class _Running:
    """A part that is being read."""

    def __init__(self, calls: Calls, line: Line, keep: Callable[[], None], deadline: float) -> None:
        self.calls = calls
        self.line = line
        self.keep = keep
        self.deadline = deadline
        self._since = time.monotonic()

    def look(self) -> None:
        """Let the connection be, once this takes long."""
        if time.monotonic() > self._since + LATE_SECONDS and self.calls not in self.line.left:
            self.line.left.append(self.calls)


class FactsKeeper:
    """The facts of one host, read in a thread of their own from the first `start` on."""

    def __init__(self, uri: str, options: LiveOptions) -> None:
        self._options = options
        self._lines = Lines(Door(uri))
        self._extras = Extras(uri, volumes_per_pool=options.volumes_per_pool)
        self._parts = Parts(self._extras)
        self._agenda = Agenda(self._parts.ask, options.refresh_seconds)
        self._watch = Watch(uri, self._agenda.note)
        self._calls: dict[str, Calls] = {}
        self._running: dict[str, _Running] = {}
        self._current: LiveFacts | None = None
        self._changed = threading.Condition()
        self._settled = False
        self._published: float | None = None
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()

    def start(self) -> None:
        """Begin; a later call, when the first facts are there, begins to hear events: a page alone needs none."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True, name="omc-facts")
            self._thread.start()
        elif self._current is not None:
            self._watch.start()

    def wake(self, guests: Iterable[str]) -> None:
        """Read these guests soon: they came, or changed."""
        for uuid in guests:
            self._agenda.note("guests", uuid)

    def want(self, groups: Iterable[str]) -> None:
        """Also keep fresh what of these groups is read on request only."""
        for part in self._extras.want(groups):
            self._agenda.note(part)

    @property
    def listening(self) -> bool:
        """Tell whether the host's events are heard."""
        return self._watch.listening

    def current(self, deadline: float) -> LiveFacts | None:
        """Give the last facts; before the first reading has ended, wait for it until the deadline.

        Once the guests are there, for what else it reads only a moment.
        """
        with self._changed:
            while not self._settled:
                patience = deadline
                if self._published is not None:
                    patience = min(deadline, self._published + PATIENCE_SECONDS)
                if time.monotonic() >= patience:
                    break
                self._changed.wait(patience - time.monotonic())
            return self._current

    def close(self) -> None:
        """End the thread when it is next awake."""
        self._closed.set()
        self._agenda.close()
        self._watch.close()
        self._lines.end()

    def _run(self) -> None:
        try:
            self._keep_fresh()
        finally:
            for running in self._running.values():
                running.calls.close()
                running.line.left.append(running.calls)
            self._lines.close()

    def _keep_fresh(self) -> None:
        while not self._closed.is_set():
            line = self._connect()
            if line is None:
                self._closed.wait(min(RETRY_SECONDS, self._options.refresh_seconds))
                continue
            idle = [name for name in self._parts.ask if not self._outstanding(name)]
            for name, wanted in self._agenda.take(idle).items():
                self._begin(name, wanted, line)
            if not self._running:
                self._settle()
            if self._running:
                self._look()
            else:
                self._agenda.wait(idle)

    def _connect(self) -> Line | None:
        try:
            line = self._lines.take(time.monotonic() + self._options.refresh_deadline_seconds)
        except HostError as error:
            self._parts.faults = {"connection": (Fault("host", "connection", error.code, error.message),)}
            self._settle()
            return None
        self._lines.sweep()
        return line

    def _begin(self, name: str, wanted: Wanted, line: Line) -> None:
        calls = self._calls[name] = Calls(Session(line.connection), lanes=1)
        deadline = time.monotonic() + self._options.refresh_deadline_seconds
        self._running[name] = _Running(calls, line, self._parts.ask[name](calls, wanted), deadline)

    def _look(self) -> None:
        """Wait for each part that is being read for a moment, and keep what is done."""
        for name, running in tuple(self._running.items()):
            if running.calls.step(running.deadline, call_seconds=self._options.refresh_deadline_seconds):
                del self._running[name]
                running.calls.close()
                if running.calls.broken is not None:
                    self._lose()
                    return
                running.keep()
                self._parts.faults[name] = tuple(running.calls.faults)
                self._publish()
            else:
                running.look()

    def _lose(self) -> None:
        """Give up the connection, and read all again over another one."""
        self._lines.set_aside(lost=True)
        for running in self._running.values():
            running.calls.close()
        self._running.clear()
        self._calls.clear()
        self._agenda.note("")

    def _publish(self) -> None:
        """Show what has come, so that a part that hangs keeps nobody from the others' news."""
        if self._parts.listed:
            self._parts.faults.pop("connection", None)
            with self._changed:
                self._current = self._parts.freeze()
                self._published = self._published or time.monotonic()
                self._changed.notify_all()

    def _settle(self) -> None:
        """Let nobody wait any longer for the first reading."""
        with self._changed:
            self._settled = True
            self._changed.notify_all()

    def _outstanding(self, name: str) -> bool:
        return name in self._running or (name in self._calls and self._calls[name].outstanding > 0)
