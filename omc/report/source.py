"""What every report is made from, whoever gathered it: plain facts, read as often as a report wants them."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from omc.model import Host


class Finding(NamedTuple):
    """One finding of the audit; `subject` is "host", "guest/NAME", "pool/NAME" … as `omc audit` says it."""

    rule: str
    severity: str
    host: str
    subject: str
    message: str
    fix: str
    title: str


class Audited(NamedTuple):
    """The findings, the most severe first, and how much was checked: a rule that was not checked is never fine.

    `unchecked` is how many of the rules lacked facts somewhere.
    """

    findings: Sequence[Finding]
    rules: int
    unchecked: int
    waived: int


class About(NamedTuple):
    """What holds for the whole report; times are RFC 3339 UTC.

    `names` are all hosts of the selection. `at` is the past time that it shows, None for now. `unread` are the hosts
    that the store knows nothing of, `partial` those that could not be read whole, or at all, when they were last asked.
    """

    site: str
    made_at: str
    version: str
    selection: str = "all"
    at: str | None = None
    names: Sequence[str] = ()
    unread: Sequence[str] = ()
    partial: Sequence[str] = ()

    @property
    def hosts(self) -> int:
        """How many hosts the selection has."""
        return len(self.names)


class Source(NamedTuple):
    """A fleet to report on.

    `hosts` gives every host whole, in the site's order, one in memory at a time; each call begins anew. `clusters` are
    the groups that the site calls clusters. `audited` is None where no rule was checked.
    """

    about: About
    hosts: Callable[[], Iterable[Host]]
    audited: Audited | None = None
    clusters: Sequence[str] = ()
