"""Rollbacks that do not go smoothly: cut off, of a run that was cut off itself, of hosts that are not there."""

import pytest
import yaml
from msgspec.structs import replace

from omc.inventory.store import default_url, open_store
from omc.templates import health
from tests.template.fleet import Fleet
from tests.template.test_resume import killed

OLD, NEW = "value = old\n", "value = new\n"
WAITS = "sh -c 'touch /var/tmp/begun; until [ -e /var/tmp/go ]; do sleep 0.05; done'"


def test_rollback_that_was_cut_off_is_done_again_with_the_command_that_is_told(fleet: Fleet) -> None:
    """On a the host's own step was ended too; b went on to the end, and nobody heard of it."""
    fleet.add("a", "b")
    fleet.template(handlers=[{"command": WAITS}])
    for host in fleet.hosts.values():
        host.write("/etc/omc-test.conf", OLD.encode())
        host.write("/var/tmp/go", b"")
    assert 0 == fleet.omc("template", "apply", "all", "--yes").code
    run = fleet.history()[0]["run"]
    for host in fleet.hosts.values():
        host.run("rm", "/var/tmp/go", "/var/tmp/begun")
    process = fleet.start("template", "rollback", run, "--yes")
    for host in fleet.hosts.values():
        host.run("sh", "-c", "until [ -e /var/tmp/begun ]; do sleep 0.02; done")
    process.kill()
    process.wait(10)
    fleet.omc("template", "unlock", "a", "--force", "--yes")
    fleet.hosts["b"].write("/var/tmp/go", b"")
    fleet.hosts["b"].run("sh", "-c", "until grep -q rolled_back /var/lib/omc/runs/*/b/journal; do sleep 0.02; done")

    assert f"run {run} was cut off: omc template rollback {run} a\n" in fleet.omc("template", "plan", "a").out
    resumed = fleet.omc("template", "resume", run, "--yes")
    again = f"omc template rollback {run} b a"
    assert (2, True) == (resumed.code, f"finish that first: {again}" in resumed.err), resumed.err
    assert f"hint: {again}" in fleet.omc("template", "history").err
    fleet.hosts["a"].write("/var/tmp/go", b"")
    ran = fleet.omc("template", "rollback", run, "a", "b", "--yes")
    assert 0 == ran.code, ran.err
    assert ({"a": "rolled_back", "b": "skipped"}, {OLD}) == (fleet.results(), set(fleet.contents().values()))
    assert "rolled_back" == fleet.results(1)["b"], "what the host said of it is known now"
    assert "cut off" not in fleet.omc("template", "history").err
    assert "changed" not in fleet.omc("template", "status").out, "nobody else touched these files"


def test_rollback_of_a_killed_run_leaves_out_the_hosts_that_it_never_reached(fleet: Fleet) -> None:
    """They are no failure, and need no resume; however many runs there were elsewhere since, it is told of before."""
    fleet.add("a", "b", "c")
    for name in "abc":
        fleet.put(name)
    run = killed(fleet)
    with open_store(default_url(fleet.site)) as store:
        begun = store.template_runs.run(run)
        for number in range(25):
            elsewhere = replace(begun, run=f"29990101-0000{number:02}-aaaa", started_at="2999-01-01", hosts=())
            store.template_runs.begin(elsewhere)
            store.template_runs.finish(elsewhere.run, "ok")
    assert f"hint: omc template resume {run}\n" in fleet.omc("template", "status").err
    ran = fleet.omc("template", "rollback", run, "--yes")
    assert 0 == ran.code, ran.err
    assert "c: the host keeps nothing of this run" in ran.err
    assert "not done yet" not in ran.err
    assert "cut off" not in fleet.omc("template", "status").err
    assert {OLD} == set(fleet.contents().values())


def test_rollback_is_told_as_it_was_and_for_the_hosts_that_are_left(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it is not rolled back itself: what it took away is applied again."""
    monkeypatch.setattr(health, "SECONDS", 0.5)
    hosts = fleet.add("a", "b")
    fleet.template()
    fleet.omc("template", "apply", "a,b", "conf", "--yes", "-e", "value=1")
    run = fleet.history()[0]["run"]
    hosts[1].run("sh", "-c", "pkill -x sshd; rm -f /run/sshd.pid")
    ran = fleet.omc("template", "rollback", run, "--force", "--yes", "--health", "false")
    assert 3 == ran.code
    assert f"hint: omc template rollback {run} b --health false --force\n" in ran.err
    stopped = fleet.omc("template", "rollback", run, "--yes", "--batch", "1")
    assert f"hint: the rest: omc template rollback {run} b a --batch 1\n" in stopped.err, "also those that failed"
    back = fleet.history()[1]["run"]
    assert f"omc template rollback {back}" not in ran.err
    refused = fleet.omc("template", "rollback", back, "--yes")
    assert (2, True) == (refused.code, "hint: apply again: omc template apply b,a conf -e value=…" in refused.err)


def test_host_that_left_the_inventory_is_no_reason_to_stop(fleet: Fleet) -> None:
    """One that was changed before the run was stopped: the others are finished."""
    fleet.add("a", "b", "c")
    fleet.template(handlers=[{"command": "test -e /var/tmp/ready"}])
    fleet.hosts["a"].write("/var/tmp/ready", b"")
    assert 3 == fleet.omc("template", "apply", "all", "--yes", "--batch", "1", "--max-fail", "1").code
    for name in "bc":
        fleet.hosts[name].write("/var/tmp/ready", b"")
    path = fleet.site / "inventory" / "hosts.yaml"
    inventory = yaml.safe_load(path.read_text())
    del inventory["all"]["hosts"]["a"]
    path.write_text(yaml.safe_dump(inventory))
    ran = fleet.omc("template", "resume", fleet.history()[0]["run"], "--yes")
    assert 0 == ran.code, ran.err
    assert {"changed"} == set(fleet.results().values())
