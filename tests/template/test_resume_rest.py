"""The hosts that a run did not begin: how a resume does them, and where it does not."""

from tests.template.fleet import PATH, Fleet
from tests.unit.cli.running import Terminal

OTHER = "/etc/omc-other.conf"
OLD, NEW = "value = old\n", "value = new\n"


def test_host_is_done_whole_or_not_at_all(fleet: Fleet) -> None:
    """On a something stood in the way of one file from the beginning; on b it came after the run was begun."""
    fleet.add("a", "b")
    fleet.template(files=[{"template": "file.j2", "path": PATH}, {"template": "file.j2", "path": OTHER}])
    for name in "ab":
        fleet.put(name)
        fleet.put(name, NEW, OTHER)
    fleet.hosts["a"].run("sh", "-c", f"rm {OTHER}; mkdir {OTHER}")
    ran = fleet.omc("template", "apply", "all", "--yes", "--max-fail", "1")
    assert ({"a": "refused", "b": "not_begun"}, 3) == (fleet.results(), ran.code)
    assert "not done\n  hint: omc template apply a --max-fail 1\n" in ran.err
    fleet.hosts["b"].run("sh", "-c", f"rm {OTHER}; mkdir {OTHER}")
    ran = fleet.omc("template", "resume", fleet.history()[0]["run"], "--yes", "--as-given")
    assert ({"a": "refused", "b": "refused"}, 3) == (fleet.results(), ran.code)
    assert f"b: {OTHER}: a directory stands in its place" in ran.err
    assert "hint: omc template apply b,a --max-fail 1\n" in ran.err
    assert {OLD} == set(fleet.contents().values())


def test_resume_that_nobody_agrees_to_leaves_the_run_unfinished(fleet: Fleet) -> None:
    """And where no template is for a host any more, it is refused by its name."""
    fleet.add("a", "b")
    fleet.template()
    fleet.hosts["a"].run("mkdir", PATH)
    fleet.omc("template", "apply", "all", "--yes", "--max-fail", "1")
    run = fleet.history()[0]["run"]
    terminal = Terminal(("--site", str(fleet.site), "template", "resume", run), columns=100)
    terminal.wait_for("change 1 host? [y/N]")
    terminal.press(b"\n")
    assert 4 == terminal.finish()
    assert "these are not begun" in terminal.text
    assert ("interrupted", "not_begun") == (fleet.history()[0]["status"], fleet.results()["b"])
    fleet.template(hosts="a")
    ran = fleet.omc("template", "resume", run, "--yes")
    assert (3, "refused") == (ran.code, fleet.results()["b"])
    assert "error: b: no template is for it any more" in ran.err


def test_resume_takes_as_much_care_as_the_run_was_begun_with(fleet: Fleet) -> None:
    fleet.add("a", "b")
    fleet.template(handlers=[{"command": "test -e /var/tmp/ready"}])
    fleet.omc("template", "apply", "all", "--yes", "--confirm", "60", "--batch", "1", "--max-fail", "1")
    for host in fleet.hosts.values():
        host.write("/var/tmp/ready", b"")
    ran = fleet.omc("template", "resume", fleet.history()[0]["run"], "--yes", "--max-fail", "2")
    assert 0 == ran.code, ran.err
    assert "as the run: --confirm 60 --batch 1\n" in ran.err
    assert "batch 2 of 2: 1 host" in ran.err
    for name in "ab":
        assert "waiting" in fleet.content(name, f"/var/lib/omc/runs/{fleet.history()[0]['run']}/{name}/journal")
