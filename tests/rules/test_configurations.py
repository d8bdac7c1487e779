"""The configurations of exporters/prometheus: promtool and amtool accept them, and they name only what is served."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.prometheus import need

FOLDER = Path(__file__).parents[2] / "exporters" / "prometheus"
ALERTMANAGER = FOLDER / "alertmanager.yml"
PROMETHEUS = sorted(set(FOLDER.glob("*.yml")) - {ALERTMANAGER})


@pytest.mark.parametrize("path", PROMETHEUS, ids=lambda path: path.name)
def test_promtool_accepts_the_configuration_and_finds_the_rules(path):
    """Every rule file is found from where the configuration lies."""
    need("promtool")
    done = subprocess.run(
        ["promtool", "check", "config", path], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rules = len(list((FOLDER.parent / "rules").glob("*.yaml")))
    assert f"{rules} rule files found" in done.stdout


def test_amtool_accepts_the_alertmanagers_configuration():
    """Routes, inhibitions and the receiver are sound."""
    need("amtool")
    done = subprocess.run(
        ["amtool", "check-config", ALERTMANAGER], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_host_with_an_exporter_of_its_own_is_asked_at_its_address_whatever_that_looks_like(tmp_path):
    """Name, IPv4 and IPv6, under the host's name in the site."""
    need("promtool")
    addresses = {"kvm1": "kvm1.example.org", "kvm2": "192.0.2.2", "kvm3": "2001:db8::3"}
    groups = [{"targets": [name], "labels": {"__meta_omc_address": each}} for name, each in addresses.items()]
    (tmp_path / "hosts.json").write_text(json.dumps(groups))
    config = yaml.safe_load((FOLDER / "prometheus-each-host.yml").read_text())
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump({"scrape_configs": config["scrape_configs"]}))
    command = ("promtool", "check", "service-discovery", "--timeout=2s", tmp_path / "prometheus.yml", "omc-hosts")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    found = {each["labels"]["instance"]: each["labels"]["__address__"] for each in json.loads(done.stdout)}
    assert {"kvm1": "kvm1.example.org:9177", "kvm2": "192.0.2.2:9177", "kvm3": "[2001:db8::3]:9177"} == found


def test_jobs_are_named_as_the_rules_expect():
    """LibvirtExporterDown watches the jobs whose names begin with omc; each configuration has one."""
    for path in PROMETHEUS:
        jobs = [job["job_name"] for job in yaml.safe_load(path.read_text())["scrape_configs"]]
        assert "omc-hosts" in jobs


def test_inhibitions_name_alerts_that_there_are():
    """Every alert that is written out in alertmanager.yml is one of the rules."""
    rules = "".join(path.read_text() for path in (FOLDER.parent / "rules").glob("*.yaml"))
    named = set(re.findall(r"Libvirt\w+", ALERTMANAGER.read_text()))
    assert named
    assert [] == [name for name in named if f"alert: {name}\n" not in rules]
