"""How hosts differ from what was last applied to them, and from what would be applied now. Pure."""

import shlex
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from omc.ports import AppliedFile
from omc.templates.fingerprint import Fingerprints
from omc.templates.plan import FilePlan, HostPlan
from omc.templates.remote.state import FileState
from omc.templates.task import Task

OTHER_KEY = "whether somebody changed it only the user knows who applied it, for a secret is in it"


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """One thing of a host that is not as it should be, or a file that is.

    `state` is ok, changed (by somebody else since `run` applied it), outdated (as `run` applied it, but the template,
    a variable or a fact changed since), new (never applied), left (applied once, and no template manages it for the
    host any more), pending (a handler that did not run, or an object that runs otherwise than it is defined),
    unfinished (a run that was cut off, or a file that it put there), waiting (for its confirmation), locked, blocked,
    or unreachable.
    """

    host: str
    subject: str  # a path, a handler, a run
    state: str
    template: str = ""
    run: str = ""
    detail: str = ""


def drift(
    task: Task,
    applied: Sequence[AppliedFile],
    fingerprints: Fingerprints,
    begun: Sequence[AppliedFile] = (),
) -> list[Drift]:
    """Return how one host stands, a line a file and a line each other thing; `applied` is of this host.

    `begun` is what runs without a known end were to put there.
    """
    last = {file.path: file for file in applied}
    states: Mapping[str, FileState] = {file.path: file for file in task.state.files}
    plan = task.plan
    files = [_file(plan.host, file, states[file.path], last.get(file.path), fingerprints) for file in plan.files]
    found = [_begun(one, states.get(one.subject), begun, fingerprints) for one in files]
    return [*found, *_others(plan)]


def _begun(found: Drift, now: FileState | None, begun: Sequence[AppliedFile], fingerprints: Fingerprints) -> Drift:
    """Return how a file stands that is as a run left it of which nobody knows how it ended."""
    if now is None or now.kind != "file" or found.state not in ("changed", "new", "outdated"):
        return found
    for file in begun:
        if file.path == found.subject and file.after is not None and fingerprints.fits(file.after, now.digest):
            detail = "that run put it there, and nobody knows how it ended"
            return msgspec.structs.replace(found, state="unfinished", run=file.run, detail=detail)
    return found


def left(file: AppliedFile, now: FileState, fingerprints: Fingerprints, reason: str) -> Drift | None:
    """Return how a file stands that was applied and that no template manages any more; None where it is gone."""
    if now.kind == "missing" and not now.unreadable:
        return None
    same = now.kind == "file" and file.after is not None and fingerprints.fits(file.after, now.digest)
    more = "somebody changed it since"
    if now.unreadable:
        more = "whether it is as it was cannot be read there"
    elif fingerprints.is_foreign(file.after):
        more = OTHER_KEY
    detail = reason if same else f"{reason}, and {more}"
    return Drift(host=file.host, subject=file.path, state="left", template=file.template, run=file.run, detail=detail)


def _file(host: str, file: FilePlan, now: FileState, last: AppliedFile | None, fingerprints: Fingerprints) -> Drift:
    run = last.run if last else ""
    if file.action == "refused":
        return Drift(
            host=host, subject=file.path, state="blocked", template=file.template, run=run, detail=file.problem
        )
    state = _state(file, now, last, fingerprints)
    return Drift(
        host=host,
        subject=file.path,
        state=state,
        template=file.template,
        run=run,
        detail=_detail(file, is_new=last is None) + _doubt(state, last, fingerprints),
    )


def _state(file: FilePlan, now: FileState, last: AppliedFile | None, fingerprints: Fingerprints) -> str:
    if file.action == "same":
        return "pending" if file.effect else "ok"
    if file.action == "renew":
        return "pending"
    if last is None:
        return "new"
    as_applied = now.kind == "file" and last.after is not None and fingerprints.fits(last.after, now.digest)
    as_asked = last.rendered.partition("+")[0] == file.rendered
    return "outdated" if as_applied and not as_asked else "changed"


def _doubt(state: str, last: AppliedFile | None, fingerprints: Fingerprints) -> str:
    is_doubtful = state == "changed" and last is not None and fingerprints.is_foreign(last.after)
    return f"; {OTHER_KEY}" if is_doubtful else ""


def _detail(file: FilePlan, *, is_new: bool) -> str:
    if file.action == "create":
        return "is not there"
    attributes = [f"{change.name} {change.before}, should be {change.after}" for change in file.attributes]
    content = ["its content differs"] if file.action == "change" else []
    notes = [file.note] if file.action in ("same", "renew") else []
    found = ", ".join([*content, *attributes, *notes])
    return f"it is there, and {found}" if is_new and file.action in ("change", "attributes") else found


def _others(plan: HostPlan) -> Iterable[Drift]:
    if plan.lock is not None:
        held = f"since {plan.lock.since} by {plan.lock.actor}"
        yield Drift(host=plan.host, subject=plan.lock.run, state="locked", run=plan.lock.run, detail=held)
    for run in plan.unfinished:
        waiting = run.confirm_seconds is not None
        detail = f"puts itself back in {run.confirm_seconds:.0f} s" if waiting else f"it was cut off after: {run.step}"
        state = "waiting" if waiting else "unfinished"
        yield Drift(host=plan.host, subject=run.run, state=state, run=run.run, detail=detail)
    for command in plan.pending:
        detail = "runs at the next apply or resume"
        yield Drift(host=plan.host, subject=shlex.join(command), state="pending", detail=detail)
    for problem in plan.problems:
        yield Drift(host=plan.host, subject="", state="blocked", detail=problem)
