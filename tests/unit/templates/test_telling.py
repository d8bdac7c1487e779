"""Runs have names and processes, reports have forms, and outcomes have words."""

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace

from omc.errors import UsageError
from omc.ports import AppliedFile, RunHost, TemplateRun
from omc.templates import health
from omc.templates.drift import drift
from omc.templates.plan import host_plan
from omc.templates.redact import Redactor
from omc.templates.remote.job import CommandResult, Outcome
from omc.templates.remote.state import Lock, Unfinished
from omc.templates.report import as_json, as_junit
from omc.templates.runs import NAME, is_alive, new_name, rfc3339, this_process, with_real_status
from omc.templates.task import Task, make_job
from omc.templates.telling import message_of
from tests.unit.templates.test_plan import PATH, PRINTS, desired, present, state, wanted

NOON = datetime(2026, 1, 1, 12, 0, 0, 5, tzinfo=UTC)


def run(**fields: object) -> TemplateRun:
    given = {"run": "20260101-120000-aaaa", "kind": "apply", "started_at": rfc3339(NOON), "actor": "ada"}
    return TemplateRun(**given | fields)


def test_names_of_runs_sort_by_time_and_differ_within_a_second():
    names = [new_name(NOON + timedelta(microseconds=part)) for part in range(0, 3_000_000, 100)]
    assert names == sorted(names)
    assert len(names) == len(set(names))
    assert len({new_name(NOON) for _ in range(100)}) > 1
    assert all(NAME.fullmatch(name) for name in names)


def test_times_have_microseconds_and_are_utc():
    assert "2026-01-01T12:00:00.000005Z" == rfc3339(NOON)


def test_run_whose_process_is_gone_is_interrupted():
    with subprocess.Popen(["sleep", "60"]) as process:
        own = this_process().split(" ")
        began = open(f"/proc/{process.pid}/stat").read().rpartition(")")[2].split()[19]  # noqa: PTH123, SIM115
        there = " ".join([own[0], own[1], str(process.pid), began])
        assert "running" == with_real_status(run(process=there), NOON).status
        process.kill()
    assert "interrupted" == with_real_status(run(process=there), NOON).status


def test_other_process_with_the_number_of_an_ended_one_is_another_process():
    machine, boot, number, began = this_process().split(" ")
    assert is_alive(f"{machine} {boot} {number} {began}")
    assert not is_alive(f"{machine} {boot} {number} {int(began) - 1}")
    assert not is_alive(f"{machine} another-boot {number} {began}")
    assert str(os.getpid()) == number


def test_run_of_another_machine_is_interrupted_after_an_hour_of_silence():
    elsewhere = run(process="another-machine boot 1 2")
    assert "running" == with_real_status(elsewhere, NOON + timedelta(minutes=50)).status
    assert "interrupted" == with_real_status(elsewhere, NOON + timedelta(minutes=70)).status
    lately = replace(elsewhere, hosts=(RunHost(host="a", status="changed", finished_at="2026-01-01T12:30:00Z"),))
    assert "running" == with_real_status(lately, NOON + timedelta(minutes=70)).status


def test_run_that_ended_stays_as_it_is():
    assert "ok" == with_real_status(run(status="ok"), NOON + timedelta(days=1)).status


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


def test_message_names_the_holder_of_a_lock():
    holder = Lock(run="R", host="a", actor="ada", since="2026-01-01T12:00:00Z")
    outcome = Outcome(status="refused", code="locked", holder=holder)
    assert "run R of ada holds the machine since 2026-01-01T12:00:00Z" == message_of(outcome)


def test_message_has_words_for_a_code_and_the_output_of_what_failed():
    result = CommandResult(command=("chronyd", "-p"), status=1, output="bad hunter2hunter\n", path="/etc/x")
    ignored = CommandResult(command=("true",), status=0, output="fine")
    outcome = Outcome(status="refused", code="validation", commands=(ignored, result, result))
    assert "/etc/x: chronyd -p: ended with 1\nbad (secret)" == message_of(outcome, Redactor(["hunter2hunter"]))
    assert "/etc/x: no space is left" == message_of(Outcome(status="refused", code="disk_full", message="/etc/x"))
    slow = Outcome(status="failed", commands=(CommandResult(command=("true",), status=124),), left=("/etc/x",))
    assert "/etc/x: it could not be put back\ntrue: took too long" == message_of(slow)


