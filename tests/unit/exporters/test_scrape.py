"""The scraper over a host of the test's own making: what is shared, what is late, what is down."""

import threading
import time
from pathlib import Path

import msgspec
import pytest

from omc.errors import HostError
from omc.exporters.request import ScrapeRequest, ScrapeSettings
from omc.exporters.scrape import Scraper, groups_of
from omc.exporters.table import load_tables
from omc.ports import Fault, LiveReading
from omc.site.entities import SiteHost

TABLES = load_tables()
RECORDED = (Path(__file__).parents[2] / "data" / "live" / "kvm1.json").read_bytes()
TARGET = SiteHost(name="kvm1", uri="qemu:///system", groups=(), variables={})


class RecordedHost:
    """A host that answers what was recorded, when it is let."""

    def __init__(self, error: HostError | None = None) -> None:
        self.reading = msgspec.json.decode(RECORDED, type=LiveReading)
        self.error = error
        self.go_on = threading.Event()
        self.go_on.set()
        self.asked: list[frozenset[str]] = []
        self.is_closed = False

    def read(self, groups: frozenset[str], deadline: float) -> LiveReading:
        self.asked.append(groups)
        self.go_on.wait(max(0.0, deadline - time.monotonic()))
        if self.error is not None:
            raise self.error
        return self.reading

    def close(self) -> None:
        self.is_closed = True


def made(host: RecordedHost, **settings) -> Scraper:
    return Scraper(TABLES, lambda uri: host, ScrapeSettings(**settings))


def soon(seconds: float = 5.0, **asked) -> ScrapeRequest:
    return ScrapeRequest(deadline=time.monotonic() + seconds, **asked)


def test_scrapes_at_a_time_share_one_collection():
    host = RecordedHost()
    host.go_on.clear()
    scraper = made(host)
    pages = []
    threads = [threading.Thread(target=lambda: pages.append(scraper.scrape(TARGET, soon()))) for _ in range(5)]
    for thread in threads:
        thread.start()
    while not host.asked:
        pass
    host.go_on.set()
    for thread in threads:
        thread.join()
    assert [True] * 5 == [page.up for page in pages]
    assert len(host.asked) <= 2  # one that came late may have had to ask for itself


def test_who_waits_for_another_scrape_waits_no_longer_than_its_own_deadline():
    host = RecordedHost()
    host.go_on.clear()
    scraper = made(host)
    first = threading.Thread(target=lambda: scraper.scrape(TARGET, soon(10)))
    first.start()
    while not host.asked:
        pass
    started = time.monotonic()
    page = scraper.scrape(TARGET, soon(0.2))
    assert time.monotonic() - started < 1
    assert (False, "an earlier scrape of this target still waits for it") == (page.up, page.reason)
    host.go_on.set()
    first.join()


@pytest.mark.parametrize("error", [None, HostError("it is off")])
def test_a_page_says_how_long_it_might_have_taken(error):
    """So that an alert knows whether it was close, whatever the timeout of Prometheus."""
    body = made(RecordedHost(error)).scrape(TARGET, soon(30)).body.decode()
    (said,) = (line for line in body.splitlines() if line.startswith("libvirt_scrape_timeout_seconds "))
    assert 29 < float(said.split()[1]) <= 30


@pytest.mark.parametrize("code", ["no-daemon", "deadline"])
def test_a_host_that_cannot_be_read_is_a_page_that_says_so(code):
    page = made(RecordedHost(HostError("it is off", code=code))).scrape(TARGET, soon())
    assert (False, "it is off") == (page.up, page.reason)
    assert b"\nlibvirt_up 0\n" in page.body
    assert f'libvirt_down_info{{code="{code}",reason="'.encode() in page.body
    assert b"libvirt_domain" not in page.body


def test_a_host_without_a_uri_is_down_for_what_the_site_says_of_it():
    host = msgspec.structs.replace(TARGET, problem="a template cannot be resolved")
    page = made(RecordedHost()).scrape(host, soon())
    assert (False, "a template cannot be resolved") == (page.up, page.reason)


