"""One scrape: the list, statistics in slices, guests that may hang by themselves, then what costs a call a guest."""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import libvirt

from omc.drivers.hypervisor.calls import Calls, Session
from omc.drivers.hypervisor.guests import GuestDraft, Guests
from omc.drivers.hypervisor.live import basic, each
from omc.drivers.hypervisor.live.lines import MOST_WORKERS, Line, Lines
from omc.drivers.hypervisor.live.probe import Probe
from omc.drivers.hypervisor.live.slices import QUIET, Slices
from omc.drivers.hypervisor.stats import Question
from omc.errors import HostError
from omc.ports import Fault, LiveGuest, LiveReading

SLICE = 10
STALL_SECONDS = 1.0
ROUNDS = 2
"""So often guests are asked many at a time while some of them hang; then one at a time."""

BUSY_SECONDS = (0.02, 0.05, 0.1)

_GROUPS = {
    "state": "STATE",
    "cpu": "CPU_TOTAL",
    "balloon": "BALLOON",
    "vcpu": "VCPU",
    "interface": "INTERFACE",
    "block": "BLOCK",
    "perf": "PERF",
    "iothread": "IOTHREAD",
    "memory": "MEMORY",
    "dirtyrate": "DIRTYRATE",
}
_MONITOR = frozenset({"balloon", "vcpu", "block", "iothread", "dirtyrate"})
"""Groups that libvirt asks a guest's monitor for."""


def mask(groups: frozenset[str]) -> int:
    """Give libvirt's flags for the groups; one that this libvirt does not know yet is left out.

    Whoever asks monitors asks for the balloon, too: that it is missing is how a hung guest shows.
    """
    wanted = groups | {"state"}
    if groups & each.OF_DISKS:
        wanted |= {"block"}
    if wanted & _MONITOR or groups & each.GROUPS:
        wanted |= {"balloon"}
    flags = 0
    for group in wanted:
        flags |= getattr(libvirt, f"VIR_DOMAIN_STATS_{_GROUPS.get(group, 'STATE')}", 0)
    return flags


class Silent(NamedTuple):
    """Guests that did not answer in a scrape, by UUID; of those that are `taken` a call is out there already."""

    all: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()


