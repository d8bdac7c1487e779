"""What the forms say of hosts that could not be read, and of findings that do not let the audit fail."""

import xml.etree.ElementTree as ET

import msgspec

from omc.audit import outputs
from omc.audit.finding import Finding, Report

READ_AT = "2026-11-20T10:00:00Z"
HOSTS = (
    outputs.Failed("kvm2", "unreachable", "Connection refused", READ_AT),
    outputs.Failed("kvm3", "never read", "no route"),
)
FINDINGS = tuple(
    Finding(rule=rule, severity=severity, subject="host", host="kvm1", message="told", fix="mend", title="Title")
    for rule, severity in (("H15", "critical"), ("H24", "warning"))
)
REPORT = Report(findings=FINDINGS, unchecked=(), waived=(), hosts=3, guests=0, rules=0)
PAGE = outputs.Page({}, "2026-11-21T10:00:00Z", "1.0")


def _text(name: str, **words: object) -> str:
    page = PAGE._replace(**words)  # type: ignore[arg-type]
    return b"".join(outputs.find(name).render(REPORT, page)).decode()


def test_sarif_is_no_success_where_a_host_was_not_read() -> None:
    """Each such host is a notification with its reason and of when its facts are."""
    (run,) = msgspec.json.decode(_text("sarif", failed=HOSTS))["runs"]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    told = f"kvm2: unreachable: Connection refused; judged as it was read at {READ_AT}"
    assert [told, "kvm3: never read: no route"] == [
        one["message"]["text"] for one in invocation["toolExecutionNotifications"]
    ]
    (fine,) = msgspec.json.decode(_text("sarif"))["runs"][0]["invocations"]
    assert fine["executionSuccessful"] is True


def test_junit_has_an_error_a_host_that_was_not_read() -> None:
    """The numbers of all include it."""
    root = ET.fromstring(_text("junit", failed=HOSTS))
    assert ["kvm2", "kvm3"] == [case.attrib["name"] for case in root[0] if case.find("error") is not None]
    assert ("4", "2", "2") == tuple(root.attrib[name] for name in ("tests", "failures", "errors"))
    assert ("2", "0", "2") == tuple(root[0].attrib[name] for name in ("tests", "failures", "errors"))


def test_junit_fails_for_what_the_audit_fails_on_only() -> None:
    """What is below passed, and is told all the same."""
    root = ET.fromstring(_text("junit", fail_on="critical"))
    failed = [case.attrib["classname"] for case in root.iter("testcase") if case.find("failure") is not None]
    passed = [case.findtext("system-out") or "" for case in root.iter("testcase") if case.find("failure") is None]
    assert ["H15"] == failed
    assert ["warning: told\nfix: mend"] == passed
    assert ("2", "1") == tuple(root.attrib[name] for name in ("tests", "failures"))


def test_prometheus_counts_hosts_that_were_not_read() -> None:
    """With a zero for every status that no host has, so that an alert has something to look at."""
    lines = _text("prometheus", failed=HOSTS).splitlines()
    expected = {"unreachable": 1, "partial": 0, "never read": 1, "shell": 0}
    assert [f'omc_audit_failed_hosts{{status="{status}"}} {count}' for status, count in expected.items()] == [
        line for line in lines if line.startswith("omc_audit_failed_hosts")
    ]


def test_markdown_names_them() -> None:
    """With their reasons."""
    assert "| kvm3 | never read: no route |" in _text("markdown", failed=HOSTS)
