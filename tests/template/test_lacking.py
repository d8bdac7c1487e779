"""A host without the program that a template has its files checked by."""

from tests.template.fleet import PATH, Fleet


def test_check_that_a_host_cannot_make_is_told_by_the_plan(fleet: Fleet) -> None:
    """What is to be typed, too; nothing is changed there, and the other host is."""
    fleet.add("a", "b")
    fleet.hosts["b"].run(
        "sh", "-c", "printf '#!/bin/sh\\n' >/usr/local/bin/site-check; chmod 755 /usr/local/bin/site-check"
    )
    fleet.template(files=[{"template": "file.j2", "path": PATH, "validate": "site-check %s"}])
    ran = fleet.omc("template", "plan")
    assert 3 == ran.code
    said = f"a: {PATH}: site-check, which checks it, is not on the host\n  hint: install it there, or take it out"
    assert said in ran.err
    assert 3 == fleet.omc("template", "apply", "all", "--yes").code
    assert {"a": "refused", "b": "changed"} == fleet.results()
