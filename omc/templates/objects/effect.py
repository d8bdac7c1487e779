"""From when on a libvirt object counts as it is defined: now, from its next start, or now because it is restarted."""

from collections.abc import Callable

import msgspec

from omc.ports import Definition, Usage
from omc.templates.objects.comparison import ComparedObject, ObjectChange, present_text
from omc.templates.objects.live import stands, updates

NOW, RESTART, NEXT_START = "now", "restart", "next_start"

_GOES_ON = "takes effect at its next start; what runs now goes on as it is"
_MOST_NAMES = 5
_RESTARTS = {
    "network": "it is restarted, and its guests are attached again",
    "pool": "it is restarted",
    "guest": "it is shut down and started",
}


def with_effect(
    compared: ComparedObject, present: Definition | None, usage: Callable[[], Usage], *, disruptive: bool
) -> ComparedObject:
    """Return what becomes of an object, with when that counts; `usage` is asked only where a restart is the question.

    One that is defined as it should be, and runs otherwise, is to be renewed where that may be done.
    """
    plan = compared.plan
    if plan.action == "refused":
        return compared
    kind = plan.path.partition(":")[2].partition("/")[0]
    if kind == "nwfilter":
        is_changed = compared.change is not None and present is not None
        effect, note = (NOW, "takes effect at once, on the guests that use it") if is_changed else ("", "")
    elif present is None or not present.active:
        effect, note = "", ""
    else:
        effect, note = _of_running(kind, compared, present, usage, disruptive=disruptive)
    action = plan.action
    if action == "same" and effect in (NOW, RESTART):
        action = "renew"
    plan = msgspec.structs.replace(plan, action=action, effect=effect, note=note)
    change = compared.change
    if change is None and action == "renew" and present is not None:
        text = present_text(present)
        change = ObjectChange(kind=kind, name=present.name, before=text, after=text, active=True)
    if change is not None and present is not None:
        change = msgspec.structs.replace(change, effect=effect, live=present.live)
    return ComparedObject(plan=plan, state=compared.state, change=change)


def _of_running(
    kind: str, compared: ComparedObject, present: Definition, usage: Callable[[], Usage], *, disruptive: bool
) -> tuple[str, str]:
    wanted = compared.change.after if compared.change else present_text(present)
    if kind == "network":
        found = updates(present.live, wanted)
        if found is not None:
            return (NOW, "takes effect now, without a restart") if found else ("", "")
    elif stands(kind, wanted, present.live) if kind == "pool" else compared.change is None:
        return "", ""
    used = usage()
    if used.hindrance:
        return NEXT_START, f"{_GOES_ON}: {used.hindrance}"
    who = f" ({_names(used.guests)})" if used.guests else ""
    if disruptive:
        return RESTART, f"takes effect now: {_RESTARTS[kind]}{who}"
    return NEXT_START, f"{_GOES_ON}. With --disruptive {_RESTARTS[kind]} now{who}"


def _names(guests: tuple[str, ...]) -> str:
    more = f" and {len(guests) - _MOST_NAMES} more" if len(guests) > _MOST_NAMES else ""
    return f"used by {', '.join(guests[:_MOST_NAMES])}{more}"
