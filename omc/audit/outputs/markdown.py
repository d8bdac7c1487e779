"""Markdown for a merge request or a wiki page: totals, then a table of findings, all of them."""

from collections import Counter
from collections.abc import Iterator

from omc.audit.finding import SEVERITIES, Report, place
from omc.audit.outputs import Page, by_reason, listed
from omc.text import plural, safe

_SPECIAL = {ord(character): f"\\{character}" for character in "\\`*_[]|#~$"} | {
    ord("<"): "&lt;",
    ord(">"): "&gt;",
    ord("&"): "&amp;",
    ord("@"): "&#64;",
}


def render(report: Report, page: Page) -> Iterator[bytes]:
    """Give the report as one section."""
    counts = Counter(finding.severity for finding in report.findings)
    told = ", ".join(f"{counts[severity]} {severity}" for severity in reversed(SEVERITIES))
    scope = f"{plural(report.hosts, 'host')}, {plural(report.guests, 'guest')}, {plural(report.rules, 'rule')}"
    unchecked = len({one.rule for one in report.unchecked})
    left = f"{plural(unchecked, 'rule')} not checked everywhere, {len(report.waived)} waived"
    yield f"## Audit\n\n{scope}: {told}; {left}.\n".encode()
    shown = listed(report, page)
    if shown:
        yield b"\n| severity | rule | where | what | how to mend it |\n|---|---|---|---|---|\n"
    for one in shown:
        cells = (one.severity, one.rule, place(one.host, one.subject), one.message, one.fix)
        yield _row(cells)
    if page.unchecked and report.unchecked:
        yield b"\n### Not checked\n\n| rule | subjects | why |\n|---|---|---|\n"
        for (rule, why), subjects in by_reason(report.unchecked).items():
            yield _row((rule, str(len(subjects)), why))
    if page.failed:
        yield b"\n### Hosts not read\n\n| host | why |\n|---|---|\n"
        yield from (_row((one.host, str(one))) for one in page.failed)
    if report.waived:
        yield b"\n### Waived\n\n| rule | where | reason | until |\n|---|---|---|---|\n"
        for waived in report.waived:
            found = waived.finding
            yield _row((found.rule, place(found.host, found.subject), waived.reason, waived.expires or "-"))


def _row(cells: tuple[str, ...]) -> bytes:
    return f"| {' | '.join(safe(cell).translate(_SPECIAL) for cell in cells)} |\n".encode()
