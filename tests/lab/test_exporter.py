"""The exporter's core against real libvirtd and QEMU: each fault costs what it hits, for as long as it lasts."""

import time
from collections.abc import Callable, Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from omc.exporters.request import Page, ScrapeRequest, ScrapeSettings
from omc.exporters.scrape import Scraper
from omc.exporters.table import load_tables
from omc.ports import LiveOptions
from omc.providers import live_host_for
from omc.site.entities import SiteHost
from tests.lab import faults, guests
from tests.lab.fixtures import MakeGuests
from tests.lab.host import Host, uri
from tests.lab.lab import Lab
from tests.waiting import until

pytestmark = pytest.mark.lab

Scrape = Callable[..., Page]
HOSTILE = 'a "quoted" \\back\\ name'


@pytest.fixture
def scrape(host: Host) -> Iterator[Scrape]:
    live = LiveOptions(refresh_seconds=2.0)
    scraper = Scraper(load_tables(), lambda uri: live_host_for(uri, live), ScrapeSettings())
    target = SiteHost(name=host.name, uri=host.local_uri, groups=(), variables={})

    def make(seconds: float = 5.0, **asked) -> Page:
        return scraper.scrape(target, ScrapeRequest(deadline=time.monotonic() + seconds, **asked))

    yield make
    scraper.close()


@pytest.fixture
def scrape_far(lab: Lab, host: Host) -> Iterator[Scrape]:
    """The same over SSH."""
    scraper = Scraper(load_tables(), lambda uri: live_host_for(uri, LiveOptions()), ScrapeSettings())
    target = SiteHost(name=host.name, uri=uri(host, lab.client), groups=(), variables={})
    yield lambda seconds=5.0: scraper.scrape(target, ScrapeRequest(deadline=time.monotonic() + seconds))
    scraper.close()


def values(page: Page, metric: str) -> dict[str, float]:
    families = text_string_to_metric_families(page.body.decode())
    samples = [sample for family in families for sample in family.samples if sample.name == metric]
    return {sample.labels.get("domain", ""): sample.value for sample in samples}


def test_a_killed_guest_is_shut_off_in_the_next_scrape(scrape: Scrape, host: Host, make_guests: MakeGuests) -> None:
    """Its counters go, its state stays."""
    make_guests(guests.halting(host, "victim"))
    assert values(scrape(), "libvirt_domain_info_vstate")["victim"] == 1
    faults.kill_guest(host, "victim")
    until(lambda: values(scrape(), "libvirt_domain_info_vstate")["victim"] == 5)
    until(lambda: "victim" not in values(scrape(), "libvirt_domain_info_cpu_time_seconds_total"))


def test_a_stopped_daemon_is_down_within_the_deadline_and_back_at_once(
    scrape: Scrape, host: Host, make_guests: MakeGuests
) -> None:
    """The page says `libvirt_up 0` and why; the scrape after it goes on is whole."""
    make_guests(guests.halting(host, "well"))
    assert scrape().up
    with faults.stopped_libvirt(host):
        for _ in range(3):
            started = time.monotonic()
            page = scrape(1.0)
            assert time.monotonic() - started < 1.3
            assert (False, {"": 0.0}) == (page.up, values(page, "libvirt_up"))
            assert page.reason
    until(lambda: scrape().up, seconds=3)
    assert values(scrape(), "libvirt_domain_timed_out")["well"] == 0


def test_a_killed_daemon_is_down_and_the_first_scrape_after_its_return_is_whole(scrape: Scrape, host: Host) -> None:
    """The broken connection is replaced in the same scrape; the guest, whose QEMU ran on, has all its counters."""
    with host.connect() as connection:
        guests.start(guests.define(connection, [guests.halting(host, "survivor")]))
    try:
        assert scrape().up
        with faults.killed_libvirt(host):
            page = scrape()
            assert not page.up
            assert b'libvirt_down_info{code="no-daemon",' in page.body
        page = scrape()
        assert page.up, page.reason
        assert values(page, "libvirt_domain_timed_out")["survivor"] == 0
    finally:
        with host.connect() as connection:
            guests.remove([connection.lookupByName("survivor")])


def test_a_network_that_loses_everything_costs_its_deadline_and_the_host_comes_back(
    scrape_far: Scrape, lab: Lab, host: Host
) -> None:
    """Scrapes over SSH end in time while nothing arrives, and go on soon after it does."""
    assert scrape_far().up
    with faults.silent(lab, host.address):
        for _ in range(3):
            started = time.monotonic()
            assert not scrape_far(1.0).up
            assert time.monotonic() - started < 1.3
    until(lambda: scrape_far().up, seconds=30)


def test_guests_that_come_go_and_change_their_name_are_told_apart(
    scrape: Scrape, host: Host, make_guests: MakeGuests
) -> None:
    """Two scrapes around it each show who was there; what is in XML follows soon."""
    (first,) = make_guests(guests.halting(host, "first"), start=False)
    assert {"first"} == values(scrape(), "libvirt_domain_info_vstate").keys()
    first.rename("renamed", 0)
    make_guests(guests.halting(host, "second"))
    assert {"renamed", "second"} == values(scrape(), "libvirt_domain_info_vstate").keys()
    until(lambda: {"renamed", "second"} == values(scrape(), "libvirt_domain_info").keys())


def test_a_name_with_quotes_and_backslashes_is_a_label(scrape: Scrape, host: Host, make_guests: MakeGuests) -> None:
    """The parser gives the name back as it was."""
    xml = guests.halting(host, "plain").xml().replace("<name>plain</name>", f"<name>{HOSTILE}</name>")
    with host.connect() as connection:
        domain = connection.defineXML(xml)
        try:
            assert {HOSTILE} == values(scrape(), "libvirt_domain_info_vstate").keys()
        finally:
            domain.undefine()


def test_filters_and_collectors_narrow_the_page(scrape: Scrape, host: Host, make_guests: MakeGuests) -> None:
    """By name, by state, and by what is asked."""
    make_guests(guests.halting(host, "web1"))
    make_guests(guests.halting(host, "db1"), start=False)
    assert {"web1"} == values(scrape(names=("w*",)), "libvirt_domain_info_vstate").keys()
    assert {"db1"} == values(scrape(states=frozenset({"shutoff"})), "libvirt_domain_info_vstate").keys()
    page = scrape(collectors=frozenset({"cpu"}))
    assert b"libvirt_domain_info_cpu_time_seconds_total" in page.body
    assert b"libvirt_domain_block" not in page.body
