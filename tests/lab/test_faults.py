"""Each fault does what it says, and the lab is whole again after it."""

import time
from pathlib import Path

import libvirt
import pytest

from tests.lab import faults, guests, network
from tests.lab.fixtures import MakeGuests
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.process import LabError, run
from tests.lab.relay import relay

pytestmark = pytest.mark.lab


def _ssh(lab: Lab, address: str, *command: str) -> str:
    options = ("-o", "BatchMode=yes", "-o", "ConnectTimeout=2")
    return run(str(lab.client.ssh), *options, f"root@{address}", *command)


def test_a_stopped_libvirtd_takes_connections_and_never_answers(host: Host) -> None:
    """An open waits until the daemon goes on; afterwards it answers."""
    command = ("timeout", "1", "virsh", "-c", host.local_uri, "hostname")
    with faults.stopped_libvirt(host), pytest.raises(LabError, match="exit code 124"):
        run(*command)
    assert host.name == run(*command).strip()


def test_a_killed_libvirtd_refuses_and_finds_its_guests_again(host: Host) -> None:
    """While the daemon is gone its socket refuses; the guest that it started runs on, and the next one knows it."""
    with host.connect() as connection:
        guests.start(guests.define(connection, [guests.halting(host, "survivor")]))
    with faults.killed_libvirt(host), pytest.raises(libvirt.libvirtError, match="Connection refused"):
        libvirt.open(host.local_uri)
    with host.connect() as connection:
        domain = connection.lookupByName("survivor")
        assert domain.isActive()
        guests.remove([domain])


def test_a_stopped_guest_blocks_the_first_question_and_leaves_the_others_whole(
    host: Host, make_guests: MakeGuests
) -> None:
    """With NOWAIT and one call already waiting for the hung guest, the stats of all guests come at once."""
    make_guests(guests.halting(host, "hung"), guests.halting(host, "well"))
    with faults.stopped_guest(host, "hung"):
        with pytest.raises(LabError, match="exit code 124"):
            run("timeout", "1", "virsh", "-c", host.local_uri, "dommemstat", "hung")
        with host.connect() as connection:
            answers = connection.getAllDomainStats(flags=libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT)
    sizes = {domain.name(): len(values) for domain, values in answers}
    assert sizes["hung"] < sizes["well"]


def test_a_killed_guest_is_shut_off(host: Host, make_guests: MakeGuests) -> None:
    """Libvirt sees the end of the QEMU by itself."""
    (domain,) = make_guests(guests.halting(host, "victim"))
    faults.kill_guest(host, "victim")
    deadline = time.monotonic() + 10
    while domain.isActive() and time.monotonic() < deadline:
        pass
    assert not domain.isActive()


def test_without_its_cable_a_host_cannot_be_reached(lab: Lab, host: Host) -> None:
    """SSH gets no connection while the link is down, and one afterwards."""
    with faults.cut_link(host), pytest.raises(LabError, match=r"No route to host|timed out"):
        _ssh(lab, host.address, "true")
    assert host.name == _ssh(lab, host.address, "hostname").strip()


def test_a_silent_address_says_nothing_at_all(lab: Lab) -> None:
    """A connection to it is neither made nor refused."""
    address = network.unroutable_address(lab.network)
    with faults.silent(lab, address), pytest.raises(LabError, match="timed out"):
        run("ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=1", address, "true")


def test_a_changed_host_key_is_noticed(lab: Lab, host: Host) -> None:
    """SSH refuses to talk to a host that shows another key than the known one."""
    with faults.changed_host_key(lab, host), pytest.raises(LabError, match="HOST IDENTIFICATION HAS CHANGED"):
        _ssh(lab, host.address, "true")
    assert host.name == _ssh(lab, host.address, "hostname").strip()


def test_an_unknown_host_key_is_refused(lab: Lab, host: Host) -> None:
    """SSH refuses to talk to a host of which no key is known."""
    with faults.unknown_host_key(lab, host), pytest.raises(LabError, match="Host key verification failed"):
        _ssh(lab, host.address, "true")
    assert host.name == _ssh(lab, host.address, "hostname").strip()


def test_a_refused_key_gets_nobody_in(lab: Lab, host: Host) -> None:
    """The host answers, and says that permission is denied."""
    with faults.refused_key(host), pytest.raises(LabError, match="Permission denied"):
        _ssh(lab, host.address, "true")
    assert host.name == _ssh(lab, host.address, "hostname").strip()


def test_the_relay_adds_its_round_trip_to_every_call(host: Host, tmp_path: Path) -> None:
    """Ten calls over a relay of 20 ms take 200 ms longer, and not much more; the answers are the same."""
    listen = str(tmp_path / "far")
    with relay(listen, str(host.socket), round_trip=0.02), host.connect() as near:
        far = libvirt.open(f"qemu+unix:///system?socket={listen}")
        started = time.monotonic()
        names = {far.getHostname() for _ in range(10)}
        seconds = time.monotonic() - started
        far.close()
        assert {near.getHostname()} == names
    assert 0.2 <= seconds < 0.4


def test_the_relay_reaches_a_port_too(lab: Lab, host: Host) -> None:
    """SSH through a relay that listens on a port takes several round trips to say its name."""
    with relay("127.0.0.1:0", f"{host.address}:22", round_trip=0.02) as address:
        port = address.rpartition(":")[2]
        options = ("-o", f"HostKeyAlias={host.address}", "-p", port)
        assert host.name == run(str(lab.client.ssh), *options, "root@127.0.0.1", "hostname").strip()
