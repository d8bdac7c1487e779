"""The whole inventory as one document: what `omc inventory -o json` prints."""

from omc.model.base import Fact
from omc.model.host import Host
from omc.model.issue import Issue


class Inventory(Fact, frozen=True, kw_only=True):
    """All selected hosts with everything on them, and what could not be read."""

    schema: str  # version of this document's schema; goes up when a field changes its meaning
    collected_at: str | None  # RFC 3339 UTC: no facts are older, those of unreachable hosts aside
    hosts: tuple[Host, ...]  # in the site's order
    issues: tuple[Issue, ...]  # of all hosts
