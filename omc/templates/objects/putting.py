"""Puts definitions of libvirt objects back, and tells whether they are still as a run left them."""

from collections.abc import Sequence

from omc.errors import HostError
from omc.ports import Definitions
from omc.templates.objects.comparison import path_of, present_text, stands
from omc.templates.objects.document import UnfitError
from omc.templates.remote.keep import Kept


def text_now(definitions: Definitions, kind: str, name: str) -> str | None:
    """Return the present definition in the form that is compared; None where there is no such object."""
    found = definitions.read(kind, name)
    try:
        return None if found is None else present_text(found)
    except UnfitError as error:
        raise HostError(f"{kind} {name}: {error}", code="protocol") from None


def put_back(definitions: Definitions, objects: Sequence[Kept]) -> int:
    """Define what was there before, the last one first, and undefine what was new; return how many that were.

    All are tried; then the first error is raised.
    """
    count, errors = 0, []
    for one in reversed(objects):
        try:
            now = text_now(definitions, one.kind, one.name)
            if now == one.before:
                continue
            if one.before is None:
                definitions.undefine(one.kind, one.name)
            else:
                definitions.define(one.kind, one.name, one.before)
            count += 1
        except HostError as error:
            errors.append(error)
    if errors:
        raise errors[0]
    return count


def demand_ours(definitions: Definitions, objects: Sequence[Kept]) -> None:
    """Raise HostError where one is neither as it was before the run nor as the run left it."""
    for one in objects:
        now = text_now(definitions, one.kind, one.name)
        if now == one.before or (now is not None and stands(one.kind, one.after, now)):
            continue
        message = f"{path_of(one.kind, one.name)}: it is no longer as the run left it"
        raise HostError(message, code="changed_since")
