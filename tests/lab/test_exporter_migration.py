"""Guests that move, come and go while they are scraped, on real hosts."""

import threading
import time
from collections.abc import Iterator

import libvirt
import pytest
from prometheus_client.parser import text_string_to_metric_families

from omc.exporters.request import Page, ScrapeRequest, ScrapeSettings
from omc.exporters.scrape import Scraper
from omc.exporters.table import load_tables
from omc.ports import LiveOptions
from omc.providers import live_host_for
from omc.site.entities import SiteHost
from tests.lab import guests
from tests.lab.fixtures import MakeGuests
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.waiting import until

pytestmark = pytest.mark.lab

MIGRATION_OUT = 5
RESTLESS = bytes.fromhex("fa31db b80010 8ec0 31ff b90080 50 89d8 f3ab 58 050010 3d0090 75eb 43 ebe5")
"""A boot sector that writes 512 KiB of memory over and over: more than a slow migration can send in its last pause."""
LIVE = libvirt.VIR_MIGRATE_LIVE | libvirt.VIR_MIGRATE_UNSAFE


@pytest.fixture
def scraper() -> Iterator[Scraper]:
    live = LiveOptions(refresh_seconds=2.0)
    made = Scraper(load_tables(), lambda uri: live_host_for(uri, live), ScrapeSettings())
    yield made
    made.close()


def scrape(scraper: Scraper, host: Host, *also: str) -> Page:
    on = frozenset(name for name, is_on in scraper.collectors.items() if is_on) | frozenset(also)
    target = SiteHost(name=host.name, uri=host.local_uri, groups=(), variables={})
    return scraper.scrape(target, ScrapeRequest(deadline=time.monotonic() + 10, collectors=on))


def of(page: Page, name: str, metric: str) -> float | None:
    families = text_string_to_metric_families(page.body.decode())
    samples = (sample for family in families for sample in family.samples if sample.name == metric)
    return next((sample.value for sample in samples if sample.labels.get("domain") == name), None)


@pytest.fixture
def mover(lab: Lab) -> Iterator[tuple[Host, Host]]:
    """The hosts kvm1 and kvm2; the guest "mover" runs on the first, and changes its memory all the time."""
    source, target = lab.hosts["kvm1"], lab.hosts["kvm2"]
    for host in (target, source):
        guest = guests.halting(host, "mover")
        with (host.images / "mover-0.raw").open("r+b") as image:
            image.write(RESTLESS)
    with source.connect() as here:
        guests.start(guests.define(here, [guest]))
    yield source, target
    for host in (source, target):
        with host.connect() as connection:
            guests.remove([domain for domain in connection.listAllDomains() if domain.name() == "mover"])


def migrate(source: Host, target: Host) -> threading.Thread:
    """Begin a migration that does not come to its end by itself."""

    def run() -> None:
        with source.connect() as here, target.connect() as there:
            parameters = {"migrate_uri": f"tcp://{target.address}", "bandwidth": 1}
            here.lookupByName("mover").migrate3(there, parameters, LIVE)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def hurry(source: Host) -> None:
    """Let the migration end."""
    with source.connect() as connection:
        connection.lookupByName("mover").migrateSetMaxSpeed(1000)


def test_a_live_migration_shows_how_far_it_is_on_the_page(scraper: Scraper, mover: tuple[Host, Host]):
    """Every page on the way is whole on both hosts; afterwards the guest runs on the other one, with all its facts."""
    source, target = mover
    scrape(scraper, source), scrape(scraper, target)
    moving = migrate(source, target)
    processed: list[float] = []

    def is_on_its_way() -> bool:
        page = scrape(scraper, source, "job")
        assert page.up
        assert scrape(scraper, target).up
        if of(page, "mover", "libvirt_domain_job_operation") == MIGRATION_OUT:
            assert of(page, "mover", "libvirt_domain_timed_out") == 0
            processed.append(of(page, "mover", "libvirt_domain_job_memory_processed_bytes") or 0.0)
            assert of(page, "mover", "libvirt_domain_job_memory_remaining_bytes") is not None
        return len(set(processed)) >= 4

    try:
        until(is_on_its_way, seconds=40)
    finally:
        hurry(source)
        moving.join()
    assert sorted(processed) == processed
    until(lambda: of(scrape(scraper, target), "mover", "libvirt_domain_info_vstate") == 1)
    until(lambda: of(scrape(scraper, source), "mover", "libvirt_domain_info_vstate") != 1)
    until(lambda: of(scrape(scraper, target), "mover", "libvirt_domain_info") == 1)
    assert of(scrape(scraper, target), "mover", "libvirt_domain_timed_out") == 0


def test_guests_that_come_and_go_during_scrapes_spoil_none(
    scraper: Scraper, host: Host, make_guests: MakeGuests, connection: libvirt.virConnect
):
    """Defined, started, renamed, ended and undefined in a row: every page is up, and the guest that stays is whole."""
    make_guests(guests.halting(host, "stays"))
    scrape(scraper, host, "job", "vcpu_cpu", "block_error", "block_job")
    ending = threading.Event()
    failures: list[libvirt.libvirtError] = []

    def restless() -> None:
        with host.connect() as other:
            number = 0
            while not ending.is_set():
                (domain,) = guests.define(other, [guests.halting(host, f"restless{number % 3}")])
                try:
                    domain.create()
                    domain.destroy()
                    domain.rename(f"renamed{number % 3}", 0)
                except libvirt.libvirtError as error:
                    failures.append(error)
                finally:
                    domain.undefine()
                number += 1

    thread = threading.Thread(target=restless)
    thread.start()
    try:
        for _ in range(30):
            page = scrape(scraper, host, "job", "vcpu_cpu", "block_error", "block_job")
            assert page.up, page.reason
            assert of(page, "stays", "libvirt_domain_block_stats_read_bytes_total") is not None
            assert of(page, "stays", "libvirt_domain_timed_out") == 0
    finally:
        ending.set()
        thread.join()
    assert not failures
    until(lambda: of(scrape(scraper, host), "renamed0", "libvirt_domain_info_vstate") is None)
