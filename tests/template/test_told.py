"""What a person is told of a run: while it goes on, after it failed, and after omc was killed."""

import json
import re
import signal
import time
from pathlib import Path

import pytest

from tests.template.fleet import PATH, Fleet
from tests.template.test_resume import killed


def states(fleet: Fleet) -> set[tuple[str, str, str]]:
    ran = fleet.omc("template", "status", "-o", "json")
    return {(one["host"], one["state"], one["subject"]) for one in json.loads(ran.out)}


def test_failed_handler_leaves_word_that_the_files_are_as_they_were(fleet: Fleet) -> None:
    fleet.add("a")
    fleet.put("a")
    fleet.template(handlers=[{"command": "sh -c 'exit 7'"}])
    ran = fleet.omc("template", "apply", "a", "--yes")
    assert 3 == ran.code
    assert "ended with 7" in ran.err
    assert "all files are as they were" in ran.err
    assert "did not run" not in ran.err
    assert "stays pending: sh -c 'exit 7'" in ran.err
    run = fleet.history()[0]["run"]
    (host,) = json.loads(fleet.omc("template", "history", run, "-o", "json").out)
    assert "all files are as they were" in host["message"]


def test_file_that_a_killed_run_put_there_is_not_said_to_be_somebody_elses(fleet: Fleet) -> None:
    """Of b omc never heard; c was never begun."""
    fleet.add("a", "b", "c")
    for name in "abc":
        fleet.put(name)
    run = killed(fleet, "-e", "value=1")
    assert {("a", "outdated", PATH), ("b", "unfinished", PATH), ("c", "new", PATH)} == states(fleet)
    shown = fleet.omc("template", "status", "b")
    assert f"omc template resume {run} -e value=…" in shown.err
    fleet.put("b", "by hand\n")
    assert ("b", "new", PATH) in states(fleet), "omc never heard that it was applied"


def test_history_and_the_next_apply_say_how_to_end_a_run_that_was_killed(fleet: Fleet) -> None:
    fleet.add("a", "b", "c")
    run = killed(fleet, "-e", "value=new")
    fleet.hosts["c"].write("/var/tmp/go", b"")
    whole = json.loads(fleet.omc("template", "history", run, "-o", "json").out)
    assert {"a": "changed", "b": "unknown", "c": "unknown"} == {host["host"]: host["status"] for host in whole}
    hint = f"hint: omc template resume {run} -e value=…"
    for words in (("history",), ("history", run), ("apply", "all", "--yes")):
        ran = fleet.omc("template", *words)
        assert hint in ran.err, words
    assert 0 == fleet.omc("template", "apply", "all", "-e", "value=2", "--yes").code
    assert hint not in fleet.omc("template", "history").err, "a later run changed these hosts"


def test_interrupt_in_the_last_batch_leaves_nothing_to_do_and_is_none(fleet: Fleet) -> None:
    (host,) = fleet.add("a")
    fleet.template(handlers=[{"command": "sh -c 'touch /var/tmp/begun; sleep 1'"}])
    process = fleet.start("template", "apply", "all", "--yes")
    host.run("sh", "-c", "until [ -e /var/tmp/begun ]; do sleep 0.02; done")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert 0 == process.returncode, out
    assert "ok: 1 changed" in out
    assert "error" not in out
    assert "ok" == fleet.history()[0]["status"]


@pytest.mark.parametrize("option", ["--report", "--junit"])
def test_report_that_cannot_be_written_is_refused_before_anything_changes(
    fleet: Fleet, tmp_path: Path, option: str
) -> None:
    fleet.add("a")
    fleet.put("a")
    fleet.template()
    for place, why in ((tmp_path / "none" / "r", "No such file"), (tmp_path / ("n" * 300), "File name too long")):
        ran = fleet.omc("template", "apply", "a", "--yes", option, str(place))
        assert 2 == ran.code, ran.err
        assert f"{place}: the report cannot be written: {why}" in ran.err
    assert "value = old\n" == fleet.content("a")
    assert [] == fleet.history()


def test_report_that_fails_in_the_end_does_not_hide_what_was_done(fleet: Fleet) -> None:
    fleet.add("a")
    fleet.template()
    ran = fleet.omc("template", "apply", "a", "--yes", "--report", "/dev/full")
    assert 1 == ran.code
    assert re.search(r"run \S+ ok: 1 changed", ran.out)
    assert "/dev/full: the report cannot be written" in ran.err


def test_host_that_its_change_silences_is_given_up_when_it_has_put_itself_back(fleet: Fleet) -> None:
    """Its connections stay open and say nothing; with the old file it answers again, and says what it did."""
    fleet.add("a")
    fleet.put("a")
    quiet = "sh -c 'if grep -q new /etc/omc-test.conf; then pkill -STOP -x sshd; else pkill -CONT -x sshd; fi'"
    fleet.template(handlers=[{"command": quiet}])
    began = time.monotonic()
    ran = fleet.omc("template", "apply", "a", "--yes", "--confirm", "5")
    assert time.monotonic() - began < 5 + 12
    assert 3 == ran.code
    assert "nobody confirmed it in time, so it put everything back by itself" in ran.err
    assert {"a": "restored"} == fleet.results()
    assert "value = old\n" == fleet.content("a")


@pytest.mark.usefixtures("little_grace")
def test_time_at_which_a_host_puts_itself_back_is_true(fleet: Fleet) -> None:
    """It is told of a host that answers no more, and is about when its timer ends."""
    (host,) = fleet.add("a")
    fleet.put("a")
    fleet.template(handlers=[{"command": "sh -c 'grep -q new /etc/omc-test.conf && pkill -STOP -x sshd; true'"}])
    began = time.time()
    ran = fleet.omc("template", "apply", "a", "--yes", "--confirm", "5")
    assert time.time() - began < 5 + 20
    told = re.search(r"it has put everything back by itself at about (\d\d):(\d\d):(\d\d)", ran.err)
    assert told, ran.err
    journal = "/var/lib/omc/runs/*/a/journal"
    host.run("sh", "-c", f"until grep -q restored {journal}; do sleep 0.02; done")
    back = float(host.run("sh", "-c", f"stat -c %Y {journal}"))
    assert back - began < 5 + 5
    hours, minutes, seconds = map(int, told.groups())
    there = time.localtime(back)
    assert abs((hours - there.tm_hour) * 3600 + (minutes - there.tm_min) * 60 + seconds - there.tm_sec) <= 3
    assert {"a": "unknown"} == fleet.results()
