"""What a site accepts: findings that waivers put aside, and findings about the waivers themselves."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

import msgspec

from omc.audit.finding import Finding, Unchecked, Waived, place
from omc.audit.rule import Explained

_SOURCE = "omc, docs/how-to/audit-waivers.md"
EXPIRED = Explained(
    id="W01",
    severity="warning",
    title="Waiver has expired",
    reason="It holds no longer: what it accepted is found again, and somebody said that it would be mended by then.",
    source=_SOURCE,
    fix="mend what it waives, or give the waiver a new reason and date",
    reads=("waivers of audit.yaml",),
    scope="waiver",
)
UNUSED = Explained(
    id="W02",
    severity="info",
    title="Waiver covers nothing",
    reason="What it is for was mended, or never had that name: left in the file, it hides the next one that has. Told "
    "only where all hosts were looked at, and its rule could be checked everywhere.",
    source=_SOURCE,
    fix="take it out of audit.yaml",
    reads=("waivers of audit.yaml",),
    scope="waiver",
)
ABOUT_WAIVERS = (EXPIRED, UNUSED)
"""What is found about the waivers themselves; no rule of hosts, guests or the fleet finds it."""


class Waiver(msgspec.Struct, frozen=True, kw_only=True):
    """One accepted finding. `subject` is a pattern (`*`, `?`) of its place or of SUBJECT: "kvm1", "kvm1/guest/web*".

    `expires` is the last day that it holds, empty for ever; `place` is its FILE:LINE.
    """

    rule: str
    subject: str
    reason: str
    expires: str = ""
    place: str = ""

    def covers(self, finding: Finding) -> bool:
        """Tell whether this is what the finding says."""
        if finding.rule != self.rule:
            return False
        subject = finding.subject
        names = (place(finding.host, subject), f"{finding.host}/{subject}", subject, subject.partition("/")[2])
        return any(fnmatchcase(name, self.subject) for name in names if name)


def apply_waivers(
    findings: Iterable[Finding], unchecked: Iterable[Unchecked], waivers: Sequence[Waiver], *, today: str, whole: bool
) -> tuple[list[Finding], list[Waived]]:
    """Return the findings that stay, those about the waivers included, and the waived ones.

    A waiver that covers nothing is a finding only where the whole fleet was looked at and its rule checked everywhere.
    """
    kept: list[Finding] = []
    waived: list[Waived] = []
    used: set[Waiver] = set()
    for finding in findings:
        covering = [waiver for waiver in waivers if waiver.covers(finding)]
        used.update(covering)
        valid = [waiver for waiver in covering if not waiver.expires or today <= waiver.expires]
        if valid:
            waived.append(Waived(finding=finding, reason=valid[0].reason, expires=valid[0].expires))
        else:
            kept.append(finding)
    kept.extend(_expired(waiver) for waiver in waivers if waiver.expires and waiver.expires < today)
    if whole:
        unsure = {one.rule for one in unchecked}
        idle = (waiver for waiver in waivers if waiver not in used and waiver.rule not in unsure)
        kept.extend(_unused(waiver) for waiver in idle if not _is_past(waiver, today))
    return kept, waived


def _is_past(waiver: Waiver, today: str) -> bool:
    return bool(waiver.expires) and waiver.expires < today


def _expired(waiver: Waiver) -> Finding:
    message = f"the waiver of {waiver.rule} for {waiver.subject} ended on {waiver.expires} ({waiver.place})"
    return _about(EXPIRED, waiver, message, EXPIRED.fix)


def _unused(waiver: Waiver) -> Finding:
    message = f"nothing is found that the waiver of {waiver.rule} for {waiver.subject} is for ({waiver.place})"
    return _about(UNUSED, waiver, message, f"take it out of {waiver.place}")


def _about(what: Explained, waiver: Waiver, message: str, fix: str) -> Finding:
    return Finding(
        rule=what.id,
        severity=what.severity,
        subject=f"waiver/{waiver.rule}",
        host="",
        message=message,
        fix=fix,
        title=what.title,
    )
