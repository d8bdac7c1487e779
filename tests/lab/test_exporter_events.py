"""Facts follow a change within seconds, by libvirt's events; the timer is far away in these tests."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import libvirt
import pytest

from omc.drivers.hypervisor.live.events import event_loop
from omc.ports import LiveHost, LiveOptions, LiveReading, RawGuest
from omc.providers import live_host_for
from tests.lab import faults, guests
from tests.lab.fixtures import MakeGuests
from tests.lab.host import Host
from tests.waiting import until

pytestmark = pytest.mark.lab

GROUPS = frozenset({"state", "cpu", "balloon", "block"})
SOON_SECONDS = 12.0
POOL = "<pool type='dir'><name>heard</name><target><path>/tmp</path></target></pool>"
NETWORK = "<network><name>heard</name><bridge name='heard0'/></network>"


def read(live: LiveHost) -> LiveReading:
    return live.read(GROUPS, time.monotonic() + 5)


def soon(live: LiveHost, look: Callable[[LiveReading], object]) -> None:
    until(lambda: bool(look(read(live))))


def set_title(domain: libvirt.virDomain, title: str) -> None:
    domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_TITLE, title, None, None, libvirt.VIR_DOMAIN_AFFECT_CONFIG)


def guest_of(reading: LiveReading, name: str) -> RawGuest | None:
    assert reading.facts is not None
    return next((guest for guest in reading.facts.host.guests if guest.name == name), None)


@pytest.fixture
def live(host: Host, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveHost]:
    """A reader whose timer does not come within any test, and which hears events and has read all since it does."""
    monkeypatch.setattr("omc.drivers.hypervisor.live.agenda.WHOLE_SECONDS", 1.0)
    reader = live_host_for(host.local_uri, LiveOptions(refresh_seconds=3600))
    first = read(reader).facts
    soon(reader, lambda reading: reading.listening and reading.facts.read_at > first.read_at)
    yield reader
    reader.close()


def test_a_guest_is_known_from_its_definition_to_its_end(live: LiveHost, connection: libvirt.virConnect, host: Host):
    """Defined, started, renamed while it rests, gone: its facts are of now within seconds."""
    (domain,) = guests.define(connection, [guests.halting(host, "heard")])
    try:
        soon(live, lambda reading: guest_of(reading, "heard") is not None)
        domain.create()
        soon(live, lambda reading: guest_of(reading, "heard").id is not None)
        domain.destroy()
        soon(live, lambda reading: guest_of(reading, "heard").id is None)
        domain.rename("renamed", 0)
        soon(live, lambda reading: guest_of(reading, "renamed") and not guest_of(reading, "heard"))
    finally:
        guests.remove([domain])
    soon(live, lambda reading: not guest_of(reading, "renamed"))


def test_a_changed_definition_and_a_plugged_device_are_seen_and_no_other_guest_is_read(
    live: LiveHost, make_guests: MakeGuests, host: Host
):
    """What runs and what is defined are read again, of this guest alone."""
    changed, _ = make_guests(guests.halting(host, "changed"), guests.halting(host, "other"))
    soon(live, lambda reading: guest_of(reading, "changed") and guest_of(reading, "other"))
    for title in ("first title", "second title"):  # libvirt tells in order: then the other one's start is all heard
        set_title(changed, title)
        soon(live, lambda reading, title=title: title in (guest_of(reading, "changed").inactive_xml or ""))
    before = guest_of(read(live), "other")
    assert "<interface" in before.xml
    set_title(changed, "new title")
    soon(live, lambda reading: "new title" in (guest_of(reading, "changed").inactive_xml or ""))
    changed.attachDevice(guests.nic())
    soon(live, lambda reading: guest_of(reading, "changed").xml.count("<interface ") == 2)
    assert before is guest_of(read(live), "other")


def test_pools_and_networks_are_known_when_they_come_and_go(live: LiveHost, connection: libvirt.virConnect):
    pool, network = connection.storagePoolDefineXML(POOL), connection.networkDefineXML(NETWORK)
    try:
        soon(live, lambda reading: "heard" in [one.name for one in reading.facts.host.pools])
        soon(live, lambda reading: "heard" in [one.name for one in reading.facts.host.networks])
    finally:
        pool.undefine()
        network.undefine()
    soon(live, lambda reading: "heard" not in [one.name for one in reading.facts.host.pools])
    soon(live, lambda reading: "heard" not in [one.name for one in reading.facts.host.networks])


def test_a_hung_guest_keeps_no_news_away(live: LiveHost, make_guests: MakeGuests, host: Host):
    """Its own XML and another guest's change are there as soon as ever."""
    stuck, well = make_guests(guests.halting(host, "stuck"), guests.halting(host, "well"), start=False)
    stuck.create()
    with faults.stopped_guest(host, "stuck"):
        soon(live, lambda reading: any(not guest.complete for guest in reading.guests))
        soon(live, lambda reading: guest_of(reading, "stuck").id is not None)
        set_title(well, "of well")
        soon(live, lambda reading: "of well" in guest_of(reading, "well").xml)


def test_a_daemon_that_was_restarted_is_heard_again(live: LiveHost, host: Host):
    """No connection of before is kept, and new events are heard."""
    watched = event_loop().handles
    with faults.killed_libvirt(host):
        until(lambda: event_loop().handles < watched)
    soon(live, lambda reading: reading.listening)
    until(lambda: event_loop().handles <= watched)
    with host.connect() as connection:
        (domain,) = guests.define(connection, [guests.halting(host, "afterwards")])
        try:
            soon(live, lambda reading: guest_of(reading, "afterwards") is not None)
        finally:
            guests.remove([domain])


@pytest.fixture
def _soon_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keepalive gives up after 8 s of silence instead of 20."""
    monkeypatch.setattr("omc.drivers.hypervisor.live.watch.KEEPALIVE_SECONDS", 2)


@pytest.mark.usefixtures("_soon_noticed")  # which comes before those that are named below
def test_a_daemon_that_stands_still_is_noticed(live: LiveHost, host: Host):
    """The keepalive ends the connection; when the daemon goes on, another one is there."""
    with faults.stopped_libvirt(host):
        until(lambda: not live.listening, seconds=40)
    until(lambda: live.listening)


ENDING = """
import sys, time
from omc.ports import LiveOptions
from omc.providers import live_host_for
live = live_host_for(sys.argv[1], LiveOptions())
for _ in range(int(sys.argv[2])):
    live.read(frozenset({"state", "cpu"}), time.monotonic() + 5)
live.close()
"""


@pytest.mark.parametrize("readings", [1, 2, 5])
def test_a_process_may_end_at_any_moment(host: Host, readings: int):
    """Libvirt calls back into Python from threads that are still opening or closing connections: not into its end."""
    for _ in range(8):
        command = [sys.executable, "-c", ENDING, host.local_uri, str(readings)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (0, "") == (done.returncode, done.stderr)
