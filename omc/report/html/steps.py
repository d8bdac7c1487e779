"""What to do first: hosts that were not read, clusters that a lost host would bring down, then the worst findings."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from omc.report.html.cell import counted
from omc.report.html.findings import RuleGroup
from omc.report.html.gaps import Gap, named
from omc.report.html.room import Loss, Room

MOST = 8
UNREAD = "not read"


class Step(NamedTuple):
    """One thing to do; `severity` is that of a finding, or UNREAD; `link` leads to where the page tells more."""

    severity: str
    what: str
    where: str
    fix: str
    link: str


def first_steps(
    amiss: Sequence[Gap], room: Room, groups: Sequence[RuleGroup] | None, *, most: int = MOST
) -> list[Step]:
    """Return the first steps, the most urgent first; `groups` is None where no rule was checked."""
    return list(islice(_all(amiss, room, groups), most))


def _all(amiss: Sequence[Gap], room: Room, groups: Sequence[RuleGroup] | None) -> Iterator[Step]:
    for gap in amiss:
        yield Step(UNREAD, f"{gap.what}: {gap.so}", named(gap.hosts), gap.fix, "#unread")
    if groups is None:  # else a rule of its own tells what follows from the loss of a host
        yield from _losses(room)
    for group in groups or ():
        if group.severity != "info":
            yield Step(group.severity, group.title, _places(group), _fix(group), f"#{group.anchor}")


def _fix(group: RuleGroup) -> str:
    return group.fix if group.one_fix else f"first: {group.fix}"


def _losses(room: Room) -> Iterator[Step]:
    several = {cluster.name for cluster in room.clusters if cluster.hosts > 1}
    for loss in room.losses:
        if loss.level == "N+1" and loss.verdict == "does not fit" and loss.cluster in several:
            yield _loss(loss)


def _loss(loss: Loss) -> Step:
    told = f"Cluster {loss.cluster} does not survive the loss of {named(loss.lost)}"
    where = f"{loss.left} of {counted(loss.guests, 'guest')} that run there would find no place"
    return Step("warning", told, where, "omc capacity", "#clusters")


def _places(group: RuleGroup) -> str:
    where = f" on {counted(group.hosts, 'host')}" if group.hosts else ""
    return f"{counted(group.total, 'finding')}{where}"
