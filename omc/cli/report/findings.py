"""What the audit says, as plain rows: reports know nothing of rules."""

from typing import TYPE_CHECKING

from omc.cli.context import Run
from omc.cli.inventory.fresh import Answer

if TYPE_CHECKING:
    from omc.report.source import Audited


def audited(run: Run, answer: Answer, *, now: str) -> "Audited":
    """Check all rules on what the store knows of the hosts; those never tried are not checked. Shells are not asked."""
    from omc.audit.rules import all_rules
    from omc.cli.audit.looking import look
    from omc.report.source import Audited, Finding

    rules = all_rules()
    report = look(run, answer, rules, run.audit_settings, now=now)
    rows = [Finding(*(getattr(one, name) for name in Finding._fields)) for one in report.findings]
    return Audited(rows, len(rules), len({one.rule for one in report.unchecked}), len(report.waived))
