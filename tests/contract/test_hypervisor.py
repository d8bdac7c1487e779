"""One contract for every driver that libvirt reaches: what each must give, and what it may say it cannot."""

import json
import re
import subprocess
import sys
import threading
import time
from contextlib import ExitStack

import libvirt
import libvirt_qemu
import pytest

from omc.drivers.hypervisor import storage
from omc.drivers.hypervisor.guests import Guests
from omc.errors import HostError
from omc.inventory.assemble import assemble
from omc.model import Host, Pool
from omc.ports import ReadOptions
from omc.providers import hypervisor_for
from tests.lab import faults, guests, linux
from tests.waiting import until


def read(uri: str, **options) -> Host:
    raw = hypervisor_for(uri).read(uri, ReadOptions(deadline=time.monotonic() + 30, **options))
    moment = "2026-01-01T00:00:00Z"
    return assemble(raw, name="host", uri=uri, groups=(), collected_at=moment, known={}).host


def assert_whole(host: Host, names: set[str]) -> None:
    assert host.status == "ok", host.issues
    assert names == {guest.name for guest in host.guests}
    assert host.uuid or host.driver == "TEST"
    assert host.libvirt_version
    assert host.cpu.arch
    assert host.memory_bytes
    for guest in host.guests:
        assert guest.uuid
        assert guest.memory_bytes
        assert guest.vcpus
        assert guest.state in {"running", "shut off", "paused"}
        assert guest.autostart is False
        assert guest.persistent is True
        assert guest.managed_save in {False, None}
    for issue in host.issues:
        assert not issue.failed
        assert issue.why


def test_the_test_driver_gives_all_that_it_has():
    host = read("test:///default")
    assert_whole(host, {"test"})
    (guest,) = host.guests
    assert ("running", 2, 8 << 30, 2 << 30) == (
        guest.state,
        guest.vcpus,
        guest.memory_bytes,
        guest.memory_current_bytes,
    )
    assert ["default-pool"] == [pool.name for pool in host.pools]
    assert ["default"] == [network.name for network in host.networks]
    assert [("192.168.122.3", "arp")] == [
        (address.address, address.source) for nic in guest.nics for address in nic.addresses
    ]
    assert {"unsupported", "needs-read-write"} == {issue.code for issue in host.issues}


def test_a_scheme_that_nobody_reads_is_refused_with_those_that_are_known():
    with pytest.raises(HostError, match="nosuch") as caught:
        hypervisor_for("nosuch:///system")
    assert "qemu" in caught.value.hint


@pytest.mark.lab
def test_qemu_over_ssh_gives_guests_and_host(lab, host, make_guests):
    make_guests(guests.halting(host, "one", disk_count=2))
    found = read(lab.uri(host))
    assert_whole(found, {"one"})
    (guest,) = found.guests
    assert guest.state == "running"
    assert guest.pending_changes is False
    assert [("vda", "virtio", 1 << 20), ("vdb", "virtio", 1 << 20)] == [
        (disk.target, disk.bus, disk.capacity_bytes) for disk in guest.disks
    ]
    assert all(disk.physical_bytes is not None for disk in guest.disks)
    assert found.hardware is not None


@pytest.mark.lab
def test_a_read_write_connection_gives_domain_capabilities(lab, host):
    assert read(lab.uri(host)).domain_capabilities is None
    capabilities = read(lab.uri(host), read_write=True).domain_capabilities
    assert capabilities
    assert "virtio" in capabilities[0].devices["disk.bus"]


@pytest.mark.lab
def test_what_guests_may_have_is_told_of_the_default_machine_and_of_todays(lab, host, monkeypatch):
    asked = []
    original = libvirt.virConnect.getDomainCapabilities
    monkeypatch.setattr(
        libvirt.virConnect, "getDomainCapabilities", lambda *words: asked.append(words[2:4]) or original(*words)
    )
    found = read(lab.uri(host), read_write=True)
    (native,) = (each for each in found.architectures if each.arch == found.cpu.arch)
    boards = [(each.type, "q35" in each.machine) for each in found.domain_capabilities]
    assert [*((kind, False) for kind in native.types), *((kind, True) for kind in sorted(native.types))] == boards
    one_each = [(found.cpu.arch, None), (found.cpu.arch, "q35")] * len(native.types)
    assert sorted(one_each, key=str) == sorted(asked, key=str)


