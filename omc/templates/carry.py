"""Carries a run out: batch by batch, a few hosts at a time, each written down before and after it is touched.

One host's failure is its own, and the others go on until the gate closes. What is done to a host is the caller's
(`omc.templates.changing`). Nothing here prints; the watcher hears what happens.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Generic, Protocol, TypeVar

import msgspec

from omc import fleet
from omc.errors import HostError, OmcError
from omc.ports import RunHost, Runs, TemplateRun
from omc.templates.batches import ALL, Share, split
from omc.templates.gate import Gate
from omc.templates.health import UNWELL
from omc.templates.runs import rfc3339
from omc.templates.task import FAILED

_LONG = 7 * 86_400.0
"""No host ends a batch by being slow: each has a deadline of its own, far below this."""

_SHARE_FOR_HEALTH = 0.8
"""Of the time until hosts put themselves back: the rest is for confirming them, or putting them back at once."""

HELD = "held"
"""The code of a host that was changed and waits until the health check has spoken; it is no failure yet."""


class Named(Protocol):
    """What is done to one host."""

    @property
    def host(self) -> str:
        """The host's name in the site."""


Item = TypeVar("Item", bound=Named)


class Watcher(Protocol):
    """Hears of a run; called from one thread."""

    def batch(self, number: int, batches: int, hosts: Sequence[str]) -> None:
        """A batch begins."""

    def host(self, host: RunHost) -> None:
        """A host is done."""

    def health(self, reason: str) -> None:
        """The health check after a batch ended; an empty reason is good health."""


class Holding(Protocol):
    """Keeps the hosts of a batch that were changed, and put themselves back unless they are confirmed in time."""

    def seconds_left(self) -> float:
        """Return how long the first of them still waits."""

    def settle(self, host: RunHost, reason: str) -> RunHost:
        """Confirm a host, or put it back where there is a `reason`; return what came of it."""


class How(msgspec.Struct, frozen=True, kw_only=True):
    """How a run is carried out; `health` returns why all is not well, for the hosts of a batch.

    It is given the seconds that it may take, None where its own limit does. With `holding`, hosts whose record has the
    code HELD are settled when it has spoken.
    """

    parallel: int
    batches: tuple[Share, ...] = ALL
    health: Callable[[Sequence[str], float | None], str] | None = None
    holding: Holding | None = None
    stops: bool = True  # where every host of a batch failed


