"""A plan in a file, made now and carried out later: of contents it has the differences, without known secrets.

It is carried out only where nothing changed since: neither what the templates say (they are rendered again, and the
fingerprints compared) nor what the host has (it is looked at again).
"""

import os
from pathlib import Path

import msgspec

from omc.errors import OmcError, UsageError
from omc.templates.fingerprint import KEYED, Fingerprints
from omc.templates.plan import FilePlan, HostPlan
from omc.templates.remote.state import FileState, HostState

VERSION = 1
_MOST_BYTES = 1 << 30


class FailedHost(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A host that no plan could be made for."""

    host: str
    code: str
    message: str
    hint: str = ""


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What would change on a selection of hosts; `key` names the key of its keyed fingerprints."""

    omc_plan: int = VERSION
    made_at: str  # RFC 3339 UTC with microseconds
    actor: str
    omc_version: str
    site: str
    key: str
    selection: str = ""
    asked_templates: tuple[str, ...] = ()  # those named on the command line; empty: all
    variables: tuple[str, ...] = ()  # names of those given by -e
    disruptive: bool = False  # objects may be restarted
    hosts: tuple[HostPlan, ...] = ()
    failed: tuple[FailedHost, ...] = ()

    @property
    def is_keyed(self) -> bool:
        """Whether it can be checked only with the key that it was made with."""
        marks = (mark for host in self.hosts for file in host.files for mark in (file.before, file.rendered))
        return any(mark is not None and mark.startswith(KEYED) for mark in marks)


def save(plan: Plan, path: Path) -> None:
    """Write the plan for this user alone to read, in one step."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(plan), indent=1) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OmcError(f"the plan cannot be saved: {error.strerror}", where=str(path)) from error


def load(path: Path, fingerprints: Fingerprints) -> Plan:
    """Read a plan; one of another version, of another key, or that is none, is refused."""
    where = str(path)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise OmcError("this file is too large for a plan", where=where)
        content = path.read_bytes()
    except OSError as error:
        raise OmcError(f"the plan cannot be read: {error.strerror}", where=where) from error
    _demand_version(content, where)
    try:
        plan = msgspec.json.decode(content, type=Plan)
    except msgspec.ValidationError as error:
        raise OmcError(
            f"this plan is damaged: {error}", where=where, hint="make it anew: omc template plan -f"
        ) from error
    if plan.is_keyed and plan.key != fingerprints.name:
        raise OmcError(
            "this plan was made by another user or on another machine, and holds files with secrets",
            where=where,
            hint="make it anew here: omc template plan -f; or bring along that user's omc/fingerprint.key",
        )
    return plan


class _Head(msgspec.Struct):
    omc_plan: int


def _demand_version(content: bytes, where: str) -> None:
    try:
        found = msgspec.json.decode(content, type=_Head).omc_plan
    except msgspec.DecodeError:
        raise UsageError("this is no plan of omc", where=where, hint="omc template plan -f FILE makes one") from None
    if found != VERSION:
        hint = "make it anew: omc template plan -f"
        raise OmcError(f"this plan is of version {found}, this omc reads {VERSION}", where=where, hint=hint)


def stale(saved: HostPlan, fresh: HostPlan, state: HostState, fingerprints: Fingerprints) -> list[str]:
    """Return why a saved plan of a host no longer holds, a sentence each; `fresh` is the plan of now."""
    if saved.machine != fresh.machine:
        return ["another machine answers by this name now"]
    planned, now = ({file.path: file for file in plan.files} for plan in (saved, fresh))
    states = {file.path: file for file in state.files}
    asked = [path for path in [*planned, *now] if _asked(planned.get(path)) != _asked(now.get(path))]
    found = [f"{path}: the template, a variable or a fact changed since the plan" for path in dict.fromkeys(asked)]
    if not found and (saved.handlers, saved.checks) != (fresh.handlers, fresh.checks):
        found.append("the handlers or checks of its templates changed since the plan")
    both = (planned.keys() & now.keys()) - set(asked)
    moved = [path for path in both if not _stands(planned[path], now[path], states[path], fingerprints)]
    return sorted([*found, *(f"{path}: it changed on the host since the plan" for path in moved)])


def _asked(file: FilePlan | None) -> str | None:
    return file.rendered if file else None


def _stands(saved: FilePlan, fresh: FilePlan, state: FileState, fingerprints: Fingerprints) -> bool:
    if state.kind == "missing" or saved.before is None:
        return state.kind == "missing" and saved.before is None
    same = state.kind == "file" and fingerprints.fits(saved.before, state.digest)
    return same and (saved.attributes, saved.effect) == (fresh.attributes, fresh.effect)
