"""Lets the rules look at what the store knows: of the hosts that were chosen, and of the others of their clusters."""

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

from omc.audit.engine import audit, read_fleet
from omc.audit.fleet import Scope
from omc.cli.clusters import clusters_of, mates_of
from omc.cli.context import Run
from omc.cli.inventory.fresh import FEW, Answer, documents
from omc.errors import Exit

if TYPE_CHECKING:
    from omc.audit.finding import Report
    from omc.audit.rule import Rule
    from omc.audit.settings import AuditSettings
    from omc.cli.audit.machines import Machines


def look(  # noqa: PLR0913 - what is looked at, each apart
    run: Run,
    answer: Answer,
    rules: "Sequence[Rule]",
    settings: "AuditSettings",
    *,
    now: str,
    machines: "Machines | None" = None,
) -> "Report":
    """Check rules on the hosts of the answer, held against their whole clusters where these are not too large."""
    read = documents(run, answer)
    mates = mates_of(run, answer.hosts, FEW)
    others = documents(run, Answer(mates, run.store.freshness(mates), Exit.OK)) if mates else tuple
    scope = Scope(clusters_of(run), answer.hosts)
    fleet = read_fleet(chain(read(), others()), settings, scope=scope)
    return audit(fleet, read, rules, settings, now=now, machines=machines)
