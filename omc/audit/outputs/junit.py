"""JUnit XML, as CI servers read it: a suite a rule, a failure a finding, a skipped test for what was not checked.

A rule that found nothing and could be checked everywhere is one test that passed, and so is, where the audit was told
what it is to fail on, a finding below that; its text is in system-out. A host that could not be read is an error of the
first suite, since nobody knows how it is there. The elements and attributes are those
that the common XSD of Jenkins and of the Windy Road schema share.
"""

import re
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from omc.audit.finding import SEVERITIES, Finding, Report, Unchecked, Waived, place
from omc.audit.outputs import Failed, Page, by_reason
from omc.text import safe

_NO_XML = re.compile("[\ufffe\uffff]")
_SHOWN = 20


def render(report: Report, page: Page) -> Iterator[bytes]:
    """Give one document."""
    found, waived, unchecked = _grouped(report)
    names = [*page.rules, *sorted(set(found) - set(page.rules))]
    skipped = sum(map(len, waived.values())) + sum(map(len, unchecked.values()))
    passed = sum(1 for name in names if not (found.get(name) or waived.get(name) or unchecked.get(name)))
    least = SEVERITIES.index(page.fail_on or SEVERITIES[0])
    failures = sum(1 for one in report.findings if SEVERITIES.index(one.severity) >= least)
    errors = len(page.failed)
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n'
    tests = passed + len(report.findings) + skipped + errors
    counts = f'tests="{tests}" failures="{failures}" errors="{errors}"'
    yield f'<testsuites name="omc audit" {counts}>\n'.encode()
    if errors:
        yield _suite("hosts", [*map(_error, page.failed)], page)
    for name in names:
        cases = [_found(one, fails=SEVERITIES.index(one.severity) >= least) for one in found.get(name, ())]
        cases += map(_waived, waived.get(name, ()))
        cases += [_skipped(name, why, subjects) for why, subjects in unchecked.get(name, ())]
        yield _suite(name, cases, page)
    yield b"</testsuites>\n"


Groups = tuple[dict[str, list[Finding]], dict[str, list[Waived]], dict[str, list[tuple[str, Sequence[Unchecked]]]]]


def _grouped(report: Report) -> Groups:
    found: dict[str, list[Finding]] = {}
    waived: dict[str, list[Waived]] = {}
    unchecked: dict[str, list[tuple[str, Sequence[Unchecked]]]] = {}
    for finding in report.findings:
        found.setdefault(finding.rule, []).append(finding)
    for one in report.waived:
        waived.setdefault(one.finding.rule, []).append(one)
    for (rule, why), subjects in by_reason(report.unchecked).items():
        unchecked.setdefault(rule, []).append((why, subjects))
    return found, waived, unchecked


def _suite(name: str, cases: list[str], page: Page) -> bytes:
    rule = page.rules.get(name)
    title = f"{name} {rule.title}" if rule is not None else name
    cases = cases or [f'  <testcase name={_quoted(title)} classname={_quoted(name)} time="0"/>\n']
    failures, errors, skipped = (sum(inner in one for one in cases) for inner in ("<failure ", "<error ", "<skipped "))
    counts = f'tests="{len(cases)}" failures="{failures}" errors="{errors}" skipped="{skipped}" time="0"'
    head = f'<testsuite name={_quoted(title)} timestamp="{page.now[:19]}" hostname="localhost" {counts}>\n'
    return f"{head}{''.join(cases)}</testsuite>\n".encode()


def _error(failed: Failed) -> str:
    return _case("hosts", failed.host, f"<error type={_quoted(failed.status)} message={_quoted(str(failed))}/>")


def _found(finding: Finding, *, fails: bool) -> str:
    body = escape(_text(f"{finding.message}\nfix: {finding.fix}"))
    inner = f"<system-out>{finding.severity}: {body}</system-out>"
    if fails:
        inner = f"<failure type={_quoted(finding.severity)} message={_quoted(finding.message)}>{body}</failure>"
    return _case(finding.rule, place(finding.host, finding.subject), inner)


def _waived(waived: Waived) -> str:
    inner = f"<skipped message={_quoted(f'waived: {waived.reason}')}/>"
    return _case(waived.finding.rule, place(waived.finding.host, waived.finding.subject), inner)


def _skipped(rule: str, why: str, subjects: Sequence[Unchecked]) -> str:
    names = [place(one.host, one.subject) or "fleet" for one in subjects]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return _case(rule, ", ".join(names[:_SHOWN]) + more, f"<skipped message={_quoted(f'not checked: {why}')}/>")


def _case(rule: str, name: str, inner: str) -> str:
    return f'  <testcase name={_quoted(name)} classname={_quoted(rule)} time="0">{inner}</testcase>\n'


def _quoted(text: str) -> str:
    return quoteattr(_text(safe(text)))


def _text(text: str) -> str:
    """Return the text without the characters that XML has no way to write."""
    return _NO_XML.sub("?", "\n".join(map(safe, text.split("\n"))))
