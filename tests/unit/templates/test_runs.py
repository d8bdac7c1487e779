"""Runs have names that sort, and processes that tell whether they are still at it."""

import os
import subprocess
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from omc.ports import RunHost, TemplateRun
from omc.templates.runs import NAME, is_alive, new_name, rfc3339, this_process, with_real_status

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
