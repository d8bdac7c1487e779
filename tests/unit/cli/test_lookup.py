"""Which site omc works on."""

import shutil
import socket
from pathlib import Path

import pytest

from omc.cli import context
from omc.cli.context import Run, libvirt_answers
from tests.unit.cli.running import Omc


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder without a site above it."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_nearest_parent_folder(omc: Omc, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(site / "inventory" / "demo")
    assert "kvm1\t" in omc("inventory", "hosts").out


def test_environment_and_option(omc: Omc, site: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """$OMC_SITE names a site, and --site wins over it."""
    other = site.parent / "other"
    shutil.copytree(site, other)
    hosts = other / "inventory" / "hosts.yaml"
    hosts.write_text(hosts.read_text().replace("kvm[1:2]", "kvm2"))
    monkeypatch.setenv("OMC_SITE", str(site))
    assert len(omc("site", "hosts").out.splitlines()) == 1 + 3
    assert len(omc("site", "hosts", "--site", str(other)).out.splitlines()) == 1 + 2


def test_two_sites_have_two_stores(site: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = site.parent / "other"
    shutil.copytree(site, other)
    urls = {Run({"OMC_SITE": str(folder)}).store_url for folder in (site, other)}
    assert len(urls) == 2


def test_without_a_site_this_machine_s_libvirt_where_it_answers(
    omc: Omc, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One host, named like this machine, whose URI is qemu:///system; stderr says so."""
    path = tmp_path / "libvirt-sock"
    with socket.socket(socket.AF_UNIX) as daemon:
        daemon.bind(str(path))
        daemon.listen()
        monkeypatch.setattr(context, "LIBVIRT_SOCKETS", (str(path),))
        ran = omc("site", "hosts", "-o", "json")
    assert "this machine's own libvirt (qemu:///system)" in ran.err
    assert socket.gethostname() in ran.out


def test_without_site_and_libvirt_the_reference_site(
    omc: Omc, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "LIBVIRT_SOCKETS", ())
    ran = omc("inventory", "hosts")
    assert "showing the reference site" in ran.err
    assert "kvm1\tok" in ran.out


def test_socket_that_nobody_listens_on_is_no_libvirt(tmp_path: Path) -> None:
    path = tmp_path / "stale-sock"
    with socket.socket(socket.AF_UNIX) as daemon:
        daemon.bind(str(path))
    assert not libvirt_answers([str(path), str(tmp_path / "nothing")])


def test_init_makes_a_site_that_works(omc: Omc, elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert omc("init", "mine").code == 0
    monkeypatch.chdir(elsewhere / "mine")
    assert omc("site", "check").code == 0
    assert "kvm1\tok" in omc("inventory", "hosts").out


def test_init_overwrites_nothing(omc: Omc, elsewhere: Path) -> None:
    (elsewhere / "mine" / "inventory").mkdir(parents=True)
    (elsewhere / "mine" / "inventory" / "hosts.ini").write_text("kvm9\n")
    ran = omc("init", "mine")
    assert ran.code == 2
    assert "mine/inventory" in ran.err
    assert [path.name for path in (elsewhere / "mine" / "inventory").iterdir()] == ["hosts.ini"]


def test_init_where_nothing_can_be_written(omc: Omc, elsewhere: Path) -> None:
    (elsewhere / "file").write_text("")
    ran = omc("init", "file/mine")
    assert ran.code == 1
    assert "Not a directory" in ran.err
