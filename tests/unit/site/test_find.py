"""The site that a command works on: asked for, by the environment, the nearest parent folder, or none."""

import socket
from pathlib import Path

import libvirt
import pytest

from omc.errors import SiteError
from omc.site import Settings, find_site, load_site, local_site, reference_root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "mysite"
    (folder / "inventory").mkdir(parents=True)
    (folder / "inventory" / "hosts.ini").write_text("kvm1\n")
    return folder


def test_the_site_asked_for_wins_over_the_environment(root: Path, tmp_path: Path) -> None:
    assert root == find_site(root, {"OMC_SITE": "/nowhere"}, tmp_path)


def test_the_environment_wins_over_the_folder(root: Path, tmp_path: Path) -> None:
    assert root == find_site(None, {"OMC_SITE": str(root)}, tmp_path)


def test_an_empty_environment_variable_is_none(root: Path) -> None:
    assert root == find_site(None, {"OMC_SITE": ""}, root)


@pytest.mark.parametrize("below", [".", "inventory", "templates/chrony"])
def test_the_nearest_parent_that_is_a_site_is_found(root: Path, below: str) -> None:
    folder = root / below
    folder.mkdir(parents=True, exist_ok=True)
    assert root == find_site(None, {}, folder.resolve())


def test_without_a_site_nothing_is_found(tmp_path: Path) -> None:
    expected = Path("/etc/omc") if Path("/etc/omc/inventory").is_dir() else None
    assert expected == find_site(None, {}, tmp_path)


def test_a_home_folder_may_be_written_short(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert root == find_site(Path("~/mysite"), {}, tmp_path)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="--site names no folder"):
        find_site(tmp_path / "nowhere", {}, tmp_path)


def test_a_folder_that_is_no_site_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match=r"\$OMC_SITE names no site"):
        find_site(None, {"OMC_SITE": str(tmp_path)}, tmp_path)


@pytest.mark.parametrize("asked", ["mysite/inventory", "."])
def test_the_folder_beside_the_site_is_told_the_right_one(root: Path, tmp_path: Path, asked: str) -> None:
    with pytest.raises(SiteError) as caught:
        find_site(tmp_path / asked, {}, tmp_path)
    assert f"meant {root}?" == caught.value.hint


def test_this_machine_is_a_site_of_one_host() -> None:
    site = local_site()
    (host,) = site.hosts.values()
    assert (socket.gethostname(), "qemu:///system") == (host.name, host.uri)
    assert Settings() == site.settings
    assert "this machine" == site.source


def test_the_reference_site_is_sound_and_libvirt_opens_each_of_its_hosts() -> None:
    site = load_site(reference_root())
    assert "the reference site" == site.source
    assert () == site.warnings
    assert ["kvm1", "kvm2", "lab1"] == list(site.hosts)
    for host in site.hosts.values():
        connection = libvirt.openReadOnly(host.uri)
        assert len(connection.listAllDomains()) > 2
        assert connection.listAllStoragePools()
        connection.close()


def test_the_reference_site_sets_no_setting_but_the_defaults() -> None:
    assert Settings() == load_site(reference_root()).settings


def test_the_reference_site_is_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert reference_root().is_absolute()
    assert load_site(reference_root()).hosts
