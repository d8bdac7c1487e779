"""What the audit says, as plain rows: reports know nothing of rules."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from omc.cli.context import Run

if TYPE_CHECKING:
    from omc.audit.settings import AuditSettings
    from omc.model import Host
    from omc.report.source import Audited


def clusters_of(run: Run) -> Sequence[str]:
    """Return the groups that the site calls clusters."""
    return _settings(run).clusters


def audited(run: Run, names: Sequence[str], never: "Iterable[Host]", *, now: str) -> "Audited":
    """Check all rules on what the store knows of the hosts, and on those that it has `never` heard of: not checked.

    Shells are not asked.
    """
    import msgspec

    from omc.audit.engine import audit, read_fleet
    from omc.audit.rules import all_rules
    from omc.report.source import Audited, Finding

    rules, settings = all_rules(), _settings(run)

    def documents() -> Iterator[bytes]:
        yield from run.store.documents(names)
        yield from map(msgspec.json.encode, never)

    fleet = read_fleet(documents(), settings, total=len(run.site.hosts))
    report = audit(fleet, documents, rules, settings, now=now)
    rows = [Finding(*(getattr(one, name) for name in Finding._fields)) for one in report.findings]
    return Audited(rows, len(rules), len(report.unchecked), len(report.waived))


def _settings(run: Run) -> "AuditSettings":
    from omc.audit.rules import all_rules
    from omc.audit.settings import read_audit_settings

    return read_audit_settings(run.site.root / "inventory" / "audit.yaml", all_rules())
