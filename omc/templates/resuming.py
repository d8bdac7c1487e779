"""What a resume may do to hosts: only what the run was begun with, and only where nothing changed since. Pure."""

from collections.abc import Iterable, Sequence

import msgspec

from omc.ports import AppliedFile, RunFile, RunHost, TemplateRun
from omc.templates.afterwards import newer_run
from omc.templates.fingerprint import Fingerprints
from omc.templates.plan import is_object
from omc.templates.remote.state import FileState
from omc.templates.task import Task, rendered_with_handlers

BEFORE = "before"
"""The code of a host that a run had changed before it was cut off."""

OTHER_KEY = "other_key"
"""The code of a host with secrets in a run that another user began, or that was begun elsewhere."""


def as_found(found: RunHost, begun: RunHost) -> RunHost:
    """Return the record of a host that said how it stands with a run; `begun` is what was known of it.

    "not_begun" is one that may be begun anew. That an earlier attempt was put back is no failure of this one.
    """
    if found.status == "waiting" or (found.status, found.code) == ("restored", "unconfirmed"):
        return found
    if found.status == "unchanged":
        return _as_over(found, begun)
    if (found.status, found.code) in (("restored", "interrupted"), ("restored", "failure")):
        return msgspec.structs.replace(found, status="not_begun", code="", message="")
    return msgspec.structs.replace(found, code="") if found.status == "changed" else found


def _as_over(found: RunHost, begun: RunHost) -> RunHost:
    """Return the record of a host on which the run was over."""
    match found.code:
        case "unconfirmed":
            return msgspec.structs.replace(found, status="restored")
        case "restored" | "not_begun":
            return msgspec.structs.replace(found, status="not_begun", code="", message="")
        case "rolled_back":  # nobody heard of a failure: it was cut off, and is to be begun again
            is_unheard = begun.status in ("planned", "unknown")
            return msgspec.structs.replace(found, status="not_begun" if is_unheard else "rolled_back", code="")
    return msgspec.structs.replace(found, status="changed", code=BEFORE, message="it was changed before")


def as_begun(
    run: TemplateRun, tasks: Sequence[Task], applied: Sequence[AppliedFile], fingerprints: Fingerprints
) -> tuple[list[Task], list[RunHost]]:
    """Part the hosts for which all is as when the run was begun from the others; `applied` is what was last applied."""
    begun = {host.host: host for host in run.hosts}
    kept, refused = [], []
    for task in tasks:
        host = begun[task.host]
        later = newer_run(run, host, applied)
        if later is not None:
            message = f"{later.path}: a later run changed it, too: {later.run}"
            refused.append(RunHost(host=task.host, status="refused", code="newer_run", message=message))
        elif (path := _foreign(host, fingerprints)) is not None:
            message = (
                f"{path}: it holds a secret, and whether it is as when the run began can be told only with the key of "
                f"{run.actor} on the machine where it began"
            )
            refused.append(RunHost(host=task.host, status="refused", code=OTHER_KEY, message=message))
        elif reason := _moved(host, task, fingerprints):
            refused.append(RunHost(host=task.host, status="refused", code="changed_since_plan", message=reason))
        else:
            kept.append(task)
    return kept, refused


def _foreign(host: RunHost, fingerprints: Fingerprints) -> str | None:
    """Return the first path of which it was written down with another key how it is to be."""
    return next((file.path for file in host.files if any(map(fingerprints.is_foreign, _marks(file)))), None)


def _marks(file: RunFile) -> tuple[str | None, ...]:
    return (file.before, file.after, file.rendered)


def without_templates(hosts: Iterable[str]) -> list[RunHost]:
    """Return the records of hosts for which a run was planned, and that no template is for now."""
    message = "no template is for it any more: a template, a variable or a fact changed"
    return [RunHost(host=host, status="refused", code="changed_since_plan", message=message) for host in hosts]


def _moved(host: RunHost, task: Task, fingerprints: Fingerprints) -> str:
    """Return what is no longer as it was when the run was begun; empty where all is."""
    begun = {file.path: file for file in host.files}
    planned = {file.path: file for file in task.plan.files}
    states = {file.path: file for file in task.state.files}
    for path, file in begun.items():
        now = planned.get(path)
        if now is None or now.rendered != file.rendered.partition("+")[0]:
            return f"{path}: the template, a variable or a fact changed since the run began"
        if rendered_with_handlers(now, task.desired) != file.rendered:
            return f"{file.template}: a handler or check of it changed since the run began"
        if not is_object(path) and not _stands(file, states[path], fingerprints):
            return f"{path}: it changed on the host since the run began"
    extra = next((file.path for file in task.plan.changes if file.path not in begun), "")
    return f"{extra}: the template, a variable, a fact or the host changed since the run began" if extra else ""


def _stands(file: RunFile, now: FileState, fingerprints: Fingerprints) -> bool:
    """Tell whether a file is as it was before the run, or as the run wants it."""
    if now.kind == "missing":
        return file.before is None
    wanted = (file.before, file.after)
    return now.kind == "file" and any(mark is not None and fingerprints.fits(mark, now.digest) for mark in wanted)
