"""Changes one host in a run: tells it the job, confirms it over a new connection, and asks again where the line broke.

The host does not need the line: it goes on by itself, or puts everything back by itself. So a line that broke in the
middle is no loss; over a new one the host says what it did.
"""

import time
from datetime import UTC, datetime, timedelta

import msgspec

from omc.errors import HostError
from omc.ports import RunHost
from omc.templates.carry import failed
from omc.templates.connections import Connections
from omc.templates.remote.change import change
from omc.templates.remote.confirm import confirm
from omc.templates.remote.job import Job, Outcome
from omc.templates.remote.resume import resume
from omc.templates.runs import rfc3339
from omc.templates.task import Task, finished, make_job, seconds_for

RETURN_SECONDS = 60.0
"""How long a host whose line broke is tried again, where no timer of its own runs."""

_RETRY_SECONDS = 2.0
_LOST = ("connection-lost", "deadline", "unreachable")
"""Codes of a line that broke. After anything else, such as a script that was ended, a person decides how to go on."""


class Changing:
    """Changes hosts, one call a host; thread-safe."""

    def __init__(
        self, run: str, actor: str, connections: Connections, *, connect_seconds: float, confirm_seconds: int | None
    ) -> None:
        self._run, self._actor, self._connections = run, actor, connections
        self._connect_seconds, self._confirm_seconds = connect_seconds, confirm_seconds

    def __call__(self, task: Task) -> RunHost:
        """Change the host, and return what came of it."""
        started = time.monotonic()
        job = make_job(task, run=self._run, actor=self._actor, confirm_seconds=self._confirm_seconds)
        sent = False
        try:
            with self._connections.to(task.host, started + self._connect_seconds) as shell:
                sent = True
                outcome = change(shell, job, deadline=time.monotonic() + seconds_for(job, task.plan.pending))
        except HostError as error:
            if not sent:
                return failed(task.host, "unreachable", error, round(time.monotonic() - started, 3))
            outcome = self._after_loss(task, job, error) if error.code in _LOST else _unknown(error)
        armed = datetime.now(UTC)  # at the latest
        if outcome.status == "waiting":
            outcome = self._confirmed(task, outcome, started)
        record = finished(task, outcome, seconds=time.monotonic() - started, now=rfc3339(datetime.now(UTC)))
        until = self._reverts_at(armed) if outcome.status == "waiting" else None
        return msgspec.structs.replace(record, confirm_until=until)

    def _after_loss(self, task: Task, job: Job, error: HostError) -> Outcome:
        """Return what became of a job whose line broke."""
        deadline = time.monotonic() + (self._confirm_seconds or RETURN_SECONDS)
        while time.monotonic() < deadline:
            time.sleep(_RETRY_SECONDS)
            try:
                outcome = self._resumed(task, job)
            except HostError as again:
                error = again
                continue
            return _past(outcome)
        if self._confirm_seconds:
            return Outcome(status="waiting", code="not_confirmed", message=error.message)
        return _unknown(error)

    def _resumed(self, task: Task, job: Job) -> Outcome:
        with self._connections.to(task.host, time.monotonic() + self._connect_seconds, fresh=True) as shell:
            left = seconds_for(job, task.plan.pending)
            return resume(shell, self._run, task.host, deadline=time.monotonic() + left)

    def _confirmed(self, task: Task, outcome: Outcome, started: float) -> Outcome:
        """Confirm over a new connection, tried again until the host's own timer is about to put everything back."""
        deadline = started + (self._confirm_seconds or 0)
        while True:
            left = max(0.5, deadline - time.monotonic())
            try:
                until = time.monotonic() + min(left, self._connect_seconds)
                with self._connections.to(task.host, until, fresh=True) as shell:
                    said = confirm(shell, self._run, task.host, deadline=time.monotonic() + left)
                return msgspec.structs.replace(outcome, status="changed") if said.status == "changed" else _undone(said)
            except HostError as error:
                reason = error.message
            if time.monotonic() + _RETRY_SECONDS >= deadline:
                message = f"no new connection could confirm it: {reason}"
                return msgspec.structs.replace(outcome, status="waiting", code="not_confirmed", message=message)
            time.sleep(_RETRY_SECONDS)

    def _reverts_at(self, armed: datetime) -> str:
        """Return the time by which a host that was not confirmed has put everything back."""
        return rfc3339(armed + timedelta(seconds=self._confirm_seconds or 0))


def _unknown(error: HostError) -> Outcome:
    return Outcome(status="unknown", code=error.code, message=f"it was cut off while it changed: {error.message}")


def _past(outcome: Outcome) -> Outcome:
    """Return what a host says of a job that it ended while nobody listened."""
    if outcome.status != "unchanged":
        return outcome
    ends = {"": "changed", "restored": "restored", "rolled_back": "restored"}
    if outcome.code in ends:
        return msgspec.structs.replace(outcome, status=ends[outcome.code])
    return msgspec.structs.replace(outcome, status="failed", code="connection-lost", message="it was never begun")


def _undone(said: Outcome) -> Outcome:
    """Return the host's own word that the confirmation came too late."""
    return msgspec.structs.replace(said, status="restored") if said.code == "reverted" else said