@pytest.mark.lab
@pytest.mark.parametrize("name", ["modular", "tls"])
def test_other_daemons_and_transports_give_the_same(flavours, name):
    host = flavours.hosts[name]
    assert_whole(read(flavours.uri(host)), {"guest1"})


@pytest.mark.lab
def test_lxc_gives_its_guests_without_bulk_statistics(flavours):
    found = read(flavours.uri(flavours.hosts["lxc"]))
    assert_whole(found, {"box1"})
    assert ("LXC", "exe") == (found.driver, found.guests[0].os_type)
    assert "unsupported" in {issue.code for issue in found.issues}


@pytest.mark.lab
def test_agents_are_asked_with_their_own_deadline_which_is_put_back(lab, linux_host):
    (unasked,) = read(lab.uri(linux_host), read_write=True).guests
    assert (True, None) == (unasked.agent_connected, unasked.agent)
    (guest,) = read(lab.uri(linux_host), agent=True).guests
    assert ("linux1", "labguest") == (guest.agent.hostname, guest.agent.os_id)
    assert "/data" in {filesystem.mountpoint for filesystem in guest.agent.filesystems}
    sources = {address.source for nic in guest.nics for address in nic.addresses}
    assert {"agent", "lease"} <= sources
    assert "<agentTimeout>" not in linux_host.run("cat", "/run/libvirt/qemu/linux1.xml").replace(
        "<agentTimeout>-2</agentTimeout>", ""
    )


@pytest.fixture
def silent_agent(linux_host):
    """The guest's agent stands still until somebody connects to the guest, and its channel stays connected."""
    script = "sleep 0.3; killall -STOP qemu-ga; nc -w 60 -l -p 9; killall -CONT qemu-ga"
    arguments = {"path": "/bin/sh", "arg": ["-c", script]}
    with linux_host.connect() as connection:
        domain = connection.lookupByName("linux1")
        command = json.dumps({"execute": "guest-exec", "arguments": arguments})
        libvirt_qemu.qemuAgentCommand(domain, command, 5, 0)
        until(lambda: not answers(domain))
        yield linux_host
        linux_host.run("bash", "-c", f": >/dev/tcp/{linux.bridge_address(linux_host, 0)}/9")
        until(lambda: answers(domain))


def answers(domain) -> bool:
    try:
        libvirt_qemu.qemuAgentCommand(domain, '{"execute": "guest-ping"}', 1, 0)
    except libvirt.libvirtError:
        return False
    return True


def agent_timeout(host) -> str:
    return re.search("<agentTimeout>(.*)</agentTimeout>", host.run("cat", "/run/libvirt/qemu/linux1.xml"))[1]


@pytest.mark.lab
def test_an_agent_that_hangs_costs_its_own_deadline_which_is_put_back(lab, silent_agent):
    started = time.monotonic()
    found = read(lab.uri(silent_agent), agent=True, agent_seconds=1.0)
    assert time.monotonic() - started < 12
    (guest,) = found.guests
    assert (True, None) == (guest.agent_connected, guest.agent)
    assert any(address.source == "lease" for nic in guest.nics for address in nic.addresses)
    assert ("guest/linux1", "no-agent") in {(issue.subject, issue.code) for issue in found.issues}
    assert "-2" == agent_timeout(silent_agent)


@pytest.mark.lab
def test_an_agents_timeout_is_put_back_also_where_the_hosts_deadline_comes_first(lab, silent_agent):
    uri = lab.uri(silent_agent)
    options = ReadOptions(deadline=time.monotonic() + 4, agent=True, agent_seconds=30.0)
    raw = hypervisor_for(uri).read(uri, options)
    assert time.monotonic() < options.deadline + 1
    assert ["linux1"] == [guest.name for guest in raw.guests]
    assert "guest/linux1" in {fault.subject for fault in raw.faults}
    assert "-2" == agent_timeout(silent_agent)


