"""`omc site`: every mistake in one run, and the hosts with what the files say of them."""

import csv
import json
from pathlib import Path

import pytest

from omc.cli.main import main
from omc.errors import Exit
from omc.site import reference_root

HOSTS = """
all:
  vars: {secret: !vault sealed, day: 2024-02-29}
  children:
    kvm: {hosts: {"kvm[1:2]": {rack: a1}}}
    lab: {hosts: {lab1: {ansible_port: many}}}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "hosts.yaml").write_text(HOSTS)
    return tmp_path


def test_the_reference_site_passes_its_own_check(capfd: pytest.CaptureFixture[str]) -> None:
    assert Exit.OK == main(["site", "check", "--site", str(reference_root())])
    shown = capfd.readouterr()
    assert f"{reference_root()}: 3 hosts, 2 groups, 0 mistakes\n" == shown.out
    assert "" == shown.err


def test_a_check_names_every_mistake_and_fails(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (root / "inventory" / "site.yaml").write_text("parallel: many\ntimout_seconds: 3\n")
    (root / "inventory" / "group_vars").mkdir()
    (root / "inventory" / "group_vars" / "web.yml").write_text("rack: a1\n")
    assert Exit.FAILED == main(["--site", str(root), "site", "check"])
    shown = capfd.readouterr()
    assert f"{root}: 3 hosts, 2 groups, 3 mistakes\n" == shown.out
    inventory = f"{root}/inventory"
    assert [
        f"{inventory}/group_vars/web.yml: is not read: there is no group 'web'",
        f"error: {inventory}/site.yaml:1: parallel: expected a whole number from 1 to 10000, found the text 'many'",
        f"error: {inventory}/site.yaml:2: unknown setting 'timout_seconds'",
        "  hint: meant timeout_seconds or connect_timeout_seconds?",
        f"error: {inventory}/hosts.yaml:6: expected a port from 1 to 65535 as ansible_port, found 'many' (host lab1)",
    ] == shown.err.splitlines()


def test_a_check_reads_templates_and_providers_of_secrets_too(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (root / "inventory" / "hosts.yaml").write_text("kvm: {hosts: {kvm1: {}}}\n")
    folder = root / "templates"
    (folder / "motd").mkdir(parents=True)
    (folder / "motd" / "manifest.yaml").write_text("files:\n  - {template: motd.j2, path: /etc/motd, mood: x}\n")
    (folder / "motd" / "motd.j2").write_text("one\n{% if %}\n")
    (folder / "motd" / "binary.j2").write_bytes(b"\xff")
    (folder / "secrets.yaml").write_text("providers:\n  pass: {type: commando}\n")
    assert Exit.FAILED == main(["--site", str(root), "site", "check"])
    shown = capfd.readouterr()
    assert "1 host, 1 group, 1 template, 4 mistakes\n" in shown.out
    for place in ("motd/manifest.yaml:2: ", "secrets.yaml:2: ", "motd/motd.j2:2: ", "motd/binary.j2: "):
        assert f"error: {folder}/{place}" in shown.err


def test_a_check_finds_what_a_plan_would_stumble_over(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Templates that hosts choose, once a place; files that a manifest names; the audit's settings."""
    (root / "inventory" / "hosts.yaml").write_text('kvm: {hosts: {"kvm[1:2]": {}, kvm3: {omc_templates: chrony}}}\n')
    (root / "inventory" / "group_vars").mkdir()
    (root / "inventory" / "group_vars" / "kvm.yaml").write_text("a: 1\nomc_templates: [chrony, '{{ a }}', hots]\n")
    (root / "inventory" / "audit.yaml").write_text("limits: {G17: {depht: 8}}\n")
    folder = root / "templates" / "motd"
    folder.mkdir(parents=True)
    files = ["{template: banner, path: /a}", "{template: '{{ a }}.j2', path: /b}", "{template: mtd.j2, path: /c}"]
    (folder / "manifest.yaml").write_text("files:\n" + "".join(f"  - {file}\n" for file in files))
    (folder / "motd.j2").write_text("x\n")
    assert Exit.FAILED == main(["--site", str(root), "site", "check"])
    shown = capfd.readouterr()
    assert "3 hosts, 1 group, 1 template, 5 mistakes\n" in shown.out
    inventory = root / "inventory"
    assert [
        f"error: {folder}/manifest.yaml:2: there is no file 'banner'",
        f"error: {folder}/manifest.yaml:4: there is no file 'mtd.j2' (meant motd.j2?)",
        f"error: {inventory}/group_vars/kvm.yaml:2: omc_templates: no template is named 'hots'",
        "  hint: meant hosts?",
        f"error: {inventory}/hosts.yaml:1: omc_templates: expected a list of templates, found the text 'chrony'",
        "  hint: omc_templates: [chrony, …]",
        f"error: {inventory}/audit.yaml:1: unknown key 'depht' in limits of G17",
        "  hint: meant depth?",
    ] == shown.err.splitlines()


