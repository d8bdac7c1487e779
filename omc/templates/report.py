"""A run's report for other programs: JSON, and JUnit for what shows test results."""

from xml.etree import ElementTree as ET

import msgspec

from omc.ports import RunHost, TemplateRun
from omc.templates.task import FAILED
from omc.text import safe_lines

_SKIPPED = ("not_begun", "skipped", "unchanged")


class ListedHost(msgspec.Struct, frozen=True, kw_only=True):
    """What a run did on one host, in the list of runs."""

    host: str
    status: str
    code: str
    message: str


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A run in the list of runs: `hosts` are the names of all its hosts, `results` what came of each."""

    run: str
    kind: str
    started_at: str
    finished_at: str | None
    actor: str
    status: str
    reason: str
    selection: str
    templates: tuple[str, ...]
    undoes: str | None
    hosts: tuple[str, ...]
    results: tuple[ListedHost, ...]


def listed(run: TemplateRun) -> Listed:
    """Return a run as the list of runs has it."""
    return Listed(
        run=run.run,
        kind=run.kind,
        started_at=run.started_at,
        finished_at=run.finished_at,
        actor=run.actor,
        status=run.status,
        reason=run.reason,
        selection=run.selection,
        templates=run.templates,
        undoes=run.undoes or None,
        hosts=tuple(host.host for host in run.hosts),
        results=tuple(
            ListedHost(host=host.host, status=host.status, code=host.code, message=host.message) for host in run.hosts
        ),
    )


def as_json(run: TemplateRun) -> bytes:
    """Return the run as one JSON object."""
    return msgspec.json.format(msgspec.json.encode(run), indent=2) + b"\n"


def as_junit(run: TemplateRun) -> bytes:
    """Return the run as JUnit's XML: a test a host."""
    suite = ET.Element(
        "testsuite",
        name=f"omc template {run.kind} {run.run}",
        timestamp=run.started_at,
        tests=str(len(run.hosts)),
        failures=str(sum(host.status in FAILED for host in run.hosts)),
        skipped=str(sum(host.status in _SKIPPED for host in run.hosts)),
        errors="0",
    )
    suite.extend(_case(host) for host in run.hosts)
    if run.reason:
        ET.SubElement(suite, "system-out").text = safe_lines(run.reason)
    whole = ET.Element("testsuites")
    whole.append(suite)
    return bytes(ET.tostring(whole, encoding="utf-8", xml_declaration=True)) + b"\n"


def _case(host: RunHost) -> ET.Element:
    case = ET.Element("testcase", classname="omc.template", name=safe_lines(host.host), time=f"{host.seconds or 0:.3f}")
    message = safe_lines(host.message)
    if host.status in FAILED:
        failure = ET.SubElement(case, "failure", type=host.code or host.status, message=_first_line(message))
        failure.text = message
    elif host.status in _SKIPPED:
        ET.SubElement(case, "skipped", message=_first_line(message) or host.status)
    return case


def _first_line(text: str) -> str:
    return text.partition("\n")[0]
