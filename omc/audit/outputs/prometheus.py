"""Prometheus text for node_exporter's textfile collector: findings as numbers to alert on, never a guest's name.

sum by (rule) (omc_finding{severity="critical"}) > 0
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from omc.audit.finding import Report
from omc.audit.outputs import FAILED, Page

FAMILIES = {
    "omc_finding": "Findings of the last audit by rule, severity and host; host is empty where it is about several.",
    "omc_audit_unchecked": "Subjects that a rule could not be checked for, by rule.",
    "omc_audit_waived": "Findings that the site accepts, by rule.",
    "omc_audit_hosts": "Hosts that were looked at.",
    "omc_audit_failed_hosts": "Hosts that could not be read lately, or whose shell did not tell, by status.",
    "omc_audit_guests": "Guests that were looked at.",
    "omc_audit_rules": "Rules that were checked.",
    "omc_audit_timestamp_seconds": "When the audit ran, in seconds since 1970.",
}


def render(report: Report, page: Page) -> Iterator[bytes]:
    """Give all families."""
    found = Counter((finding.rule, finding.severity, finding.host) for finding in report.findings)
    rows = {
        "omc_finding": [
            (f'{{rule="{_label(rule)}",severity="{severity}",host="{_label(host)}"}}', count)
            for (rule, severity, host), count in sorted(found.items())
        ],
        "omc_audit_unchecked": _by_rule(Counter(one.rule for one in report.unchecked)),
        "omc_audit_waived": _by_rule(Counter(one.finding.rule for one in report.waived)),
        "omc_audit_hosts": [("", report.hosts)],
        "omc_audit_failed_hosts": [
            (f'{{status="{status}"}}', sum(one.status == status for one in page.failed)) for status in FAILED
        ],
        "omc_audit_guests": [("", report.guests)],
        "omc_audit_rules": [("", report.rules)],
        "omc_audit_timestamp_seconds": [("", _seconds(page.now))],
    }
    for name, text in FAMILIES.items():
        yield f"# HELP {name} {text}\n# TYPE {name} gauge\n".encode()
        yield "".join(f"{name}{labels} {value}\n" for labels, value in rows[name]).encode()


def _by_rule(counts: Counter[str]) -> list[tuple[str, int]]:
    return [(f'{{rule="{_label(rule)}"}}', count) for rule, count in sorted(counts.items())]


def _label(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _seconds(now: str) -> int:
    return int(datetime.fromisoformat(now).astimezone(UTC).timestamp())
