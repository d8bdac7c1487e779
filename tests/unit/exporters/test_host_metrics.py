"""What a host's facts become: its interfaces, volumes and daemons, whatever their names."""

from collections.abc import Iterator, Mapping

import msgspec
import pytest

from omc.exporters import hardware, resources
from omc.exporters.hosts import ScrapeFacts, successes
from omc.exporters.pages import Memory, Pages
from omc.exporters.request import ScrapeRequest
from omc.exporters.table import load_tables
from omc.ports import (
    Fault,
    LiveFacts,
    LiveGuest,
    LiveReading,
    RawGuest,
    RawHost,
    RawInterface,
    RawLease,
    RawNetwork,
    RawPool,
    RawServer,
    RawVolume,
)

HOST = RawHost(driver="QEMU")
NET = (
    "<device><name>net_x</name><capability type='net'><interface>{}</interface><link {}/>"
    "<capability type='80203'/></capability></device>"
)
POOL = RawPool(name="images", uuid="1", xml="", state=2, volume_count=3)


def with_(**fields: object) -> RawHost:
    return msgspec.structs.replace(HOST, **fields)


def values(found: Iterator) -> Mapping[str, object]:
    return {" ".join((name, *(text for _, text in own))): value for name, value, own in found if value is not None}


def test_a_link_is_a_speed_in_bytes_and_whether_it_is_up():
    devices = (NET.format("eth0", "speed='25000' state='up'"), NET.format("eth1", "speed='0' state='down'"))
    assert {
        "libvirt_interface_link_up eth0": True,
        "libvirt_interface_speed_bytes_per_second eth0": 3_125_000_000,
        "libvirt_interface_link_up eth1": False,
        "libvirt_interface_speed_bytes_per_second eth1": 0,
    } == values(hardware.interfaces(with_(devices=devices)))


@pytest.mark.parametrize("link", ["state='unknown'", ""])
def test_an_unknown_link_is_no_series(link):
    assert {} == values(hardware.interfaces(with_(devices=(NET.format("lo", link), "<device", "<device/>"))))


@pytest.mark.parametrize("name", ["vnet0", "vnet12", "macvtap3", "tap0", "vif1.0"])
def test_interfaces_of_guests_are_left_out(name):
    host = with_(
        devices=(NET.format(name, "speed='10' state='up'"),), interfaces=(RawInterface(name=name, active=True),)
    )
    assert {} == values(hardware.interfaces(host))


def test_a_clock_that_libvirt_does_not_know_is_no_series():
    """It says 0 MHz on some architectures."""
    known = values(hardware.node(with_(node=("aarch64", 1024, 8, 0, 1, 1, 8, 1))))
    assert ("libvirt_node_cpu_frequency_hertz" in known, known["libvirt_node_cpus"]) == (False, 8)


def test_two_devices_of_one_name_are_one_series():
    """Else Prometheus would refuse the page."""
    devices = (NET.format("eth0", "speed='10' state='up'"),) * 2
    assert 2 == len(list(hardware.interfaces(with_(devices=devices))))


def test_volumes_are_served_by_name_and_those_left_out_are_counted():
    sizes = (RawVolume(name='a "b"\\', capacity_bytes=10, allocation_bytes=4),)
    found = values(resources.volumes(with_(pools=(msgspec.structs.replace(POOL, sizes=sizes),))))
    assert {
        'libvirt_storage_volume_capacity_bytes images a "b"\\': 10,
        'libvirt_storage_volume_allocation_bytes images a "b"\\': 4,
        "libvirt_storage_pool_volumes_dropped images": 2,
    } == found


def test_a_pool_whose_volumes_do_not_answer_is_marked():
    host = with_(pools=(POOL,), faults=(Fault("volume/images", "virStorageVolGetInfo", "deadline", "m"),))
    assert 1 == values(resources.pools(host))["libvirt_storage_pool_timed_out images"]


def test_a_pool_whose_volumes_nobody_asked_for_has_none():
    assert {} == values(resources.volumes(with_(pools=(POOL,))))


RANGES = (
    "<network><ip><dhcp>"
    "<range start='192.0.2.10' end='192.0.2.19'/><range start='192.0.2.30' end='192.0.2.30'/></dhcp></ip>"
    "<ip family='ipv6'><dhcp><range start='2001:db8::1' end='2001:db8::1:0'/></dhcp></ip></network>"
)


def dhcp(xml: str, *addresses: str) -> Mapping[str, object]:
    leases = tuple(RawLease(mac="52:54:00:00:00:01", address=address) for address in addresses)
    network = RawNetwork(name="n", uuid="1", xml=xml, active=True, leases=leases)
    found = values(resources.networks(with_(networks=(network,))))
    return {key.removeprefix("libvirt_network_dhcp_"): found[key] for key in found if "dhcp" in key}


