"""Many calls of one host in flight, each of which may be left behind.

A task is a function of a Session; it stores what it read itself, and may submit further tasks. Lanes (daemon threads)
take tasks from one queue. libvirtd serves five requests of a client at a time and cuts off the keepalive of a client at
its limit, so at most four lanes share a connection; over distance further sessions are opened while the first works.
"""

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

import libvirt

from omc.drivers.hypervisor.faults import GONE, fault, is_broken, message, number
from omc.ports import Fault

LANES_PER_CONNECTION = 4
TICK_SECONDS = 0.25
SILENCE_SECONDS = 1.0
"""After this long without any answer a probe asks the daemon for its version: it answers that whatever else it does."""

PROBE_SECONDS = 4.0
"""A probe without an answer for so long means that the daemon stands still, or the line is cut."""


class Session:
    """One connection, with the guests as it knows them (libvirt's objects belong to their connection)."""

    def __init__(self, connection: libvirt.virConnect, domains: dict[str, libvirt.virDomain] | None = None) -> None:
        self.connection = connection
        self._domains = domains

    def domain(self, uuid: str) -> libvirt.virDomain:
        """Give the guest; a session that did not list them looks it up, one call."""
        if self._domains is not None and uuid in self._domains:
            return self._domains[uuid]
        return self.connection.lookupByUUIDString(uuid)

    def list_domains(self) -> list[libvirt.virDomain]:
        """List all guests and remember them."""
        found: list[libvirt.virDomain] = self.connection.listAllDomains(0)
        self._domains = {domain.UUIDString(): domain for domain in found}
        return found


Task = Callable[[Session], None]


class _Running:
    """A task that a lane is at."""

    __slots__ = ("call", "left", "since", "subject", "task")

    def __init__(self, task: Task, subject: str, call: str) -> None:
        self.task = task
        self.subject = subject
        self.call = call
        self.since = 0.0
        self.left = False


