"""Names of one machine, and machines that were copied from one image."""

from tests.template.fleet import PATH, Fleet

OTHER = "/etc/omc-other.conf"


def test_copies_of_one_image_are_each_changed_and_named(fleet: Fleet) -> None:
    """They have one machine id and the same files, and are hosts of their own."""
    for host in fleet.add("a", "b"):
        host.write("/etc/machine-id", b"0123456789abcdef0123456789abcdef\n")
    fleet.template()
    ran = fleet.omc("template", "apply", "all", "--yes")
    assert 0 == ran.code, ran.err
    assert {"a": "changed", "b": "changed"} == fleet.results()
    assert "a, b: they are copies of one image, with the same machine id\n  hint: on each but one: rm" in ran.err


def test_file_that_two_names_of_one_machine_share_is_changed_once(fleet: Fleet) -> None:
    """The second name has a file of its own beside it."""
    (host,) = fleet.add("a")
    fleet.template(handlers=[{"command": "sh -c 'echo conf >>/var/tmp/calls'"}])
    files = [{"template": "file.j2", "path": OTHER}]
    fleet.template("other", hosts="alias", files=files, handlers=[{"command": "sh -c 'echo other >>/var/tmp/calls'"}])
    hosts = fleet.site / "inventory" / "hosts.yaml"
    alias = f"    alias: {{ansible_host: {host.address}, ansible_port: {host.port}}}\n"
    hosts.write_text(hosts.read_text().replace("  hosts:\n", f"  hosts:\n{alias}", 1))
    ran = fleet.omc("template", "apply", "a,alias", "--yes")
    assert 0 == ran.code, ran.err
    assert {"a": "changed", "alias": "changed"} == fleet.results()
    assert ("value = new\n", "value = new\n") == (fleet.content("a", PATH), fleet.content("a", OTHER))
    assert ["conf", "other"] == sorted(fleet.content("a", "/var/tmp/calls").split())
    assert 0 == fleet.omc("template", "plan").code
