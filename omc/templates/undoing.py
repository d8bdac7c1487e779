"""Puts one host back to what it was before a run, and finishes one that was cut off."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec

from omc.errors import HostError
from omc.ports import AppliedFile, RunFile, RunHost, Shell, TemplateRun
from omc.templates.carry import HELD, failed
from omc.templates.connections import Connections
from omc.templates.fingerprint import holds_secret
from omc.templates.health import AWAITED, PUT_BACK
from omc.templates.remote.confirm import confirm
from omc.templates.remote.job import Outcome
from omc.templates.remote.resume import resume
from omc.templates.remote.rollback import rollback
from omc.templates.resuming import as_found
from omc.templates.runs import rfc3339
from omc.templates.telling import message_of

HOST_SECONDS = 600.0
"""How long a host may take to put everything back, handlers included."""

_LEAST_SECONDS = 10.0

NO_SUCH_RUN = "no_such_run"
"""The code of a host that keeps nothing of a run."""

TOUCHED = ("changed", "waiting", "failed", "unknown", "planned", "restored")
"""States in which a host may have files of a run; it knows itself."""


class OfRun:
    """One run and its hosts, which nothing is rendered for: so its secrets are not known, and cannot be redacted.

    What commands of a host say is shown where neither the run nor what was `applied` has a file with a secret there.
    """

    def __init__(
        self, run: TemplateRun, connections: Connections, *, connect_seconds: float, applied: Sequence[AppliedFile]
    ) -> None:
        self._run, self._connections, self._connect_seconds = run, connections, connect_seconds
        marks = [(host.host, (one.before, one.after, one.rendered)) for host in run.hosts for one in host.files]
        marks += [(one.host, (None, one.after, one.rendered)) for one in applied]
        self._secretive = {host for host, fingerprints in marks if holds_secret(*fingerprints)}

    def told(self, host: str, outcome: Outcome) -> str:
        """Return in words what came of a host."""
        return message_of(outcome, None) if host in self._secretive else message_of(outcome)

    def _asked(self, host: RunHost, ask: Callable[[Shell, float], Outcome]) -> RunHost:
        started = time.monotonic()
        sent = False
        try:
            with self._connections.to(host.host, started + self._connect_seconds, fresh=True) as shell:
                sent = True
                outcome = ask(shell, time.monotonic() + HOST_SECONDS)
        except HostError as error:
            status = "unknown" if sent else "unreachable"
            return failed(host.host, status, error, round(time.monotonic() - started, 3))
        return RunHost(
            host=host.host,
            status=outcome.status,
            code=outcome.code,
            message=self.told(host.host, outcome),
            machine=host.machine,
            finished_at=rfc3339(datetime.now(UTC)),
            seconds=round(time.monotonic() - started, 3),
            pending_handlers=outcome.pending_handlers,
        )


class Undoing(OfRun):
    """Puts hosts back to what they were before a run, one call a host; thread-safe.

    With `force` also where something else stands now.
    """

    def __init__(
        self,
        run: TemplateRun,
        connections: Connections,
        *,
        connect_seconds: float,
        applied: Sequence[AppliedFile],
        force: bool,
    ) -> None:
        super().__init__(run, connections, connect_seconds=connect_seconds, applied=applied)
        self._force = force

    def __call__(self, host: RunHost) -> RunHost:
        """Put the host back; one that changed since is refused with what changed."""

        def put_back(shell: Shell, deadline: float) -> Outcome:
            return rollback(shell, self._run.run, host.host, deadline=deadline, force=self._force)

        record = self._asked(host, put_back)
        if record.status == "unchanged":
            return msgspec.structs.replace(record, status="skipped", message=record.message or "was put back before")
        if record.code == NO_SUCH_RUN and _may_be_unbegun(host):
            return msgspec.structs.replace(record, status="skipped")
        done = record.status in ("rolled_back", "restored")
        files = tuple(_turned_round(file) for file in host.files)
        return msgspec.structs.replace(record, status="rolled_back" if done else record.status, files=files)


class Resuming(OfRun):
    """Finishes what was cut off on hosts, one call a host; thread-safe.

    A host that waits to be confirmed is confirmed at once, for it was reached; with `hold` only by `settle`.
    """

    def __init__(
        self,
        run: TemplateRun,
        connections: Connections,
        *,
        connect_seconds: float,
        applied: Sequence[AppliedFile],
        hold: bool,
    ) -> None:
        super().__init__(run, connections, connect_seconds=connect_seconds, applied=applied)
        self._hold = hold

    def seconds_left(self) -> float:
        """Return how long the first host still waits, as far as that was written down when its timer was armed."""
        times = [datetime.fromisoformat(host.confirm_until) for host in self._run.hosts if host.confirm_until]
        left = min(times, default=datetime.now(UTC)) - datetime.now(UTC)
        return max(left.total_seconds(), _LEAST_SECONDS)  # a timer that is gone is armed anew

    def settle(self, host: RunHost, reason: str) -> RunHost:
        """Confirm a host that waits; where there is a `reason` against it, put it back."""

        def end(shell: Shell, deadline: float) -> Outcome:
            if not reason:
                return confirm(shell, self._run.run, host.host, deadline=deadline)
            # As the host's own timer would: also where a service wrote its file meanwhile, which is kept aside.
            return rollback(shell, self._run.run, host.host, deadline=deadline, force=True)

        record = self._asked(host, end)
        if not reason or (record.status not in ("rolled_back", "restored") and record.code != "already"):
            return record
        return msgspec.structs.replace(record, status="restored", code="unhealthy", message=PUT_BACK)

    def __call__(self, host: RunHost) -> RunHost:
        """Finish the host; "not_begun" says that it has nothing of this run, or put it back when it was cut off."""

        def finish(shell: Shell, deadline: float) -> Outcome:
            outcome = resume(shell, self._run.run, host.host, deadline=deadline)
            if outcome.status == "waiting" and not self._hold:  # this very connection is a new one
                outcome = confirm(shell, self._run.run, host.host, deadline=deadline)
            return outcome

        record = self._asked(host, finish)
        if record.status == "waiting" and self._hold:
            return msgspec.structs.replace(record, code=HELD, message=AWAITED)
        return as_found(record, host)


def _may_be_unbegun(host: RunHost) -> bool:
    """Tell whether nobody heard that the run had anything in place on a host when it ended there."""
    return host.status in ("planned", "unknown", "restored") or host.code == "connection-lost"


def how_it_ended(run: TemplateRun, host: RunHost) -> str:
    """Return the status that a host has in a run of which nobody heard the end there, for it had nothing to put back.

    `host` is what a later rollback found; `run` is the one that it puts back, or an earlier rollback of that.
    """
    if host.code != NO_SUCH_RUN:
        return "rolled_back"
    return "skipped" if run.kind == "rollback" else "not_begun"


def turned_round(host: RunHost) -> RunHost:
    """Return what a rollback of a host would do."""
    return RunHost(
        host=host.host,
        status="planned",
        machine=host.machine,
        files=tuple(_turned_round(file) for file in host.files),
    )


def _turned_round(file: RunFile) -> RunFile:
    return RunFile(
        path=file.path, template=file.template, action="restore", before=file.after, after=file.before, rendered=""
    )
