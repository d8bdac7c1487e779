"""What to do first: hosts that were not read, clusters that a lost host would bring down, then the worst findings."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from omc.report.html.findings import RuleGroup
from omc.report.html.room import Loss, Room
from omc.report.source import About
from omc.text import plural

MOST = 8
_NAMED = 4


class Step(NamedTuple):
    """One thing to do; `link` leads to where the page tells more."""

    severity: str
    what: str
    where: str
    fix: str
    link: str


def first_steps(about: About, room: Room, groups: Sequence[RuleGroup], *, most: int = MOST) -> list[Step]:
    """Return the first steps, the most urgent first."""
    return list(islice(_all(about, room, groups), most))


def _all(about: About, room: Room, groups: Sequence[RuleGroup]) -> Iterator[Step]:
    yield from _unread(about)
    several = {cluster.name for cluster in room.clusters if cluster.hosts > 1}
    for loss in room.losses:
        if loss.level == "N+1" and loss.verdict == "does not fit" and loss.cluster in several:
            yield _loss(loss)
    for group in groups:
        if group.severity != "info":
            yield Step(group.severity, group.title, _places(group), group.fix, f"#{group.anchor}")


def _unread(about: About) -> Iterator[Step]:
    if about.unread:
        told = f"{plural(len(about.unread), 'host')} never read: nothing here covers them"
        yield Step("critical", told, named(about.unread), "omc inventory", "#unread")
    if about.partial:
        told = f"{plural(len(about.partial), 'host')} not read whole when last asked"
        yield Step("warning", told, named(about.partial), "omc inventory -v", "#unread")


def _loss(loss: Loss) -> Step:
    told = f"Cluster {loss.cluster} does not survive the loss of {named(loss.lost)}"
    where = f"{loss.left} of {plural(loss.guests, 'guest')} that run there would find no place"
    return Step("critical", told, where, "omc capacity", "#clusters")


def _places(group: RuleGroup) -> str:
    where = f" on {plural(group.hosts, 'host')}" if group.hosts else ""
    return f"{plural(group.total, 'finding')}{where}"


def named(names: Sequence[str]) -> str:
    """Return a few names, and how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
