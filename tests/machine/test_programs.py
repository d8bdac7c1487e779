"""What the shipped templates make is taken by programs that have no command to try a file: they run with it."""

import json

import pytest

from omc.templates.desired import Desired
from tests import shipped
from tests.machine.machine import Machine


def put(machine: Machine, desired: Desired) -> None:
    """Put every file in its place."""
    for file in desired.files:
        machine.write(file.path, file.content.decode(), file.mode or 0o644)


@pytest.mark.parametrize("host", shipped.HOSTS)
def test_networkd(own_machine: Machine, host: str) -> None:
    """The daemon understands every line, and makes what this kernel can, with ports and addresses."""
    own_machine.run("sh", "-c", "rm -f /etc/systemd/network/*; systemctl stop systemd-networkd; journalctl --rotate")
    for card in ("eno1", "ens1f0", "ens1f1", "ens2f0", "ens2f1"):
        own_machine.try_run("ip", "link", "add", card, "type", "veth", "peer", "name", f"p-{card}")
    put(own_machine, shipped.of("network-networkd", host))
    own_machine.run("sh", "-c", "chgrp -R systemd-network /etc/systemd/network; systemctl start systemd-networkd")
    bridge = "br20" if host == "large" else "br0"
    own_machine.until("ip", "link", "show", bridge, wanted="UP")
    said = own_machine.run("journalctl", "-b", "--no-pager", "-u", "systemd-networkd", "-o", "cat")
    assert [] == [line for line in said.splitlines() if "nown" in line or "nvalid" in line or "gnoring" in line]
    if host == "large":
        own_machine.until("ip", "address", "show", "br20", wanted="2001:db8::12/64")
        assert "192.0.2.112/24" in own_machine.run("ip", "address", "show", "br20")
        if own_machine.try_run("ip", "link", "add", "try", "type", "bond")[0] == 0:
            own_machine.until("ip", "link", "show", "ens2f0", wanted="master bond1")
    else:
        own_machine.until("ip", "link", "show", "eno1", wanted="master br0")


def test_hosts(own_machine: Machine) -> None:
    """The resolver finds every host that has a number, by its short and its full name."""
    put(own_machine, shipped.of("hosts", "large"))
    assert ["192.0.2.11", "small.kvm.example.net", "small"] == own_machine.run("getent", "hosts", "small").split()
    assert "192.0.2.53" in own_machine.run("getent", "hosts", "ns.example.net")
    assert "2001:db8::21" in own_machine.run("getent", "ahosts", "ceph1")


@pytest.mark.parametrize("host", shipped.HOSTS)
def test_cloud_init(own_machine: Machine, host: str) -> None:
    """cloud-init's own schema takes the user data; netplan, which reads the same format, takes the network."""
    desired = shipped.of("cloud-init", host)
    put(own_machine, desired)
    for file in desired.files:
        if file.path.endswith("user-data"):
            said = own_machine.run("cloud-init", "schema", "--config-file", file.path)
            assert "Valid" in said
        if file.path.endswith("network-config"):
            text = "network:\n" + "".join(f"  {line}\n" for line in file.content.decode().splitlines())
            own_machine.write("/tmp/seed/etc/netplan/seed.yaml", text, 0o600)
            own_machine.run("netplan", "generate", "--root-dir", "/tmp/seed")


def test_cloud_init_image(own_machine: Machine) -> None:
    """The handler makes an image with the label and the names by which cloud-init finds them."""
    desired = shipped.of("cloud-init", "small")
    put(own_machine, desired)
    [handler] = desired.handlers
    own_machine.run(*handler.command)
    listed = own_machine.run("xorriso", "-indev", "/var/lib/libvirt/seed/new1.iso", "-toc", "-find", "/")
    assert "cidata" in own_machine.run("blkid", "-o", "value", "-s", "LABEL", "/var/lib/libvirt/seed/new1.iso")
    for name in ("user-data", "meta-data", "network-config"):
        assert f"'/{name}'" in listed