def test_leases_and_addresses_of_dhcp_are_counted_by_family():
    """The many addresses of IPv6 do not hide that those of IPv4 run out."""
    assert {"leases n ipv4": 2, "addresses n ipv4": 11, "leases n ipv6": 1, "addresses n ipv6": 65536} == dhcp(
        RANGES, "192.0.2.10", "192.0.2.11", "2001:db8::2"
    )


def test_a_network_without_dhcp_has_no_figures_of_it():
    assert {} == dhcp("<network/>")


def test_a_lease_outside_of_every_range_counts_too():
    """Those that the network's definition gives to one guest each."""
    assert {"leases n ipv4": 1} == dhcp("<network><ip><dhcp/></ip></network>", "192.0.2.77")


@pytest.mark.parametrize("broken", ["start='x' end='y'", "start='192.0.2.9' end='2001:db8::1'", "end='192.0.2.9'"])
def test_a_range_that_is_none_counts_nothing(broken):
    assert {"leases n ipv4": 1} == dhcp(f"<network><ip><dhcp><range {broken}/></dhcp></ip></network>", "192.0.2.77")


def test_fields_of_a_daemon_that_are_not_there_are_no_series():
    server = RawServer(daemon="virtqemud", name="virtqemud", workers={"nWorkers": 7}, clients={"strange": 1})
    assert {"libvirt_daemon_workers virtqemud virtqemud": 7} == values(resources.daemons(with_(servers=(server,))))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {}),
        ({"servers": ()}, {}),
        ({"faults": (Fault("daemon/libvirtd", "c", "needs-root", "m"),)}, {"daemon": False}),
        ({"faults": (Fault("daemon", "c", "unsupported", "m", failed=False),)}, {}),
        ({"pools": (msgspec.structs.replace(POOL, sizes=()),)}, {"volumes": True}),
        ({"faults": (Fault("volume/images", "c", "deadline", "m"),)}, {"volumes": False}),
    ],
)
def test_parts_on_request_succeed_or_fail_only_where_they_were_asked(fields, expected):
    reading = LiveReading(guests=(), facts=LiveFacts(host=with_(**fields), read_at=0.0))
    found = successes(reading)
    assert expected == {part: found[part] for part in ("volumes", "daemon") if part in found}


XML = "<domain><memory unit='KiB'>2048</memory><vcpu placement='static'{}>4</vcpu></domain>"


@pytest.mark.parametrize(
    ("xml", "vcpus", "memory"),
    [(XML.format(""), 5, 3072), (XML.format(" current='2'"), 3, 3072), ("<domain/>", 1, 1024), ("<doma", 1, 1024)],
)
def test_a_guest_that_hangs_keeps_what_it_was_given(xml, vcpus, memory):
    """Else a host would seem to have room for as long as one of its guests does not answer."""
    well = LiveGuest(name="w", uuid="1", running=True, values={"vcpu.current": 1, "balloon.maximum": 1024})
    hung = LiveGuest(name="h", uuid="2", running=True, values={"state.state": 1}, complete=False)
    host = with_(guests=(RawGuest(name="h", uuid="2", id=2, xml=xml),))
    reading = LiveReading(guests=(well, hung), facts=LiveFacts(host=host, read_at=0.0))
    pages = Pages(load_tables(), on=frozenset({"allocation"}), compat=None, budget=10)
    body = pages.page(ScrapeFacts(seconds=0, now=1, reading=reading), ScrapeRequest(deadline=0.0), Memory(None))
    assert f"\nlibvirt_node_vcpus_allocated {vcpus}\n" in body.decode()
    assert f"\nlibvirt_node_memory_allocated_bytes {memory * 1024}\n" in body.decode()


def test_what_was_read_in_the_background_is_written_once_and_again_when_it_changes():
    tables = load_tables()
    pages = Pages(tables, on=frozenset(tables.collectors), compat=None, budget=10)
    memory, request = Memory(None), ScrapeRequest(deadline=0.0)

    def lines(host: RawHost) -> int:
        reading = LiveReading(guests=(), facts=LiveFacts(host=host, read_at=0.0))
        body = pages.page(ScrapeFacts(seconds=0, now=1, reading=reading), request, memory)
        return body.count(b"\nlibvirt_storage_pool_state{")

    first = with_(pools=(POOL,))
    second = with_(pools=(POOL, msgspec.structs.replace(POOL, name="other")))
    assert [1, 1, 2, 1] == [lines(first), lines(first), lines(second), lines(first)]
