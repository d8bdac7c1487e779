"""The shipped configuration with the real exporter: hosts are found, named and scraped, and the rules run over them."""

import pytest

from tests import prometheus
from tests.rules import scraping
from tests.waiting import until


@pytest.fixture(scope="module")
def scraped(tmp_path_factory):
    """A Prometheus that has scraped the reference site and evaluated all rules."""
    prometheus.need("prometheus")
    folder = tmp_path_factory.mktemp("scraped")
    with scraping.exporter(folder, scraping.ROOT) as address:
        with prometheus.prometheus(folder, scraping.shipped_config(address)) as server:
            until(lambda: len(server.ask("libvirt_up == 1")) == 3)
            until(lambda: all(rule["health"] != "unknown" for rule in server.rules()))
            yield server


def test_every_host_of_the_site_is_a_target_under_its_own_name(scraped):
    """http_sd gives the hosts, relabeling makes them instances, and the inventory's rack comes along."""
    found = {(series["metric"]["instance"], series["metric"]["rack"]) for series in scraped.ask("libvirt_up == 1")}
    assert found == {("kvm1", "a1"), ("kvm2", "a1"), ("lab1", "b4")}


def test_the_exporter_itself_is_scraped(scraped):
    """The job of its own metrics is up."""
    assert until(lambda: scraped.ask('up{job="omc-exporter"} == 1'))


def test_every_rule_can_be_evaluated_over_what_a_host_really_gives(scraped):
    """No label of a real page makes a join ambiguous."""
    assert [] == [(rule["name"], rule["lastError"]) for rule in scraped.rules() if rule["health"] != "ok"]


def test_no_alert_fires_on_the_reference_site(scraped):
    """Hosts that answer and guests as they should be are no reason to call anybody."""
    assert [] == scraped.ask('ALERTS{alertstate="firing"}')
