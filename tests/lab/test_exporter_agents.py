"""Guest agents as metrics, against agents that run, stand still and go away; and what costs a call a guest."""

import time
from collections.abc import Iterator

import libvirt
import msgspec
import pytest

from omc.ports import LiveAgent, LiveHost, LiveOptions, LiveReading
from omc.providers import live_host_for
from tests.lab import disks, faults, guests
from tests.lab.fixtures import MakeGuests
from tests.lab.host import Host
from tests.waiting import until

pytestmark = pytest.mark.lab

SCRAPE = frozenset({"state", "cpu", "balloon", "block", "agent"})
EACH = frozenset({"state", "balloon", "block", "job", "vcpu_cpu", "block_error", "block_job"})
CHANNEL = "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>"


def read(live: LiveHost, groups: frozenset[str] = SCRAPE, seconds: float = 9.0) -> LiveReading:
    return live.read(groups, time.monotonic() + seconds)


def agent_of(reading: LiveReading, name: str) -> LiveAgent | None:
    return next(guest.agent for guest in reading.guests if guest.name == name)


@pytest.fixture
def live(linux_host: Host) -> Iterator[LiveHost]:
    """A reader of the host with the guest linux1, that asks agents every second."""
    reader = live_host_for(linux_host.local_uri, LiveOptions(refresh_seconds=1.0))
    yield reader
    reader.close()


@pytest.fixture
def live_here(host: Host) -> Iterator[LiveHost]:
    reader = live_host_for(host.local_uri, LiveOptions(refresh_seconds=2.0))
    yield reader
    reader.close()


def test_the_first_scrape_has_what_the_agent_says(live: LiveHost):
    reading = read(live)
    agent = agent_of(reading, "linux1")
    assert agent is not None
    assert agent.up
    assert ("linux1", "ext4", "/data") == tuple(
        agent.values[key] for key in ("hostname", "fs.0.fstype", "fs.0.mountpoint")
    )
    assert agent.values["fs.0.total-bytes"] > agent.values["fs.0.used-bytes"] > 0
    assert abs(agent.values["time.offset"]) < 60
    assert not reading.faults


def test_nobody_asks_an_agent_that_no_scrape_wants(live: LiveHost):
    assert agent_of(read(live, SCRAPE - {"agent"}), "linux1") is None


def test_a_guest_that_hangs_has_no_agent_and_holds_up_no_scrape(live: LiveHost, linux_host: Host):
    """The scrapes go on at their pace, and the agent is back when the guest is."""
    assert agent_of(read(live), "linux1").up
    with faults.stopped_guest(linux_host, "linux1"):
        until(lambda: not agent_of(read(live), "linux1").up)
        started = time.monotonic()
        for _ in range(5):
            read(live)
        assert time.monotonic() - started < 5
    until(lambda: agent_of(read(live), "linux1").up)


def test_the_response_timeout_of_libvirt_is_put_back(live: LiveHost, linux_host: Host):
    """Another client's freeze of the file systems has all the time it wants afterwards."""
    assert agent_of(read(live), "linux1").up
    status = linux_host.folder / "run" / "libvirt" / "qemu" / "linux1.xml"
    until(lambda: "<agentTimeout>-2</agentTimeout>" in status.read_text())


def test_a_channel_that_nobody_serves_is_an_agent_that_is_down(
    live_here: LiveHost, host: Host, make_guests: MakeGuests
):
    """A guest without a channel says nothing of an agent."""
    with_channel = msgspec.structs.replace(guests.halting(host, "deaf"), devices=(CHANNEL,))
    make_guests(with_channel, guests.halting(host, "plain"))
    until(lambda: agent_of(read(live_here), "deaf") is not None)
    reading = read(live_here)
    assert LiveAgent(up=False) == agent_of(reading, "deaf")
    assert agent_of(reading, "plain") is None


def test_a_connection_that_may_only_read_is_named_and_costs_the_agents_only(linux_host: Host):
    read_only = linux_host.local_uri.replace("libvirt-sock", "libvirt-sock-ro")
    reader = live_host_for(read_only, LiveOptions())
    try:
        reading = read(reader)
        assert ["agent"] == [fault.subject for fault in reading.faults if fault.failed]
        assert all(guest.complete and guest.agent is None for guest in reading.guests)
    finally:
        reader.close()


def test_calls_a_guest_give_physical_cpus_disk_errors_and_jobs(
    live_here: LiveHost, host: Host, make_guests: MakeGuests
):
    """A copy of a disk that is under way shows how far it has come."""
    (domain,) = make_guests(guests.halting(host, "busy"))
    values = next(guest.values for guest in read(live_here, EACH).guests)
    assert 0 <= values["vcpu_cpu.0.cpu"] < values["vcpu_cpu.0.allowed"]
    assert ("vda", 0) == (values["block_error.0.name"], values["block_error.0.code"])
    assert "job.type" in values
    assert not [key for key in values if key.startswith("block_job.")]
    target = disks.empty(host, "busy-copy.raw", size=1 << 20)
    xml = f"<disk type='file'><source file='{target}'/><driver type='raw'/></disk>"
    flags = libvirt.VIR_DOMAIN_BLOCK_COPY_REUSE_EXT | libvirt.VIR_DOMAIN_BLOCK_COPY_TRANSIENT_JOB
    domain.blockCopy("vda", xml, flags=flags)
    found = next(guest.values for guest in read(live_here, EACH).guests)
    domain.blockJobAbort("vda")
    assert ("vda", libvirt.VIR_DOMAIN_BLOCK_JOB_TYPE_COPY) == (found["block_job.0.name"], found["block_job.0.type"])
    assert 0 <= found["block_job.0.cur"] <= found["block_job.0.end"]


def test_a_guest_that_hangs_has_one_call_out_there_whatever_is_asked(
    live_here: LiveHost, host: Host, make_guests: MakeGuests
):
    make_guests(*(guests.halting(host, name) for name in ("well", "stuck")))
    read(live_here, EACH)
    with faults.stopped_guest(host, "stuck"):
        for _ in range(4):
            reading = read(live_here, EACH)
            complete = {guest.name: guest.complete for guest in reading.guests}
            assert {"well": True, "stuck": False} == complete
            assert "vcpu_cpu.0.cpu" in next(guest.values for guest in reading.guests if guest.name == "well")
            assert live_here._lines.outstanding == 1
    until(lambda: all(guest.complete for guest in read(live_here, EACH).guests))
