"""Puts libvirt objects in force as a run wants them, and back to what they were; both go on after a kill."""

from collections.abc import Callable, Sequence

from omc.errors import HostError
from omc.ports import Definition, Definitions
from omc.templates.objects import document
from omc.templates.objects.comparison import path_of, present_text
from omc.templates.objects.document import UnfitError
from omc.templates.objects.effect import NOW, RESTART
from omc.templates.objects.live import stands, updates
from omc.templates.remote.keep import Kept

SECONDS = 60.0
"""How long libvirt may take for all definitions of one host."""

IsMade = Callable[[str, str], bool]
"""Tells by its path whether a definition is what libvirt made of the one that the run gave it."""

_RESTART_SECONDS = {"guest": 150.0}
_OTHER_RESTART_SECONDS = 20.0


def seconds_for(objects: Sequence[Kept]) -> float:
    """Return how long libvirt may take for these."""
    restarts = (one.kind for one in objects if one.effect == RESTART)
    return SECONDS + sum(_RESTART_SECONDS.get(kind, _OTHER_RESTART_SECONDS) for kind in restarts)


def text_now(definitions: Definitions, kind: str, name: str) -> str | None:
    """Return the present definition in the form that is compared; None where there is no such object."""
    found = definitions.read(kind, name)
    try:
        return None if found is None else present_text(found)
    except UnfitError as error:
        raise HostError(f"{kind} {name}: {error}", code="protocol") from None


def put_in_force(definitions: Definitions, one: Kept) -> None:
    """Bring what runs of a defined object to its definition, as far as the run is to; what is so already stays."""
    now = _read(definitions, one)
    if now is None or not one.live:
        return
    if one.effect == NOW and one.kind == "network":
        _update(definitions, one, now, one.after)
    elif one.effect == RESTART and not now.active:
        _start(definitions, one, anew=False)
    elif one.effect == RESTART:
        is_old = now.live == one.live if one.kind == "guest" else not stands(one.kind, one.after, now.live)
        _start(definitions, one, anew=is_old)


def put_back(definitions: Definitions, objects: Sequence[Kept], is_made: IsMade | None) -> int:
    """Define what was there before, the last one first, and undefine what was new; return how many that were.

    What the run changed or restarted of what runs is put back, too. All are tried; then the first error is raised.
    With `is_made`, one that is no longer as the run left it stays, and is an error.
    """
    count, errors = 0, []
    for one in reversed(objects):
        try:
            if is_made is not None:
                demand_ours(definitions, [one], is_made)
            count += _put_back(definitions, one)
        except HostError as error:
            errors.append(error)
    if errors:
        raise errors[0]
    return count


def demand_ours(definitions: Definitions, objects: Sequence[Kept], is_made: IsMade) -> None:
    """Raise HostError where one is neither as it was before the run nor as the run left it."""
    for one in objects:
        path, now = path_of(one.kind, one.name), text_now(definitions, one.kind, one.name)
        if now == one.before or (now is not None and (is_made(path, now) or stands(one.kind, one.after, now))):
            continue
        message = f"{path}: it is no longer as the run left it"
        raise HostError(message, code="changed_since")


def _put_back(definitions: Definitions, one: Kept) -> bool:
    """Put one back; tell whether anything was to be done."""
    changed = text_now(definitions, one.kind, one.name) != one.before
    if changed and one.before is None:
        definitions.undefine(one.kind, one.name)
    elif changed and one.before is not None:
        definitions.define(one.kind, one.name, one.before)
    return (_put_back_live(definitions, one) if one.live else False) or changed


def _put_back_live(definitions: Definitions, one: Kept) -> bool:
    now = _read(definitions, one)
    if now is None or one.effect not in (NOW, RESTART) or one.kind == "nwfilter":
        return False
    if one.kind == "guest":
        _start(definitions, one, anew=now.active and now.live != one.live)
        return now.live != one.live
    if one.effect == NOW:
        return _update(definitions, one, now, one.live)
    if now.active and stands(one.kind, one.live, now.live):
        _start(definitions, one, anew=False)
        return False
    before = present_text(now)
    is_otherwise = not stands(one.kind, before, one.live)
    if is_otherwise:  # what ran had been defined otherwise since it was started
        definitions.define(one.kind, one.name, document.text_of(document.read(one.kind, one.live)))
    _start(definitions, one, anew=True)
    if is_otherwise:
        definitions.define(one.kind, one.name, before)
    return True


def _read(definitions: Definitions, one: Kept) -> Definition | None:
    """Return an object as it is now; raise HostError for one whose XML no libvirt writes."""
    now = definitions.read(one.kind, one.name)
    try:
        if now is not None and now.live and one.kind != "guest":
            document.read(one.kind, now.live)
    except UnfitError as error:
        raise HostError(f"{one.kind} {one.name}: {error}", code="protocol") from None
    return now


def _update(definitions: Definitions, one: Kept, now: Definition, wanted: str) -> bool:
    """Update a network that runs; tell whether anything was to be done."""
    if not now.active:
        return False
    found = updates(now.live, wanted)
    if found is None:
        message = f"{path_of(one.kind, one.name)}: what runs of it was changed meanwhile, and only a restart mends that"
        raise HostError(message, code="changed_since", hint="--disruptive restarts it")
    definitions.update(one.name, found)
    return bool(found)


def _start(definitions: Definitions, one: Kept, *, anew: bool) -> None:
    """Start what a kill left stopped; `anew`: stop it first."""
    (definitions.restart if anew else definitions.start)(one.kind, one.name)
