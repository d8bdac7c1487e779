"""Every kind of daemon can be opened with libvirt's own client, lists its guests and gives their XML."""

from pathlib import Path

import libvirt
import pytest

from tests.lab import fleet
from tests.lab.host import Host
from tests.lab.lab import Lab

pytestmark = pytest.mark.lab


def test_a_modular_host_answers_on_its_own_socket_and_over_ssh(flavours: Lab) -> None:
    """There is no socket of libvirtd: the client finds virtqemud's, on this machine and, through ssh, on the host."""
    host = flavours.hosts["modular"]
    assert not host.socket.with_name("libvirt-sock").exists()
    with host.connect() as near, host.connect(flavours.uri(host)) as far:
        assert ["guest1"] == [domain.name() for domain in near.listAllDomains()]
        assert "<name>guest1</name>" in far.lookupByName("guest1").XMLDesc()


def test_a_host_with_tls_answers_clients_with_a_certificate(flavours: Lab, tmp_path: Path) -> None:
    """A client with a certificate of the lab's authority gets in; without one it does not."""
    host = flavours.hosts["tls"]
    assert flavours.uri(host).startswith("qemu+tls://")
    with host.connect(flavours.uri(host)) as connection:
        assert ["guest1"] == [domain.name() for domain in connection.listAllDomains()]
        assert "<name>guest1</name>" in connection.lookupByName("guest1").XMLDesc()
    with pytest.raises(libvirt.libvirtError, match=r"cacert\.pem"):
        libvirt.open(flavours.uri(host).replace(str(flavours.client.pki), str(tmp_path)))


def test_a_host_of_containers_answers_as_lxc(flavours: Lab) -> None:
    """A defined container is listed with its XML over ssh."""
    host = flavours.hosts["lxc"]
    with host.connect(flavours.uri(host)) as connection:
        assert "LXC" == connection.getType()
        assert ["box1"] == [domain.name() for domain in connection.listAllDomains()]
        assert "<name>box1</name>" in connection.lookupByName("box1").XMLDesc()


@pytest.mark.skipif(
    not Path("/sys/fs/cgroup/freezer").exists(), reason="containers need control groups of version 1 here"
)
def test_a_container_runs(flavours: Lab) -> None:
    """A started container is active."""
    with flavours.hosts["lxc"].connect() as connection:
        domain = connection.lookupByName("box1")
        domain.create()
        assert domain.isActive()
        domain.destroy()


def test_a_fleet_of_hosts_answers_through_one_daemon(host: Host, tmp_path: Path) -> None:
    """Each file is a host of its own, with guests of its own, every fifth of them shut off."""
    files = fleet.write(tmp_path, hosts=3, guests=5)
    uuids = set()
    for file in files:
        with host.connect(fleet.uri(host, file)) as connection:
            domains = connection.listAllDomains()
            uuids |= {domain.UUIDString() for domain in domains}
            assert 4 == sum(domain.isActive() for domain in domains)
            assert all(f"of {file.stem}</title>" in domain.XMLDesc() for domain in domains)
    assert 15 == len(uuids)
