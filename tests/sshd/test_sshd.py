"""The hosts for SSH are what they claim to be."""

import subprocess
from pathlib import Path

import pytest

from tests.lab.process import LabError
from tests.sshd import ADMIN, ADMIN_PASSWORD, Options, SshHosts


def ssh(hosts: SshHosts, name: str, command: str, *, user: str = "root", text: str = "") -> str:
    words = ["ssh", "-F", str(hosts.ssh_config), "-l", user, name, command]
    return subprocess.run(words, check=True, capture_output=True, text=True, input=text, timeout=20).stdout


def test_each_host_has_files_of_its_own(ssh_hosts: SshHosts) -> None:
    """What is written on one host is neither on the others nor on this machine."""
    ssh_hosts.add("a", "b")
    ssh(ssh_hosts, "a", "echo mine >/etc/omc-own")
    assert b"mine\n" == ssh_hosts.hosts["a"].read("/etc/omc-own")
    with pytest.raises(LabError, match="No such file"):
        ssh_hosts.hosts["b"].read("/etc/omc-own")
    assert not Path("/etc/omc-own").exists()


def test_a_host_cannot_change_this_machines_kernel(ssh_hosts: SshHosts) -> None:
    """Its settings, and those of the network, are the machine's own."""
    ssh_hosts.add("a")
    for path in ("/proc/sys/vm/swappiness", "/proc/sys/net/ipv4/ip_default_ttl"):
        value = Path(path).read_text()
        with pytest.raises(subprocess.CalledProcessError, match="non-zero"):
            ssh(ssh_hosts, "a", f"echo 61 >{path}")
        assert value == Path(path).read_text()


def test_the_admin_needs_a_password_where_the_host_asks_for_one(ssh_hosts: SshHosts) -> None:
    """Sudo takes the right password, and without NOPASSWD nothing else."""
    ssh_hosts.add("asks", options=Options(sudo="ALL=(ALL) ALL"))
    assert "root\n" == ssh(ssh_hosts, "asks", "sudo -S -p '' whoami", user=ADMIN, text=f"{ADMIN_PASSWORD}\n")
    with pytest.raises(subprocess.CalledProcessError):
        ssh(ssh_hosts, "asks", "sudo -n whoami", user=ADMIN)


def test_the_profile_of_the_login_shell_is_run(ssh_hosts: SshHosts) -> None:
    """A host can be one whose shell greets everybody."""
    ssh_hosts.add("noisy", options=Options(profile="echo Welcome\n"))
    assert "Welcome\nhere\n" == ssh(ssh_hosts, "noisy", "echo here")


def test_a_removed_host_is_gone_and_its_name_is_free(ssh_hosts: SshHosts) -> None:
    """Nothing of a host stays: no process, no key."""
    (first,) = ssh_hosts.add("a")
    pid, key = first.pid, first.public_key
    ssh_hosts.remove(first)
    assert not Path(f"/proc/{pid}").exists()
    (second,) = ssh_hosts.add("a")
    assert key != second.public_key
    assert "a\n" == ssh(ssh_hosts, "a", "hostname")


def test_cut_ends_connections_and_leaves_the_listener(ssh_hosts: SshHosts) -> None:
    """After a cut the next connection works."""
    (host,) = ssh_hosts.add("a")
    with subprocess.Popen(["ssh", "-F", ssh_hosts.ssh_config, "a", "echo up; sleep 60"], stdout=-1) as process:
        assert process.stdout is not None
        process.stdout.readline()
        host.cut()
        assert 255 == process.wait(10)
    assert "ok\n" == ssh(ssh_hosts, "a", "echo ok")


def test_a_host_can_change_its_sshd(ssh_hosts: SshHosts) -> None:
    """Lines of sshd_config given later win over those from the start."""
    (host,) = ssh_hosts.add("a")
    host.restart_sshd(lines=["ForceCommand echo forced"])
    assert "forced\n" == ssh(ssh_hosts, "a", "echo own")
