"""What would change on a host: what it should have, compared with what it has. Pure.

A plan holds no content: fingerprints of it, attributes, and differences in which no secret stands. `host_plan` makes
it, `omc.templates.task` turns it into what the host is told, `omc.templates.machines` brings the names of one machine
together.
"""

import hashlib
from collections.abc import Sequence, Set

import msgspec

from omc.templates.desired import Desired, DesiredFile, SetCheck
from omc.templates.differences import Difference, difference
from omc.templates.fingerprint import Fingerprints
from omc.templates.redact import Redactor
from omc.templates.remote.state import FileState, HostState, Lock, Unfinished

Command = tuple[str, ...]
OBJECT = "libvirt:"
"""What the path of a libvirt object begins with."""


def is_object(path: str) -> bool:
    """Tell an object from a file."""
    return path.startswith(OBJECT)


NOT_READ = "may not read it"
NOT_WRITE = "may not write in /var/lib/omc, without which omc changes nothing"
IMMUTABLE = "it is immutable (lsattr shows i)"
NOT_THERE = "which checks it, is not on the host"
WRONG_KINDS = {
    "directory": "a directory stands in its place",
    "symlink": "a symbolic link stands in its place",
    "other": "something that is no file stands in its place",
}


class Attribute(msgspec.Struct, frozen=True):
    """An owner, group, mode or context that changes; `before` is empty for a new file."""

    name: str
    before: str
    after: str


