"""The findings of the audit as a page shows them: rule by rule, the worst first, and the worst of each subject."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from omc.report.source import Finding

SEVERITIES = ("critical", "warning", "info")
"""From the most to the least."""

MOST_SHOWN = 50
"""Findings of one rule that are listed; the others are counted."""


class Worst(NamedTuple):
    """The most severe of the findings about one thing, and how many there are."""

    severity: str
    total: int


class RuleGroup(NamedTuple):
    """All findings of one rule and severity; `shown` are the first of them."""

    rule: str
    severity: str
    title: str
    fix: str
    total: int
    hosts: int
    shown: Sequence[Finding]

    @property
    def one_fix(self) -> bool:
        """Whether what mends one of those that are shown mends all."""
        return all(finding.fix == self.fix for finding in self.shown)

    @property
    def anchor(self) -> str:
        """Where it stands on the page."""
        return f"rule-{self.rule}-{self.severity}"


def by_rule(findings: Sequence[Finding], *, most: int = MOST_SHOWN) -> list[RuleGroup]:
    """Group findings by severity, and the most frequent rule first."""
    found: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        found.setdefault((finding.severity, finding.rule), []).append(finding)
    groups = [
        RuleGroup(
            rule=rule,
            severity=severity,
            title=each[0].title,
            fix=each[0].fix,
            total=len(each),
            hosts=len({finding.host for finding in each if finding.host}),
            shown=each[:most],
        )
        for (severity, rule), each in found.items()
    ]
    return sorted(groups, key=lambda group: (rank(group.severity), -group.total, group.rule))


def by_severity(findings: Sequence[Finding]) -> Mapping[str, int]:
    """Count findings by severity; each severity is there."""
    counts = dict.fromkeys(SEVERITIES, 0)
    for finding in findings:
        counts[finding.severity] += 1
    return counts


def by_subject(findings: Sequence[Finding]) -> Mapping[tuple[str, str], Worst]:
    """Return the worst finding of each host and guest; what is about a host's pools and networks is about the host."""
    found: dict[tuple[str, str], Worst] = {}
    for finding in findings:
        key = finding.host, finding.subject if finding.subject.startswith("guest/") else "host"
        known = found.get(key, Worst(finding.severity, 0))
        found[key] = Worst(min(known.severity, finding.severity, key=rank), known.total + 1)
    return found


def rank(severity: str) -> int:
    """Return the place of a severity, 0 for the most severe."""
    return SEVERITIES.index(severity)