def task(file=None, now=None, **fields) -> Task:
    file, now = file or wanted(), now or present()
    host, seen = desired(file), state(now, **fields)
    return Task(plan=host_plan(host, seen, PRINTS), desired=host, state=seen)


def test_job_says_what_the_host_must_still_have():
    made = make_job(task(), run="R", actor="ada")
    assert (present().digest, b"new\n") == (made.changes[0].before, made.changes[0].content)
    only_mode = make_job(task(wanted("old\n", mode=0o600)), run="R", actor="ada")
    assert (None, 0o600) == (only_mode.changes[0].content, only_mode.changes[0].mode)


APPLIED = AppliedFile(
    host="kvm1", path=PATH, template="chrony", run="R", after=PRINTS.of(present().digest, secret=True)
)


@pytest.mark.parametrize(
    ("found", "applied", "expected"),
    [
        (task(wanted("old\n")), [], "ok"),
        (task(), [], "new"),
        (task(), [APPLIED], "outdated"),
        (task(now=present("by hand\n")), [APPLIED], "changed"),
        (task(wanted("old\n", mode=0o600)), [APPLIED], "changed"),
        (task(now=present(kind="symlink")), [APPLIED], "blocked"),
    ],
)
def test_drift_tells_who_is_behind(found, applied, expected):
    assert [expected] == [one.state for one in drift(found, applied, PRINTS)]


def test_drift_names_what_else_is_amiss_on_a_host():
    found = task(
        wanted("old\n"),
        lock=Lock(run="L", host="kvm1", actor="bob", since="noon"),
        unfinished=(
            Unfinished(run="W", host="kvm1", step="waiting", confirm_seconds=3.4),
            Unfinished(run="U", host="kvm1", step="placing"),
        ),
        pending_handlers=(("true",),),
    )
    assert [("ok", PATH), ("locked", "L"), ("waiting", "W"), ("unfinished", "U"), ("pending", "true")] == [
        (one.state, one.subject) for one in drift(found, [], PRINTS)
    ]


def test_health_command_is_no_shell_and_knows_the_hosts():
    assert "" == health.unhealthy('sh -c \'test "$OMC_HOSTS" = "a b"\'', {"OMC_HOSTS": "a b"}, 5)
    assert "sh ended with 3: no" == health.unhealthy("sh -c 'echo no; exit 3'", {}, 0.5)
    assert "false ended with 1" == health.unhealthy("false ; true", {}, 0.5)
    assert "sleep did not end in time" == health.unhealthy("sleep 30", {}, 0.3)


def test_health_that_has_to_wait_says_so_once():
    told = []
    health.unhealthy("sh -c 'echo no; exit 3'", {}, 2.5, trying=lambda reason, seconds: told.append((reason, seconds)))
    ((reason, seconds),) = told
    assert "sh ended with 3: no" == reason
    assert 1 < seconds < 2.5


def test_health_is_tried_again_until_it_is_good(tmp_path):
    check = f"sh -c 'test -e {tmp_path}/second || {{ touch {tmp_path}/second; exit 1; }}'"
    assert "" == health.unhealthy(check, {}, 10)


def test_health_of_a_url_is_a_2xx_answer():
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from threading import Thread

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/good" else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        assert "" == health.unhealthy(f"{url}/good", {}, 5)
        assert f"{url}/bad answered 503" == health.unhealthy(f"{url}/bad", {}, 0.5)
        server.shutdown()


@pytest.mark.parametrize("text", ["", "  ", "'unclosed", "/no/such/program", "no-such-program --now"])
def test_health_that_is_neither_command_nor_url_is_refused(text):
    with pytest.raises(UsageError):
        health.check_words(text)
