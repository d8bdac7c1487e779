"""Bulk statistics of guests, in slices, with a guest whose QEMU stands still found and stepped over.

The first question that reaches such a guest blocks its slice. A second one with NOWAIT returns at once: that guest's
monitor is taken by the first, so it gives what needs no monitor, and all other guests are whole. A guest whose monitor
another client has at that moment (an exporter, a second omc) answers like that too, so it is asked a few times more
before it is called hung.
"""

import time
from sys import intern

import libvirt
import msgspec

from omc.drivers.hypervisor.calls import Calls, Session
from omc.drivers.hypervisor.faults import fault, is_broken, number
from omc.drivers.hypervisor.guests import GuestDraft
from omc.ports import Fault, Value

MOST_ASKS = 3  # of one slice: each unanswered one takes one of the five places that the daemon gives a client
BUSY_SECONDS = (0.05, 0.15, 0.3, 0.6, 0.9)  # waited before each further question to a guest whose monitor is taken
CALL = "virDomainListGetStats"


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of each guest, how many at a time, and after how long a slice counts as stalled."""

    groups: int = libvirt.VIR_DOMAIN_STATS_STATE | libvirt.VIR_DOMAIN_STATS_BALLOON | libvirt.VIR_DOMAIN_STATS_BLOCK
    backing: bool = True
    slice: int = 25
    stall_seconds: float = 2.0
    most_asks: int = MOST_ASKS
    busy_seconds: tuple[float, ...] = BUSY_SECONDS
    hung: frozenset[str] = frozenset()  # UUIDs of guests that hung when last asked: nobody waits for them

    @property
    def flags(self) -> int:
        """Flags of the call; never without NOWAIT."""
        nowait: int = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT
        return nowait | (libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_BACKING if self.backing else 0)


class Stats:
    """Reads the statistics of all guests of one host through `calls`."""

    def __init__(self, calls: Calls, drafts: list[GuestDraft], question: Question | None = None) -> None:
        self.calls = calls
        self.question = question or Question()
        running = [draft for draft in drafts if draft.id is not None]
        stopped = [draft for draft in drafts if draft.id is None]
        size = self.question.slice
        self.slices = {
            f"host#{number}": part for number, part in enumerate([*_slices(running, size), *_slices(stopped, 4 * size)])
        }
        self.asks = dict.fromkeys(self.slices, 0)
        self.answered: set[str] = set()

    def submit(self) -> None:
        """Queue every slice."""
        for name in self.slices:
            self._ask(name)

    def look(self) -> None:
        """Ask again for slices that stall; called while the host is drained."""
        stall = self.question.stall_seconds
        for name, seconds in self.calls.oldest(CALL):
            if seconds > stall and name in self.asks and self.asks[name] < self.question.most_asks:
                self.calls.leave(name, CALL)
                self._ask(name)

    def _ask(self, name: str) -> None:
        self.asks[name] += 1
        self.calls.submit(name, CALL, lambda session: self._read(session, name, again=self.asks[name] > 1))

    def _read(self, session: Session, name: str, *, again: bool) -> None:
        drafts = self.slices[name]
        try:
            domains = [session.domain(draft.uuid) for draft in drafts]
            found = session.connection.domainListGetStats(domains, self.question.groups, self.question.flags)
        except libvirt.libvirtError as error:
            if is_broken(error):
                raise
            if fault(error, "host", CALL).failed and not again:
                ask_each(session, drafts, self.question, self.calls)
            else:
                ask_states(session, drafts)
                if CALL not in self.calls.unsupported:
                    self.calls.unsupported.add(CALL)
                    self.calls.faults.append(fault(error, "host", CALL))
            return
        if name in self.answered:
            return
        self.answered.add(name)
        busy = [draft for draft in take(drafts, found) if draft.uuid not in self.question.hung]
        if busy and not again:
            self.calls.submit("host#busy", f"{CALL}(busy)", lambda session: self._wait_for(session, busy))

    def _wait_for(self, session: Session, busy: list[GuestDraft]) -> None:
        """Ask guests again whose monitor somebody else had just then: most give it back within milliseconds."""
        for seconds in self.question.busy_seconds:
            time.sleep(seconds)
            domains = [session.domain(draft.uuid) for draft in busy]
            found = session.connection.domainListGetStats(domains, self.question.groups, self.question.flags)
            busy = take(busy, found)
            if not busy:
                return


def ask_each(session: Session, drafts: list[GuestDraft], question: Question, calls: Calls) -> None:
    """Find the guest that spoils a slice (it went away, most often): ask one at a time."""
    for draft in drafts:
        try:
            found = session.connection.domainListGetStats([session.domain(draft.uuid)], question.groups, question.flags)
        except libvirt.libvirtError as own:
            if number(own) == libvirt.VIR_ERR_NO_DOMAIN:
                draft.gone = True
            else:
                calls.faults.append(fault(own, draft.subject, CALL))
            continue
        take(drafts, found)


def ask_states(session: Session, drafts: list[GuestDraft]) -> None:
    """Ask each guest's state where the driver has no bulk statistics (lxc, xen)."""
    for draft in drafts:
        try:
            state, reason = session.domain(draft.uuid).state(0)
            draft.state = (state, reason)
        except libvirt.libvirtError as error:
            draft.gone = number(error) == libvirt.VIR_ERR_NO_DOMAIN


def take(drafts: list[GuestDraft], found: list[tuple[libvirt.virDomain, dict[str, Value]]]) -> list[GuestDraft]:
    """Give each guest what was found, and return those whose monitor did not answer."""
    by_uuid = {draft.uuid: draft for draft in drafts}
    for domain, values in found:
        draft = by_uuid[domain.UUIDString()]
        # Each answer brings its own copies of the same names: one for all guests saves half of what they take.
        draft.stats = {intern(name): value for name, value in values.items()}
        if "state.state" in values:
            draft.state = (int(values["state.state"]), int(values.get("state.reason", 0)))
        draft.hung = lacks_monitor(draft)
    return [draft for draft in drafts if draft.hung]


def lacks_monitor(draft: GuestDraft) -> bool:
    """Tell whether a running QEMU guest gave only what needs no monitor: its balloon's size, but no counters."""
    if draft.stats is None or not draft.state or draft.state[0] != libvirt.VIR_DOMAIN_RUNNING:
        return False
    return "balloon.maximum" in draft.stats and not {"balloon.rss", "block.0.rd.reqs"} & draft.stats.keys()


def missing(calls: Calls, stats: Stats) -> list[Fault]:
    """Say which guests' statistics did not come; a hung guest says that itself."""
    if CALL in calls.unsupported:
        return []
    silent = (draft for part in stats.slices.values() for draft in part if draft.stats is None and not draft.gone)
    return [Fault(draft.subject, CALL, "deadline", "no statistics before the deadline") for draft in silent]


def _slices(drafts: list[GuestDraft], size: int) -> list[list[GuestDraft]]:
    return [drafts[start : start + size] for start in range(0, len(drafts), size)]
