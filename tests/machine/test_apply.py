"""Every shipped template is applied over SSH to a machine with systemd, and the program works as it says.

What comes first is what a host has before omc knows it: sshd with its keys, services as their packages bring them.
"""

import json
import sys
from pathlib import Path

import pytest

from tests import shipped
from tests.machine.machine import Machine

CHECKOUT = Path(__file__).parents[2]
OMC = str(CHECKOUT / ".venv" / "bin" / "omc")
HUGE = Path("/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages")
UNIT = "/etc/systemd/system/omc-hugepages.service"
SITE = """
all:
  hosts:
    kvm: {ansible_host: 127.0.0.1, ansible_user: root}
    other: {ansible_host: 192.0.2.12}
  vars:
    libvirt_uri: qemu:///system
"""
SET_UP = r"""
set -eu
mkdir -p /root/.ssh /srv/site/inventory /run/sshd /var/log/chrony /var/lib/chrony /var/lib/prometheus/node-exporter
sed -i 's/^root:[^:]*:/root:*:/' /etc/shadow
[ -e /etc/ssh/ssh_host_ed25519_key ] || ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
cp /root/.ssh/id_ed25519.pub /root/.ssh/authorized_keys
echo "127.0.0.1 $(cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub)" >/root/.ssh/known_hosts
# The Python of this checkout may lie in a home, which the exporter's unit shuts out.
chmod 755 /root
mkdir -p /etc/systemd/system/omc-exporter.service.d
printf '[Service]\nProtectHome=no\n' >/etc/systemd/system/omc-exporter.service.d/checkout.conf
chown _chrony: /var/lib/chrony /var/log/chrony
ln -sf "$1/ansible-inventory" /usr/local/bin/ansible-inventory
ip link add eth0 type veth peer name switch
ip link set switch up
ip link add br0 type bridge
ip link set eth0 master br0 up
ip link set br0 up
ip address add 192.0.2.11/24 dev br0
echo 'source /etc/network/interfaces.d/*' >/etc/network/interfaces
systemctl start ssh libvirtd systemd-networkd NetworkManager
"""


TOGETHER: dict[str, tuple[tuple[str, str], ...]] = {
    "ansible": (("ansible-inventory --inventory /etc/ansible/hosts.yaml --graph", "other"),),
    "chrony": (("systemctl is-active chrony", "active"), ("chronyc -n sources", "192.0.2.123")),
    "cloud-init": (("blkid -o value -s LABEL /var/lib/libvirt/seed/new1.iso", "cidata"),),
    "hosts": (("getent hosts other", "192.0.2.12"),),
    "keepalived": (("ip address show br0", "192.0.2.53/24"),),
    "libvirtd": (("virt-admin -c libvirtd:///system server-threadpool-info libvirtd", "maxWorkers     : 50"),),
    "logrotate": (("logrotate --debug /etc/logrotate.d/omc-kvm", "swtpm"),),
    "network-networkd": (("ip address show br7", "198.51.100.7/24"), ("networkctl status br7", "20-omc-br7.network")),
    "nftables": (
        ("nft list table inet omc_host", "policy drop"),
        ("systemctl is-enabled nftables", "enabled"),
        ("ssh -o BatchMode=yes root@127.0.0.1 echo still in", "still in"),
    ),
    "node-exporter": (("curl --silent http://127.0.0.1:9100/metrics", "node_memory_MemTotal_bytes"),),
    "omc-exporter": (
        ("curl --silent --max-time 20 http://127.0.0.1:9177/metrics", "libvirt_"),
        ("systemctl is-active omc-exporter", "active"),
    ),
    "prometheus": (("promtool check config /etc/prometheus/prometheus.yml", "SUCCESS"),),
    "qemu": (("systemctl is-active libvirtd", "active"), ("virsh -c qemu:///system version", "QEMU")),
    "rsyslog": (("systemctl is-active rsyslog", "active"),),
    "ssh-client": (("ssh -G other", "hostname 192.0.2.12"),),
    "sshd": (("sshd -T", "passwordauthentication no"),),
    "sysctl": (("cat /proc/sys/net/ipv4/ip_default_ttl", "65"),),
}
"""What must be said, by which command, when all of these were applied to one host in one run."""
NETWORKS = {
    "network-ifupdown": ("br6", "ifquery --state br6", "br6=br6"),
    "network-netplan": ("br8", "networkctl status br8", "10-netplan-br8.network"),
    "network-networkmanager": ("br9", "nmcli --fields DEVICE,STATE device", "connected"),
}
"""Three more ways to write down a network: a bridge, a command, and what it says where the bridge is its own."""


def network(bridge: str) -> dict[str, object]:
    """Return the variables of a bridge with an address."""
    interface = {"name": bridge, "addresses": [f"198.51.100.{bridge[-1]}/24"]}
    return {"network_bridges": [{"name": bridge}], "network_interfaces": [interface]}


