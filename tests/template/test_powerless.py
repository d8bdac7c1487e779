"""A user on the host who is not root, and no sudo: said at once, and never as something else."""

import json
import shutil

from tests.sshd import ADMIN
from tests.template.fleet import PATH, Fleet

HINT = "  hint: ansible_become: true, for the host in the inventory, makes omc use sudo there\n"


def fleet_of_admin(fleet: Fleet) -> None:
    fleet.add("a", variables={"ansible_user": ADMIN})
    fleet.template()
    fleet.put("a")


def test_a_file_that_the_user_may_not_read_is_told_by_the_plan(fleet: Fleet) -> None:
    """Nor is it too large to show, or changed by somebody."""
    fleet_of_admin(fleet)
    fleet.hosts["a"].run("chmod", "0600", PATH)
    ran = fleet.omc("template", "plan")
    assert 3 == ran.code
    assert f"error: a: {PATH}: {ADMIN} may not read it\n{HINT}" in ran.err
    assert "too large" not in ran.out
    (found,) = json.loads(fleet.omc("template", "status", "-o", "json").out)
    assert ("blocked", f"{ADMIN} may not read it") == (found["state"], found["detail"])


def test_a_file_in_a_closed_folder_is_not_missing(fleet: Fleet) -> None:
    fleet.add("a", variables={"ansible_user": ADMIN})
    fleet.template(files=[{"template": "file.j2", "path": "/etc/closed/in/file"}])
    fleet.hosts["a"].run("sh", "-c", "mkdir -p /etc/closed/in; chmod 0700 /etc/closed; echo x >/etc/closed/in/file")
    ran = fleet.omc("template", "plan")
    assert (3, True) == (ran.code, f"/etc/closed/in/file: {ADMIN} may not read it" in ran.err)


def test_a_change_that_the_user_cannot_make_is_shown_and_told(fleet: Fleet) -> None:
    """The difference is worth reading all the same; apply changes nothing."""
    fleet_of_admin(fleet)
    ran = fleet.omc("template", "plan")
    assert 3 == ran.code
    assert "-value = old\n+value = new\n" in ran.out
    error = f"error: a: {ADMIN} may not write in /var/lib/omc, without which omc changes nothing\n{HINT}"
    assert error in ran.err
    applied = fleet.omc("template", "apply", "a", "--yes")
    assert (3, True) == (applied.code, error in applied.err)
    assert "value = old\n" == fleet.content("a")


def test_whoever_may_only_read_can_still_see_that_all_is_well(fleet: Fleet) -> None:
    fleet_of_admin(fleet)
    fleet.put("a", "value = new\n")
    assert (0, 0) == (fleet.omc("template", "plan").code, fleet.omc("template", "status").code)


def test_a_file_that_is_left_and_cannot_be_read_is_not_said_to_be_changed(fleet: Fleet) -> None:
    fleet.add("a", variables={"ansible_user": ADMIN, "ansible_become": True})
    fleet.template(files=[{"template": "file.j2", "path": PATH, "mode": "0600"}])
    assert 0 == fleet.omc("template", "apply", "all", "--yes").code
    fleet.template("other", files=[{"template": "file.j2", "path": "/etc/omc-other.conf"}])
    shutil.rmtree(fleet.site / "templates" / "conf")
    fleet.variables("a", ansible_become=False)
    found = json.loads(fleet.omc("template", "status", "-o", "json").out)
    details = [one["detail"] for one in found if one["state"] == "left"]
    assert ["its template is gone, and whether it is as it was cannot be read there"] == details


def test_forget_does_not_say_that_nothing_is_pending(fleet: Fleet) -> None:
    fleet_of_admin(fleet)
    ran = fleet.omc("template", "forget", "all", "--yes")
    assert (3, True) == (ran.code, f"error: a: {ADMIN} may not see what is pending there\n{HINT}" in ran.err)
    assert "no handler is pending" not in ran.err
