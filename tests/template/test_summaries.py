"""What plan, apply and status add up, and what they say of hosts that nothing can be done for."""

import json

import pytest

from tests.template.fleet import PATH, Fleet


def cut_off(fleet: Fleet, name: str) -> None:
    fleet.hosts[name].run("sh", "-c", "pkill -x sshd")


def test_hosts_that_could_not_be_looked_at_are_counted(fleet: Fleet) -> None:
    """Zero hosts to change and zero that are well would read as if there were none."""
    fleet.add("a", "b")
    fleet.template(hosts="a")
    cut_off(fleet, "a")
    plan = fleet.omc("template", "plan")
    assert (3, "0 hosts to change, 0 as they should be, 1 could not be looked at, 1 that no template is for\n") == (
        plan.code,
        plan.out,
    )
    apply = fleet.omc("template", "apply", "all", "--yes")
    assert 3 == apply.code
    assert "nothing is to be changed" not in apply.err
    status = fleet.omc("template", "status")
    assert 3 == status.code
    assert "0 of 2 hosts are as they should be, 1 could not be looked at, 1 that no template is for\n" in status.err


def test_a_host_whose_templates_cannot_be_rendered_is_counted_as_such(fleet: Fleet) -> None:
    fleet.add("a", "b")
    fleet.template(text="{{ missing }}\n")
    fleet.variables("b", missing=1)
    fleet.put("b", "1\n")
    ran = fleet.omc("template", "plan")
    assert (3, "0 hosts to change, 1 as they should be, 1 could not be rendered\n") == (ran.code, ran.out)


def test_nothing_is_to_be_changed_on_the_hosts_that_answered(fleet: Fleet) -> None:
    fleet.add("a", "b")
    fleet.template()
    fleet.omc("template", "apply", "b", "--yes")
    cut_off(fleet, "a")
    ran = fleet.omc("template", "apply", "all", "--yes")
    assert (3, True) == (ran.code, "nothing is to be changed on the other hosts\n" in ran.err)


def test_a_misspelt_group_of_a_manifest_is_told(fleet: Fleet) -> None:
    """A host that no template is for is not one that is as it should be."""
    fleet.add("web1", "web2")
    fleet.template(hosts="wbe1")
    for command in ("plan", "status"):
        ran = fleet.omc("template", command)
        assert 0 == ran.code, ran.err
        place = f"{fleet.site}/templates/conf/manifest.yaml"
        assert f"warning: {place}:" in ran.err
        assert "conf is for no host: no host and no group is named 'wbe1'\n  hint: meant web1" in ran.err
    assert "0 of 2 hosts are as they should be, 2 that no template is for\n" in ran.err


@pytest.mark.parametrize(
    ("spoil", "problem", "hint"),
    [
        ("ln -s /etc/passwd", "a symbolic link stands in its place", f"move {PATH} out of the way on the host"),
        ("mkdir", "a directory stands in its place", f"move {PATH} out of the way on the host"),
    ],
)
def test_what_cannot_be_changed_is_an_error_and_no_change(fleet: Fleet, spoil: str, problem: str, hint: str) -> None:
    """Plan says so as apply does, and of the others what would change."""
    fleet.add("a", "b")
    fleet.template()
    fleet.hosts["a"].run("sh", "-c", f"{spoil} {PATH}")
    alone = fleet.omc("template", "plan", "a")
    assert 3 == alone.code
    assert f"error: a: {PATH}: {problem}\n  hint: {hint}" in alone.err
    assert "0 hosts to change, 0 as they should be, 1 that cannot be changed\n" in alone.out
    both = fleet.omc("template", "plan", "all")
    assert 3 == both.code
    assert "1 host to change (1 file to create), 0 as they should be, 1 that cannot be changed\n" in both.out
    ran = fleet.omc("template", "apply", "all", "--yes")
    assert 3 == ran.code
    assert 1 == ran.err.count(f"error: a: {PATH}: {problem}\n  hint: {hint}")
    assert {"a": "refused", "b": "changed"} == fleet.results()


def test_a_named_template_says_why_it_is_not_for_a_host(fleet: Fleet) -> None:
    """By its hosts, by a condition, or because nothing of it is to be there."""
    fleet.add("a", "b")
    fleet.template("one", hosts="b")
    fleet.template("two", hosts={"pattern": "all", "when": "role | default('') == 'web'"})
    fleet.template("three", files=[{"template": "file.j2", "path": PATH, "when": "false"}])
    fleet.template(
        "four",
        files=[{"template": "file.j2", "path": "/etc/{{ item }}", "loop": "{{ names }}"}],
        variables={"names": {"type": "list", "default": []}},
    )
    ran = fleet.omc("template", "plan", "a", "one", "two", "three", "four", "libvirt-networks")
    assert 0 == ran.code, ran.err
    for line in (
        "a: one is not for this host: its hosts are b\n",
        "a: two is not for this host: this does not hold: role | default('') == 'web'\n",
        "a: three has nothing for this host: this does not hold: false\n",
        "a: four has nothing for this host: this is empty: {{ names }}\n",
        "a: libvirt-networks is not for this host: this does not hold: libvirt_networks\n  hint: set libvirt_networks",
    ):
        assert line in ran.err


def test_a_template_that_nobody_named_says_nothing_of_hosts_that_are_not_its(fleet: Fleet) -> None:
    fleet.add("a", "b")
    fleet.template("one", hosts="b")
    assert "" == fleet.omc("template", "plan", "a").err


def test_the_detail_of_a_difference_is_true(fleet: Fleet) -> None:
    """A missing file has no owner; one that is there, and was never applied, is told so."""
    fleet.add("a", "b")
    fleet.template(files=[{"template": "file.j2", "path": PATH, "owner": "root", "mode": "0644"}])
    fleet.put("b")
    fleet.hosts["b"].run("chmod", "0600", PATH)
    found = {one["host"]: one for one in json.loads(fleet.omc("template", "status", "-o", "json").out)}
    assert ("new", "is not there") == (found["a"]["state"], found["a"]["detail"])
    assert ("new", "it is there, and its content differs, mode 0600, should be 0644") == (
        found["b"]["state"],
        found["b"]["detail"],
    )
