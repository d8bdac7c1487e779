"""Reports of runs are JSON and JUnit, whatever hosts said."""

import json
from xml.etree import ElementTree as ET

from omc.ports import RunHost, TemplateRun
from omc.templates.report import as_json, as_junit


def run(**fields: object) -> TemplateRun:
    given = {
        "run": "20260101-120000-aaaa",
        "kind": "apply",
        "started_at": "2026-01-01T12:00:00.000005Z",
        "actor": "ada",
    }
    return TemplateRun(**given | fields)


HOSTS = (
    RunHost(host="a", status="changed", seconds=1.25),
    RunHost(host="b\x1b", status="restored", code="validation", message="it said\nno \x00 <&>"),
    RunHost(host="c", status="not_begun", message="1 host failed"),
)


def test_report_is_the_run_as_json():
    assert ["a", "b\x1b", "c"] == [host["host"] for host in json.loads(as_json(run(hosts=HOSTS)))["hosts"]]


def test_junit_has_a_test_a_host_whatever_a_host_said():
    suite = ET.fromstring(as_junit(run(hosts=HOSTS, reason="stopped")))[0]
    assert ("3", "1", "1") == (suite.get("tests"), suite.get("failures"), suite.get("skipped"))
    failure = suite.find("testcase/failure")
    assert ("validation", "it said", "it said\nno \\x00 <&>") == (
        failure.get("type"),
        failure.get("message"),
        failure.text,
    )
