"""Which guest or host a name on the command line stands for."""

import shlex
from collections.abc import Iterable
from contextlib import suppress
from difflib import get_close_matches

import msgspec

from omc.cli.context import Run
from omc.cli.inventory.fresh import Answer
from omc.errors import Exit, UsageError
from omc.inventory.store import Found

_SHOWN = 20


def find_one(run: Run, name: str) -> Found | None:
    """Return the only thing of that name that the store knows, or None. Raise UsageError where there are several."""
    found = run.store.find(name)
    if len(found) > 1:
        more = f", and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        names = ", ".join(map(_described, found[:_SHOWN]))
        hint = _distinct(thing.uuid for thing in found)
        raise UsageError(f"{name!r} is the name of {len(found)}: {names}{more}", hint=hint)
    return found[0] if found else None


def _distinct(uuids: Iterable[str]) -> str:
    """Say what tells things of one name apart; a UUID that they share does not."""
    return "write HOST/GUEST" if len(set(uuids)) == 1 else "write HOST/GUEST, or the UUID"


def _described(thing: Found) -> str:
    return f"guest {thing.path} ({thing.uuid})" if thing.uuid else f"host {thing.path}"


class _Key(msgspec.Struct):
    """As much of a document as a name can stand for."""

    host: str
    name: str
    uuid: str


def find_then(run: Run, name: str, at: str) -> Found:
    """Return the only thing that had that name at a time. Raise UsageError where there was none, or several."""
    if name in run.site.hosts and next(run.store.documents([name], at=at), None) is not None:
        return Found("host", name, name, "")
    decode = msgspec.json.Decoder(_Key).decode
    guests = map(decode, run.store.guest_documents(at=at))
    found = [guest for guest in guests if name in _names(guest)]
    if len(found) == 1:
        return Found("guest", found[0].host, found[0].name, found[0].uuid)
    if not found:
        raise UsageError(f"no guest or host was called {name!r} then", hint="omc inventory guests --at lists them")
    names = ", ".join(f"{guest.host}/{guest.name} ({guest.uuid})" for guest in found[:_SHOWN])
    raise UsageError(f"{name!r} was the name of {len(found)}: {names}", hint=_distinct(guest.uuid for guest in found))


def _names(guest: _Key) -> tuple[str, ...]:
    return guest.name, guest.uuid, f"{guest.host}/{guest.name}", f"{guest.host}/{guest.uuid}"


def unknown(run: Run, name: str, answer: Answer) -> UsageError:
    """Return the error for a name that nothing has, with names that are near, and the hosts that could not be asked."""
    unread = [state.host for state in answer.states if state.status == "unreachable"]
    beside = f", as far as hosts could be read (not {', '.join(unread)})" if unread else ""
    error = UsageError(f"no guest or host is called {name!r}{beside}", hint=_hint(run, name))
    if unread:
        error.exit_code = Exit.HOSTS_FAILED
    return error


def _hint(run: Run, name: str) -> str:
    if any(character in name for character in "*?[!&,"):
        return "this takes one name, and no pattern: omc inventory guests lists them"
    with suppress(UsageError):
        run.store.history(name)
        return f"there was one: omc inventory history {shlex.quote(name)}"
    known = {other.lower(): other for other in [*run.store.names("", 10_000), *run.site.hosts]}
    near = get_close_matches(name.lower(), known, n=3, cutoff=0.6)
    return f"meant {' or '.join(known[word] for word in near)}?" if near else "omc inventory guests lists them"