class FilePlan(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to one file, or to one libvirt object: `path` is then "libvirt:KIND/NAME".

    `action` is create, change (its content, perhaps attributes too), attributes, renew (an object that is defined so,
    and runs otherwise), same, or refused (`problem` says why). `before` and `after` are fingerprints of the content,
    `rendered` one of all that was asked for. `difference` is redacted; `omitted` says why there is none. `effect` of
    an object that runs is now, restart (now, by a restart) or next_start; `note` says it in words.
    """

    path: str
    template: str
    action: str
    before: str | None
    after: str
    rendered: str
    size_before: int = 0
    size_after: int = 0
    attributes: tuple[Attribute, ...] = ()
    difference: tuple[str, ...] = ()
    omitted: str = ""
    problem: str = ""
    effect: str = ""
    note: str = ""


class HostPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to one host: its files in order, then handlers, those that are `pending` from earlier runs first.

    `lock` and `unfinished` say who is at it, or was cut off. `same_as` names the other host that is this very machine
    and gets the same files; where it gets some of them, `shared` has these paths, each with the name of that host.
    """

    host: str
    machine: str
    templates: tuple[str, ...]
    files: tuple[FilePlan, ...] = ()
    checks: tuple[SetCheck, ...] = ()
    handlers: tuple[Command, ...] = ()
    pending: tuple[Command, ...] = ()
    lock: Lock | None = None
    unfinished: tuple[Unfinished, ...] = ()
    problems: tuple[str, ...] = ()
    same_as: str = ""
    shared: dict[str, str] = {}

    @property
    def changes(self) -> tuple[FilePlan, ...]:
        """The files that change, without those that another name of the machine changes."""
        changing = (file for file in self.files if file.action in ("create", "change", "attributes", "renew"))
        return tuple(file for file in changing if file.path not in self.shared)

    @property
    def is_pending(self) -> bool:
        """Whether anything is to be done, now or once what is in the way is gone."""
        return bool(self.changes or self.pending or self.blockers) and not self.same_as

    @property
    def is_blocked(self) -> bool:
        """Whether something is in the way, so that nothing is done."""
        return bool(self.blockers) and not self.same_as

    @property
    def blockers(self) -> tuple[str, ...]:
        """Why nothing of the plan can be carried out; empty where it can."""
        refused = tuple(f"{file.path}: {file.problem}" for file in self.files if file.action == "refused")
        return (*self.problems, *refused)


def host_plan(desired: Desired, state: HostState, fingerprints: Fingerprints) -> HostPlan:
    """Compare what a host should have with what it has; `state` is the answer about exactly these files."""
    user = state.powerless or "the user on the host"
    files = tuple(
        _checkable(_file_plan(file, now, fingerprints, user), file.validate, state.lacking)
        for file, now in zip(desired.files, state.files, strict=True)
    )
    plan = HostPlan(
        host=desired.host,
        machine=state.machine,
        templates=desired.templates,
        files=files,
        pending=state.pending_handlers,
        lock=state.lock,
        unfinished=state.unfinished,
    )
    plan = with_calls(plan, desired)
    missing = [check for check in plan.checks if check.command[0] in state.lacking]
    problems = tuple(f"{check.template}: {check.command[0]}, {NOT_THERE}" for check in missing)
    return msgspec.structs.replace(plan, problems=problems) if problems else plan


def with_objects(plan: HostPlan, objects: Sequence[FilePlan], desired: Desired) -> HostPlan:
    """Return the plan with libvirt objects behind its files, and the handlers that follow them behind the others."""
    return with_calls(msgspec.structs.replace(plan, files=(*plan.files, *objects)), desired)


def with_calls(plan: HostPlan, desired: Desired) -> HostPlan:
    """Return the plan with the checks and handlers that its changes call for."""
    touched = {file.template for file in plan.changes}
    soon, late = called_for(plan, desired)
    redactor = Redactor(desired.secrets)
    return msgspec.structs.replace(
        plan,
        checks=tuple(check for check in desired.checks if check.template in touched),
        handlers=tuple(tuple(map(redactor.text, command)) for command in (*soon, *late)),
    )


def called_for(plan: HostPlan, desired: Desired) -> tuple[tuple[Command, ...], tuple[Command, ...]]:
    """Return the handlers that the changes of files call for, and those that follow objects: each once, at its last."""
    by_objects = {file.template for file in plan.changes if is_object(file.path)}
    by_files = {file.template for file in plan.changes if not is_object(file.path)}
    late = tuple(one.command for one in desired.handlers if not by_objects.isdisjoint(one.templates))
    soon = tuple(one.command for one in desired.handlers if not by_files.isdisjoint(one.templates))
    return tuple(command for command in soon if command not in late), late


def without_power(plan: HostPlan, user: str) -> HostPlan:
    """Return the plan with a problem, where something is to change and `user` is one who can change nothing."""
    if not user or not (plan.changes or plan.pending):
        return plan
    return msgspec.structs.replace(plan, problems=(*plan.problems, f"{user} {NOT_WRITE}"))


def _file_plan(file: DesiredFile, now: FileState, fingerprints: Fingerprints, user: str) -> FilePlan:
    digest = hashlib.sha256(file.content).hexdigest()
    shown = _difference(file, now, digest)
    secret = bool(file.secrets) or shown.redacted
    attributes = _attributes(file, now) if now.kind == "file" else _asked(file) if now.kind == "missing" else ()
    problem = _problem(now, user, same=now.digest == digest and not attributes)
    return FilePlan(
        path=file.path,
        template=file.template,
        action="refused" if problem else _action(now, digest, attributes),
        before=fingerprints.of(now.digest, secret=secret) if now.kind == "file" and not now.unreadable else None,
        after=fingerprints.of(digest, secret=secret),
        rendered=_rendered(file, digest, fingerprints),
        size_before=now.size_bytes,
        size_after=len(file.content),
        attributes=attributes,
        difference=shown.lines,
        omitted=shown.omitted,
        problem=problem,
    )


def _checkable(plan: FilePlan, validate: Command, lacking: Set[str]) -> FilePlan:
    """Return the plan of a file, refused where it would change and the host lacks what is to check it."""
    if plan.action in ("same", "refused") or not validate or validate[0] not in lacking:
        return plan
    return msgspec.structs.replace(plan, action="refused", problem=f"{validate[0]}, {NOT_THERE}")


def _problem(now: FileState, user: str, *, same: bool) -> str:
    if now.unreadable:
        return f"{user} {NOT_READ}"
    if now.kind in WRONG_KINDS:
        return WRONG_KINDS[now.kind]
    return IMMUTABLE if now.immutable and not same else ""


def _action(now: FileState, digest: str, attributes: Sequence[Attribute]) -> str:
    if now.kind == "missing":
        return "create"
    if now.digest != digest:
        return "change"
    return "attributes" if attributes else "same"


def _difference(file: DesiredFile, now: FileState, digest: str) -> Difference:
    if now.unreadable:
        return Difference()
    if now.kind == "missing":
        return difference(None, file.content, file.secrets)
    if now.kind != "file" or now.digest == digest:
        return Difference()
    if now.content is None:
        return Difference(omitted=f"too large to show: {now.size_bytes} bytes", redacted=bool(file.secrets))
    return difference(now.content, file.content, file.secrets)


def _attributes(file: DesiredFile, now: FileState) -> tuple[Attribute, ...]:
    found = []
    for name, wanted, owner, number in (
        ("owner", file.owner, now.owner, now.owner_id),
        ("group", file.group, now.group, now.group_id),
    ):
        if wanted is not None and wanted not in (owner, str(number)):
            found.append(Attribute(name, owner or str(number), wanted))
    if file.mode is not None and file.mode != now.mode:
        found.append(Attribute("mode", f"{now.mode:04o}", f"{file.mode:04o}"))
    if file.context is not None and now.context and file.context != now.context:
        found.append(Attribute("context", now.context, file.context))
    return tuple(found)


def _asked(file: DesiredFile) -> tuple[Attribute, ...]:
    """Return the attributes that a new file is to have."""
    mode = None if file.mode is None else f"{file.mode:04o}"
    named = {"owner": file.owner, "group": file.group, "mode": mode, "context": file.context}
    return tuple(Attribute(name, "", value) for name, value in named.items() if value is not None)


def _rendered(file: DesiredFile, digest: str, fingerprints: Fingerprints) -> str:
    """Return the fingerprint of all that was asked for: it changes when the template, a variable or a fact does."""
    parts = (digest, file.owner, file.group, file.mode, file.context, file.validate)
    return fingerprints.of_content(msgspec.json.encode(parts), secret=bool(file.secrets))
