"""SARIF 2.1.0 (OASIS): for code scanning, dashboards and editors.

A finding is a result with a logical location ("kvm1/guest/web"): there is no file that it stands in. A waived one is a
result with a suppression. What could not be checked is a notification of the run, so nobody takes it for fine; a run
in which a host could not be read is no success.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

import msgspec

from omc.audit.finding import Finding, Report, Unchecked, Waived, place
from omc.audit.outputs import Failed, Page, by_reason, listed
from omc.audit.rule import Rule
from omc.text import safe

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"critical": "error", "warning": "warning", "info": "note"}

Json = dict[str, Any]

_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+Z?)?")
_FIGURE = re.compile(r"(?<![\w./:-])\d+(?:[.,]\d+)?(?:[smhd]| %| [KMGTPE]?i?B)?(?![\w/:-]|\.\w)")
"""A number that stands alone, with its unit; not a part of a name or of an address."""

_PLURAL = re.compile(r"s\b")


def render(report: Report, page: Page) -> Iterator[bytes]:
    """Give one document with one run."""
    index = {rule: position for position, rule in enumerate(page.rules)}
    marks = _marks([*report.findings, *(waived.finding for waived in report.waived)])
    results = [_result(finding, index, marks[id(finding)]) for finding in listed(report, page)]
    results += [_suppressed(waived, index, marks[id(waived.finding)]) for waived in report.waived]
    driver = {
        "name": "omc audit",
        "semanticVersion": page.version,
        "rules": [_descriptor(rule) for rule in page.rules.values()],
    }
    invocation = {
        "executionSuccessful": not page.failed,
        "endTimeUtc": page.now,
        "toolExecutionNotifications": [
            *map(_of_host, page.failed),
            *(_notification(*key, subjects, index) for key, subjects in by_reason(report.unchecked).items()),
        ],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "results": results,
        "columnKind": "unicodeCodePoints",
    }
    yield msgspec.json.encode({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}) + b"\n"


def _marks(findings: Iterable[Finding]) -> Mapping[int, str]:
    """Return a fingerprint of each finding, by its identity: the same tomorrow, when ages and figures are others."""
    counts: Counter[str] = Counter()
    marks: dict[int, str] = {}
    for one in findings:
        steady = _PLURAL.sub("", _FIGURE.sub("#", _TIME.sub("#", one.message)))
        key = "\0".join((one.rule, one.host, one.subject, steady))
        counts[key] += 1
        which = f"\0{counts[key]}" if counts[key] > 1 else ""  # of several that read the same
        marks[id(one)] = sha256(f"{key}{which}".encode("utf-8", "replace")).hexdigest()
    return marks


def _descriptor(rule: Rule) -> Json:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.reason},
        "help": {"text": f"{rule.advice}\n\nSource: {rule.source}"},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"tags": [rule.scope], "severity": rule.severity},
    }


def _result(finding: Finding, index: dict[str, int], mark: str) -> Json:
    where = safe(place(finding.host, finding.subject))
    place_json = {"fullyQualifiedName": where, "name": where.rpartition("/")[2], "kind": "resource"}
    known = {"ruleIndex": index[finding.rule]} if finding.rule in index else {}
    return {
        "ruleId": finding.rule,
        **known,
        "level": LEVELS[finding.severity],
        "message": {"text": f"{where}: {safe(finding.message)}. To mend it: {safe(finding.fix)}"},
        "locations": [{"logicalLocations": [place_json]}],
        "partialFingerprints": {"omcFinding/v2": mark},
    }


def _suppressed(waived: Waived, index: dict[str, int], mark: str) -> Json:
    suppression = {"kind": "external", "status": "accepted", "justification": safe(waived.reason)}
    return _result(waived.finding, index, mark) | {"suppressions": [suppression]}


def _of_host(failed: Failed) -> Json:
    return {"level": "error", "message": {"text": safe(f"{failed.host}: {failed}")}}


def _notification(rule: str, why: str, subjects: list[Unchecked], index: dict[str, int]) -> Json:
    where = place(subjects[0].host, subjects[0].subject) or "fleet"
    more = f" and {len(subjects) - 1} more" if len(subjects) > 1 else ""
    known = {"associatedRule": {"id": rule, "index": index[rule]}} if rule in index else {}
    return {"level": "note", "message": {"text": f"{rule} not checked for {safe(where)}{more}: {safe(why)}"}, **known}