@pytest.fixture
def two_guests(host):
    """Two guests by connections of their own: the test loses the daemon."""
    names = {"one", "two"}
    with host.connect() as connection:
        guests.define(connection, [guests.halting(host, name) for name in names])
    yield names
    with host.connect() as connection:
        guests.remove([connection.lookupByName(name) for name in names])


@pytest.mark.lab
@pytest.mark.parametrize("fault", [faults.stopped_libvirt, faults.killed_libvirt])
def test_a_daemon_that_is_lost_in_the_middle_is_named_once_and_its_guests_stay(
    lab, host, two_guests, monkeypatch, fault
):
    original = Guests.list
    with ExitStack() as until_the_end:

        def list_then_lose(self, session):
            original(self, session)
            until_the_end.enter_context(fault(host))

        monkeypatch.setattr(Guests, "list", list_then_lose)
        started = time.monotonic()
        found = read(lab.uri(host))
        assert time.monotonic() - started < 10
    assert found.status == "partial"
    assert two_guests == {guest.name for guest in found.guests}
    assert ["connection-lost"] == [issue.code for issue in found.issues if issue.failed]
    assert "systemctl status" in next(issue.hint for issue in found.issues if issue.failed)


@pytest.mark.lab
def test_a_volume_that_vanishes_while_its_pool_is_read_takes_no_other_along(lab, furnished, monkeypatch):
    whole = {volume.name for volume in pool_of(read(lab.uri(furnished))).volumes}
    assert len(whole) > 2
    original = storage.each_that_is_there
    once = threading.Lock()

    def lose_one(volumes, xml_of):
        with once, furnished.connect() as connection:
            pool = connection.storagePoolLookupByName("images")
            if "orphaned.qcow2" in pool.listVolumes():
                pool.storageVolLookupByName("orphaned.qcow2").delete()
        return original(volumes, xml_of)

    monkeypatch.setattr(storage, "each_that_is_there", lose_one)
    try:
        found = read(lab.uri(furnished))
    finally:
        with furnished.connect() as connection:
            xml = "<volume><name>orphaned.qcow2</name><capacity unit='MiB'>64</capacity>"
            target = "<target><format type='qcow2'/></target></volume>"
            connection.storagePoolLookupByName("images").createXML(xml + target)
    assert whole - {"orphaned.qcow2"} == {volume.name for volume in pool_of(found).volumes}


def pool_of(host: Host) -> Pool:
    return next(pool for pool in host.pools if pool.name == "images")


@pytest.mark.lab
def test_a_guest_removed_while_it_is_read_is_simply_not_there(lab, host, make_guests, monkeypatch):
    make_guests(guests.halting(host, "stays"), start=False)
    with host.connect() as connection:
        (goes,) = guests.define(connection, [guests.halting(host, "goes")])
        original = Guests.list

        def list_then_lose(self, session):
            original(self, session)
            goes.undefine()

        monkeypatch.setattr(Guests, "list", list_then_lose)
        found = read(lab.uri(host))
    assert ["stays"] == [guest.name for guest in found.guests]
    assert found.status == "ok", found.issues


SILENCED = """
import sys, time
from omc.drivers.hypervisor.guests import Guests
from omc.ports import ReadOptions
from omc.providers import hypervisor_for
original = Guests.list
def list_then_wait(self, session):
    original(self, session)
    print("listed", flush=True)
    sys.stdin.readline()
Guests.list = list_then_wait
raw = hypervisor_for(sys.argv[1]).read(sys.argv[1], ReadOptions(deadline=time.monotonic() + 20))
print([fault.code for fault in raw.faults if fault.failed])
"""


@pytest.mark.lab
def test_a_host_that_falls_silent_does_not_hold_up_the_end_of_the_process(lab, host):
    command = [sys.executable, "-c", SILENCED, lab.uri(host)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "listed\n"
        with faults.silent(lab, host.address):
            out, _ = process.communicate("go on\n", timeout=20)
    assert out.strip() == "['connection-lost']"
    assert process.returncode == 0
