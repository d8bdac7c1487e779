"""For people at a terminal: findings under their rule, with why it matters and what to type."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from textwrap import wrap

from omc.audit.finding import Finding, Report, place
from omc.audit.outputs import Page, listed
from omc.text import plural, safe

MOST = 20
"""So many findings of one rule are shown; the lists show all."""

_COLORS = {"critical": "\x1b[1;31m", "warning": "\x1b[33m", "info": "\x1b[36m"}


def render(report: Report, page: Page) -> Iterator[bytes]:
    """Give the findings rule by rule, the most severe first."""
    for (_, rule), found in groupby(listed(report, page), key=lambda finding: (finding.severity, finding.rule)):
        yield _lines(_rule(rule, list(found), page))
    if page.unchecked and report.unchecked:
        yield _lines(_unchecked(report, page))


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _rule(rule_id: str, found: Sequence[Finding], page: Page) -> Iterator[str]:
    first = found[0]
    head = f"{first.severity}  {rule_id}  {safe(first.title)} ({len(found)})"
    yield f"{_COLORS[first.severity]}{head}\x1b[0m" if page.color else head
    rule = page.rules.get(rule_id)
    if rule is not None:
        yield from _wrapped("why: ", rule.reason, page)
    shared = {finding.fix for finding in found} if len(found) > 1 else set()
    for finding in found[:MOST]:
        yield from _wrapped("- ", f"{place(finding.host, finding.subject)}: {finding.message}", page)
        if len(shared) != 1:
            yield f"    fix: {safe(finding.fix)}"
    if len(found) > MOST:
        yield f"  … and {len(found) - MOST} more: -o wide --rule {rule_id} shows all"
    if len(shared) == 1:
        yield f"    fix: {safe(first.fix)}"
    yield ""


def _unchecked(report: Report, page: Page) -> Iterator[str]:
    yield "not checked"
    reasons: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for one in report.unchecked:
        rules, places = reasons.setdefault(one.why, ({}, {}))
        rules[one.rule] = None
        places[place(one.host, one.subject)] = None
    for why, (rules, places) in reasons.items():
        first, more = next(iter(places)), len(places) - 1
        where = f"{first} and {plural(more, 'other')}" if more else first
        yield from _wrapped("- ", f"{' '.join(rules)}, {where}: {why}", page)
    yield ""


def _wrapped(head: str, text: str, page: Page) -> Iterator[str]:
    """Give the text, indented below its head; what is typed is never cut, so a fix does not come here."""
    lines = [safe(text)] if page.width is None else wrap(safe(text), max(page.width - 6, 20)) or [""]
    yield f"  {head}{lines[0]}"
    yield from (f"    {line}" for line in lines[1:])
