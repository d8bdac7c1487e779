"""Changes one host in a run: tells it the job, confirms it over a new connection, and asks again where the line broke.

The host does not need the line: it goes on by itself, or puts everything back by itself. So a line that broke in the
middle is no loss; over a new one the host says what it did. With `hold` a host is not confirmed at once: it waits for
`settle`, which confirms it where all is well, and puts it back without waiting for its timer where it is not.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from omc.errors import HostError
from omc.ports import RunHost
from omc.templates.carry import HELD, failed
from omc.templates.connections import Connections
from omc.templates.health import AWAITED, PUT_BACK, UNWELL
from omc.templates.remote.change import change
from omc.templates.remote.confirm import confirm
from omc.templates.remote.job import Job, Outcome
from omc.templates.remote.resume import resume
from omc.templates.remote.rollback import rollback
from omc.templates.runs import rfc3339
from omc.templates.task import Task, answer_seconds, finished, make_job, seconds_for

RETURN_SECONDS = 60.0
"""How long a host whose line broke is tried again, where no timer of its own runs."""

GRACE_SECONDS = 10.0
"""How long a host is still asked after its timer: with the old files it may be reached again, and says so."""

_RETRY_SECONDS = 2.0
_LATE_SECONDS = 3.0
_LINE_BROKE = "not_confirmed"
LOST = ("connection-lost", "deadline", "unreachable")
"""Codes of a line that broke. After anything else, such as a script that was ended, a person decides how to go on."""


class Confirm(NamedTuple):
    """After how many seconds hosts put themselves back; with `hold` they are confirmed by `settle` only."""

    seconds: int | None = None
    hold: bool = False


class Held(NamedTuple):
    """One host that was changed and is not confirmed yet."""

    task: Task
    outcome: Outcome
    started: float
    sent: float  # the host's timer began then or a little later


class Changing:
    """Changes hosts, one call a host; thread-safe."""

    def __init__(
        self,
        run: str,
        actor: str,
        connections: Connections,
        *,
        connect_seconds: float,
        confirm: Confirm,
    ) -> None:
        self._run, self._actor, self._connections = run, actor, connections
        self._connect_seconds, self._confirm_seconds, self._hold = connect_seconds, confirm.seconds, confirm.hold
        self._held: dict[str, Held] = {}

    def __call__(self, task: Task) -> RunHost:
        """Change the host, and return what came of it."""
        started = time.monotonic()
        job = make_job(task, run=self._run, actor=self._actor, confirm_seconds=self._confirm_seconds)
        sent = 0.0
        try:
            with self._connections.to(task.host, started + self._connect_seconds) as shell:
                sent = time.monotonic()
                outcome = change(shell, job, deadline=sent + answer_seconds(job, task.plan.pending))
        except HostError as error:
            if not sent:
                return failed(task.host, "unreachable", error, round(time.monotonic() - started, 3))
            outcome = self._after_loss(task, job, error, sent) if error.code in LOST else _unknown(error)
        held = Held(task, outcome, started, sent)
        until = self._reverts_at(sent)
        if outcome.status == "waiting" and outcome.code != _LINE_BROKE and self._hold:
            self._held[task.host] = held
            waiting = msgspec.structs.replace(outcome, code=HELD, message=AWAITED)
            return self._record(held, waiting, until)
        return self._record(held, self._confirmed(held) if outcome.status == "waiting" else outcome, until)

    @property
    def confirms(self) -> bool:
        """Whether hosts put themselves back unless they are confirmed."""
        return self._confirm_seconds is not None

    def seconds_left(self) -> float:
        """Return how long the first host that is held still waits before it puts itself back."""
        sent = min((held.sent for held in self._held.values()), default=time.monotonic())
        return sent + (self._confirm_seconds or 0) - time.monotonic()

    def settle(self, host: RunHost, reason: str) -> RunHost:
        """Confirm a host that is held; where there is a `reason` against it, put it back."""
        held = self._held.pop(host.host)
        return self._record(held, self._put_back(held) if reason else self._confirmed(held), host.confirm_until)

    def _record(self, held: Held, outcome: Outcome, until: str | None) -> RunHost:
        seconds = time.monotonic() - held.started
        record = finished(held.task, outcome, seconds=seconds, now=rfc3339(datetime.now(UTC)))
        is_open = outcome.status == "waiting" or outcome.code == _LINE_BROKE
        return msgspec.structs.replace(record, confirm_until=until if is_open else None)

    def _put_back(self, held: Held) -> Outcome:
        """Put a host back at once; one that cannot be reached does so by its own timer."""
        host = held.task.host
        try:
            with self._connections.to(host, time.monotonic() + self._connect_seconds, fresh=True) as shell:
                # As the host's own timer would: also where a service wrote its file meanwhile, which is kept aside.
                said = rollback(shell, self._run, host, deadline=time.monotonic() + RETURN_SECONDS, force=True)
        except HostError as error:
            message = f"{UNWELL}, and it cannot be put back at once: {error.message}"
            return Outcome(status="waiting", code=_LINE_BROKE, message=message)
        if said.status in ("rolled_back", "restored") or said.code == "already":
            return msgspec.structs.replace(said, status="restored", code="unhealthy", message=PUT_BACK)
        return said

    def _after_loss(self, task: Task, job: Job, error: HostError, sent: float) -> Outcome:
        """Return what became of a job whose line broke."""
        end = sent + self._confirm_seconds if self._confirm_seconds else time.monotonic() + RETURN_SECONDS
        patience = time.monotonic() + seconds_for(job, task.plan.pending)
        while True:
            time.sleep(_RETRY_SECONDS)
            try:
                outcome = self._resumed(task, job, self._attempt(end))
            except HostError as again:
                error = again
            else:
                if outcome.code == "locked" and time.monotonic() < patience:
                    continue  # it is still at it
                return _past(outcome)
            if self._is_over(end):
                return self._unconfirmed(error.message) if self._confirm_seconds else _unknown(error)

    def _attempt(self, end: float) -> float:
        """Return until when to try to connect: none that began before a host's timer ends goes on after it."""
        now = time.monotonic()
        return min(max(end, now + _LATE_SECONDS), now + self._connect_seconds)

    def _is_over(self, end: float) -> bool:
        """Tell whether a host whose timer ends then is asked no more."""
        return time.monotonic() + _RETRY_SECONDS >= end + (GRACE_SECONDS if self._confirm_seconds else 0.0)

    def _unconfirmed(self, reason: str) -> Outcome:
        message = f"no new connection could confirm it: {reason}"
        return Outcome(status="unknown", code=_LINE_BROKE, message=message)

    def _resumed(self, task: Task, job: Job, until: float) -> Outcome:
        with self._connections.to(task.host, until, fresh=True) as shell:
            left = seconds_for(job, task.plan.pending)
            return resume(shell, self._run, task.host, deadline=time.monotonic() + left)

    def _confirmed(self, held: Held) -> Outcome:
        """Confirm over a new connection, tried again until the host's own timer has put everything back."""
        host, outcome = held.task.host, held.outcome
        end = held.sent + (self._confirm_seconds or 0)
        while True:
            try:
                with self._connections.to(host, self._attempt(end), fresh=True) as shell:
                    said = confirm(shell, self._run, host, deadline=max(end, time.monotonic()) + GRACE_SECONDS)
                return msgspec.structs.replace(outcome, status="changed") if said.status == "changed" else _undone(said)
            except HostError as error:
                reason = error.message
            if self._is_over(end):
                return self._unconfirmed(reason)
            time.sleep(_RETRY_SECONDS)

    def _reverts_at(self, sent: float) -> str:
        """Return the time at about which a host that was not confirmed puts everything back."""
        armed = datetime.now(UTC) - timedelta(seconds=time.monotonic() - sent)
        return rfc3339(armed + timedelta(seconds=self._confirm_seconds or 0))


def _unknown(error: HostError) -> Outcome:
    return Outcome(status="unknown", code=error.code, message=f"it was cut off while it changed: {error.message}")


def _past(outcome: Outcome) -> Outcome:
    """Return what a host says of a job that it ended while nobody listened."""
    if outcome.status != "unchanged":
        return outcome
    ends = {"": "changed", "restored": "restored", "unconfirmed": "restored", "rolled_back": "restored"}
    if outcome.code in ends:
        return msgspec.structs.replace(outcome, status=ends[outcome.code])
    return msgspec.structs.replace(outcome, status="failed", code="connection-lost", message="it was never begun")


def _undone(said: Outcome) -> Outcome:
    """Return the host's own word that the confirmation came too late."""
    return msgspec.structs.replace(said, status="restored") if said.code == "reverted" else said
