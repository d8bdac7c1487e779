"""A saved plan that is carried out after some hosts changed."""

from pathlib import Path

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
