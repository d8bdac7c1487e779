"""Keeping on a host, beside a run's old files, the old definitions of its libvirt objects.

They may hold passwords, so they stay where they were, readable by root alone; they go with the run's old files.
"""

from collections.abc import Sequence

import msgspec

from omc.errors import HostError
from omc.ports import Shell
from omc.templates.remote.answer import lines, outcome
from omc.templates.remote.change import run_values
from omc.templates.remote.quote import token, untoken
from omc.templates.remote.script import script

_MOST_BYTES = 256 << 20


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One libvirt object of a run: its definition before it (None: there was none), and the one that was asked for.

    `live` is what ran before it, "" for nothing, and `effect` how the run brings that to the new definition.
    """

    kind: str
    name: str
    before: str | None
    after: str
    live: str = ""
    effect: str = ""


def keep(shell: Shell, run: str, host: str, objects: Sequence[Kept], *, deadline: float) -> bool:
    """Keep these, unless the run kept some there before: then false. Raises HostError where it is not possible."""
    words = "\n".join(" ".join(map(token, msgspec.structs.astuple(one))) for one in objects)
    answer = shell.run(script("keep", run_values(run, host) | {"objects": words}), deadline=deadline)
    found = outcome(answer, "keeping the old definitions")
    if found.status not in ("changed", "unchanged"):
        message = f"the old definitions cannot be kept there: {found.message or found.code}"
        raise HostError(message, code=found.code or "failed")
    return found.status == "changed"


def kept(shell: Shell, run: str, host: str, *, deadline: float) -> tuple[Kept, ...]:
    """Return what a run kept there; nothing where it touched no object."""
    answer = shell.run(script("kept", run_values(run, host)), deadline=deadline, most_bytes=_MOST_BYTES)
    rows = [row for row in lines(answer, "reading the old definitions") if row[0] == "kept"]
    return tuple(_kept(row[1:]) for row in rows)


def _kept(row: Sequence[str]) -> Kept:
    if len(row) != len(Kept.__struct_fields__):
        raise HostError("the host's answer cannot be read: kept", code="protocol")
    kind, name, before, after, live, effect = row
    return Kept(
        kind=untoken(kind, str),
        name=untoken(name, str),
        before=untoken(before, str | None),  # type: ignore[arg-type]
        after=untoken(after, str),
        live=untoken(live, str),
        effect=untoken(effect, str),
    )
