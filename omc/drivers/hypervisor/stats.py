"""Bulk statistics of guests, in slices, with a guest whose QEMU stands still found and stepped over.

The first question that reaches such a guest blocks its slice. A second one with NOWAIT returns at once: that guest's
monitor is taken by the first, so it gives what needs no monitor, and all other guests are whole.
"""

import libvirt
import msgspec

from omc.drivers.hypervisor.calls import Calls, Session
from omc.drivers.hypervisor.faults import fault, number
from omc.drivers.hypervisor.guests import GuestDraft
from omc.ports import Fault

MOST_ASKS = 3  # of one slice: each unanswered one takes one of the five places that the daemon gives a client
CALL = "virDomainListGetStats"


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of each guest, how many at a time, and after how long a slice counts as stalled."""

    groups: int = libvirt.VIR_DOMAIN_STATS_STATE | libvirt.VIR_DOMAIN_STATS_BALLOON | libvirt.VIR_DOMAIN_STATS_BLOCK
    backing: bool = True
    slice: int = 25
    stall_seconds: float = 2.0
    most_asks: int = MOST_ASKS

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
            if fault(error, "host", CALL).failed and not again:
                self._each(session, drafts)
            else:
                self._states(session, drafts)
                if CALL not in self.calls.unsupported:
                    self.calls.unsupported.add(CALL)
                    self.calls.faults.append(fault(error, "host", CALL))
            return
        if name in self.answered:
            return
        self.answered.add(name)
        by_uuid = {draft.uuid: draft for draft in drafts}
        for domain, values in found:
            draft = by_uuid[domain.UUIDString()]
            draft.stats = values
            if "state.state" in values:
                draft.state = (values["state.state"], values.get("state.reason", 0))
            draft.hung = lacks_monitor(draft)

    def _each(self, session: Session, drafts: list[GuestDraft]) -> None:
        """Find the guest that spoils a slice (it went away, most often): ask one at a time."""
        for draft in drafts:
            try:
                found = session.connection.domainListGetStats(
                    [session.domain(draft.uuid)], self.question.groups, self.question.flags
                )
            except libvirt.libvirtError as own:
                if number(own) == libvirt.VIR_ERR_NO_DOMAIN:
                    draft.gone = True
                else:
                    self.calls.faults.append(fault(own, draft.subject, CALL))
                continue
            for _, values in found:
                draft.stats = values
                draft.state = (values.get("state.state", 0), values.get("state.reason", 0))
                draft.hung = lacks_monitor(draft)

    def _states(self, session: Session, drafts: list[GuestDraft]) -> None:
        """Ask each guest's state where the driver has no bulk statistics (lxc, xen)."""
        for draft in drafts:
            try:
                state, reason = session.domain(draft.uuid).state(0)
                draft.state = (state, reason)
            except libvirt.libvirtError as error:
                draft.gone = number(error) == libvirt.VIR_ERR_NO_DOMAIN


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
