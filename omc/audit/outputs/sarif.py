"""SARIF 2.1.0 (OASIS): for code scanning, dashboards and editors.

A finding is a result with a logical location ("kvm1/guest/web"): there is no file that it stands in. A waived one is a
result with a suppression. What could not be checked is a notification of the run, so nobody takes it for fine.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import msgspec

from omc.audit.finding import Finding, Report, Unchecked, Waived, place
from omc.audit.outputs import Page, by_reason, listed
from omc.audit.rule import Rule
from omc.text import safe

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"critical": "error", "warning": "warning", "info": "note"}

Json = dict[str, Any]


def render(report: Report, page: Page) -> Iterator[bytes]:
    """Give one document with one run."""
    index = {rule: position for position, rule in enumerate(page.rules)}
    results = [_result(finding, index) for finding in listed(report, page)]
    results += [_suppressed(waived, index) for waived in report.waived]
    driver = {
        "name": "omc audit",
        "semanticVersion": page.version,
        "rules": [_descriptor(rule) for rule in page.rules.values()],
    }
    invocation = {
        "executionSuccessful": True,
        "endTimeUtc": page.now,
        "toolExecutionNotifications": [
            _notification(rule, why, subjects, index) for (rule, why), subjects in by_reason(report.unchecked).items()
        ],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "results": results,
        "columnKind": "unicodeCodePoints",
    }
    yield msgspec.json.encode({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}) + b"\n"


def _descriptor(rule: Rule) -> Json:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.reason},
        "help": {"text": f"{rule.fix}\n\nSource: {rule.source}"},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"tags": [rule.scope], "severity": rule.severity},
    }


def _result(finding: Finding, index: dict[str, int]) -> Json:
    where = safe(place(finding.host, finding.subject))
    place_json = {"fullyQualifiedName": where, "name": where.rpartition("/")[2], "kind": "resource"}
    mark = sha256(f"{finding.rule}\0{finding.host}\0{finding.subject}\0{finding.message}".encode("utf-8", "replace"))
    known = {"ruleIndex": index[finding.rule]} if finding.rule in index else {}
    return {
        "ruleId": finding.rule,
        **known,
        "level": LEVELS[finding.severity],
        "message": {"text": f"{where}: {safe(finding.message)}. To mend it: {safe(finding.fix)}"},
        "locations": [{"logicalLocations": [place_json]}],
        "partialFingerprints": {"omcFinding/v1": mark.hexdigest()},
    }


def _suppressed(waived: Waived, index: dict[str, int]) -> Json:
    suppression = {"kind": "external", "status": "accepted", "justification": safe(waived.reason)}
    return _result(waived.finding, index) | {"suppressions": [suppression]}


def _notification(rule: str, why: str, subjects: list[Unchecked], index: dict[str, int]) -> Json:
    where = place(subjects[0].host, subjects[0].subject) or "fleet"
    more = f" and {len(subjects) - 1} more" if len(subjects) > 1 else ""
    known = {"associatedRule": {"id": rule, "index": index[rule]}} if rule in index else {}
    return {"level": "note", "message": {"text": f"{rule} not checked for {safe(where)}{more}: {safe(why)}"}, **known}
