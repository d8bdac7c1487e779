"""Guests, disks, pools and networks of the lab are what they say they are."""

import libvirt
import pytest

from tests.lab import linux
from tests.lab.host import Host

pytestmark = pytest.mark.lab


def test_a_furnished_host_has_every_state(furnished: Host) -> None:
    """One guest is paused, one saved, one transient, two shut off, the others run."""
    with furnished.connect() as connection:
        domains = {domain.name(): domain for domain in connection.listAllDomains()}
        states = {name: domain.state()[0] for name, domain in domains.items()}
        running, off, paused = libvirt.VIR_DOMAIN_RUNNING, libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_PAUSED
        expected = dict.fromkeys(["web1", "overlay1", "pending1", "once1"], running)
        assert expected | {"chain1": off, "rewind1": off, "saved1": off, "paused1": paused} == states
        assert domains["saved1"].hasManagedSaveImage()
        assert not domains["once1"].isPersistent()
        assert domains["web1"].autostart()


def test_a_pending_change_is_in_the_persistent_configuration_only(furnished: Host) -> None:
    """The running guest has one processor, and will have two."""
    with furnished.connect() as connection:
        domain = connection.lookupByName("pending1")
        assert ">1</vcpu>" in domain.XMLDesc()
        assert ">2</vcpu>" in domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)


def test_disks_have_chains_of_three_files(furnished: Host) -> None:
    """Of a running guest, libvirt counts the overlay of its snapshot, the file below, and the base of that."""
    with furnished.connect() as connection:
        flags = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_BACKING
        ((_, stats),) = connection.domainListGetStats(
            [connection.lookupByName("overlay1")], libvirt.VIR_DOMAIN_STATS_BLOCK, flags
        )
        chain = "/var/lib/libvirt/images/chain1"
        info = furnished.run("qemu-img", "info", "--backing-chain", f"{chain}.qcow2")
    assert stats["block.count"] == 3
    assert all(f"{chain}{part}.qcow2" in info for part in ("", "-1", "-base"))


def test_snapshots_are_a_tree_inside_and_an_overlay_outside(furnished: Host) -> None:
    """Of two internal snapshots the second is a child of the first; the external one is disk-only."""
    with furnished.connect() as connection:
        names = {one.getName(): one for one in connection.lookupByName("rewind1").listAllSnapshots()}
        assert names["after-upgrade"].getParent().getName() == "before-upgrade"
        (external,) = connection.lookupByName("overlay1").listAllSnapshots()
        assert "<state>disk-snapshot</state>" in external.getXMLDesc()


def test_pools_and_networks_are_active_or_not(furnished: Host) -> None:
    """One pool and one network of two are active; the pool knows the orphaned volume and the base image."""
    with furnished.connect() as connection:
        assert {"images": 1, "archive": 0} == {one.name(): one.isActive() for one in connection.listAllStoragePools()}
        assert {"leases": 1, "isolated": 0} == {one.name(): one.isActive() for one in connection.listAllNetworks()}
        assert {"orphaned.qcow2", "golden.qcow2"} <= set(connection.storagePoolLookupByName("images").listVolumes())


def test_a_linux_guest_has_addresses_from_every_source(linux_host: Host) -> None:
    """Lease and agent give addresses, the agent by the guest's own names; one more is in the host's ARP table.

    Not asked of libvirt: 9.0 cannot read that table from new kernels ("wrong nlmsg len").
    """
    with linux_host.connect() as connection:
        domain = connection.lookupByName("linux1")
        by_lease, by_agent = (domain.interfaceAddresses(source) for source in range(2))
    (leased,) = [one["addr"] for nic in by_lease.values() for one in nic["addrs"]]
    assert leased in [one["addr"] for one in by_agent["eth0"]["addrs"]]
    assert by_agent["eth1"]["hwaddr"] in linux_host.run("ip", "neighbour", "show", linux.bridge_address(linux_host, 0))


def test_a_linux_guest_tells_its_name_its_system_and_its_file_systems(linux_host: Host) -> None:
    """The agent answers what `omc inventory --agent` asks."""
    with linux_host.connect() as connection:
        domain = connection.lookupByName("linux1")
        info = domain.guestInfo(0)
        assert ("linux1", "labguest") == (info["hostname"], info["os.id"])
        assert ["/data"] == [one[0] for one in domain.fsInfo()]
