"""Guests that hang, one or most of those on a host, while the exporter's core reads them all."""

import time
from collections.abc import Iterator
from contextlib import ExitStack

import libvirt
import pytest

from tests.lab import faults, guests
from tests.lab.fixtures import MakeGuests
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.test_exporter import Scrape, scrape, values
from tests.waiting import until

__all__ = ["scrape"]
pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def names(lab: Lab) -> Iterator[list[str]]:
    """24 guests that run on kvm1, more than the daemon's 20 workers; what a test stops it lets go on."""
    host = lab.hosts["kvm1"]
    many = [f"guest{number}" for number in range(24)]
    with host.connect() as connection:
        made = guests.define(connection, [guests.halting(host, name) for name in many])
        try:
            guests.start(made)
            yield many
        finally:
            guests.remove(made)


def test_a_hung_guest_is_marked_and_the_others_are_whole(scrape: Scrape, host: Host, names: list[str]) -> None:
    """It keeps its state, CPU time and interfaces, however often it is scraped; afterwards it is whole again."""
    scrape()
    with faults.stopped_guest(host, "guest3"):
        pages = [scrape() for _ in range(8)]
        for page in pages:
            assert page.up
            assert {name: float(name == "guest3") for name in names} == values(page, "libvirt_domain_timed_out")
            assert set(names) == values(page, "libvirt_domain_info_cpu_time_seconds_total").keys()
            assert set(names) - {"guest3"} == values(page, "libvirt_domain_block_stats_read_bytes_total").keys()
        started = time.monotonic()
        scrape()
        assert time.monotonic() - started < 0.9  # its one monitor call is out there already: nothing waits
    until(lambda: not any(values(scrape(), "libvirt_domain_timed_out").values()))


def test_most_guests_hang_and_cost_themselves_alone(scrape: Scrape, host: Host, names: list[str]) -> None:
    """15 of 24 stand still: from the first page on the other nine are whole, and later pages wait for nobody.

    Of those that hang each keeps what needs no monitor. When they go on, all are whole at once.
    """
    scrape()
    hung, well = set(names[:15]), set(names[15:])
    with ExitStack() as faulty:
        for name in hung:
            faulty.enter_context(faults.stopped_guest(host, name))
        pages = [scrape(30.0) for _ in range(4)]
        for page in pages:
            assert {name: float(name in hung) for name in names} == values(page, "libvirt_domain_timed_out")
            assert well == values(page, "libvirt_domain_block_stats_read_bytes_total").keys()
            assert set(names) == values(page, "libvirt_domain_info_cpu_time_seconds_total").keys()
            assert set(names) == values(page, "libvirt_domain_interface_stats_receive_bytes_total").keys()
        started = time.monotonic()
        scrape()
        assert time.monotonic() - started < 0.9
    until(lambda: not any(values(scrape(), "libvirt_domain_timed_out").values()))
    assert {"": 0.0} == values(scrape(), "libvirt_connection_reconnects_total")


def test_more_guests_hang_than_the_daemon_has_workers(
    scrape: Scrape, host: Host, names: list[str], make_guests: MakeGuests, connection: libvirt.virConnect
) -> None:
    """Workers are left for others: another client's list and start of a guest take no longer than ever."""
    (resting,) = make_guests(guests.halting(host, "resting"), start=False)
    scrape()
    with ExitStack() as faulty:
        for name in names[:22]:
            faulty.enter_context(faults.stopped_guest(host, name))
        pages = [scrape(30.0) for _ in range(3)]
        started = time.monotonic()
        resting.create()
        assert time.monotonic() - started < 5
        found = values(pages[-1], "libvirt_domain_info_vstate")
        assert dict.fromkeys(names, 1.0) == {name: found[name] for name in names}
        assert all(values(pages[-1], "libvirt_domain_timed_out")[name] for name in names[:22])
    until(lambda: not any(values(scrape(), "libvirt_domain_timed_out").values()))
    assert all(connection.lookupByName(name).isActive() for name in names)
