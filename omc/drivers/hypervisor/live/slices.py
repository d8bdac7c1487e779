"""Bulk statistics of guests that answered when they were last asked, several a call.

A slice that stalls has met a guest that hangs. It is left, and its guests are `silent`, for `probe` to ask one at a
time. The slices behind it are `unasked`: they need another connection.
"""

from functools import partial

import libvirt
import msgspec

from omc.drivers.hypervisor.calls import Calls, Session
from omc.drivers.hypervisor.faults import fault, is_broken
from omc.drivers.hypervisor.guests import GuestDraft
from omc.drivers.hypervisor.stats import CALL, Question, ask_each, ask_states, take

QUIET = (
    libvirt.VIR_DOMAIN_STATS_STATE
    | libvirt.VIR_DOMAIN_STATS_INTERFACE
    | libvirt.VIR_DOMAIN_STATS_PERF
    | getattr(libvirt, "VIR_DOMAIN_STATS_MEMORY", 0)
)
"""Groups that libvirt never asks a guest's monitor for: no guest can keep it from the answer.

CPU time is none of them: since libvirt 8.9 its halt polling comes from the monitor.
"""

OF_FILES = libvirt.VIR_DOMAIN_STATS_BLOCK
"""Never asked of guests that do not run: libvirt opens the files of their disks while it holds the guest locked, and
where one lies on a mount that hangs, no client of that libvirt can list guests any more."""


class Slices:
    """The statistics of guests of one host, read through `calls`; `look` is to be called while those are drained."""

    def __init__(self, calls: Calls, question: Question) -> None:
        self.silent: list[GuestDraft] = []
        self.unasked: list[GuestDraft] = []
        self._calls = calls
        self._question = question
        self._resting = msgspec.structs.replace(question, groups=question.groups & ~OF_FILES)
        self._slices: dict[str, list[GuestDraft]] = {}
        self._stalled = False

    def submit(self, drafts: list[GuestDraft]) -> None:
        """Queue the slices: those that run, and larger ones of those that do not."""
        size = self._question.slice
        running = [draft for draft in drafts if draft.id is not None]
        resting = [draft for draft in drafts if draft.id is None]
        parts = [running[start : start + size] for start in range(0, len(running), size)]
        parts += [resting[start : start + 4 * size] for start in range(0, len(resting), 4 * size)]
        self._slices = {f"host#{number}": part for number, part in enumerate(parts)}
        for name in tuple(self._slices):  # the first ones are answered, and gone from there, before the last are queued
            self._calls.submit(name, CALL, partial(self._read, name))

    def look(self) -> None:
        """Leave slices that stall."""
        for name, seconds in self._calls.oldest(CALL):
            if seconds > self._question.stall_seconds and name in self._slices:
                self._calls.leave(name, CALL)
                self._stalled = True
                self.silent += self._slices.pop(name)

    def _read(self, name: str, session: Session) -> None:
        drafts = self._slices[name]
        if self._stalled:
            self.unasked += self._slices.pop(name)
            return
        question = self._resting if drafts[0].id is None else self._question
        try:
            domains = [session.domain(draft.uuid) for draft in drafts]
            found = session.connection.domainListGetStats(domains, question.groups, question.flags)
        except libvirt.libvirtError as error:
            if is_broken(error):
                raise
            if name not in self._slices:
                return  # it was left: its guests are asked one at a time by now
            self._spoiled(session, drafts, question, error)
            return
        if self._slices.pop(name, None) is not None:
            self.silent += take(drafts, found)

    def _spoiled(
        self, session: Session, drafts: list[GuestDraft], question: Question, error: libvirt.libvirtError
    ) -> None:
        if fault(error, "host", CALL).failed:
            ask_each(session, drafts, question, self._calls)
            return
        ask_states(session, drafts)
        if CALL not in self._calls.unsupported:
            self._calls.unsupported.add(CALL)
            self._calls.faults.append(fault(error, "host", CALL))
