"""What a loaded site says of itself beside its hosts: settings, warnings, notes, and values as they may be printed."""

import datetime as dt
import json
from pathlib import Path

import pytest

from omc.site import Sealed, Settings, Unsafe, load_site
from omc.site.load import read_site
from omc.site.values import plain

HOSTS = "all:\n  children:\n    kvm:\n      hosts:\n        kvm1:\n"


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    folder = tmp_path / "inventory"
    folder.mkdir()
    (folder / "hosts.yaml").write_text(HOSTS)
    return folder


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_site_without_settings_has_the_defaults(inventory: Path) -> None:
    assert Settings() == load_site(inventory.parent).settings


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_an_empty_settings_file_has_the_defaults(inventory: Path, text: str) -> None:
    write(inventory / "site.yaml", text)
    assert Settings() == load_site(inventory.parent).settings


def test_every_setting_is_read(inventory: Path) -> None:
    text = "store: postgresql:///omc\nstore_reader: postgresql://reader@/omc\ntimeout_seconds: 60\n"
    write(inventory / "site.yaml", text + "connect_timeout_seconds: 2.5\nparallel: 8\nmax_age_seconds: 0\n")
    expected = Settings(
        store="postgresql:///omc",
        store_reader="postgresql://reader@/omc",
        timeout_seconds=60.0,
        connect_timeout_seconds=2.5,
        parallel=8,
        max_age_seconds=0.0,
    )
    assert expected == load_site(inventory.parent).settings


def test_a_host_with_the_name_of_a_group_is_warned_of(inventory: Path) -> None:
    write(inventory / "hosts.yaml", "kvm:\n  hosts:\n    kvm: {rack: a1}\n")
    site = load_site(inventory.parent)
    assert ("group kvm: a host has the same name: a pattern with it means both",) == site.warnings
    assert "a1" == site.hosts["kvm"].variables["rack"]


def test_a_site_without_hosts_is_warned_of(inventory: Path) -> None:
    write(inventory / "hosts.yaml", "kvm:\n")
    assert (f"{inventory}: there is no host in it",) == load_site(inventory.parent).warnings


def test_variable_folders_beside_a_hosts_folder_are_warned_of(inventory: Path) -> None:
    (inventory / "hosts.yaml").unlink()
    write(inventory / "hosts" / "kvm.yaml", HOSTS)
    write(inventory / "group_vars" / "kvm.yml", "rack: a1\n")
    site = load_site(inventory.parent)
    assert "rack" not in site.hosts["kvm1"].variables
    (warning,) = site.warnings
    assert warning.startswith(f"{inventory}/group_vars: is not read")


def test_a_file_that_is_sealed_whole_is_noted_and_the_rest_is_read(inventory: Path) -> None:
    write(inventory / "group_vars" / "kvm" / "vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n6231\n")
    write(inventory / "group_vars" / "kvm" / "plain.yml", "rack: a1\n")
    reading = read_site(inventory.parent)
    assert {"rack": "a1"} == dict(reading.site.hosts["kvm1"].variables)
    path = inventory / "group_vars" / "kvm" / "vault.yml"
    assert (f"{path}: is sealed by ansible-vault: omc knows none of its variables",) == reading.notes


def test_variable_files_that_nothing_reads_are_noted(inventory: Path) -> None:
    write(inventory / "group_vars" / "kvn.yml", "rack: a1\n")
    write(inventory / "host_vars" / "kvm1.yml", "rack: a1\n")
    write(inventory / "host_vars" / "kvm1.yaml", "rack: a2\n")
    reading = read_site(inventory.parent)
    expected = (
        f"{inventory}/host_vars/kvm1.yaml: is not read: kvm1.yml comes first",
        f"{inventory}/group_vars/kvn.yml: is not read: there is no group 'kvn'",
    )
    assert expected == reading.notes
    assert () == reading.site.warnings


def test_a_check_counts_a_host_without_a_uri_as_a_mistake(inventory: Path) -> None:
    write(inventory / "host_vars" / "kvm1.yml", "ansible_port: many\n")
    (mistake,) = read_site(inventory.parent).mistakes
    expected = "host_vars/kvm1.yml:1: expected a port from 1 to 65535 as ansible_port, found 'many' (host kvm1)"
    assert f"{inventory}/{expected}" == str(mistake)


def test_a_site_from_a_relative_folder_has_absolute_files(inventory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(inventory.parent)
    assert str(inventory / "hosts.yaml") == load_site(Path()).hosts["kvm1"].file


def test_every_value_can_be_printed_as_json() -> None:
    value = {
        "sealed": Sealed("secret text"),
        "unsafe": Unsafe("{{ x }}"),
        "date": dt.date(2024, 2, 29),
        "bytes": b"\xff",
        None: [1, True, 2.5],
        5: "five",
        True: "yes",
        dt.date(2024, 2, 29): "day",
    }
    expected = {
        "sealed": "(sealed)",
        "unsafe": "{{ x }}",
        "date": "2024-02-29",
        "bytes": "\\xff",
        "null": [1, True, 2.5],
        "5": "five",
        "true": "yes",
        "2024-02-29": "day",
    }
    assert expected == json.loads(json.dumps(plain(value)))


def test_a_sealed_value_never_shows_its_text() -> None:
    assert "(sealed) (sealed)" == f"{Sealed('secret text')} {Sealed('secret text')!r}"
