"""What is said of a shipped template that is applied by name to a host that does not choose it."""

import json

from tests.template.fleet import Fleet


def test_applied_by_name_and_not_chosen_is_told_with_what_keeps_it(fleet: Fleet) -> None:
    """After apply and in status; a host that chooses it is not told."""
    fleet.add("a", "b", "c")
    fleet.variables("b", omc_templates=["logrotate"])
    fleet.variables("c", omc_templates=["chrony"])
    ran = fleet.omc("template", "apply", "all", "logrotate", "--yes")
    assert 0 == ran.code, ran.err
    said = "logrotate: not chosen there, so omc template status will call it left"
    assert f"a: {said}\n  hint: to keep it: omc_templates: [logrotate] in host_vars/ or group_vars/\n" in ran.err
    assert f"c: {said}\n  hint: to keep it: omc_templates: [chrony, logrotate] in" in ran.err
    assert 2 == ran.err.count(said)
    fleet.variables("c", omc_templates=[])
    left = {one["host"]: one["detail"] for one in json.loads(fleet.omc("template", "status", "-o", "json").out)}
    why = "not chosen for this host; to keep it: omc_templates: [logrotate]"
    assert {"a": why, "c": why} == left
    fleet.variables("a", omc_templates=["logrotate"])
    fleet.variables("c", omc_templates=["logrotate"])
    assert 0 == fleet.omc("template", "status").code


def test_a_template_of_the_site_needs_no_choosing(fleet: Fleet) -> None:
    fleet.add("a")
    fleet.template()
    assert "omc_templates" not in fleet.omc("template", "apply", "a", "conf", "--yes").err


def test_show_says_how_to_choose(fleet: Fleet) -> None:
    fleet.add("a")
    fleet.template()
    shown = fleet.omc("template", "show", "logrotate").out
    assert "\nhosts      chosen\nto choose  omc_templates: [logrotate] in host_vars/ or group_vars/\n" in shown
    assert "omc_templates" not in fleet.omc("template", "show", "conf").out
