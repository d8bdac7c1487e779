"""A host that could not be rendered was never asked, and is not said to be out of reach."""

from tests.template.fleet import Fleet


def test_host_that_cannot_be_rendered_is_refused_in_words_of_its_own(fleet: Fleet) -> None:
    fleet.add("a", "b")
    fleet.template(text="value = {{ mine }}\n")
    fleet.variables("a", mine=1)
    assert 3 == fleet.omc("template", "apply", "all", "--yes").code
    (run,) = fleet.history()
    assert {"a": ("changed", ""), "b": ("refused", "render")} == {
        result["host"]: (result["status"], result["code"]) for result in run["results"]
    }
    ran = fleet.omc("template", "resume", run["run"], "--yes")
    assert "b: it could not be rendered when the run began: " in ran.err
    assert "mine" in ran.err
