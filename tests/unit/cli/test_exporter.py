"""`omc exporter sd`, and what `omc exporter serve` refuses before it listens."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.running import Omc


def test_sd_lists_the_selected_hosts(omc: Omc) -> None:
    """As file_sd reads it, with a pattern as any command takes it."""
    ran = omc("exporter", "sd", "kvm*")
    assert 0 == ran.code
    groups = json.loads(ran.out)
    assert [["kvm1"], ["kvm2"]] == [group["targets"] for group in groups]
    assert all(isinstance(value, str) for group in groups for value in group["labels"].values())


def test_sd_puts_a_file_in_its_place_in_one_step(omc: Omc, tmp_path: Path) -> None:
    """Readable for Prometheus, and nothing is left beside it."""
    folder = tmp_path / "targets"
    folder.mkdir()
    path = folder / "omc.json"
    path.write_text("[]")
    ran = omc("exporter", "sd", "--file", str(path))
    assert (0, "") == (ran.code, ran.out)
    assert 3 == len(json.loads(path.read_text()))
    assert 0o644 == path.stat().st_mode & 0o777
    assert [path] == list(folder.iterdir())


def test_sd_leaves_a_file_to_those_who_could_read_it(omc: Omc, tmp_path: Path) -> None:
    """A list with the inventory's variables, which somebody closed, stays closed."""
    path = tmp_path / "omc.json"
    path.write_text("[]")
    path.chmod(0o640)
    assert 0 == omc("exporter", "sd", "--file", str(path)).code
    assert 0o640 == path.stat().st_mode & 0o777
    assert 3 == len(json.loads(path.read_text()))


def test_sd_says_where_it_cannot_write(omc: Omc, tmp_path: Path) -> None:
    """The path, and no traceback."""
    ran = omc("exporter", "sd", "--file", str(tmp_path / "nowhere" / "omc.json"))
    assert 1 == ran.code
    assert "nowhere" in ran.err
    assert "cannot be written" in ran.err


def test_dump_only_some_collectors(omc: Omc) -> None:
    """Nothing else is on the page, for a file beside another exporter's; one that is off needs no switch."""
    ran = omc("exporter", "dump", "--uri", "test:///default", "--only", "volume", "--only", "host_interface")
    assert 0 == ran.code
    names = {line.split("{")[0] for line in ran.out.splitlines() if not line.startswith("#")}
    pools = {"libvirt_storage_volume_capacity_bytes", "libvirt_storage_volume_allocation_bytes"}
    assert {"libvirt_interface_active", "libvirt_storage_pool_volumes_dropped"} <= names
    assert names <= pools | {"libvirt_interface_active", "libvirt_storage_pool_volumes_dropped"}
    ran = omc("exporter", "dump", "--uri", "test:///default", "--only", "deamon")
    assert (2, True) == (ran.code, "meant daemon?" in ran.err)


def test_dump_says_what_cannot_be_had(omc: Omc) -> None:
    """The daemons of a host tell their threads on that host alone."""
    ran = omc("exporter", "dump", "--uri", "test:///default", "--only", "daemon")
    assert 0 == ran.code
    assert ran.out.startswith("# incomplete: daemon,")


def test_sd_of_guests_needs_a_store(omc: Omc) -> None:
    """It says how to come by one; after a collect, each address is a target."""
    ran = omc("exporter", "sd", "--role", "guest")
    assert 1 == ran.code
    assert "hint:" in ran.err
    omc("inventory")
    ran = omc("exporter", "sd", "kvm1", "--role", "guest")
    groups = json.loads(ran.out)
    assert groups
    assert {"kvm1"} == {group["labels"]["__meta_omc_host"] for group in groups}


def test_check_names_a_row_that_gives_no_series(omc: Omc, tmp_path: Path) -> None:
    """As a mistake, though who serves goes on without it."""
    site = tmp_path / "mine"
    (site / "inventory").mkdir(parents=True)
    (site / "inventory/hosts.yaml").write_text("all: {hosts: {kvm1: {libvirt_uri: 'test:///default'}}}\n")
    (site / "exporters").mkdir()
    row = "{name: mine, type: gauge, help: Mine., collector: node, source: nothing}"
    (site / "exporters/host.yaml").write_text(f"metrics:\n- {row}\n")
    ran = omc("--site", str(site), "exporter", "check")
    assert (1, True) == (ran.code, "host.yaml:2: mine: nothing makes it" in ran.err)
    assert 0 == omc("--site", str(site), "exporter", "dump", "kvm1").code


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--listen", "9177"), "expected HOST:PORT to listen on, found '9177'"),
        (("--collector.nothing",), "no collector is named 'nothing'"),
        (("--web.config.file", "/nowhere/web.yml"), "/nowhere/web.yml: cannot be read"),
        (("--compat", "zabbix"), "no dialect is named 'zabbix'\n  hint: known are kumina, tinkoff, inovex"),
    ],
)
def test_serve_refuses_what_makes_no_sense(omc: Omc, arguments: tuple[str, ...], said: str) -> None:
    """Before it takes a connection, with what is known."""
    ran = omc("exporter", "serve", "--uri", "test:///default", *arguments)
    assert ran.code in (1, 2)
    assert said in ran.err
    assert "Traceback" not in ran.err
