"""The dashboards over real hosts: Prometheus scrapes the lab through the exporter, and every panel asks it."""

from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests import prometheus
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.omc import make_site
from tests.rules import scraping
from tests.rules.test_dashboards import questions
from tests.waiting import until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]

GUEST = "linux1"
IDLE = {
    "fleet: Why hosts do not answer",
    *("fleet: Disk latency (write)", "host: Slowest disks", "guest: Time of a request"),  # no request within 5 minutes
    # The daemons' own figures are for their own machine's root alone.
    *("host: Threads of libvirt's daemons at work", "host: Clients of libvirt's daemons"),
    *("host: Huge pages in use", "guest: Migration: data", "guest: Snapshots"),  # none reserved, made or running there
    # Of collectors that are off: no disk failed there, and the agent is asked where a connection may write only.
    *("guest: Disks that failed", "guest: File systems, as the guest says"),
}


@pytest.fixture(scope="module")
def scraped(
    lab: Lab, furnished: Host, linux_host: Host, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[prometheus.Prometheus]:
    """A Prometheus with some seconds of two hosts, one of them with a running Linux."""
    prometheus.need("prometheus")
    folder = tmp_path_factory.mktemp("scraped")
    site = make_site(folder, {host.name: lab.uri(host) for host in (furnished, linux_host)}).site
    with scraping.exporter(folder, site, "--collector.volume") as address:
        with prometheus.prometheus(folder, scraping.shipped_config(address)) as server:
            until(lambda: server.ask(f'guest:libvirt_cpu_usage:ratio_rate5m{{domain="{GUEST}"}} >= 0'))
            until(lambda: server.ask(f'libvirt_domain_info{{domain="{GUEST}"}}'))
            yield server


def unanswered(scraped: prometheus.Prometheus) -> set[str]:
    empty = {where.rpartition(": ")[0] for where, ask in questions() if not scraped.ask(ask.replace("web1", GUEST))}
    return empty - IDLE


def test_every_panel_has_an_answer_on_real_hosts(scraped: prometheus.Prometheus) -> None:
    """Only what did not happen there is empty; each query runs, whatever labels a real page has."""
    with suppress(AssertionError):  # a rule may need a second scrape; what is still empty then is named below
        until(lambda: not unanswered(scraped))
    assert set() == unanswered(scraped)


def test_rules_run_over_real_hosts(scraped: prometheus.Prometheus) -> None:
    """Every rule can be evaluated, and of two healthy hosts nothing is said to be down."""
    assert [] == [(rule["name"], rule["lastError"]) for rule in scraped.rules() if rule["health"] != "ok"]
    assert [] == scraped.ask('ALERTS{severity="critical"}')
