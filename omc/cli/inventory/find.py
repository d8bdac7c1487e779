"""Which guest or host a name on the command line stands for."""

import msgspec

from omc.cli.context import Run
from omc.errors import UsageError
from omc.inventory.store import Found

_SHOWN = 20


def find_one(run: Run, name: str) -> Found | None:
    """Return the only thing of that name that the store knows, or None. Raise UsageError where there are several."""
    found = run.store.find(name)
    if len(found) > 1:
        more = f", and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        names = ", ".join(f"{thing.kind} {thing.path} ({thing.uuid})" for thing in found[:_SHOWN])
        raise UsageError(f"{name!r} is the name of {len(found)}: {names}{more}", hint="write HOST/GUEST, or the UUID")
    return found[0] if found else None


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
    raise UsageError(f"{name!r} was the name of {len(found)}: {names}", hint="write HOST/GUEST, or the UUID")


def _names(guest: _Key) -> tuple[str, ...]:
    return guest.name, guest.uuid, f"{guest.host}/{guest.name}", f"{guest.host}/{guest.uuid}"


def unknown(run: Run, name: str) -> UsageError:
    """Return the error for a name that nothing has, with names that are near."""
    from difflib import get_close_matches

    known = [*run.site.hosts, *run.store.names("", 10_000)]
    near = get_close_matches(name, known, n=3, cutoff=0.6)
    hint = f"meant {' or '.join(near)}?" if near else "omc inventory guests lists them"
    return UsageError(f"no guest or host is called {name!r}", hint=hint)
