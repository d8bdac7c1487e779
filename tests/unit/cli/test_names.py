"""What `show` says of names that nothing has, or several things have."""

from pathlib import Path

from tests.unit.cli.running import Omc


def add_dead_host(site: Path) -> None:
    with (site / "inventory" / "hosts.yaml").open("a") as file:
        uri = "qemu+unix:///system?socket=/nowhere"
        file.write(f"    gone:\n      hosts:\n        dead1:\n          libvirt_uri: {uri}\n")


def test_unknown_name_names_the_hosts_that_could_not_be_asked(omc: Omc, site: Path) -> None:
    """The guest may be there: exit code 3 as for every answer that is not whole."""
    add_dead_host(site)
    ran = omc("inventory", "show", "nobody")
    assert ran.code == 3
    assert "no guest or host is called 'nobody', as far as hosts could be read (not dead1)" in ran.err
    assert "dead1: unreachable" in ran.err


def test_name_of_a_guest_that_is_gone_leads_to_its_history(omc: Omc, site: Path) -> None:
    omc("inventory")
    text = (site / "inventory" / "demo" / "lab1.xml").read_text()
    first, end = text.index("<domain"), text.index("</domain>") + len("</domain>")
    name = text[first:end].split("<name>")[1].split("</name>")[0]
    (site / "inventory" / "demo" / "lab1.xml").write_text(text[:first] + text[end:])
    omc("inventory")
    ran = omc("inventory", "show", name)
    assert ran.code == 2
    assert f"omc inventory history {name}" in ran.err
    assert omc("inventory", "history", name).code == 0


def test_uuid_of_several_guests_asks_for_the_host(omc: Omc, site: Path) -> None:
    """The UUID itself is what is ambiguous, so it is not what to write."""
    demo = site / "inventory" / "demo"
    omc("inventory")
    (uuid,) = set(omc("inventory", "guests", "--where", "name = 'web1'", "--columns", "uuid").out.split()[1:])
    other = omc("inventory", "guests", "kvm2", "--columns", "uuid").out.split()[1]
    text = (demo / "kvm2.xml").read_text()
    assert other in text
    (demo / "kvm2.xml").write_text(text.replace(other, uuid))
    omc("inventory")
    ran = omc("inventory", "show", uuid)
    assert ran.code == 2
    assert "hint: write HOST/GUEST\n" in ran.err


def test_store_makes_no_tree_of_folders_where_its_path_is_wrong(omc: Omc, site: Path, tmp_path: Path) -> None:
    (site / "inventory" / "site.yaml").write_text(f"store: sqlite:///{tmp_path}/one/two/store.db\n")
    ran = omc("inventory")
    assert ran.code == 1
    assert f"the folder {tmp_path}/one is missing" in ran.err
    assert not (tmp_path / "one").exists()
    (tmp_path / "one").mkdir()
    assert omc("inventory").code == 0