def test_a_check_tells_of_a_template_for_hosts_that_are_not_there(
    root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A group without a host is not such a thing."""
    (root / "inventory" / "hosts.yaml").write_text("kvm: {hosts: {kvm1: {}}}\nempty: {}\n")
    for name, hosts in {"motd": "kvmm", "other": "empty:&kvm"}.items():
        (root / "templates" / name).mkdir(parents=True)
        (root / "templates" / name / "manifest.yaml").write_text(
            f"hosts: {hosts}\nfiles: [{{template: f.j2, path: /etc/{name}}}]\n"
        )
        (root / "templates" / name / "f.j2").write_text("x\n")
    assert Exit.OK == main(["--site", str(root), "site", "check"])
    place = f"{root}/templates/motd/manifest.yaml:1"
    expected = f"{place}: motd is for no host: no host and no group is named 'kvmm' (meant kvm or kvm1?)"
    assert [expected] == capfd.readouterr().err.splitlines()


def test_a_check_without_a_site_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OMC_SITE", raising=False)
    assert Exit.FAILED == main(["site", "check"])
    assert "hint: omc init FOLDER makes a new site" in capfd.readouterr().err


def test_hosts_as_json_have_groups_and_variables(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert Exit.OK == main(["--site", str(root), "site", "hosts", "kvm1", "-o", "json"])
    expected = {
        "name": "kvm1",
        "uri": "qemu+ssh://kvm1/system?no_tty=1",
        "groups": ["kvm"],
        "variables": {"secret": "(sealed)", "day": "2024-02-29", "rack": "a1"},
        "problem": None,
    }
    assert [expected] == json.loads(capfd.readouterr().out)


def test_hosts_in_a_pipe_are_lines_in_the_order_of_the_site(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert Exit.OK == main(["--site", str(root), "site", "hosts", "all:!lab"])
    expected = [
        ["name", "uri", "groups"],
        ["kvm1", "qemu+ssh://kvm1/system?no_tty=1", "kvm"],
        ["kvm2", "qemu+ssh://kvm2/system?no_tty=1", "kvm"],
    ]
    assert expected == [line.split("\t") for line in capfd.readouterr().out.splitlines()]


def test_hosts_as_csv_have_their_variables_too(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert Exit.OK == main(["--site", str(root), "site", "hosts", "kvm1", "-o", "csv"])
    (row,) = csv.DictReader(capfd.readouterr().out.splitlines())
    assert "a1" == json.loads(row["variables"])["rack"]


def test_a_host_without_a_uri_is_listed_with_a_warning(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert Exit.OK == main(["--site", str(root), "site", "hosts", "lab"])
    shown = capfd.readouterr()
    assert "warning: lab1: expected a port from 1 to 65535 as ansible_port, found 'many'\n" == shown.err
    assert "unresolved:///lab1" in shown.out


def test_a_pattern_without_a_host_is_a_usage_error(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert Exit.USAGE == main(["--site", str(root), "site", "hosts", "kvn1"])
    assert "error: no host and no group is named 'kvn1'\n  hint: meant kvm1?\n" in capfd.readouterr().err


def test_a_broken_site_is_refused_with_its_line(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (root / "inventory" / "hosts.yaml").write_text("kvm:\n  host:\n")
    assert Exit.FAILED == main(["--site", str(root), "site", "hosts"])
    assert f"error: {root}/inventory/hosts.yaml:2: unknown key 'host'" in capfd.readouterr().err
