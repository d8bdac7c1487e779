"""One scrape over one connection: the list, statistics in slices, and for what was asked a call a guest or host."""

import time
from collections.abc import Callable, Mapping
from functools import partial

import libvirt

from omc.drivers.hypervisor.calls import Calls, Session
from omc.drivers.hypervisor.guests import Guests
from omc.drivers.hypervisor.live import basic
from omc.drivers.hypervisor.stats import Question, Stats
from omc.ports import LiveGuest, LiveReading, Value

SLICE = 10
STALL_SECONDS = 1.0
BUSY_SECONDS = (0.02, 0.05, 0.1)
QUIET_GROUPS = frozenset({"state", "cpu", "interface"})
"""What libvirt knows without asking a guest's monitor."""

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


def mask(groups: frozenset[str]) -> int:
    """Give libvirt's flags for the groups; one that this libvirt does not know yet is left out."""
    flags = 0
    for group in groups | {"state"}:
        flags |= getattr(libvirt, f"VIR_DOMAIN_STATS_{_GROUPS.get(group, 'STATE')}", 0)
    return flags


class Reading:
    """One scrape of one host."""

    def __init__(
        self, calls: Calls, groups: frozenset[str], *, deadline: float, hung: frozenset[str] = frozenset()
    ) -> None:
        self.calls = calls
        self.groups = groups
        self.known_hung = hung
        self.deadline = deadline
        self.guests = Guests(calls)
        self.driver = ""
        self.listed = False
        self.seconds: dict[str, float] = {}
        self.cpu: dict[str, int] = {}
        self.memory: dict[str, int] = {}

    def run(self, xml: Callable[[], Mapping[str, str]]) -> None:
        """Ask all of it; what has not answered by the deadline is left. `xml` gives what is known of the guests."""
        self._timed("list", self._list)
        if self.listed and self.calls.broken is None:
            self._timed("guests", lambda: self._statistics(xml))
        if "job" in self.groups and self.calls.broken is None:
            self._timed("job", self._jobs)
        self.calls.close()

    def finish(self) -> LiveReading:
        """Freeze what came."""
        guests = []
        for draft in self.guests.drafts:
            if draft.gone:
                continue
            values = dict(draft.stats or {})
            if draft.id is None:  # libvirt 9.0 gives the CPU time of its own daemon for a guest without a process
                values = {key: value for key, value in values.items() if not key.startswith("cpu.")}
            if draft.state and "state.state" not in values:
                values["state.state"], values["state.reason"] = draft.state
            complete = draft.stats is not None and not draft.hung
            running = draft.id is not None
            guests.append(
                LiveGuest(name=draft.name, uuid=draft.uuid, running=running, values=values, complete=complete)
            )
        return LiveReading(
            guests=tuple(guests),
            facts=None,
            cpu=self.cpu,
            memory=self.memory,
            seconds=self.seconds,
            library_version=libvirt.getVersion(),
            faults=tuple(fault for fault in self.calls.faults if not fault.subject.startswith("host#")),
        )

    @property
    def hung(self) -> frozenset[str]:
        """The guests whose monitor did not answer."""
        return frozenset(draft.uuid for draft in self.guests.drafts if draft.hung)

    def _timed(self, part: str, ask: Callable[[], None]) -> None:
        started = time.monotonic()
        ask()
        self.seconds[part] = time.monotonic() - started

    def _list(self) -> None:
        def begin(session: Session) -> None:
            self.driver = session.connection.getType()
            self.guests.list(session)
            self.listed = True

        self.calls.submit("host", "virConnectListAllDomains", begin)
        self._drain()

    def _statistics(self, xml: Callable[[], Mapping[str, str]]) -> None:
        left = max(0.0, self.deadline - time.monotonic())
        question = Question(
            groups=mask(self.groups),
            backing=False,
            slice=SLICE,
            stall_seconds=min(STALL_SECONDS, left / 4),
            busy_seconds=BUSY_SECONDS,
            hung=self.known_hung,
        )
        stats = Stats(self.calls, self.guests.drafts, question)
        stats.submit()
        if "node" in self.groups:
            self.calls.submit("host", "virNodeGetCPUStats", self._node_cpu)
            self.calls.submit("host", "virNodeGetMemoryStats", self._node_memory)
        self._drain(stats.look)
        if self.driver != "QEMU" and self.calls.broken is None:
            basic.submit(self.calls, self.guests.drafts, dict(xml()))
            self._drain()

    def _jobs(self) -> None:
        """Ask every guest that just answered: one that did not has a call out there already."""
        for draft in self.guests.drafts:
            if draft.id is not None and draft.stats is not None and not draft.hung:
                self.calls.submit(draft.subject, "virDomainGetJobStats", partial(self._job, draft.uuid, draft.stats))
        self._drain()

    def _job(self, uuid: str, values: dict[str, Value], session: Session) -> None:
        found = session.domain(uuid).jobStats(0)
        values.update({f"job.{name}": value for name, value in found.items()})

    def _node_cpu(self, session: Session) -> None:
        self.cpu = session.connection.getCPUStats(-1, 0)

    def _node_memory(self, session: Session) -> None:
        self.memory = session.connection.getMemoryStats(-1, 0)

    def _drain(self, look: Callable[[], None] = lambda: None) -> None:
        self.calls.drain(self.deadline, call_seconds=max(0.0, self.deadline - time.monotonic()), look=look)
