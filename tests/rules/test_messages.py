"""What Alertmanager makes of many alerts with the shipped configuration: few messages, and none for what follows."""

import json
from collections.abc import Iterator, Mapping
from urllib.request import Request, urlopen

import pytest

from tests import prometheus
from tests.rules.test_alert import Loopback, alertmanager_config, served


@pytest.fixture
def alerting(tmp_path) -> Iterator[tuple[Loopback, str]]:
    prometheus.need("prometheus-alertmanager")
    with served() as (loopback, address), prometheus.alertmanager(tmp_path, alertmanager_config(address)) as alerts:
        yield loopback, f"http://{alerts}/api/v2/alerts"


def raise_all(url: str, *alerts: Mapping[str, str]) -> None:
    body = json.dumps([{"labels": labels} for labels in alerts]).encode()
    with urlopen(Request(url, body, {"Content-Type": "application/json"}), timeout=10) as answer:
        assert answer.status == 200


def test_an_exporter_of_a_fleet_that_is_gone_is_one_message_and_not_one_a_host(alerting):
    """Every host of the fleet is a target of its own, and all of them are gone at once."""
    loopback, url = alerting
    gone = {"alertname": "LibvirtExporterDown", "severity": "critical", "job": "omc-hosts"}
    raise_all(url, *({**gone, "instance": f"kvm{number}"} for number in range(3)))
    told = loopback.wait_for("firing")
    assert {"kvm0", "kvm1", "kvm2"} == {alert["labels"]["instance"] for alert in told["alerts"]}


def test_a_guest_that_is_stuck_is_not_told_again_as_a_part_of_the_page_that_fails(alerting):
    """The part `guests` is incomplete because of it; any other part that fails is news."""
    _, url = alerting
    failing = {"alertname": "LibvirtCollectorFailing", "severity": "warning", "instance": "kvm01"}
    stuck = {"alertname": "LibvirtGuestStuck", "severity": "warning", "instance": "kvm01", "domain": "web1"}
    raise_all(url, stuck, {**failing, "collector": "guests"}, {**failing, "collector": "pools"})
    states = {alert["labels"].get("collector", "stuck"): alert["status"]["state"] for alert in prometheus.get(url)}
    assert states["guests"] == "suppressed"
    assert "suppressed" not in (states["pools"], states["stuck"])
