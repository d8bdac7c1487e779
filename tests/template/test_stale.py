"""A saved plan that is carried out after some hosts changed."""

from pathlib import Path

import pytest

from tests.template.fleet import PATH, Fleet


def test_hosts_that_changed_are_named_once_and_their_old_differences_are_not_shown(
    fleet: Fleet, tmp_path: Path
) -> None:
    """Before anybody is asked: what is shown is what is agreed to."""
    fleet.add("a", "b", "c")
    fleet.template()
    for name in "abc":
        fleet.put(name, f"of {name}\n")
    saved = str(tmp_path / "plan.json")
    assert 4 == fleet.omc("template", "plan", "-f", saved).code
    for name in "ab":
        fleet.put(name, "by hand\n")
    asked = fleet.omc("template", "apply", saved)
    assert 2 == asked.code, "nobody is here to say yes"
    ran = fleet.omc("template", "apply", saved, "--yes")
    assert 3 == ran.code
    for one in (asked, ran):
        assert 1 == one.err.count(f"error: a, b: {PATH}")
        assert "-of c\n" in one.out
        assert "-of a\n" not in one.out
        assert "1 host to change (1 file to change), 0 as they should be\n" in one.out
    assert 1 == ran.err.count("since the plan")
    assert {"a": "refused", "b": "refused", "c": "changed"} == fleet.results()
    assert "2 refused, 1 changed" in ran.out or "1 changed, 2 refused" in ran.out


def test_hosts_that_a_plan_had_or_could_not_have_are_named(fleet: Fleet, tmp_path: Path) -> None:
    """Of b nothing was known when it was made; for c no template is any more."""
    hosts = fleet.add("a", "b", "c")
    fleet.template()
    hosts[1].run("sh", "-c", "pkill -x sshd; rm -f /run/sshd.pid")
    saved = str(tmp_path / "my plan.json")
    made = fleet.omc("template", "plan", "-f", saved, "-e", "value=a b")
    assert f"hint: omc template apply '{saved}' -e value=…\n" in made.err
    fleet.template(hosts="a")
    limited = fleet.omc("template", "apply", saved, "-e", "value=a b", "--yes", "--limit", "a")
    assert (0, False) == (limited.code, "b: " in limited.err)
    ran = fleet.omc("template", "apply", saved, "-e", "value=a b", "--yes")
    assert (3, "refused") == (ran.code, fleet.results()["c"])
    assert "error: c: no template is for it any more" in ran.err
    assert "warning: b: nothing is planned there, for when the plan was made: " in ran.err


def test_pattern_is_a_file_only_where_it_is_no_host(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long one, as omc itself prints it after a run, is none either."""
    fleet.add("a")
    fleet.template()
    monkeypatch.chdir(tmp_path)
    for name in ("a", "plan"):
        Path(name).write_text("{}")
    assert 0 == fleet.omc("template", "apply", ",".join(["a"] * 200), "--yes").code
    assert (0, ["a"]) == (fleet.omc("template", "apply", "a", "--yes").code, fleet.history()[0]["hosts"])
    for file in ("./a", "plan"):
        assert f"{Path(file)}: this is no plan of omc" in fleet.omc("template", "apply", file, "--yes").err


def test_run_is_named_by_its_beginning_or_as_the_last(fleet: Fleet) -> None:
    fleet.add("a")
    fleet.template()
    for value in "12":
        fleet.omc("template", "apply", "a", "--yes", "-e", f"value={value}")
    newest, oldest = (one["run"] for one in fleet.history())
    both = fleet.omc("template", "history", newest[:4])
    assert (2, f"which one? {newest}, {oldest}" in both.err) == (both.code, True)
    assert 2 == fleet.omc("template", "history", "").code
    assert "/etc" in fleet.omc("template", "history", oldest[:-1]).out
    assert 0 == fleet.omc("template", "rollback", "last", "--yes").code
    assert newest == fleet.history()[0]["undoes"]
    assert "value = 1\n" == fleet.content("a")
    assert "a rollback is not resumed" in fleet.omc("template", "resume", "last").err
