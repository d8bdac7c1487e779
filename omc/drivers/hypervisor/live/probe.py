"""Asks guests that may hang, one at a time: each that does costs one call, and is known by name.

Always with NOWAIT: of a guest whose monitor is taken already (by the call that found it, by another client) libvirt
gives at once what it knows without it. So a guest that does not answer is asked once more, behind the call that waits
for it. A guest that answers is well again.
"""

import threading
import time
from collections import deque

import libvirt

from omc.drivers.hypervisor.calls import Session
from omc.drivers.hypervisor.faults import fault, is_broken, number
from omc.drivers.hypervisor.guests import GuestDraft
from omc.drivers.hypervisor.live.lines import MOST_LEFT_IN_ALL, MOST_WORKERS, Lines
from omc.drivers.hypervisor.stats import CALL, Question, take
from omc.errors import HostError
from omc.ports import Fault

PROBE_SECONDS = 0.25
"""A guest that has not answered for so long hangs; on a host that is only busy the last look finds it well."""


class _Attempt:
    """A thread that asks one guest after the other, until it is left with one that does not answer."""

    def __init__(self, session: Session, waiting: deque[GuestDraft], question: Question) -> None:
        self.asked: list[GuestDraft] = []
        self.current: GuestDraft | None = None
        self.broken = False
        self.faults: list[Fault] = []
        self._session = session
        self._waiting = waiting
        self._question = question
        self._since = time.monotonic()
        self._changed = threading.Condition()
        self._left = False
        self._done = False
        threading.Thread(target=self._run, daemon=True, name="omc-probe").start()

    @property
    def outstanding(self) -> int:
        """Tell, as 0 or 1, whether it waits for a guest."""
        return int(not self._done)

    def wait(self, deadline: float) -> None:
        """Wait until all have answered, one does not, or the deadline is there; then it asks nobody any more."""
        with self._changed:
            while not self._done:
                left = min(deadline, self._since + PROBE_SECONDS) - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            self._left = True

    def _run(self) -> None:
        try:
            while (draft := self._next()) is not None:
                self._ask(draft)
        finally:
            with self._changed:
                self._done = True
                self._changed.notify_all()

    def _next(self) -> GuestDraft | None:
        with self._changed:
            self._since = time.monotonic()
            more = self._waiting and not self._left and not self.broken
            self.current = self._waiting.popleft() if more else None
            return self.current

    def _ask(self, draft: GuestDraft) -> None:
        try:
            domain = self._session.domain(draft.uuid)
            found = self._session.connection.domainListGetStats([domain], self._question.groups, self._question.flags)
        except libvirt.libvirtError as error:
            self.broken = is_broken(error)
            draft.gone = number(error) == libvirt.VIR_ERR_NO_DOMAIN
            if not draft.gone and not self.broken:
                self.faults.append(fault(error, draft.subject, CALL))
            return
        if not self._left:
            take([draft], found)
            self.asked.append(draft)


class Probe:
    """The probing of one scrape, before its deadline; `taken` are the guests whose monitors turned out to be taken."""

    def __init__(self, lines: Lines, question: Question, deadline: float) -> None:
        self.faults: list[Fault] = []
        self.taken: set[str] = set()
        self._lines = lines
        self._question = question
        self._deadline = deadline

    def run(self, drafts: list[GuestDraft], known: frozenset[str]) -> None:
        """Ask these guests; those that were not `known` as taken are asked again in a while where they are."""
        self._ask([draft for draft in drafts if draft.uuid in known], most=MOST_WORKERS)
        fresh = [draft for draft in drafts if draft.uuid not in known]
        self._ask(fresh, most=MOST_LEFT_IN_ALL)
        for seconds in self._question.busy_seconds:
            busy = [draft for draft in fresh if draft.uuid in self.taken and not draft.gone]
            if not busy or time.monotonic() + seconds > self._deadline:
                return
            time.sleep(seconds)
            self._ask(busy, most=MOST_LEFT_IN_ALL)

    def _ask(self, drafts: list[GuestDraft], *, most: int) -> None:
        waiting, twice = deque(drafts), set[str]()
        while waiting and self._lines.outstanding < most and time.monotonic() < self._deadline:
            try:
                line = self._lines.take(self._deadline)
            except HostError:
                return  # the next scrape asks; the page of this one is there already
            attempt = _Attempt(Session(line.connection), waiting, self._question)
            line.left.append(attempt)
            attempt.wait(self._deadline)
            if attempt.current is not None and attempt.current.uuid not in twice:
                twice.add(attempt.current.uuid)
                waiting.appendleft(attempt.current)
            self._note(attempt)
            if attempt.broken:
                self._lines.set_aside(lost=True)
                return

    def _note(self, attempt: _Attempt) -> None:
        self.faults += attempt.faults
        for draft in attempt.asked:
            (self.taken.add if draft.hung else self.taken.discard)(draft.uuid)