class Calls:
    """The tasks of one host; `faults` grows as calls fail."""

    def __init__(self, session: Session, lanes: int = LANES_PER_CONNECTION) -> None:
        self.faults: list[Fault] = []
        self.unsupported: set[str] = set()
        self.broken: Fault | None = None
        self._session = session
        self._lock = threading.Lock()
        self._work = threading.Condition(self._lock)
        self._done = threading.Condition(self._lock)
        self._waiting: deque[_Running] = deque()
        self._running: dict[int, _Running] = {}
        self._unfinished = 0
        self._idle = 0
        self._lanes = 0
        self.most = lanes
        self.batch = 8  # small calls that one task makes; over distance each is a task of its own
        self._numbers = itertools.count()
        self._last_answer = time.monotonic()
        self._probed_at: float | None = None
        self._closed = False

    def submit(self, subject: str, call: str, task: Task, *, first: bool = False) -> None:
        """Queue a task, before all others where it goes on with a chain; `subject` and `call` name it in a Fault."""
        with self._lock:
            (self._waiting.appendleft if first else self._waiting.append)(_Running(task, subject, call))
            self._unfinished += 1
            if self._idle:
                self._idle -= 1  # here, not where the lane wakes: the next task needs another lane
                self._work.notify()
            elif self._lanes < self.most:
                self._start_lane(self._session)

    def add_session(self, open_session: Callable[[], Session | None], lanes: int = LANES_PER_CONNECTION) -> None:
        """Open a further connection in the background and give it lanes of its own when it stands."""

        def attempt() -> None:
            session = open_session()
            with self._lock:
                if session is None or self._closed:
                    return
                self.most += lanes
                for _ in range(lanes):
                    self._start_lane(session)

        threading.Thread(target=attempt, daemon=True, name="omc-connect").start()

    def drain(self, deadline: float, *, call_seconds: float, look: Callable[[], None] = lambda: None) -> None:
        """Wait until every task is done; what has not answered by then, or for `call_seconds`, becomes a Fault.

        `look` is called a few times a second meanwhile.
        """
        while not self.step(deadline, call_seconds=call_seconds):
            look()

    def step(self, deadline: float, *, call_seconds: float) -> bool:
        """Wait for a moment as `drain` does; tell whether nothing is left to wait for."""
        with self._lock:
            if self._unfinished > 0 and self.broken is None:
                self._done.wait(max(0.0, min(deadline - time.monotonic(), TICK_SECONDS)))
            if self._unfinished <= 0 and self.broken is None:
                return True
            now = time.monotonic()
            self._leave(now, deadline, call_seconds)
            self._look_for_silence(now)
            if now < deadline and self.broken is None:
                return False
            self._give_up_waiting()  # before another lane takes one of them, which nobody would wait for
            return True

    def leave(self, subject: str, call: str) -> None:
        """Stop waiting for a running task without a Fault: somebody asks in another way."""
        with self._lock:
            for running in self._running.values():
                if (running.subject, running.call) == (subject, call) and not running.left:
                    self._abandon(running)

    def oldest(self, call: str) -> list[tuple[str, float]]:
        """Give subject and seconds of every running task of this call that is still waited for."""
        now = time.monotonic()
        with self._lock:
            found = [task for task in self._running.values() if task.call == call and not task.left]
        return [(task.subject, now - task.since) for task in found]

    @property
    def abandoned(self) -> bool:
        """Tell whether a call is still out there: then the connection must not be closed, that would wait for it."""
        with self._lock:
            return bool(self._running)

    @property
    def outstanding(self) -> int:
        """Count the calls that the daemon has not answered yet."""
        with self._lock:
            return len(self._running)

    def close(self) -> None:
        """Let the idle lanes end."""
        with self._lock:
            self._closed = True
            self._work.notify_all()

    def _start_lane(self, session: Session) -> None:
        self._lanes += 1
        threading.Thread(target=self._lane, args=(session,), daemon=True, name="omc-call").start()

    def _lane(self, session: Session) -> None:
        key = next(self._numbers)
        while (running := self._take(key)) is not None:
            found = self._attempt(running, session)
            with self._lock:
                del self._running[key]
                self._last_answer = time.monotonic()
                if running.left:
                    return  # it is no longer counted as a lane
                if found is not None and self.broken in (None, found):
                    self.faults.append(found)
                self._unfinished -= 1
                if self._unfinished <= 0 or self.broken is not None:
                    self._done.notify_all()

    def _take(self, key: int) -> _Running | None:
        with self._lock:
            while not self._waiting:
                if self._closed:
                    self._lanes -= 1
                    return None
                self._idle += 1
                self._work.wait()
            running = self._waiting.popleft()
            running.since = time.monotonic()
            self._running[key] = running
            return running

    def _attempt(self, running: _Running, session: Session) -> Fault | None:
        try:
            running.task(session)
        except libvirt.libvirtError as error:
            if number(error) in GONE:
                return None
            if not is_broken(error):
                return fault(error, running.subject, running.call)
            with self._lock:
                if self.broken is None:
                    self.broken = Fault("host", "connection", "connection-lost", message(error))
                    return self.broken
        except Exception as error:  # a defect in one task must not end the lane and hang the host
            return Fault(running.subject, running.call, "failed", f"{type(error).__name__}: {error}")
        return None

    def _leave(self, now: float, deadline: float, call_seconds: float) -> None:
        for running in self._running.values():
            if not running.left and (now - running.since > call_seconds or now >= deadline):
                self._abandon(running)
                self.faults.append(
                    Fault(running.subject, running.call, "deadline", f"no answer after {now - running.since:.1f} s")
                )

    def _abandon(self, running: _Running) -> None:
        running.left = True
        self._unfinished -= 1
        self._lanes -= 1
        if self._lanes < 1 and not self._closed:  # the daemon still counts the call that was left as unanswered
            self._start_lane(self._session)

    def _look_for_silence(self, now: float) -> None:
        if self._probed_at is not None and now - self._probed_at > PROBE_SECONDS:
            why = f"the daemon has answered nothing for {now - self._last_answer:.1f} s"
            self.broken = Fault("host", "connection", "connection-lost", why)
            self.faults.append(self.broken)
        elif self._probed_at is None and now - self._last_answer > SILENCE_SECONDS:
            self._probed_at = now
            threading.Thread(target=self._probe, daemon=True, name="omc-probe").start()

    def _probe(self) -> None:
        with suppress(libvirt.libvirtError):  # a broken connection shows itself in the calls
            self._session.connection.getLibVersion()
        with self._lock:
            self._probed_at = None
            self._last_answer = time.monotonic()

    def _give_up_waiting(self) -> None:
        self._closed = True
        if self.broken is None:  # else the broken connection says it for all
            why = "the host's deadline passed before it was asked"
            self.faults += [Fault(waiting.subject, waiting.call, "deadline", why) for waiting in self._waiting]
        self._unfinished -= len(self._waiting)
        self._waiting.clear()
        self._work.notify_all()
