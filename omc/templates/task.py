"""What one host is told in a run: its plan, turned into a job, and the answer turned into a record. Pure."""

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from omc.ports import RunFile, RunHost
from omc.templates.desired import Desired
from omc.templates.objects.comparison import ObjectChange
from omc.templates.plan import Command, FilePlan, HostPlan, called_for, is_object
from omc.templates.redact import Redactor
from omc.templates.remote.job import FileChange, Job, Outcome
from omc.templates.remote.state import HostState
from omc.templates.telling import message_of

FAILED = ("restored", "refused", "failed", "unreachable", "unknown", "waiting")
"""States of a host that count as failed; one that is still waiting was not confirmed."""

_START_SECONDS = 60
_BYTES_PER_SECOND = 50_000


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One host: what it should have, what it had when it was looked at, and what would change.

    Among the plan's and the state's files are its libvirt objects; `objects` are those that change.
    """

    plan: HostPlan
    desired: Desired
    state: HostState
    objects: tuple[ObjectChange, ...] = ()

    @property
    def host(self) -> str:
        """The host's name in the site."""
        return self.plan.host

    def redactor(self) -> Redactor:
        """Hide the secrets of this host's files and objects."""
        return Redactor(self.desired.secrets)

    @property
    def file_changes(self) -> tuple[FilePlan, ...]:
        """The files that change, without libvirt objects."""
        return tuple(file for file in self.plan.changes if not is_object(file.path))


def make_job(task: Task, *, run: str, actor: str, confirm_seconds: int | None = None) -> Job:
    """Return what the host is to do."""
    files = {file.path: file for file in task.desired.files}
    states = {file.path: file for file in task.state.files}
    changes = []
    for planned in task.file_changes:
        file, now = files[planned.path], states[planned.path]
        changes.append(
            FileChange(
                path=file.path,
                before=now.digest if now.kind == "file" else None,
                content=None if planned.action == "attributes" else file.content,
                template=file.template,
                owner=file.owner,
                group=file.group,
                mode=file.mode,
                context=file.context if now.context or now.kind == "missing" else None,
                validate=file.validate,
            )
        )
    soon, late = called_for(task.plan, task.desired)
    return Job(
        run=run,
        host=task.host,
        actor=actor,
        changes=tuple(changes),
        checks=task.plan.checks,
        handlers=soon,
        late_handlers=late,
        objects=bool(task.objects),
        confirm_seconds=confirm_seconds,
    )


def seconds_for(job: Job, pending: Sequence[Command]) -> float:
    """Return how long a job may take at the most before its host is given up."""
    checks = len(job.checks) + sum(bool(change.validate) for change in job.changes)
    commands = len(job.handlers) + len(pending)
    size = sum(len(change.content or b"") for change in job.changes)
    # Twice the handlers: they run again where all is put back.
    return (
        _START_SECONDS + checks * job.validate_seconds + 2 * commands * job.handler_seconds + size / _BYTES_PER_SECOND
    )


def answer_seconds(job: Job, pending: Sequence[Command]) -> float:
    """Return how long to wait for the answer; a host that puts itself back is then asked over a new connection."""
    longest = seconds_for(job, pending)
    if job.confirm_seconds is None:
        return longest
    size = sum(len(change.content or b"") for change in job.changes)
    return min(longest, job.confirm_seconds + size / _BYTES_PER_SECOND)


def planned(task: Task) -> RunHost:
    """Return what is known of the host before it is touched."""
    return RunHost(
        host=task.host,
        status="planned" if task.plan.is_pending else "unchanged",
        message=f"the same machine as {task.plan.same_as}" if task.plan.same_as else "",
        machine=task.plan.machine,
        files=() if task.plan.same_as else run_files(task.plan, task.desired),
        pending_handlers=task.plan.pending,
    )


def run_files(plan: HostPlan, desired: Desired | None = None) -> tuple[RunFile, ...]:
    """Return the files that the plan changes, as a run keeps them; `desired` is what the plan was made of."""
    return tuple(
        RunFile(
            path=file.path,
            template=file.template,
            action=file.action,
            before=file.before,
            after=file.after,
            rendered=file.rendered if desired is None else rendered_with_handlers(file, desired),
        )
        for file in plan.changes
    )


def rendered_with_handlers(file: FilePlan, desired: Desired) -> str:
    """Return the fingerprint of all that was asked for, and behind a plus one of its template's handlers and checks."""
    handlers = [one.command for one in desired.handlers if file.template in one.templates]
    checks = [(one.command, one.beside) for one in desired.checks if file.template == one.template]
    text = Redactor(desired.secrets).text(msgspec.json.encode((handlers, checks)).decode())
    return f"{file.rendered}+{sha256(text.encode()).hexdigest()[:16]}"


def finished(task: Task, outcome: Outcome, *, seconds: float, now: str) -> RunHost:
    """Return the record of what came of a job; no secret is in it."""
    redactor = task.redactor()
    return RunHost(
        host=task.host,
        status=outcome.status,
        code=outcome.code,
        message=message_of(outcome, redactor),
        machine=task.plan.machine,
        finished_at=now,
        seconds=round(seconds, 3),
        pending_handlers=tuple(tuple(map(redactor.text, command)) for command in outcome.pending_handlers),
    )
