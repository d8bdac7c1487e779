"""Going on with a run: what it may do to hosts that were changed since, that failed, or that could not be reached."""

import re
from collections.abc import Sequence

import pytest

from tests.template.fleet import HANDLED, PATH, Fleet
from tests.unit.cli.running import Ran

OLD, NEW = "value = old\n", "value = new\n"


def killed(fleet: Fleet, *arguments: str) -> str:
    """Apply to a and b, one by one, and kill omc while it is at b; the name of the run."""
    handler = "sh -c 'touch /var/tmp/begun; until [ -e /var/tmp/go ]; do sleep 0.05; done'"
    fleet.template(handlers=[{"command": handler}])
    fleet.hosts["a"].write("/var/tmp/go", b"")
    process = fleet.start("template", "apply", "all", "--yes", "--batch", "1", *arguments)
    fleet.hosts["b"].run("sh", "-c", "until [ -e /var/tmp/begun ]; do sleep 0.02; done")
    process.kill()
    process.wait(10)
    fleet.hosts["b"].write("/var/tmp/go", b"")
    fleet.hosts["b"].run("sh", "-c", "until grep -q done /var/lib/omc/runs/*/b/journal; do sleep 0.02; done")
    name: str = fleet.history()[0]["run"]
    return name


def resume(fleet: Fleet, run: str, *arguments: str) -> Ran:
    return fleet.omc("template", "resume", run, "--yes", *arguments)


def stop_before_b(fleet: Fleet, *arguments: str) -> str:
    """Begin a run that ends before b, for a fails; the name of the run."""
    fleet.omc("template", "apply", "a,b", "--yes", "--batch", "1", "--max-fail", "1", *arguments)
    name: str = fleet.history()[0]["run"]
    return name


def test_host_that_a_later_run_changed_is_left_as_it_is(fleet: Fleet) -> None:
    """Whether the run that was cut off had been there (b) or had not (c)."""
    fleet.add("a", "b", "c")
    for name in "abc":
        fleet.put(name)
    run = killed(fleet, "-e", "value=1")
    fleet.hosts["c"].write("/var/tmp/go", b"")
    assert 0 == fleet.omc("template", "apply", "all", "-e", "value=9", "--yes").code
    later = fleet.history()[0]["run"]
    ran = resume(fleet, run, "-e", "value=1")
    assert {"value = 9\n"} == set(fleet.contents().values())
    assert 3 == ran.code
    assert "b: changed before" in ran.out
    assert f"c: {PATH}: a later run changed it, too: {later}" in ran.err
    assert f"b: {PATH}: run {later} changed it since" in ran.err
    assert "hint" not in ran.err, "nothing is to be done about it"
    assert {"a": "changed", "b": "changed", "c": "refused"} == fleet.results(1)
    again = resume(fleet, run, "-e", "value=1")
    assert (0, f"nothing of the run {run} is left to do\n") == (again.code, again.err)


def test_host_that_somebody_changed_since_the_run_began_is_left_as_it_is(fleet: Fleet) -> None:
    fleet.add("a", "b", "c")
    run = killed(fleet)
    fleet.put("c", "by hand\n")
    ran = resume(fleet, run)
    assert 3 == ran.code
    assert f"c: {PATH}: it changed on the host since the run began" in ran.err
    assert "by hand\n" == fleet.content("c")


def test_run_is_not_resumed_with_handlers_that_it_was_not_begun_with(fleet: Fleet) -> None:
    fleet.add("a", "b", "c")
    run = killed(fleet)
    fleet.template(handlers=[{"command": f"touch {HANDLED}"}])
    ran = resume(fleet, run)
    assert 3 == ran.code
    assert "c: conf: a handler or check of it changed since the run began" in ran.err
    assert {"a": "changed", "b": "changed", "c": "refused"} == fleet.results()


def test_host_that_was_not_reached_is_named_with_what_to_type(fleet: Fleet) -> None:
    hosts = fleet.add("a", "b", "c")
    fleet.template()
    hosts[1].run("sh", "-c", "pkill -x sshd; rm -f /run/sshd.pid")
    ran = fleet.omc("template", "apply", "all", "conf", "-e", "value=7", "--yes")
    assert 3 == ran.code
    assert "partial: " in ran.out
    assert "hint: omc template apply b conf -e value=…" in ran.err
    hosts[1].run("sh", "-c", "/usr/sbin/sshd -f /srv/sshd_config -E /srv/sshd.log")
    ran = resume(fleet, fleet.history()[0]["run"], "-e", "value=7")
    assert 3 == ran.code
    assert "b: it was not reached when the run began" in ran.err
    assert "hint: omc template apply b conf -e value=…" in ran.err


