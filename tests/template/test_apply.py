"""Plan, apply, status, history and rollback on real hosts."""

import json
import re
import shutil
from pathlib import Path

import pytest

from omc.templates import changing
from tests.template.fleet import HANDLED, PATH, Fleet
from tests.unit.cli.running import Terminal

HANDLERS = [{"command": f"touch {HANDLED}"}]


def test_plan_shows_what_would_change_and_changes_nothing(fleet: Fleet) -> None:
    fleet.add("a", "b")
    fleet.template(handlers=HANDLERS)
    fleet.put("a")
    ran = fleet.omc("template", "plan")
    assert 4 == ran.code
    assert "-value = old\n+value = new\n" in ran.out
    assert f"create {PATH}" in ran.out
    assert f"then runs: touch {HANDLED}" in ran.out
    assert "2 hosts to change (1 file to create, 1 file to change)" in ran.out
    assert "value = old\n" == fleet.content("a")
    assert [] == fleet.history()


def test_apply_puts_it_there_and_then_nothing_is_left_to_do(fleet: Fleet) -> None:
    fleet.add("a", "b")
    fleet.template(files=[{"template": "file.j2", "path": PATH, "mode": "0640"}], handlers=HANDLERS)
    fleet.put("a")
    ran = fleet.omc("template", "apply", "all", "--yes")
    assert 0 == ran.code, ran.err
    assert {"a": "value = new\n", "b": "value = new\n"} == fleet.contents()
    assert "640" == fleet.hosts["a"].run("stat", "-c", "%a", PATH).strip()
    assert fleet.hosts["b"].run("ls", HANDLED)
    assert [] == fleet.leftovers("a")
    again = fleet.omc("template", "plan")
    assert (0, "0 hosts to change, 2 as they should be\n") == (again.code, again.out)
    assert 1 == len(fleet.history())


