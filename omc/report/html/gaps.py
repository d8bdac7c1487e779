"""Hosts that the page does not cover, or not wholly: the first thing that its reader must know."""

from collections.abc import Sequence
from typing import NamedTuple

from omc.report.html.cell import counted
from omc.report.html.rows import HostRow
from omc.report.source import About

_NAMED = 4


class Gap(NamedTuple):
    """Hosts with the same thing amiss, what it means, and what to type."""

    hosts: Sequence[str]
    what: str
    so: str
    fix: str


def gaps(about: About, hosts: Sequence[HostRow]) -> list[Gap]:
    """Return what is amiss, the worst first; nothing where every host was read whole."""
    known = {host.name for host in hosts}
    never = [name for name in about.names if name not in known]
    never += [host.name for host in hosts if not host.collected_at]
    read = [host for host in hosts if host.collected_at]
    away = [host.name for host in read if host.status == "unreachable"]
    partly = [host.name for host in read if host.status not in ("ok", "unreachable")]
    when = "then" if about.at else "when last asked"
    found = (
        (
            never,
            f"not read until {about.at}" if about.at else "never read",
            "nothing here covers them",
            "omc inventory",
        ),
        (away, f"not reached {when}", "what is shown of them is old", "omc inventory -v"),
        (partly, f"not read whole {when}", "facts are missing", "omc inventory issues"),
    )
    return [Gap(names, f"{counted(len(names), 'host')} {what}", so, fix) for names, what, so, fix in found if names]


def named(names: Sequence[str]) -> str:
    """Return a few names, and how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
