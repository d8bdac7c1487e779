"""A run that is cut off: by Ctrl-C, by kill -9 of omc at any point, by a line that breaks."""

import signal
from typing import Any

import pytest

from omc.templates import changing, health
from omc.templates.remote import resume as remote
from omc.templates.remote.change import run_values
from omc.templates.remote.job import Outcome
from tests.template.fleet import PATH, Fleet

SLOW = [{"command": "sleep 0.4"}]


def wait_for(fleet: Fleet, host: str, condition: str) -> None:
    fleet.hosts[host].run("sh", "-c", f"until {condition}; do sleep 0.02; done")


def test_interrupt_finishes_the_host_under_way_and_resume_does_the_rest(fleet: Fleet) -> None:
    fleet.add("a", "b", "c")
    fleet.template(handlers=[{"command": "sh -c 'touch /var/tmp/begun; sleep 1'"}])
    process = fleet.start("template", "apply", "all", "--yes", "--parallel", "1")
    wait_for(fleet, "a", "[ -e /var/tmp/begun ]")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert 130 == process.returncode, out
    assert {"a": "changed", "b": "not_begun", "c": "not_begun"} == fleet.results()
    (run,) = fleet.history()
    assert "interrupted" == run["status"]
    ran = fleet.omc("template", "resume", run["run"], "--yes")
    assert 0 == ran.code, ran.err
    assert {"value = new\n"} == set(fleet.contents().values())
    assert ["ok"] == [one["status"] for one in fleet.history()]


@pytest.mark.parametrize(
    ("host", "step"), [("a", "begun"), ("a", "placed"), ("a", "done"), ("b", "placed"), ("c", "placed")]
)
def test_kill_of_omc_at_any_moment_is_told_and_resumed(fleet: Fleet, host: str, step: str) -> None:
    fleet.add("a", "b", "c")
    fleet.template(handlers=SLOW)
    for name in fleet.hosts:
        fleet.put(name)
    process = fleet.start("template", "apply", "all", "--yes", "--parallel", "1", "--batch", "2,1")
    wait_for(fleet, host, f"grep -q {step} /var/lib/omc/runs/*/{host}/journal 2>/dev/null")
    process.kill()
    process.wait(10)
    (run,) = fleet.history()
    assert "interrupted" == run["status"]
    assert set(fleet.contents().values()) <= {"value = old\n", "value = new\n"}
    ran = fleet.omc("template", "resume", run["run"], "--yes")
    assert 0 == ran.code, ran.out + ran.err
    assert {"value = new\n"} == set(fleet.contents().values())
    assert {"changed"} == set(fleet.results().values())
    assert 0 == fleet.omc("template", "status").code
    assert all([] == fleet.leftovers(name) for name in fleet.hosts)
    ran = fleet.omc("template", "rollback", run["run"], "--yes")
    assert 0 == ran.code, ran.out + ran.err
    assert {"value = old\n"} == set(fleet.contents().values())


def test_line_that_breaks_while_a_host_works_is_found_out_over_a_new_one(fleet: Fleet) -> None:
    (host,) = fleet.add("a")
    fleet.template(handlers=[{"command": "sh -c 'touch /var/tmp/begun; sleep 1'"}])
    process = fleet.start("template", "apply", "all", "--yes")
    wait_for(fleet, "a", "[ -e /var/tmp/begun ]")
    host.cut()
    out, _ = process.communicate(timeout=60)
    assert 0 == process.returncode, out
    assert {"a": "changed"} == fleet.results()
    assert "value = new\n" == fleet.content("a")


def test_resume_of_a_run_that_still_goes_on_is_refused(fleet: Fleet) -> None:
    (host,) = fleet.add("a")
    fleet.template(handlers=[{"command": "sh -c 'touch /var/tmp/begun; until [ -e /var/tmp/go ]; do sleep 0.1; done'"}])
    process = fleet.start("template", "apply", "all", "--yes")
    wait_for(fleet, "a", "[ -e /var/tmp/begun ]")
    (run,) = fleet.history()
    assert "running" == run["status"]
    for word in ("resume", "rollback"):
        ran = fleet.omc("template", word, run["run"], "--yes")
        assert 2 == ran.code
        assert "still goes on" in ran.err
    host.write("/var/tmp/go", b"")
    assert 0 == process.wait(30)


def test_resume_leaves_out_a_host_for_which_something_changed(fleet: Fleet) -> None:
    fleet.add("a", "b", "c")
    fleet.template()
    fleet.hosts["a"].run("mkdir", PATH)
    fleet.omc("template", "apply", "all", "--yes", "--max-fail", "1")
    assert {"a": "refused", "b": "not_begun", "c": "not_begun"} == fleet.results()
    fleet.variables("c", value="other")
    run = fleet.history()[0]["run"]
    ran = fleet.omc("template", "resume", run, "--yes")
    assert 3 == ran.code
    assert {"a": "refused", "b": "changed", "c": "refused"} == fleet.results()
    assert "changed since the run began" in ran.err


@pytest.mark.parametrize(
    ("words", "code", "status", "content"),
    [
        (("--as-given",), 0, "changed", "value = new\n"),
        (("--health", "true"), 0, "changed", "value = new\n"),
        ((), 3, "restored", "value = old\n"),
    ],
)
def test_host_that_waits_when_omc_is_killed_is_confirmed_only_where_it_is_well(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int, status: str, content: str
) -> None:
    """Without the run's own --health the new connection is enough; with it, or another, the check is asked first."""
    monkeypatch.setattr(health, "SECONDS", 1.5)
    fleet.add("a")
    fleet.put("a")
    fleet.template()
    process = fleet.start("template", "apply", "a", "--yes", "--confirm", "300", "--health", "sleep 100")
    wait_for(fleet, "a", "grep -qs waiting /var/lib/omc/runs/*/a/journal")
    process.kill()
    process.communicate(timeout=10)
    ran = fleet.omc("template", "resume", fleet.history()[0]["run"], "--yes", *words)
    assert (code, {"a": status}) == (ran.code, fleet.results()), ran.out + ran.err
    assert content == fleet.content("a")
    assert ("a: changed, to be confirmed when it is well\n" in ran.out) == (words != ("--as-given",))
    assert [] == fleet.leftovers("a")
    assert "waiting" not in fleet.omc("template", "status").out


def test_line_that_breaks_while_a_long_handler_runs_is_waited_for(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host is still at it, so its lock is taken: no reason to call the run refused."""
    (host,) = fleet.add("a")
    cuts = "for pid in $(pgrep -x sshd); do [ $pid = $(cat /run/sshd.pid) ] || kill -KILL $pid; done"
    fleet.template(handlers=[{"command": f"sh -c '{cuts}; until [ -e /var/tmp/go ]; do sleep 0.1; done'"}])
    said = []

    def resume(*arguments: Any, **more: Any) -> Outcome:
        said.append(remote.resume(*arguments, **more))
        if said[-1].code == "locked":
            host.write("/var/tmp/go", b"")
        return said[-1]

    monkeypatch.setattr(changing, "resume", resume)
    monkeypatch.setitem(run_values.__kwdefaults__, "seconds", 1)  # for the lock
    ran = fleet.omc("template", "apply", "all", "--yes")
    assert 0 == ran.code, ran.err
    assert "locked" == said[0].code
    assert {"a": "changed"} == fleet.results()