def test_bad_user_data_is_refused(own_machine: Machine) -> None:
    """The schema is a check: a key of the wrong type does not pass it."""
    own_machine.write("/tmp/bad", "#cloud-config\nusers: 3\nruncmd: {}\n")
    assert own_machine.try_run("cloud-init", "schema", "--config-file", "/tmp/bad")[0]


@pytest.mark.parametrize("name", ["libvirtd", "virtqemud"])
def test_libvirt_daemon(own_machine: Machine, name: str) -> None:
    """The daemon runs with the file and has the limits that stand in it; with a broken one it does not start.

    Debian 12 has no virtqemud; libvirtd, whose keys are the same, then reads the file in its place.
    """
    put(own_machine, shipped.of("libvirtd", "small", libvirtd_modular=name == "virtqemud"))
    put(own_machine, shipped.of("qemu", "small"))
    config = f"/etc/libvirt/{name}.conf"
    daemon = name if own_machine.try_run("test", "-x", f"/usr/sbin/{name}")[0] == 0 else "libvirtd"
    own_machine.run("systemd-run", f"--unit=try-{name}", f"/usr/sbin/{daemon}", "--config", config)
    try:
        pool = ("virt-admin", "-c", f"{daemon}:///system", "server-threadpool-info", daemon)
        said = own_machine.until(*pool, wanted="maxWorkers")
        assert "50" in said.partition("maxWorkers")[2].splitlines()[0]
        assert "qemu" in own_machine.run("virsh", "-c", "qemu:///system", "version").lower()
    finally:
        own_machine.try_run("systemctl", "stop", f"try-{name}")
    own_machine.write(config, own_machine.read(config).replace("max_workers = 50", 'max_workers = "many"'))
    status, said = own_machine.try_run("timeout", "10", f"/usr/sbin/{daemon}", "--config", config)
    assert status not in (0, 124), said


def test_qemu_conf_is_read(own_machine: Machine) -> None:
    """QEMU's driver refuses to start with a value of the wrong type, so what starts has been read."""
    put(own_machine, shipped.of("libvirtd", "small", libvirtd_modular=False))
    put(own_machine, shipped.of("qemu", "small", qemu_settings={"max_queued": "many"}))
    own_machine.run("systemd-run", "--unit=try-broken", "/usr/sbin/libvirtd")
    try:
        own_machine.until("journalctl", "-b", "--no-pager", "-u", "try-broken", "-o", "cat", wanted="max_queued")
    finally:
        own_machine.try_run("systemctl", "stop", "try-broken")


def test_prometheus_takes_the_targets(own_machine: Machine) -> None:
    """Prometheus reads what is written for the site's hosts, every one under its name."""
    put(own_machine, shipped.of("prometheus", "large"))
    check = own_machine.run("promtool", "check", "config", "/etc/prometheus/prometheus.yml")
    assert "SUCCESS" in check
    found = own_machine.run(
        "promtool", "check", "service-discovery", "--timeout=1s", "/etc/prometheus/prometheus.yml", "omc-hosts"
    )
    targets = json.loads(found[found.index("[") :])
    assert ["ceph1", "ceph2.example.net", "large", "small"] == sorted(
        target["labels"]["instance"] for target in targets
    )


def test_ssh_follows_the_client_configuration(own_machine: Machine) -> None:
    """A connection goes to the site's address, port and user, through the bastion; an unknown key is refused."""
    put(own_machine, shipped.of("ssh-client", "large"))
    said = own_machine.run("ssh", "-G", "large").splitlines()
    for line in ("hostname 192.0.2.12", "port 2222", "user root", "stricthostkeychecking true", "hostkeyalias large"):
        assert line in said
    assert "proxyjump admin@bastion.example.net" in said
    assert "small" in own_machine.run("ssh-keygen", "-F", "small", "-f", "/etc/ssh/ssh_known_hosts")
