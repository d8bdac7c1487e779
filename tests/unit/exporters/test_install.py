"""`omc exporter install` shows first, writes only with --yes, and says what is left to do."""

import os
from pathlib import Path

import pytest

from omc.errors import Exit
from omc.exporters.install import PARTS, placements
from tests.unit.cli.running import program

ROOT = Path(__file__).parents[3]


def install(root: Path, *words: str, site: Path = ROOT):
    return program("--site", str(site), "exporter", "install", "--root", str(root), *words)


@pytest.fixture
def site(tmp_path):
    """A site with a rule file of its own in the place of a shipped one."""
    (tmp_path / "site/inventory").mkdir(parents=True)
    (tmp_path / "site/inventory/hosts.yaml").write_text("all: {hosts: {kvm1: }}\n")
    (tmp_path / "site/exporters/rules").mkdir(parents=True)
    (tmp_path / "site/exporters/rules/host.yaml").write_text("groups: []\n")
    return tmp_path / "site"


def test_without_yes_nothing_is_written(tmp_path):
    """Every file is named with its place, and the exit code tells a script that something is left."""
    ran = install(tmp_path / "root")
    assert ran.code == Exit.CHANGES
    assert f"new: {tmp_path}/root/etc/prometheus/omc/rules/guest.yaml" in ran.out
    assert not (tmp_path / "root").exists()


def test_with_yes_every_file_is_in_its_place_and_a_second_time_there_is_nothing_to_do(tmp_path):
    """What is written is what is shipped, readable for all; then all is as it should be."""
    assert install(tmp_path, "--yes").code == Exit.OK
    for name, part in PARTS.items():
        for source in (ROOT / "exporters" / name).iterdir():
            target = tmp_path / part.places[f"*{source.suffix}"] / source.name
            assert source.read_bytes() == target.read_bytes()
            assert target.stat().st_mode & 0o777 == 0o644
    again = install(tmp_path)
    assert (again.code, "0 to write" in again.out) == (Exit.OK, True)


def test_folders_that_it_makes_are_for_all_to_read_whatever_the_umask(tmp_path):
    """Prometheus, Grafana and systemd have users of their own; a folder that was there keeps its mode."""
    there = tmp_path / "etc"
    there.mkdir(mode=0o750)
    before = os.umask(0o077)
    try:
        assert install(tmp_path, "--yes").code == Exit.OK
    finally:
        os.umask(before)
    modes = {path.stat().st_mode & 0o777 for path in there.rglob("*") if path.is_dir()}
    assert ({0o755}, 0o750) == (modes, there.stat().st_mode & 0o777)


def test_it_says_how_prometheus_comes_to_read_what_was_written(tmp_path):
    """A reload alone reads nothing that its configuration does not name."""
    ran = install(tmp_path, "--part", "rules", "--part", "prometheus", "--yes")
    for named in ("etc/prometheus/omc/rules/guest.yaml", "etc/prometheus/omc/prometheus/prometheus.yml"):
        assert (tmp_path / named).exists()
    assert "rule_files of Prometheus's configuration has /etc/prometheus/omc/rules/*.yaml" in ran.err
    assert "--config.file=/etc/prometheus/omc/prometheus/prometheus.yml" in ran.err


def test_what_is_there_is_shown_as_a_difference_before_it_is_replaced(tmp_path):
    """Nobody loses a change without having seen it."""
    install(tmp_path, "--part", "rules", "--yes")
    changed = tmp_path / "etc/prometheus/omc/rules/host.yaml"
    changed.write_text(changed.read_text().replace("ratio > 8", "ratio > 12"))
    ran = install(tmp_path)
    assert "-        expr: host:libvirt_vcpu_overcommit:ratio > 12" in ran.out
    assert "+        expr: host:libvirt_vcpu_overcommit:ratio > 8" in ran.out


def test_a_sites_own_file_wins(site, tmp_path):
    """The shipped file of the same name stays out; all others come along."""
    assert install(tmp_path, "--part", "rules", "--yes", site=site).code == Exit.OK
    rules = tmp_path / "etc/prometheus/omc/rules"
    assert (rules / "host.yaml").read_text() == "groups: []\n"
    assert (rules / "guest.yaml").read_bytes() == (ROOT / "exporters/rules/guest.yaml").read_bytes()


def test_only_the_parts_that_were_asked_for(tmp_path):
    """A host with an exporter needs no rules of Prometheus."""
    found = placements([ROOT / "exporters"], ["dashboards"], tmp_path)
    assert {placement.target.name for placement in found} == {"fleet.json", "host.json", "guest.json"}
    assert {"new"} == {placement.change for placement in found}


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    """No traceback, and the path in the message."""
    (tmp_path / "etc").write_text("a file where a folder should be")
    ran = install(tmp_path, "--yes")
    assert ran.code == Exit.FAILED
    assert "etc" in ran.err
    assert "Traceback" not in ran.err