class Carrier(Generic[Item]):
    """One run; it is written down already, with all its hosts. `act` does one host and may raise HostError."""

    def __init__(self, run: str, how: How, act: Callable[[Item], RunHost], runs: Runs, gate: Gate) -> None:
        self._run, self._how, self._act, self._runs, self._gate = run, how, act, runs, gate
        self._broken: OmcError | None = None

    def carry_out(self, items: Sequence[Item], watcher: Watcher) -> list[RunHost]:
        """Do all hosts; return what became of each, those that were not begun too.

        Raises the store's error at the end, where it took no more; no host begins after that.
        """
        done: dict[str, RunHost] = {}
        batches = split(items, self._how.batches)
        for number, batch in enumerate(batches, 1):
            if self._gate.is_closed:
                break
            watcher.batch(number, len(batches), [item.host for item in batch])
            outcomes = self._do_all(batch, watcher)
            done |= {host.host: host for host in (*outcomes, *self._judge(outcomes, watcher))}
        for item in items:
            if item.host not in done:
                done[item.host] = self._write(self._not_begun(item))
        if self._broken is not None:
            raise self._broken
        return list(done.values())

    def _do_all(self, batch: Sequence[Item], watcher: Watcher) -> list[RunHost]:
        found = []
        deadline = time.monotonic() + _LONG
        for result in fleet.run(
            batch, self._do, parallel=self._how.parallel, deadline=deadline, name=lambda item: item.host
        ):
            host = result.value or self._defect(result.item, result.error)
            watcher.host(host)
            found.append(host)
        return found

    def _do(self, item: Item) -> RunHost:
        """Do one host, write it down and count it, before this thread takes the next one."""
        if self._gate.is_closed:
            return self._write(self._not_begun(item))
        try:
            host = self._act(item)
        except OmcError as error:
            host = failed(item.host, "failed", error)
        return self._counted(host)

    def _counted(self, host: RunHost) -> RunHost:
        if host.status in FAILED and host.code != HELD:
            self._gate.count_failure()
        return self._write(host)

    def _defect(self, item: Named, error: OmcError | None) -> RunHost:
        """Write down a host that a fault of omc's own cost."""
        self._gate.count_failure()
        return self._write(failed(item.host, "failed", error))

    def _judge(self, outcomes: Sequence[RunHost], watcher: Watcher) -> list[RunHost]:
        """Close the gate where a whole batch failed, or the health check says no; settle and return what is held."""
        begun = [host for host in outcomes if host.status != "not_begun"]
        held = [host for host in begun if host.code == HELD]
        if self._how.stops and begun and all(host.status in FAILED for host in begun) and not held:
            self._gate.close("stopped", "every host of a batch failed")
        if self._how.health is None or not begun or (self._gate.is_closed and not held):
            return []
        reason = self._health([host.host for host in begun], held=bool(held))
        watcher.health(reason)
        if reason:
            self._gate.close("stopped", f"{UNWELL}: {reason}")
        return self._settle(held, reason, watcher)

    def _health(self, hosts: Sequence[str], *, held: bool) -> str:
        assert self._how.health is not None
        if not held or self._how.holding is None:
            return self._how.health(hosts, None)
        left = self._how.holding.seconds_left() * _SHARE_FOR_HEALTH
        return self._how.health(hosts, left) if left > 0 else "its hosts waited too long: smaller batches, or more time"

    def _settle(self, held: Sequence[RunHost], reason: str, watcher: Watcher) -> list[RunHost]:
        """Confirm what was held, or put it back."""
        holding = self._how.holding
        if holding is None or not held:
            return []

        def one(host: RunHost) -> RunHost:
            return self._counted(holding.settle(host, reason))

        found = []
        deadline = time.monotonic() + _LONG
        for result in fleet.run(held, one, parallel=self._how.parallel, deadline=deadline, name=lambda host: host.host):
            host = result.value or self._defect(result.item, result.error)
            watcher.host(host)
            found.append(host)
        if all(host.status in FAILED for host in found):
            self._gate.close("stopped", "no host of a batch could be confirmed")
        return found

    def _write(self, host: RunHost) -> RunHost:
        try:
            self._runs.record(self._run, host)
        except OmcError as error:
            self._broken = self._broken or error  # the hosts under way still have their say
            self._gate.close("stopped", f"the store takes no more: {error.message}")
        return host

    def _not_begun(self, item: Item) -> RunHost:
        return RunHost(host=item.host, status="not_begun", message=self._gate.reason)


def failed(host: str, status: str, error: OmcError | None, seconds: float | None = None) -> RunHost:
    """Return the record of a host that gave an error."""
    assert error is not None
    code = error.code if isinstance(error, HostError) else "failed"
    return RunHost(
        host=host,
        status=status,
        code=code,
        message=error.message,
        finished_at=rfc3339(datetime.now(UTC)),
        seconds=seconds,
    )


def ended(run: TemplateRun, hosts: Sequence[RunHost], gate: Gate) -> TemplateRun:
    """Return the run with what became of it; a record without machine or files keeps those it was begun with."""
    outcomes = {host.host: host for host in hosts}
    begun = {host.host: host for host in run.hosts}
    whole = tuple(_whole(outcomes.get(name, host), host) for name, host in begun.items())
    whole += tuple(host for host in hosts if host.host not in begun)
    now = rfc3339(datetime.now(UTC))
    status = _status(whole, gate)
    reason = gate.reason if status == gate.status else ""
    return msgspec.structs.replace(run, status=status, reason=reason, finished_at=now, hosts=whole)


def _whole(outcome: RunHost, begun: RunHost) -> RunHost:
    return msgspec.structs.replace(
        outcome, files=outcome.files or begun.files, machine=outcome.machine or begun.machine
    )


def _status(hosts: Sequence[RunHost], gate: Gate) -> str:
    # A Ctrl-C that came when the last hosts were under way interrupted nothing.
    is_left = any(host.status == "not_begun" for host in hosts)
    if gate.status and (gate.status != "interrupted" or is_left):
        return gate.status
    if is_left:
        return "interrupted"
    touched = [host for host in hosts if host.status not in ("unchanged", "skipped")]
    count = sum(host.status in FAILED for host in touched)
    return "ok" if not count else "failed" if count == len(touched) else "partial"