VARIABLES: dict[str, object] = {
    "chrony_sources": [{"address": "192.0.2.123"}],
    "cloud_init_guests": [{"name": "new1", "hostname": "new1"}],
    "keepalived_instances": [
        {"name": "dns", "interface": "br0", "router_id": 53, "addresses": ["192.0.2.53/24"], "group": "all"}
    ],
    "nftables_vrrp": True,
    "omc_exporter_program": OMC,
    "prometheus_discovery": "static",
    "rsyslog_target": "192.0.2.1",
    "sysctl_defaults": False,
    "sysctl_settings": {"net.ipv4.ip_default_ttl": 65, "-net.not.there": 1},
    **network("br7"),
}


@pytest.fixture(scope="module")
def host(own_machine: Machine) -> Machine:
    """A host of a site, ready to be reached by SSH."""
    own_machine.run("sh", "-c", SET_UP, "set-up", str(Path(sys.executable).parent))
    own_machine.write("/srv/site/inventory/hosts.yaml", SITE)
    return own_machine


def omc(host: Machine, *words: str, variables: dict[str, object] | None = None) -> tuple[int, str]:
    """Run omc on the machine, against itself."""
    host.write("/srv/variables.yaml", json.dumps(variables or {}))
    return omc_words(host, *words, "-e", "@/srv/variables.yaml")


def omc_words(host: Machine, *words: str) -> tuple[int, str]:
    """Run omc on the machine with these words alone."""
    environment = ("env", "HOME=/root", "XDG_STATE_HOME=/tmp/state", "NO_COLOR=1")
    return host.try_run(*environment, OMC, "--site", "/srv/site", "template", *words)


@pytest.mark.timeout(300)
def test_applied(host: Machine) -> None:
    """One run brings all of them to the host; every program works, nothing is left to do, and it can be taken back."""
    status, said = omc(host, "apply", "kvm", *TOGETHER, "--yes", variables=VARIABLES)
    assert status == 0, said
    for commands in TOGETHER.values():
        for command, wanted in commands:
            host.until("sh", "-c", command, wanted=wanted)
    status, said = omc(host, "plan", "kvm", *TOGETHER, variables=VARIABLES)
    assert status == 0, said
    take_back(host)
    assert "active" != host.try_run("systemctl", "is-active", "omc-exporter")[1].strip()
    assert "192.0.2.53/24" not in host.run("ip", "address", "show", "br0")


def take_back(host: Machine) -> None:
    """Roll the last run back; whatever its handlers now find no file of must not disturb them."""
    environment = ("env", "XDG_STATE_HOME=/tmp/state")
    runs = json.loads(host.run(*environment, OMC, "--site", "/srv/site", "template", "history", "-o", "json"))
    status, said = omc_words(host, "rollback", runs[0]["run"], "--yes")
    assert status == 0, said


@pytest.mark.parametrize("name", NETWORKS)
def test_network_applied(host: Machine, name: str) -> None:
    """A bridge with an address is there when the apply is over, and belongs to whom it was written down for."""
    bridge, command, wanted = NETWORKS[name]
    status, said = omc(host, "apply", "kvm", name, "--yes", variables=network(bridge))
    assert status == 0, said
    host.until("ip", "address", "show", bridge, wanted=f"198.51.100.{bridge[-1]}/24")
    host.until("sh", "-c", command, wanted=wanted)


def test_huge_pages(host: Machine) -> None:
    """Where the kernel does not give the pages that is a failure, and is put back; where it does they are there."""
    before = int(HUGE.read_text())
    variables: dict[str, object] = {"hugepages_counts": {"0": before + 2}}
    status, said = omc(host, "apply", "kvm", "hugepages", "--yes", variables=variables)
    assert status == 3, said  # /sys cannot be written to on this machine
    assert host.try_run("test", "-e", UNIT)[0]
    host.run("sh", "-c", f"mkdir -p /tmp/sys && mount -t sysfs sysfs /tmp/sys && mount --bind /tmp{HUGE} {HUGE}")
    try:
        status, said = omc(host, "apply", "kvm", "hugepages", "--yes", variables=variables)
        assert status == 0, said
        assert before + 2 == int(HUGE.read_text())
        assert "enabled" == host.run("systemctl", "is-enabled", "omc-hugepages").strip()
        take_back(host)
        assert "enabled" != host.try_run("systemctl", "is-enabled", "omc-hugepages")[1].strip()
    finally:
        HUGE.write_text(str(before))


def test_every_template_is_applied() -> None:
    """None is shipped that was not put to work; libvirt's networks are in the lab, which has guests for them."""
    assert sorted([*TOGETHER, *NETWORKS, "hugepages", "libvirt-networks"]) == shipped.NAMES