def test_host_that_was_refused_is_done_once_nothing_is_in_the_way(fleet: Fleet) -> None:
    (a, _) = fleet.add("a", "b")
    fleet.hosts["b"].write("/var/tmp/ready", b"")
    fleet.template(files=[{"template": "file.j2", "path": PATH, "validate": "sh -c 'test -e /var/tmp/ready' %s"}])
    assert 3 == fleet.omc("template", "apply", "all", "--yes").code
    assert {"a": "refused", "b": "changed"} == fleet.results()
    a.write("/var/tmp/ready", b"")
    ran = resume(fleet, fleet.history()[0]["run"])
    assert 0 == ran.code, ran.err
    assert {"a": "changed", "b": "changed"} == fleet.results()


def test_canary_whose_handler_failed_is_tried_again_with_the_others(fleet: Fleet) -> None:
    """That it was put back by the earlier attempt is no failure of this one."""
    hosts = fleet.add("a", "b", "c")
    for name in "abc":
        fleet.put(name)
    fleet.template(handlers=[{"command": "test -e /var/tmp/ready"}])
    ran = fleet.omc("template", "apply", "all", "--yes", "--batch", "1,100%", "--max-fail", "1")
    assert 3 == ran.code
    assert {"a": "failed", "b": "not_begun", "c": "not_begun"} == fleet.results()
    for host in hosts:
        host.write("/var/tmp/ready", b"")
    ran = resume(fleet, fleet.history()[0]["run"], "--batch", "1,100%", "--max-fail", "1")
    assert 0 == ran.code, ran.out + ran.err
    assert "error" not in ran.err
    assert {NEW} == set(fleet.contents().values())
    assert {"changed"} == set(fleet.results().values())


def test_host_whose_files_were_put_back_is_tried_again_and_may_fail_again(fleet: Fleet) -> None:
    fleet.add("a", "b")
    for name in "ab":
        fleet.put(name)
    fleet.template(handlers=[{"command": "grep -q old /etc/omc-test.conf"}])
    run = stop_before_b(fleet)
    assert {"a": "restored", "b": "not_begun"} == fleet.results()
    ran = resume(fleet, run, "--as-given")
    assert 3 == ran.code
    assert ran.err.count("grep -q old /etc/omc-test.conf: ended with 1") == 2
    assert "all files are as they were" in ran.err
    assert {"a": "restored", "b": "restored"} == fleet.results()


def test_hint_to_resume_has_the_variables_that_it_needs(fleet: Fleet) -> None:
    fleet.add("a", "b")
    fleet.template(handlers=[{"command": "false"}])
    ran = fleet.omc(
        "template", "apply", "all", "--yes", "--batch", "1", "--max-fail", "1", "-e", "value=1", "-e", "other=2"
    )
    run = fleet.history()[0]["run"]
    assert f"omc template resume {run} -e value=… -e other=…" in ran.err
    told = _hints(resume(fleet, run).err)
    assert any("-e value=… -e other=…" in hint for hint in told)


def _hints(text: str) -> Sequence[str]:
    return re.findall(r"^  hint: (.*)$", text, re.MULTILINE)


@pytest.mark.usefixtures("little_grace")
def test_host_that_put_itself_back_is_not_changed_again_and_says_why(fleet: Fleet) -> None:
    """Nobody confirmed it because the change cut it off: it is not for a resume to do that once more."""
    (host,) = fleet.add("a")
    fleet.put("a")
    fleet.template(handlers=[{"command": "sh -c 'grep -q new /etc/omc-test.conf && pkill -x sshd; true'"}])
    fleet.omc("template", "apply", "a", "--yes", "--confirm", "5")
    assert {"a": "unknown"} == fleet.results()
    host.run("sh", "-c", "until grep -q restored /var/lib/omc/runs/*/a/journal; do sleep 0.02; done")
    host.run("sh", "-c", "/usr/sbin/sshd -f /srv/sshd_config -E /srv/sshd.log")
    run = fleet.history()[0]["run"]
    ran = resume(fleet, run)
    assert 3 == ran.code
    assert "a: nobody confirmed it in time, so it put everything back by itself" in ran.err
    assert OLD == fleet.content("a")
    assert {"a": "restored"} == fleet.results()
    (row,) = fleet.history()[0]["results"]
    assert "put everything back by itself" in row["message"]
