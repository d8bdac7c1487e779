"""The forms of a report: each says all of it, and nothing that a guest is called breaks out of it."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft4Validator
from prometheus_client.parser import text_string_to_metric_families

from omc.audit import outputs
from omc.audit.finding import Finding, Report, Unchecked, Waived
from omc.audit.rules import all_rules

RULES = {rule.id: rule for rule in all_rules()}
EVIL = 'a"><b>|`\\\x1b]0;x\x07\n# HELP \ufffe{x="y"} 1 &\u202e'
PAGE = outputs.Page(RULES, "2026-11-21T10:00:00Z", "1.0", unchecked=True)


def finding(**changes: str) -> Finding:
    fields = {"rule": "H15", "severity": "critical", "subject": f"guest/{EVIL}", "host": "kvm1", "message": EVIL}
    return Finding(**{**fields, "fix": "mend it", "title": "Title", **changes})


REPORT = Report(
    findings=(
        finding(),
        finding(subject="host", host="kvm2"),
        finding(rule="W01", severity="warning", host="", subject="waiver/G11"),
        finding(rule="H34", severity="info", subject="host"),
    ),
    unchecked=(
        Unchecked(rule="H01", subject="host", host="kvm3", why=EVIL),
        Unchecked(rule="H01", subject="host", host="kvm4", why=EVIL),
        Unchecked(rule="H31", subject="fleet", host="", why="no"),
    ),
    waived=(Waived(finding=finding(rule="H24", severity="warning"), reason=EVIL, expires="2027-01-01"),),
    hosts=4,
    guests=7,
    rules=len(RULES),
)


EMPTY = Report(findings=(), unchecked=(), waived=(), hosts=0, guests=0, rules=0)


def text(name: str, report: Report = REPORT, page: outputs.Page = PAGE) -> str:
    return b"".join(outputs.find(name).render(report, page)).decode()


@pytest.mark.parametrize("name", outputs.NAMES)
def test_no_form_lets_a_name_act_on_a_terminal(name: str) -> None:
    """Escapes, bells and marks that turn the writing direction do not come through."""
    assert set() == set("\x1b\x07\u202e") & set(text(name))


@pytest.mark.parametrize("name", outputs.NAMES)
def test_every_form_takes_an_empty_report(name: str) -> None:
    """Nothing found is an answer, too."""
    text(name, EMPTY)


def test_the_table_says_what_where_why_and_what_to_type() -> None:
    """Findings stand under their rule; hosts that could not be checked for one reason stand together."""
    shown = text("table", msgspec.structs.replace(REPORT, findings=(finding(message="8 vCPUs", subject="guest/web"),)))
    lines = [
        "critical  H15  Title (1)",
        f"  why: {RULES['H15'].reason}",
        "  - kvm1/guest/web: 8 vCPUs",
        "    fix: mend it",
    ]
    assert lines == shown.splitlines()[:4]
    assert "H01, kvm3 and 1 other: " in shown


def test_the_table_cuts_many_findings_of_one_rule() -> None:
    """And says how to see all."""
    report = msgspec.structs.replace(REPORT, findings=tuple(finding(message=str(number)) for number in range(30)))
    assert "… and 10 more: -o wide --rule H15" in text("table", report)


def test_markdown_has_a_row_a_finding() -> None:
    """A pipe in a name adds no cell."""
    rows = [line for line in text("markdown").splitlines() if line.startswith(("| critical", "| warning", "| info"))]
    assert [6] * 4 == [len(re.findall(r"(?<!\\)\|", row)) for row in rows]
    assert not [row for row in rows if "<b>" in row]


def test_lists_are_shortened_and_figures_are_not() -> None:
    """Below the severity that is asked for nothing is listed; totals, tests that fail and metrics are of all."""
    page = PAGE._replace(severity="critical")
    rows = [line.split(" | ")[0] for line in text("markdown", page=page).splitlines() if line.startswith("| ")]
    assert 2 == rows.count("| critical")
    assert [] == [row for row in rows if row in ("| warning", "| info")]
    assert "2 critical, 1 warning, 1 info" in text("markdown", page=page)
    assert 3 == len(msgspec.json.decode(text("sarif", page=page))["runs"][0]["results"])  # the waived one, too
    assert "H34" not in text("table", page=page)
    assert [text(name) for name in ("junit", "prometheus")] == [
        text(name, page=page) for name in ("junit", "prometheus")
    ]


SCHEMA = Path(__file__).parents[2] / "data" / "sarif" / "sarif-2.1.0-rtm.5.json"


@pytest.mark.parametrize("report", [REPORT, EMPTY], ids=["full", "empty"])
def test_sarif_is_valid_under_the_schema_of_the_standard(report: Report) -> None:
    """Only properties and values that SARIF 2.1.0 defines."""
    schema = msgspec.json.decode(SCHEMA.read_bytes())
    problems = Draft4Validator(schema).iter_errors(msgspec.json.decode(text("sarif", report)))
    assert [] == [problem.message for problem in problems]


def test_sarif_says_what_was_found_waived_and_not_checked() -> None:
    """Every index points at its rule, a waived finding is suppressed, what was not checked is a notification."""
    (run,) = msgspec.json.decode(text("sarif"))["runs"]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(ids)) == len(ids)
    known = [result for result in run["results"] if "ruleIndex" in result]
    assert [result["ruleId"] for result in known] == [ids[result["ruleIndex"]] for result in known]
    assert ["error", "error", "warning", "note", "warning"] == [result["level"] for result in run["results"]]
    assert [0, 0, 0, 0, 1] == [len(result.get("suppressions", ())) for result in run["results"]]
    assert 2 == len(run["invocations"][0]["toolExecutionNotifications"])


def _marks(*messages: str) -> list[str]:
    report = msgspec.structs.replace(REPORT, findings=tuple(finding(message=each) for each in messages), waived=())
    results = msgspec.json.decode(text("sarif", report))["runs"][0]["results"]
    return [result["partialFingerprints"]["omcFinding/v2"] for result in results]


@pytest.mark.parametrize(
    ("today", "tomorrow"),
    [
        ("it was read 30h ago", "it was read 2d ago"),
        ("85 % of 900 MiB are used", "95 % of 1.5 TiB are used"),
        ("1 of its 1 running guest (10 GiB: a) finds no place", "2 of its 3 running guests (20 GiB: a) finds no place"),
        ("read at 2026-11-21T10:00:00Z, since 2026-11-01", "read at 2026-11-22T10:00:00Z, since 2026-11-02"),
    ],
)
def test_a_sarif_fingerprint_outlives_figures(today: str, tomorrow: str) -> None:
    """Ages, shares, sizes, counts and dates change from run to run, and the finding is the same."""
    assert _marks(today) == _marks(tomorrow)


def test_a_sarif_fingerprint_tells_findings_apart() -> None:
    """What a thing is called has digits, too; and of what reads the same each is one of its own."""
    names = ("vda1: raw", "vda2: raw", "eth0 to 10.0.0.1", "eth0 to 10.0.0.2", "52:54:00:00:00:01", "52:54:00:00:00:02")
    assert len(names) == len(set(_marks(*names)))
    twice = _marks("85 % used", "95 % used")
    assert 2 == len(set(twice))
    assert twice[:1] == _marks("75 % used")


SUITE = {"name", "timestamp", "hostname", "tests", "failures", "errors", "skipped", "time"}


def test_junit_counts_what_it_has() -> None:
    """Elements and attributes of the common XSD only; the numbers of each suite and of all are right."""
    root = ET.fromstring(text("junit"))
    suites = list(root)
    assert {"testsuite"} == {suite.tag for suite in suites}
    for suite in suites:
        assert set(suite.attrib) == SUITE
        found = [sum(1 for case in suite if case.find(tag) is not None) for tag in ("failure", "skipped")]
        told = [int(suite.attrib[name]) for name in ("tests", "failures", "skipped")]
        assert [len(suite), *found] == told
        assert {"testcase"} == {case.tag for case in suite}
    assert int(root.attrib["tests"]) == sum(len(suite) for suite in suites)
    assert "4" == root.attrib["failures"]


def test_prometheus_counts_by_rule_severity_and_host() -> None:
    """Parsed by Prometheus's own library; what a guest is called is nowhere."""
    families = {family.name: family.samples for family in text_string_to_metric_families(text("prometheus"))}
    findings = {tuple(sorted(sample.labels.items())): sample.value for sample in families["omc_finding"]}
    assert 1.0 == findings[("host", "kvm1"), ("rule", "H15"), ("severity", "critical")]
    assert [2.0, 1.0] == [sample.value for sample in families["omc_audit_unchecked"]]
    assert 1795255200.0 == families["omc_audit_timestamp_seconds"][0].value
