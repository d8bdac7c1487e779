"""One contract for every driver that is read again and again: what each must give, whatever its calls."""

import time

import pytest

from omc.errors import HostError
from omc.ports import LiveOptions, LiveReading
from omc.providers import live_host_for
from tests.lab import guests

GROUPS = frozenset({"state", "cpu", "balloon", "vcpu", "interface", "block", "job", "node"})


def read_twice(uri: str) -> LiveReading:
    host = live_host_for(uri, LiveOptions())
    try:
        host.read(GROUPS, time.monotonic() + 10)
        return host.read(GROUPS, time.monotonic() + 10)
    finally:
        host.close()


def assert_whole(reading: LiveReading, names: set[str]) -> None:
    assert names == {guest.name for guest in reading.guests}
    assert reading.facts is not None
    assert names == {guest.name for guest in reading.facts.host.guests}
    assert reading.facts.host.libvirt_version
    assert reading.reconnects == 0
    assert not [fault for fault in reading.faults if fault.failed]
    for guest in reading.guests:
        assert guest.complete
        assert {"state.state", "balloon.maximum"} <= guest.values.keys()


def test_the_test_driver_gives_what_its_calls_give():
    reading = read_twice("test:///default")
    assert_whole(reading, {"test"})
    (guest,) = reading.guests
    assert {"cpu.time", "balloon.current", "vcpu.current"} <= guest.values.keys()
    assert {"net.0.rx.bytes", "block.0.rd.bytes"} <= guest.values.keys()


@pytest.mark.lab
def test_qemu_gives_every_group(host, make_guests):
    make_guests(guests.halting(host, "runs"))
    make_guests(guests.halting(host, "rests"), start=False)
    reading = read_twice(host.local_uri)
    assert_whole(reading, {"runs", "rests"})
    (runs,) = (guest for guest in reading.guests if guest.name == "runs")
    wanted = {"vcpu.0.time", "balloon.rss", "block.0.rd.bytes", "net.0.rx.bytes", "job.type"}
    assert wanted <= runs.values.keys()
    assert {"kernel", "user", "idle"} <= reading.cpu.keys()
    assert "free" in reading.memory


@pytest.mark.lab
def test_lxc_without_bulk_statistics_gives_what_its_calls_give(flavours):
    """The lab's containers have no cgroup to count CPU time in: state and size are left."""
    host = flavours.hosts["lxc"]
    with host.connect() as connection:
        domain = connection.lookupByName("box1")
        domain.create()
        try:
            assert_whole(read_twice(host.local_uri), {"box1"})
        finally:
            domain.destroy()


def test_no_daemon_is_an_error_with_its_reason():
    host = live_host_for("qemu+unix:///system?socket=/nowhere", LiveOptions())
    with pytest.raises(HostError) as caught:
        host.read(GROUPS, time.monotonic() + 5)
    assert caught.value.code == "no-daemon"


def test_a_scheme_that_nobody_reads_is_refused():
    with pytest.raises(HostError, match="no part of omc reads"):
        live_host_for("nonsense://host/", LiveOptions())
