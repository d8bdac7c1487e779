"""The host's own metrics against real libvirtd: volumes, interfaces, daemons, and what each fault costs."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import libvirt
import pytest
from prometheus_client.parser import text_string_to_metric_families

from omc.drivers.hypervisor import admin
from omc.exporters.request import Page, ScrapeRequest, ScrapeSettings
from omc.exporters.scrape import Scraper
from omc.exporters.table import load_tables
from omc.ports import LiveOptions, RawServer
from omc.providers import live_host_for
from omc.site.entities import SiteHost
from tests.lab import faults
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.waiting import until

pytestmark = pytest.mark.lab

Scrape = Callable[..., Page]
ON = frozenset({"scrape", "pool", "volume", "host_interface", "daemon", "node"})
POOL = """<pool type='dir'><name>bench "1"</name><target><path>/var/lib/libvirt/bench</path></target></pool>"""
VOLUME = "<volume><name>{}</name><capacity>{}</capacity><target><format type='raw'/></target></volume>"


def scraper(host: Host, **options: float) -> Scraper:
    live = LiveOptions(refresh_seconds=1.0, **options)  # type: ignore[arg-type]  # by the names of its fields
    return Scraper(load_tables(), lambda uri: live_host_for(uri, live), ScrapeSettings(collectors=ON))


def page(made: Scraper, host: Host, seconds: float = 5.0) -> Page:
    target = SiteHost(name=host.name, uri=host.local_uri, groups=(), variables={})
    return made.scrape(target, ScrapeRequest(deadline=time.monotonic() + seconds))


def values(found: Page, metric: str) -> dict[str, float]:
    families = text_string_to_metric_families(found.body.decode())
    samples = [sample for family in families for sample in family.samples if sample.name == metric]
    return {" ".join(sample.labels.values()): sample.value for sample in samples}


@pytest.fixture
def pool(host: Host) -> Iterator[libvirt.virStoragePool]:
    """A pool with three volumes, and a name that needs care."""
    folder = host.folder / "lib" / "bench"
    folder.mkdir()
    with host.connect() as connection:
        made = connection.storagePoolCreateXML(POOL, 0)
        for number in range(3):
            made.createXML(VOLUME.format(f"disk{number}.raw", (number + 1) << 20), 0)
        yield made
        for volume in made.listAllVolumes(0):
            volume.delete(0)
        made.destroy()
    folder.rmdir()


def test_volumes_are_there_by_name_in_the_first_page_and_follow_what_happens(
    host: Host, pool: libvirt.virStoragePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A volume that comes or goes does so on the page, too."""
    monkeypatch.setattr("omc.drivers.hypervisor.live.extras.LEAST_SECONDS", 0.5)
    capacity = "libvirt_storage_volume_capacity_bytes"
    with closing(scraper(host)) as made:
        first = page(made, host)
        sizes = {f'bench "1" disk{number}.raw': float((number + 1) << 20) for number in range(3)}
        assert sizes == {name: size for name, size in values(first, capacity).items() if "bench" in name}
        assert 0 == values(first, "libvirt_storage_pool_volumes_dropped")['bench "1"']
        pool.createXML(VOLUME.format("later.raw", 1 << 20), 0)
        pool.storageVolLookupByName("disk1.raw").delete(0)
        names = {'bench "1" disk0.raw', 'bench "1" disk2.raw', 'bench "1" later.raw'}
        until(lambda: names == {name for name in values(page(made, host), capacity) if "bench" in name})


def test_no_more_volumes_than_asked_for_and_the_rest_is_counted(host: Host, pool: libvirt.virStoragePool) -> None:
    """The first ones by name, the same ones in every scrape."""
    with closing(scraper(host, volumes_per_pool=2)) as made:
        found = page(made, host)
    named = values(found, "libvirt_storage_volume_allocation_bytes")
    assert {'bench "1" disk0.raw', 'bench "1" disk1.raw'} == {name for name in named if "bench" in name}
    assert 1 == values(found, "libvirt_storage_pool_volumes_dropped")['bench "1"']


def test_the_hosts_interfaces_are_told_and_those_of_guests_are_not(furnished: Host) -> None:
    """Its link to the lab, and its bridges; the guests that run have some, too."""
    with closing(scraper(furnished)) as made:
        found = page(made, furnished)
    active = values(found, "libvirt_interface_active")
    assert {"br0": 1.0, "lo": 0.0} == {name: active[name] for name in ("br0", "lo")}
    assert not any(name.startswith("vnet") for name in active)
    assert 1 == values(found, "libvirt_interface_link_up")["eth0"]
    assert values(found, "libvirt_interface_speed_bytes_per_second")["eth0"] > 0
    assert {"": 0.0} == values(found, "libvirt_secrets")


def test_threads_and_clients_are_what_the_daemon_says(host: Host) -> None:
    """As virt-admin has them."""
    with closing(scraper(host)) as made, host.connect():
        found = page(made, host)
    server = "libvirtd libvirtd"
    uri = f"libvirtd:///system?socket={host.socket.parent}/libvirt-admin-sock"
    command = ("virt-admin", "-c", uri, "srv-threadpool-info", "libvirtd")
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    said = {line.split()[0]: float(line.split()[2]) for line in shown.splitlines() if line}
    assert said["maxWorkers"] == values(found, "libvirt_daemon_workers_max")[server]
    assert said["nWorkers"] == values(found, "libvirt_daemon_workers")[server]
    assert values(found, "libvirt_daemon_clients")[server] >= 2  # this test's, and the scrape's
    assert 5000 == values(found, "libvirt_daemon_clients_max")[server]
    assert 1 == values(found, "libvirt_scrape_collector_success")["daemon"]


def test_whoever_is_not_root_is_told_so(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """As nobody, in a process of its own: the daemon's socket is root's."""
    code = (
        "import os, sys; from omc.drivers.hypervisor.admin import ask; os.setuid(65534); ask('libvirtd', sys.argv[1])"
    )
    path = host.socket.parent / "libvirt-admin-sock"
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False)
    assert "PermissionError: [Errno 13]" in done.stderr

    def refused(daemon: str, path: Path) -> list[RawServer]:
        raise PermissionError

    monkeypatch.setattr(admin, "ask", refused)
    _, (fault,) = admin.read_servers(host.local_uri)
    assert ("needs-root", True) == (fault.code, fault.failed)


def test_a_daemon_that_stands_still_costs_its_own_part(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says so; afterwards it is whole again."""
    monkeypatch.setattr(admin, "ANSWER_SECONDS", 0.5)
    with faults.stopped_libvirt(host):
        servers, (fault,) = admin.read_servers(host.local_uri)
        assert ((), "deadline") == (servers, fault.code)
    servers, problems = admin.read_servers(host.local_uri)
    assert ["admin", "libvirtd"] == [server.name for server in servers]
    assert not problems


def test_asking_leaves_no_complaint_in_the_daemons_log(host: Host) -> None:
    """A client that breaks off without a farewell would."""
    log = host.folder / "log" / "libvirtd.log"
    before = len(log.read_bytes())
    for _ in range(5):
        admin.read_servers(host.local_uri)
    with host.connect() as connection:
        connection.getLibVersion()  # the daemon has come to what was before
    assert "End of file" not in log.read_bytes()[before:].decode(errors="replace")


def test_modular_daemons_are_asked_each_by_its_name(flavours: Lab) -> None:
    """The socket of virtqemud is where its other one is."""
    host = flavours.hosts["modular"]
    servers, problems = admin.read_servers(host.local_uri)
    assert not [problem for problem in problems if problem.failed]
    assert all(server.workers["nWorkers"] > 0 for server in servers)
