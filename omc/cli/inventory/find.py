"""Which guest or host a name on the command line stands for."""

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


def unknown(run: Run, name: str) -> UsageError:
    """Return the error for a name that nothing has, with names that are near."""
    from difflib import get_close_matches

    known = [*run.site.hosts, *run.store.names("", 10_000)]
    near = get_close_matches(name, known, n=3, cutoff=0.6)
    hint = f"meant {' or '.join(near)}?" if near else "omc inventory guests lists them"
    return UsageError(f"no guest or host is called {name!r}", hint=hint)
