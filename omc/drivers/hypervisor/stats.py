"""Bulk statistics of guests, in slices, with a guest whose QEMU stands still found and stepped over.

The first question that reaches such a guest blocks its slice. A second one with NOWAIT returns at once: that guest's
monitor is taken by the first, so it gives what needs no monitor, and all other guests are whole.
"""

import libvirt

from omc.drivers.hypervisor.calls import Calls, Session
from omc.drivers.hypervisor.faults import fault, number
from omc.drivers.hypervisor.guests import GuestDraft
from omc.ports import Fault

SLICE = 25
STALL_SECONDS = 2.0
MOST_ASKS = 3  # of one slice: each unanswered one takes one of the five places that the daemon gives a client
CALL = "virDomainListGetStats"
_GROUPS = libvirt.VIR_DOMAIN_STATS_STATE | libvirt.VIR_DOMAIN_STATS_BALLOON | libvirt.VIR_DOMAIN_STATS_BLOCK
_FLAGS = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_BACKING


class Stats:
    """Reads the statistics of all guests of one host through `calls`."""

    def __init__(self, calls: Calls, drafts: list[GuestDraft]) -> None:
        self.calls = calls
        running = [draft for draft in drafts if draft.id is not None]
        stopped = [draft for draft in drafts if draft.id is None]
        self.slices = {
            f"host#{number}": part
            for number, part in enumerate([*_slices(running, SLICE), *_slices(stopped, 4 * SLICE)])
        }
        self.asks = dict.fromkeys(self.slices, 0)
        self.answered: set[str] = set()

    def submit(self) -> None:
        """Queue every slice."""
        for name in self.slices:
            self._ask(name)

    def look(self) -> None:
        """Ask again for slices that stall; called while the host is drained."""
        for name, seconds in self.calls.oldest(CALL):
            if seconds > STALL_SECONDS and name in self.asks and self.asks[name] < MOST_ASKS:
                self.calls.leave(name, CALL)
                self._ask(name)

    def _ask(self, name: str) -> None:
        self.asks[name] += 1
        self.calls.submit(name, CALL, lambda session: self._read(session, name, again=self.asks[name] > 1))

    def _read(self, session: Session, name: str, *, again: bool) -> None:
        drafts = self.slices[name]
        try:
            domains = [session.domain(draft.uuid) for draft in drafts]
            found = session.connection.domainListGetStats(domains, _GROUPS, _FLAGS)
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
                found = session.connection.domainListGetStats([session.domain(draft.uuid)], _GROUPS, _FLAGS)
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