def test_a_defect_costs_its_own_scrape():
    host = RecordedHost()
    host.read = lambda groups, deadline: 1 / 0
    page = made(host).scrape(TARGET, soon())
    assert (False, "ZeroDivisionError: division by zero") == (page.up, page.reason)


def test_only_groups_that_the_collectors_need_are_asked():
    assert frozenset({"state", "cpu", "vcpu"}) == groups_of(TABLES, frozenset({"cpu"}))
    assert frozenset({"state"}) == groups_of(TABLES, frozenset({"pool", "info"}))
    assert {"balloon", "vcpu"} <= groups_of(TABLES, frozenset({"allocation"}))
    assert "dirtyrate" in groups_of(TABLES, frozenset({"dirtyrate"}))


def test_groups_of_which_no_guest_has_anything_are_left_out_from_the_second_scrape_on():
    host = RecordedHost()
    scraper = made(host)
    for _ in range(2):
        scraper.scrape(TARGET, soon())
    assert {"perf", "iothread", "memory"} == host.asked[0] - host.asked[1]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"names": ("web*", "linux1")}, {"web1", "linux1"}),
        ({"states": frozenset({"shutoff"})}, {"saved1"}),
        ({"tags": frozenset({"prod", "other"})}, {"web1"}),
        ({"names": ("web*",), "states": frozenset({"shutoff"})}, set()),
    ],
)
def test_filters_leave_guests_out_of_the_page(asked, names):
    body = made(RecordedHost()).scrape(TARGET, soon(**asked)).body.decode()
    assert names == {line.split('"')[1] for line in body.splitlines() if line.startswith("libvirt_domain_info_vstate{")}


def test_a_guests_budget_is_kept_and_what_it_left_out_is_told():
    body = made(RecordedHost(), series_per_guest=20).scrape(TARGET, soon()).body.decode()
    of_one = [line for line in body.splitlines() if 'domain="web1"' in line]
    dropped = [line for line in of_one if line.startswith("libvirt_domain_series_dropped")]
    assert len(of_one) == 21
    assert int(dropped[0].split()[-1]) > 50


def test_a_pool_that_does_not_answer_is_marked_also_where_nothing_of_it_was_ever_read():
    host = RecordedHost()
    facts = host.reading.facts
    late = tuple(Fault(f"pool/{name}", "virStoragePoolGetInfo", "deadline", "no answer") for name in ("images", "nfs"))
    facts = msgspec.structs.replace(facts, host=msgspec.structs.replace(facts.host, faults=late))
    host.reading = msgspec.structs.replace(host.reading, facts=facts)
    lines = made(host).scrape(TARGET, soon()).body.decode().splitlines()
    marked = {line.split('"')[1]: line[-1] for line in lines if line.startswith("libvirt_storage_pool_timed_out{")}
    assert {"archive": "0", "images": "1", "nfs": "1"} == marked
    assert 'libvirt_scrape_collector_success{collector="pools"} 0' in lines


def test_a_changed_uri_closes_the_old_connection():
    host = RecordedHost()
    scraper = made(host)
    scraper.scrape(TARGET, soon())
    scraper.scrape(msgspec.structs.replace(TARGET, uri="qemu+ssh://other/system"), soon())
    assert host.is_closed


def test_the_connection_to_a_host_that_the_site_lost_is_closed():
    """Those to the others stay."""
    hosts = {"qemu:///system": RecordedHost(), "qemu+ssh://other/system": RecordedHost()}
    scraper = Scraper(TABLES, lambda uri: hosts[uri], ScrapeSettings())
    scraper.scrape(TARGET, soon())
    scraper.scrape(msgspec.structs.replace(TARGET, name="kvm2", uri="qemu+ssh://other/system"), soon())
    scraper.keep({"kvm1": TARGET})
    assert [False, True] == [host.is_closed for host in hosts.values()]
