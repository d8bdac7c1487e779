"""What would become of a libvirt object: the definition that a template gives, against the host's own. Pure."""

import hashlib
from collections.abc import Mapping
from xml.etree import ElementTree as ET

import msgspec

from omc.ports import AppliedFile, Definition
from omc.templates.desired import DesiredObject
from omc.templates.differences import difference
from omc.templates.fingerprint import Fingerprints
from omc.templates.objects import document
from omc.templates.objects.completed import completed
from omc.templates.objects.document import UnfitError
from omc.templates.plan import OBJECT, FilePlan
from omc.templates.remote.state import FileState


class ObjectChange(msgspec.Struct, frozen=True, kw_only=True):
    """One object to be defined: `before` is the text that it must still have, None for "no such object".

    `effect` says when that counts (`omc.templates.objects.effect`); `live` is what runs (`omc.ports.Definition`).
    """

    kind: str
    name: str
    before: str | None
    after: str
    active: bool = False
    effect: str = ""
    live: str = ""

    @property
    def path(self) -> str:
        """What stands for it among a plan's files."""
        return path_of(self.kind, self.name)


class ComparedObject(msgspec.Struct, frozen=True, kw_only=True):
    """An object as a plan has it, and what is to be defined where it changes."""

    plan: FilePlan
    state: FileState
    change: ObjectChange | None = None


def path_of(kind: str, name: str) -> str:
    """Return what stands for an object where files have their path."""
    return f"{OBJECT}{kind}/{name}"


def checked(desired: DesiredObject) -> str:
    """Return why a rendered definition cannot be used; "" where it can."""
    try:
        root = document.read(desired.kind, desired.xml)
    except UnfitError as error:
        return str(error)
    names = document.name_of(desired.kind, root)
    if desired.name not in names:
        return f"its target is {desired.name!r}, and its definition names {' and '.join(map(repr, names)) or 'nothing'}"
    return ""


def present_text(definition: Definition) -> str:
    """Return a host's definition in the form that is compared. Raise UnfitError for one that no libvirt writes."""
    return document.text_of(document.read(definition.kind, definition.xml))


def digest_of(text: str) -> str:
    """Return the digest of a definition's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def compare(
    desired: DesiredObject,
    present: Definition | None,
    fingerprints: Fingerprints,
    *,
    problem: str = "",
    last: AppliedFile | None = None,
) -> ComparedObject:
    """Compare; `problem` is why it cannot be defined, `last` what was last applied to it."""
    path = path_of(desired.kind, desired.name)
    problem = problem or checked(desired)
    now = None if present is None else document.read(desired.kind, present.xml)
    before = None if now is None else document.text_of(now)
    wanted = None if problem else document.read(desired.kind, desired.xml)
    if wanted is not None and now is not None:
        wanted = completed(desired.kind, wanted, now)
    after = (before or "") if wanted is None else document.text_of(wanted)
    hidden = _hidden(desired, now, wanted)
    rendered = fingerprints.of_content(desired.xml.encode(), secret=bool(hidden))
    if before is not None and _is_as_applied(last, rendered, before, fingerprints):
        after = before
    shown = difference(None if before is None else before.encode(), after.encode(), hidden)
    secret = bool(hidden) or shown.redacted
    same = before == after
    plan = FilePlan(
        path=path,
        template=desired.template,
        action="refused" if problem else "same" if same else "create" if before is None else "change",
        before=None if before is None else fingerprints.of(digest_of(before), secret=secret),
        after=fingerprints.of(digest_of(after), secret=secret),
        rendered=rendered,
        size_before=len((before or "").encode()),
        size_after=len(after.encode()),
        difference=() if problem or same else shown.lines,
        omitted="" if problem or same else shown.omitted,
        problem=problem,
    )
    digest = "" if before is None else digest_of(before)
    state = FileState(path=path, kind="missing" if before is None else "file", digest=digest)
    change = ObjectChange(
        kind=desired.kind, name=desired.name, before=before, after=after, active=bool(present and present.active)
    )
    return ComparedObject(plan=plan, state=state, change=None if problem or same else change)


def _hidden(desired: DesiredObject, *roots: ET.Element | None) -> tuple[str, ...]:
    """Return what no difference shows: the template's secrets, and all passwords of both definitions."""
    found = [password for root in roots if root is not None for password in document.passwords(root)]
    secrets = [form for secret in desired.secrets for form in document.as_written(secret)]
    return tuple(dict.fromkeys([*secrets, *found]))


def _is_as_applied(last: AppliedFile | None, rendered: str, before: str, fingerprints: Fingerprints) -> bool:
    """Tell whether this very template made this very definition: what differs then is libvirt's own addition."""
    if last is None or last.after is None or not last.rendered:
        return False
    return last.rendered.partition("+")[0] == rendered and fingerprints.fits(last.after, digest_of(before))


def last_of(applied: Mapping[str, AppliedFile], desired: DesiredObject) -> AppliedFile | None:
    """Return what was last applied to an object."""
    return applied.get(path_of(desired.kind, desired.name))
