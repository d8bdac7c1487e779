"""The lab itself: it comes up whole, it can be found again, and nothing of it remains."""

import pytest

from tests.lab import guests
from tests.lab.fixtures import MakeGuests
from tests.lab.host import Host
from tests.lab.lab import Lab

pytestmark = pytest.mark.lab


def test_every_host_answers_over_ssh_under_its_own_name(lab: Lab) -> None:
    """Each host is a machine of its own: its name and UUID are in what its libvirt says."""
    for host in lab.hosts.values():
        with host.connect(lab.uri(host)) as connection:
            assert host.name == connection.getHostname()
            assert host.uuid in connection.getCapabilities()


def test_a_halting_guest_runs(host: Host, make_guests: MakeGuests) -> None:
    """A guest with two disks and a nic is running once it was started."""
    (domain,) = make_guests(guests.halting(host, "halting", disk_count=2))
    assert domain.isActive()
