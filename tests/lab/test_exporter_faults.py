"""What goes wrong while a scrape is under way, and storage that hangs: each costs itself, as long as it lasts."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

import libvirt
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from omc.exporters.request import Page, ScrapeRequest, ScrapeSettings
from omc.exporters.scrape import Scraper
from omc.exporters.table import load_tables
from omc.ports import LiveOptions
from omc.providers import live_host_for
from omc.site.entities import SiteHost
from tests.lab import disks, faults, guests
from tests.lab.fixtures import MakeGuests
from tests.lab.host import Host
from tests.lab.test_exporter import Scrape, values
from tests.waiting import until

pytestmark = pytest.mark.lab

FOLDER = "/var/lib/libvirt/nfs"
POOL = "<pool type='dir'><name>{name}</name><target><path>{path}</path></target></pool>"
NICS = """<interface type='bridge'><source bridge='br0'/><target dev='tap0'/></interface>
<interface type='bridge'><source bridge='br0'/><target dev='tap0'/></interface>
<interface type='user'/><interface type='user'/>"""
Result = TypeVar("Result")


@pytest.fixture
def scrape(host: Host) -> Iterator[Scrape]:
    """A scraper that reads the background often, and waits for it but a moment."""
    live = LiveOptions(refresh_seconds=2.0, refresh_deadline_seconds=3.0)
    scraper = Scraper(load_tables(), lambda uri: live_host_for(uri, live), ScrapeSettings())
    target = SiteHost(name=host.name, uri=host.local_uri, groups=(), variables={})
    yield lambda seconds=5.0: scraper.scrape(target, ScrapeRequest(deadline=time.monotonic() + seconds))
    scraper.close()


@pytest.fixture
def mount(host: Host) -> Iterator[faults.Mount]:
    with faults.mounted(host, FOLDER) as mounted:
        yield mounted


@pytest.fixture
def pools(connection: libvirt.virConnect, mount: faults.Mount) -> Iterator[libvirt.virStoragePool]:
    """Two pools, of which the one on the mount is given."""
    made = []
    for name, path in (("images", disks.INSIDE), ("nfs", mount.folder)):
        made.append(connection.storagePoolDefineXML(POOL.format(name=name, path=path)))
        made[-1].create()
    yield made[-1]
    for pool in made:
        pool.destroy()
        pool.undefine()


def pool_values(page: Page, metric: str) -> dict[str, float]:
    families = text_string_to_metric_families(page.body.decode())
    samples = [sample for family in families for sample in family.samples if sample.name == metric]
    return {sample.labels["storage_pool"]: sample.value for sample in samples}


def during(scrape: Callable[[], Result], fault: Callable[[], object]) -> tuple[Result, float]:
    """Do something when a scrape has waited for a moment; its page, and the seconds from then on."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(scrape)
        threading.Event().wait(0.3)
        assert not future.done()
        fault()
        started = time.monotonic()
        return future.result(timeout=30), time.monotonic() - started


def test_a_pool_on_a_mount_that_hangs_costs_the_pools_alone(
    scrape: Scrape, pools: libvirt.virStoragePool, mount: faults.Mount, host: Host, make_guests: MakeGuests
) -> None:
    """Somebody refreshes it, and libvirt lists no pools meanwhile: they keep their figures, marked as old."""
    make_guests(guests.halting(host, "well"))
    both = {"images", "nfs"}
    until(lambda: both == pool_values(scrape(), "libvirt_storage_pool_capacity_bytes").keys())
    with ThreadPoolExecutor(1) as other, mount.hung():
        stuck = other.submit(pools.refresh)

        def marked() -> bool:
            started = time.monotonic()
            page = scrape()
            assert time.monotonic() - started < 3
            assert page.up
            assert {"well": 0.0} == values(page, "libvirt_domain_timed_out")
            assert both == pool_values(page, "libvirt_storage_pool_capacity_bytes").keys()
            return bool(pool_values(page, "libvirt_storage_pool_timed_out").get("nfs"))

        marked()
        assert not stuck.done()
        until(marked, seconds=60)
    until(lambda: not any(pool_values(scrape(), "libvirt_storage_pool_timed_out").values()), seconds=30)