def test_history_says_who_when_what_and_which_hosts(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "ada")
    fleet.add("a")
    fleet.template()
    fleet.omc("template", "apply", "a", "conf", "--yes")
    (run,) = fleet.history()
    assert ("ada", "ok", ["a"], ["conf"], "apply") == tuple(
        run[name] for name in ("actor", "status", "hosts", "templates", "kind")
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", run["started_at"])
    (host,) = json.loads(fleet.omc("template", "history", run["run"], "-o", "json").out)
    assert (PATH, "create") == (host["files"][0]["path"], host["files"][0]["action"])


def test_nothing_is_changed_without_a_yes(fleet: Fleet) -> None:
    fleet.add("a")
    fleet.template()
    ran = fleet.omc("template", "apply", "a")
    assert 2 == ran.code
    assert "--yes" in ran.err
    assert [] == fleet.history()


def test_unreachable_host_is_named_and_the_rest_is_done(fleet: Fleet) -> None:
    hosts = fleet.add("a", "b", "c")
    fleet.template()
    hosts[1].run("sh", "-c", "pkill -x sshd")
    ran = fleet.omc("template", "apply", "all", "--yes")
    assert 3 == ran.code
    assert "b: " in ran.err
    assert {"a": "changed", "b": "unreachable", "c": "changed"} == fleet.results()
    assert "partial" == fleet.history()[0]["status"]


def test_saved_plan_is_carried_out_and_leaves_out_a_host_that_changed_since(fleet: Fleet, tmp_path: Path) -> None:
    fleet.add("a", "b", "c")
    fleet.template()
    plan = str(tmp_path / "plan.json")
    assert 4 == fleet.omc("template", "plan", "all", "-f", plan).code
    fleet.put("b", "somebody was here\n")
    ran = fleet.omc("template", "apply", plan, "--yes")
    assert 3 == ran.code
    assert f"b: {PATH}: it changed on the host since the plan" in ran.err
    assert {"a": "changed", "b": "refused", "c": "changed"} == fleet.results()
    assert "somebody was here\n" == fleet.content("b")


def test_saved_plan_is_refused_where_the_template_changed_since(fleet: Fleet, tmp_path: Path) -> None:
    fleet.add("a")
    fleet.template()
    plan = str(tmp_path / "plan.json")
    fleet.omc("template", "plan", "-f", plan)
    fleet.template(text="something else\n")
    ran = fleet.omc("template", "apply", plan, "--yes")
    assert 3 == ran.code
    assert "the template, a variable or a fact changed since the plan" in ran.err
    assert {"a": "refused"} == fleet.results()


def test_saved_plan_wants_its_variables_again(fleet: Fleet, tmp_path: Path) -> None:
    fleet.add("a")
    fleet.template()
    plan = str(tmp_path / "plan.json")
    fleet.omc("template", "plan", "-e", "value=five", "-f", plan)
    refused = fleet.omc("template", "apply", plan, "--yes")
    assert 2 == refused.code
    assert "-e value=…" in refused.err
    assert 0 == fleet.omc("template", "apply", plan, "-e", "value=five", "--yes").code
    assert "value = five\n" == fleet.content("a")


def test_failure_of_some_hosts_stops_the_run_at_max_fail(fleet: Fleet) -> None:
    names = [f"h{number:02d}" for number in range(20)]
    hosts = fleet.add(*names)
    fleet.template(files=[{"template": "file.j2", "path": PATH, "validate": "grep -q good /etc/quality %s"}])
    for number, host in enumerate(hosts):
        host.write("/etc/quality", b"bad\n" if number in (1, 4, 9) else b"good\n")
    ran = fleet.omc("template", "apply", "all", "--yes", "--batch", "1,10%,5", "--max-fail", "1", "--parallel", "2")
    assert 3 == ran.code
    results = fleet.results()
    assert {"h00": "changed", "h01": "refused", "h02": "changed"} == {name: results[name] for name in names[:3]}
    assert ["not_begun"] * 17 == [results[name] for name in names[3:]]
    (run,) = fleet.history()
    assert ("stopped", "1 host failed, and --max-fail is 1") == (run["status"], run["reason"])
    assert "h19" in ran.err


def test_rollback_gives_back_what_was_there(fleet: Fleet) -> None:
    fleet.add("a", "b")
    fleet.template(handlers=HANDLERS)
    fleet.put("a")
    fleet.omc("template", "apply", "all", "--yes")
    run = fleet.history()[0]["run"]
    ran = fleet.omc("template", "rollback", run, "--yes")
    assert 0 == ran.code, ran.err
    assert "value = old\n" == fleet.content("a")
    assert "1" == fleet.hosts["b"].run("sh", "-c", f"[ -e {PATH} ] && echo 0 || echo 1").strip()
    newest = fleet.history()[0]
    assert ("rollback", run, "ok") == (newest["kind"], newest["undoes"], newest["status"])
    assert {"a": "rolled_back", "b": "rolled_back"} == fleet.results()


def test_rollback_leaves_a_host_that_changed_since_as_it_is(fleet: Fleet) -> None:
    fleet.add("a", "b")
    fleet.template()
    for name in ("a", "b"):
        fleet.put(name)
    fleet.omc("template", "apply", "all", "--yes")
    fleet.put("a", "value = by hand\n")
    ran = fleet.omc("template", "rollback", fleet.history()[0]["run"], "--yes")
    assert 3 == ran.code
    assert {"a": "value = by hand\n", "b": "value = old\n"} == fleet.contents()
    assert {"a": "refused", "b": "rolled_back"} == fleet.results()
    assert PATH in ran.err


def test_status_tells_what_somebody_changed_from_what_would_be_applied_now(fleet: Fleet) -> None:
    fleet.add("a", "b", "c", "d")
    fleet.template()
    fleet.omc("template", "apply", "a,b,c", "--yes")
    assert 0 == fleet.omc("template", "status", "a,b,c").code
    fleet.put("a", "by hand\n")
    fleet.variables("b", value="other")
    ran = fleet.omc("template", "status", "-o", "json")
    assert 4 == ran.code
    found = {(one["host"], one["state"], one["subject"]) for one in json.loads(ran.out)}
    assert {("a", "changed", PATH), ("b", "outdated", PATH), ("d", "new", PATH)} == found


def test_handler_that_failed_is_pending_until_it_succeeds(fleet: Fleet) -> None:
    (host,) = fleet.add("a")
    fleet.template(handlers=[{"command": "test -e /var/tmp/ready"}])
    fleet.put("a")
    ran = fleet.omc("template", "apply", "a", "--yes")
    assert 3 == ran.code
    assert "test -e /var/tmp/ready: ended with 1" in ran.err
    assert "value = old\n" == fleet.content("a")
    shown = fleet.omc("template", "plan")
    assert "runs first, pending from an earlier run: test -e /var/tmp/ready" in shown.out
    assert "pending" in fleet.omc("template", "status").out
    host.write("/var/tmp/ready", b"")
    assert 0 == fleet.omc("template", "apply", "a", "--yes").code
    assert 0 == fleet.omc("template", "plan").code


def test_second_run_is_refused_with_the_name_of_the_first(fleet: Fleet) -> None:
    (host,) = fleet.add("a")
    fleet.template(
        handlers=[{"command": "sh -c 'touch /var/tmp/begun; while [ ! -e /var/tmp/go ]; do sleep 0.1; done'"}]
    )
    first = fleet.start("template", "apply", "all", "--yes", environ={"SUDO_USER": "ada"})
    host.run("sh", "-c", "until [ -e /var/tmp/begun ]; do sleep 0.05; done")
    ran = fleet.omc("template", "apply", "all", "--yes", "-e", "value=second")
    assert 3 == ran.code
    assert "ada" in ran.err
    assert fleet.history()[1]["run"] in ran.err + ran.out
    host.write("/var/tmp/go", b"")
    assert 0 == first.wait(30)
    assert "value = new\n" == fleet.content("a")


def test_two_names_of_one_machine_are_told_once(fleet: Fleet) -> None:
    (host,) = fleet.add("a")
    fleet.template()
    hosts = fleet.site / "inventory" / "hosts.yaml"
    alias = f"    alias: {{ansible_host: {host.address}, ansible_port: {host.port}}}\n"
    hosts.write_text(hosts.read_text().replace("  hosts:\n", f"  hosts:\n{alias}", 1))
    ran = fleet.omc("template", "apply", "all", "--yes")
    assert 0 == ran.code, ran.err
    assert ["changed", "unchanged"] == sorted(fleet.results().values())


def test_report_and_junit_are_written(fleet: Fleet, tmp_path: Path) -> None:
    from xml.etree import ElementTree as ET

    hosts = fleet.add("a", "b")
    fleet.template(files=[{"template": "file.j2", "path": PATH, "validate": "grep -q good /etc/quality %s"}])
    hosts[0].write("/etc/quality", b"good\n")
    report, junit = tmp_path / "run.json", tmp_path / "run.xml"
    fleet.omc("template", "apply", "all", "--yes", "--report", str(report), "--junit", str(junit))
    found = json.loads(report.read_text())
    assert {"a": "changed", "b": "refused"} == {host["host"]: host["status"] for host in found["hosts"]}
    suite = ET.parse(junit).getroot()[0]
    assert ("2", "1") == (suite.get("tests"), suite.get("failures"))


def test_host_that_vanishes_in_the_second_of_three_batches_costs_itself_alone(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing, "RETURN_SECONDS", 3.0)
    fleet.add(*"abcdef")
    fleet.template(handlers=[{"command": "sh -c \"{{ reload | default('true') }}\""}])
    fleet.variables("c", reload="kill -9 $(pgrep -x sshd)")
    ran = fleet.omc("template", "apply", "all", "--yes", "--batch", "1,2,3")
    assert 3 == ran.code
    assert {name: "unknown" if name == "c" else "changed" for name in "abcdef"} == fleet.results()
    assert "c: " in ran.err


def test_hold_of_a_run_that_hangs_is_told_and_ended(fleet: Fleet) -> None:
    (host,) = fleet.add("a")
    fleet.template(handlers=[{"command": "sh -c 'touch /var/tmp/begun; sleep 60'"}])
    assert (0, "a: nobody holds it\n") == fleet.omc("template", "unlock", "a")[:2]
    process = fleet.start("template", "apply", "all", "--yes", environ={"SUDO_USER": "ada"})
    host.run("sh", "-c", "until [ -e /var/tmp/begun ]; do sleep 0.05; done")
    held = fleet.omc("template", "unlock", "a")
    assert 4 == held.code
    assert "of ada holds the machine" in held.out
    assert (0, "a: what held it was ended\n") == fleet.omc("template", "unlock", "a", "--force", "--yes")[:2]
    assert process.wait(60) == 3
    assert 0 == fleet.omc("template", "unlock", "a").code


def test_template_that_reads_facts_has_them_collected_first(fleet: Fleet) -> None:
    fleet.add("a")
    fleet.variables("a", libvirt_uri="test:///default")
    fleet.template(text="memory = {{ host.memory_bytes }}\nguests = {{ guests | map(attribute='name') | join(',') }}\n")
    ran = fleet.omc("template", "apply", "a", "--yes")
    assert 0 == ran.code, ran.err
    assert "guests = test\n" in fleet.content("a")


def test_person_at_a_terminal_is_asked_once_for_all_hosts(fleet: Fleet) -> None:
    fleet.add("a", "b")
    fleet.template()
    for answer, code, status in ((b"\n", 4, []), (b"y\n", 0, ["ok"])):
        terminal = Terminal(("--site", str(fleet.site), "template", "apply", "all"), columns=100)
        terminal.wait_for("change 2 hosts? [y/N]")
        terminal.press(answer)
        assert code == terminal.finish()
        assert status == [run["status"] for run in fleet.history()]
    assert {"value = new\n"} == set(fleet.contents().values())


def test_handler_that_never_succeeds_is_forgotten(fleet: Fleet) -> None:
    fleet.add("a", "b")
    fleet.template(handlers=[{"command": "false now"}])
    fleet.put("a")
    assert 3 == fleet.omc("template", "apply", "a", "--yes").code
    unknown = fleet.omc("template", "forget", "all", "--handler", "false")
    assert (2, True) == (unknown.code, "no such handler is pending: false\n" in unknown.err)
    assert 2 == fleet.omc("template", "forget", "all").code  # nobody to ask, and no --yes
    assert "false now" in fleet.omc("template", "status").out
    ran = fleet.omc("template", "forget", "all", "--handler", "false now", "--yes")
    assert (0, "a: false now\n") == ran[:2], ran.err
    assert "forgotten on 1 host" in ran.err
    assert "pending" not in fleet.omc("template", "status").out
    assert "no handler is pending" in fleet.omc("template", "forget", "all", "--yes").err


def test_status_names_what_was_applied_once_and_no_template_manages_any_more(fleet: Fleet) -> None:
    fleet.add("a", "b", "c")
    fleet.template()
    fleet.template("other", files=[{"template": "file.j2", "path": "/etc/omc-other.conf"}])
    fleet.omc("template", "apply", "all", "--yes")
    shutil.rmtree(fleet.site / "templates" / "conf")
    fleet.hosts["b"].run("rm", PATH)
    fleet.put("c", "by hand\n")
    ran = fleet.omc("template", "status", "-o", "json")
    assert 4 == ran.code
    assert {
        ("a", "left", PATH, "its template is gone"),
        ("c", "left", PATH, "its template is gone, and somebody changed it since"),
    } == {(one["host"], one["state"], one["subject"], one["detail"]) for one in json.loads(ran.out)}
    assert "1 of 3 hosts are as they should be\n" in ran.err
    shutil.rmtree(fleet.site / "templates" / "other")
    ran = fleet.omc("template", "status", "b")
    assert (4, True) == (ran.code, "/etc/omc-other.conf" in ran.out), "a host that no template is for, too"


def test_run_can_be_read_on_a_narrow_terminal(fleet: Fleet) -> None:
    fleet.add("a")
    fleet.template()
    fleet.omc("template", "apply", "a", "--yes")
    terminal = Terminal(("--site", str(fleet.site), "template", "history"), columns=80)
    terminal.wait_for(fleet.history()[0]["run"])
    assert 0 == terminal.finish()
