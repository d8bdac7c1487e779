"""What the audit says, as plain rows: reports know nothing of rules."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from omc.cli.context import Run

if TYPE_CHECKING:
    from omc.audit.settings import AuditSettings
    from omc.report.source import Audited
    from omc.site import SiteHost


def clusters_of(run: Run) -> Sequence[str]:
    """Return the groups that the site calls clusters."""
    return _settings(run).clusters


def audited(run: Run, hosts: "Sequence[SiteHost]", now: str) -> "Audited":
    """Check all rules on what the store knows of the hosts; shells are not asked."""
    from omc.audit.engine import audit, read_fleet
    from omc.audit.rules import all_rules
    from omc.report.source import Audited, Finding

    names = [host.name for host in hosts]
    rules, settings = all_rules(), _settings(run)

    def documents() -> Iterable[bytes]:
        return run.store.documents(names)

    fleet = read_fleet(documents(), settings, total=len(run.site.hosts))
    report = audit(fleet, documents, rules, settings, now=now)
    rows = [Finding(*(getattr(one, name) for name in Finding._fields)) for one in report.findings]
    return Audited(rows, len(rules), len(report.unchecked), len(report.waived))


def _settings(run: Run) -> "AuditSettings":
    from omc.audit.rules import all_rules
    from omc.audit.settings import read_audit_settings

    return read_audit_settings(run.site.root / "inventory" / "audit.yaml", all_rules())