class Reading:
    """One scrape of one host; `suspects` did not answer in the one before."""

    def __init__(self, lines: Lines, groups: frozenset[str], *, deadline: float, suspects: Silent) -> None:
        self.groups = groups
        self.deadline = deadline
        self.driver = ""
        self.listed = False
        self.broken = False
        self.taken: frozenset[str] = frozenset()
        self.faults: list[Fault] = []
        self.drafts: list[GuestDraft] = []
        self.seconds: dict[str, float] = {}
        self.cpu: dict[str, int] = {}
        self.memory: dict[str, int] = {}
        self._lines = lines
        self._suspects = suspects
        self._current: tuple[Calls, Line] | None = None

    def run(self, xml: Callable[[], Mapping[str, str]]) -> None:
        """Ask all of it; what has not answered by the deadline is left. `xml` gives what is known of the guests."""
        line = self._lines.take(self.deadline)
        self._timed("list", self._list)
        try:
            if self.listed and not self.broken:
                self._timed("guests", lambda: self._statistics(xml))
            if self.groups & each.GROUPS and self.listed and not self.broken:
                self._timed("calls", self._each)
        except HostError as error:  # of a further connection: what came over the first one is served
            self.faults.append(Fault("host", "connection", error.code, error.message))
        self._leave()
        if self.listed:
            line.silent_since = None
        elif line.outstanding:
            line.silent_since = line.silent_since or time.monotonic()

    def finish(self) -> LiveReading:
        """Freeze what came."""
        return LiveReading(
            guests=tuple(_frozen(draft) for draft in self.drafts if not draft.gone),
            facts=None,
            cpu=self.cpu,
            memory=self.memory,
            seconds=self.seconds,
            library_version=libvirt.getVersion(),
            faults=tuple(fault for fault in self.faults if not fault.subject.startswith("host#")),
        )

    @property
    def silent(self) -> Silent:
        """The guests whose monitor did not answer."""
        return Silent(frozenset(draft.uuid for draft in self.drafts if draft.hung), self.taken)

    def _timed(self, part: str, ask: Callable[[], None]) -> None:
        started = time.monotonic()
        try:
            ask()
        finally:
            self.seconds[part] = time.monotonic() - started

    def _list(self) -> None:
        calls = self._calls()
        guests = Guests(calls)

        def begin(session: Session) -> None:
            self.driver = session.connection.getType()
            guests.list(session)
            self.listed = True

        calls.submit("host", "virConnectListAllDomains", begin)
        self._drain(calls)
        self.drafts = guests.drafts if self.listed else []

    def _statistics(self, xml: Callable[[], Mapping[str, str]]) -> None:
        well, silent = self._told_apart()
        if "node" in self.groups:
            calls = self._calls()
            calls.submit("host", "virNodeGetCPUStats", self._node_cpu)
            calls.submit("host", "virNodeGetMemoryStats", self._node_memory)
            self._drain(calls)
        question = self._question(mask(self.groups))
        for _ in range(ROUNDS):
            slices = self._ask(well, question)
            well = slices.unasked
            silent += slices.silent
            if not well or self.broken:
                break
        if self.driver != "QEMU" and not self.broken:
            calls = self._calls()
            basic.submit(calls, self.drafts, dict(xml()))
            self._drain(calls)
        silent += well
        if silent and not self.broken:
            self._probe(silent, question)

    def _ask(self, drafts: list[GuestDraft], question: Question) -> Slices:
        calls = self._calls()
        slices = Slices(calls, question)
        slices.submit(drafts)
        self._drain(calls, slices.look)
        return slices

    def _told_apart(self) -> tuple[list[GuestDraft], list[GuestDraft]]:
        """Give the guests that may be asked many at a time, and those that may not."""
        if self._lines.outstanding >= MOST_WORKERS:  # whoever hangs next could take the daemon's last worker
            suspects = {draft.uuid for draft in self.drafts if draft.id is not None}
        else:
            suspects = {
                draft.uuid for draft in self.drafts if draft.id is not None and draft.uuid in self._suspects.all
            }
        well = [draft for draft in self.drafts if draft.uuid not in suspects]
        return well, [draft for draft in self.drafts if draft.uuid in suspects]

    def _probe(self, silent: list[GuestDraft], question: Question) -> None:
        """Read what needs no monitor, which no guest can keep back, and then see which of them answer."""
        self._ask(silent, self._question(QUIET))
        for draft in silent:
            draft.hung = True
        if self.groups & (_MONITOR | each.GROUPS) and not self.broken:
            self._leave()
            probe = Probe(self._lines, question, self.deadline)
            probe.run([draft for draft in silent if not draft.gone], self._suspects.taken)
            self.faults += probe.faults
            self.taken = frozenset(probe.taken)

    def _each(self) -> None:
        """Ask every guest that just answered: one that did not has a call out there already."""
        calls = self._calls()
        well = [draft for draft in self.drafts if draft.id is not None and draft.stats is not None and not draft.hung]
        each.submit(calls, well, self.groups)
        calls.drain(self.deadline, call_seconds=each.CALL_SECONDS)
        self.broken = self.broken or calls.broken is not None

    def _node_cpu(self, session: Session) -> None:
        self.cpu = session.connection.getCPUStats(-1, 0)

    def _node_memory(self, session: Session) -> None:
        self.memory = session.connection.getMemoryStats(-1, 0)

    def _question(self, groups: int) -> Question:
        left = max(0.0, self.deadline - time.monotonic())
        stall = min(STALL_SECONDS, left / 4)
        return Question(groups=groups, backing=False, slice=SLICE, stall_seconds=stall, busy_seconds=BUSY_SECONDS)

    def _calls(self) -> Calls:
        """Give the calls to use: on another connection where one of this is unanswered."""
        if self._current is not None and self._current[0].outstanding:
            self._leave()
        if self._current is None:
            line = self._lines.take(self.deadline)
            session = Session(line.connection)
            self._current = (Calls(session), line)
            if self.listed:  # one call instead of one for each guest
                self._current[0].submit("host", "virConnectListAllDomains", _know_guests)
                self._drain(self._current[0])
        return self._current[0]

    def _drain(self, calls: Calls, look: Callable[[], None] = lambda: None) -> None:
        calls.drain(self.deadline, call_seconds=max(0.0, self.deadline - time.monotonic()), look=look)
        self.broken = self.broken or calls.broken is not None

    def _leave(self) -> None:
        """Be done with the calls: what is unanswered of them counts for the connection."""
        if self._current is not None:
            calls, line = self._current
            calls.close()
            self.faults += calls.faults
            if calls.outstanding:
                line.left.append(calls)
            self._current = None


def _know_guests(session: Session) -> None:
    session.list_domains()


def _frozen(draft: GuestDraft) -> LiveGuest:
    values = dict(draft.stats or {})
    if draft.id is None:  # libvirt 9.0 gives the CPU time of its own daemon for a guest without a process
        values = {key: value for key, value in values.items() if not key.startswith("cpu.")}
    if draft.state and "state.state" not in values:
        values["state.state"], values["state.reason"] = draft.state
    complete = draft.stats is not None and not draft.hung
    return LiveGuest(name=draft.name, uuid=draft.uuid, running=draft.id is not None, values=values, complete=complete)