def test_a_guest_that_is_off_with_its_disk_on_a_mount_that_hangs_hides_nobody(
    scrape: Scrape, mount: faults.Mount, host: Host, make_guests: MakeGuests
) -> None:
    """It is not asked what would make libvirt open the disk: then no client could list guests any more."""
    make_guests(guests.halting(host, "well"))
    make_guests(msgspec.structs.replace(guests.halting(host, "off"), disks=(guests.disk(mount.file),)), start=False)
    scrape()
    with mount.hung():
        for _ in range(3):
            page = scrape()
            assert page.up
            assert {"well": 1.0, "off": 5.0} == values(page, "libvirt_domain_info_vstate")
            assert {"well": 0.0, "off": 0.0} == values(page, "libvirt_domain_timed_out")
        with host.connect() as other:
            assert 2 == len(other.listAllDomains())


def test_a_running_guest_with_its_disk_on_a_mount_that_hangs_is_marked_until_it_is_back(
    scrape: Scrape, mount: faults.Mount, host: Host, make_guests: MakeGuests
) -> None:
    """Its QEMU waits for the disk, so it does not answer; the others are whole."""
    make_guests(guests.halting(host, "well"))
    make_guests(msgspec.structs.replace(guests.halting(host, "hit"), disks=(guests.disk(mount.file),)))
    scrape()
    with mount.hung():
        until(lambda: {"well": 0.0, "hit": 1.0} == values(scrape(), "libvirt_domain_timed_out"))
        assert {"well"} == values(scrape(), "libvirt_domain_block_stats_read_bytes_total").keys()
    until(lambda: not any(values(scrape(), "libvirt_domain_timed_out").values()))


def test_a_guest_that_is_killed_during_a_scrape_costs_nobody_else(
    scrape: Scrape, host: Host, make_guests: MakeGuests
) -> None:
    """The call that waited for it ends; all others are whole in the same page."""
    make_guests(*(guests.halting(host, name) for name in ("first", "second", "victim")))
    scrape()
    with faults.stopped_guest(host, "victim"):
        page, seconds = during(scrape, lambda: faults.kill_guest(host, "victim"))
    assert page.up
    assert seconds < 2
    assert {"first", "second"} <= values(page, "libvirt_domain_block_stats_read_bytes_total").keys()
    until(lambda: values(scrape(), "libvirt_domain_info_vstate")["victim"] == 5)


def test_a_daemon_that_is_killed_during_a_scrape_ends_it_at_once(scrape: Scrape, host: Host) -> None:
    """The page says that there is no daemon, long before its deadline; when it is back the next one is whole."""
    assert scrape().up
    host.run("kill", "-STOP", str(host.libvirt_pid()))
    try:
        page, seconds = during(lambda: scrape(20.0), host.kill_libvirt)
        assert not page.up
        assert seconds < 2
    finally:
        host.start_libvirt()
    until(lambda: scrape().up, seconds=5)


def test_interfaces_with_one_name_and_with_none_are_told_apart(
    scrape: Scrape, host: Host, make_guests: MakeGuests
) -> None:
    """No two series have the same labels: Prometheus would refuse the whole page."""
    user = "<interface type='user'/>"
    make_guests(msgspec.structs.replace(guests.halting(host, "nameless"), nics=(user, user, guests.nic())))
    make_guests(msgspec.structs.replace(guests.halting(host, "twins"), nics=(NICS,)), start=False)

    def found() -> dict[str, set[str]]:
        page = scrape().body.decode()
        names: dict[str, set[str]] = {}
        series = []
        for family in text_string_to_metric_families(page):
            for sample in family.samples:
                series.append((sample.name, tuple(sorted(sample.labels.items()))))
                if sample.name == "libvirt_domain_interface_stats_info":
                    names.setdefault(sample.labels["domain"], set()).add(sample.labels["target_device"])
        assert len(series) == len(set(series))
        return names

    until(lambda: {"nameless", "twins"} == found().keys())
    assert [3, 4] == [len(names) for _, names in sorted(found().items())]
    assert {"tap0", "tap0#2"} < found()["twins"]


def test_what_this_libvirt_cannot_do_leaves_one_error_in_its_log_and_not_one_each_time(
    scrape: Scrape, host: Host, make_guests: MakeGuests
) -> None:
    """Facts are read again and again: what failed for all guests is not asked any more."""
    make_guests(guests.halting(host, "asked"))
    log = host.folder / "log" / "libvirtd.log"
    scrape()
    until(lambda: "asked" in values(scrape(), "libvirt_domain_info"))
    before = log.stat().st_size
    ages = [values(scrape(), "libvirt_refresh_age_seconds")[""]]

    def refreshed() -> int:
        ages.append(values(scrape(), "libvirt_refresh_age_seconds")[""])
        return sum(later < earlier for earlier, later in pairwise(ages))

    until(lambda: refreshed() >= 2, seconds=30)
    assert b"virArpTableGet" not in log.read_bytes()[before:]
