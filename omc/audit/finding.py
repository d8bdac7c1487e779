"""What an audit says: findings, and what could not be checked."""

import msgspec

SEVERITIES = ("info", "warning", "critical")
"""From the least to the most."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a rule found.

    `subject` is "host", "guest/NAME", "pool/NAME", "volume/POOL/NAME", "network/NAME", "cluster/NAME" or
    "waiver/RULE"; `host` is empty where the finding is about no single host. `fix` is what to type or change.
    """

    rule: str
    severity: str
    subject: str
    host: str
    message: str
    fix: str
    title: str


class Waived(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that the site accepts, with its reason and until when (a date, empty: for ever)."""

    finding: Finding
    reason: str
    expires: str = ""


class Unchecked(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that could not be checked for a subject: the facts are missing."""

    rule: str
    subject: str
    host: str
    why: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer of an audit; findings from the most severe down, then by rule, host and subject."""

    findings: tuple[Finding, ...]
    unchecked: tuple[Unchecked, ...]
    waived: tuple[Waived, ...]
    hosts: int
    guests: int
    rules: int


def place(host: str, subject: str) -> str:
    """Return where a finding is, in one word: "kvm1/guest/web", "kvm1", "cluster/prod"."""
    if subject == "host":
        return host
    return f"{host}/{subject}" if host else subject


def order(finding: Finding) -> tuple[int, str, str, str, str]:
    """Sort key: the most severe first."""
    place = -SEVERITIES.index(finding.severity)
    return place, finding.rule, finding.host, finding.subject, finding.message
