"""Hosts behind others: one bastion, several, and what is said where one of them is in the way."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from omc.errors import HostError
from omc.ports import Answer
from tests.ssh.conftest import Open, soon
from tests.sshd import Options, SshHost, SshHosts

CLIENT = "echo ${SSH_CLIENT% *}"


@pytest.fixture
def hosts(ssh_hosts: SshHosts) -> list[SshHost]:
    """Two bastions and two hosts."""
    return ssh_hosts.add("gate", "inner", "host1", "host2")


def connections(host: SshHost) -> int:
    """How many logins a host's sshd has seen."""
    return host.sshd_log.count("Accepted publickey")


def test_through_one_bastion(hosts: list[SshHost], open_shell: Open) -> None:
    """Scripts run on the host, the bastion carries the bytes."""
    shell = open_shell(hosts[2], "-J", "gate")
    assert Answer(0, b"host1\ndata", b"") == shell.run("hostname; cat", [b"data"], deadline=soon())
    assert (1, 1) == (connections(hosts[0]), connections(hosts[2]))


def test_much_data_through_a_bastion(hosts: list[SshHost], open_shell: Open) -> None:
    """Windows within windows do not stand still."""
    data = bytes(range(256)) * 20_000
    assert data == open_shell(hosts[2], "-J", "gate").run("cat", [data], deadline=soon()).output


def test_through_several_bastions(hosts: list[SshHost], open_shell: Open) -> None:
    """Each behind the one before it."""
    shell = open_shell(hosts[2], "-J", "gate,root@inner")
    assert b"host1\n" == shell.run("hostname", deadline=soon()).output
    assert [1, 1, 1, 0] == list(map(connections, hosts))


def test_a_bastion_has_settings_of_its_own(hosts: list[SshHost], open_shell: Open, ssh_hosts: SshHosts) -> None:
    """Its own bastion, user and port come from its own part of the configuration."""
    text = ssh_hosts.ssh_config.read_text()
    ssh_hosts.ssh_config.write_text(f"{text}\nHost inner\n  ProxyJump gate\nHost host*\n  ProxyJump inner\n")
    assert b"host1\n" == open_shell(hosts[2]).run("hostname", deadline=soon()).output
    assert [1, 1, 1, 0] == list(map(connections, hosts))


def test_many_hosts_share_a_bastion(ssh_hosts: SshHosts, open_shell: Open) -> None:
    """It sees one login, with OpenSSH's own limits, and so do they."""
    names = [f"host{number}" for number in range(15)]
    gate, *hosts = ssh_hosts.add("gate", *names, options=Options(max_startups=""))
    with ThreadPoolExecutor(15) as pool:
        shells = list(pool.map(lambda host: open_shell(host, "-J", "gate"), hosts))
        answers = list(pool.map(lambda shell: shell.run("hostname", deadline=soon()).output, shells))
    assert [f"{name}\n".encode() for name in names] == answers
    assert 1 == connections(gate)


def test_a_bastion_that_was_cut_off_is_connected_to_again(hosts: list[SshHost], open_shell: Open) -> None:
    """What was open behind it is lost, and said; what comes after works."""
    shell = open_shell(hosts[2], "-J", "gate")
    shell.run("true", deadline=soon())
    hosts[0].cut()
    with pytest.raises(HostError) as lost:
        shell.run("true", deadline=soon())
    assert ("connection-lost", "host1") == (lost.value.code, lost.value.where)
    assert b"host2\n" == open_shell(hosts[3], "-J", "gate").run("hostname", deadline=soon()).output


def test_a_bastion_that_is_not_there_is_named(hosts: list[SshHost], open_shell: Open) -> None:
    """For each host behind it, and only the first one waits for it."""
    for host in hosts[2:]:
        with pytest.raises(HostError) as refused:
            open_shell(host, "-J", "root@127.0.0.1:1")
        assert "bastion 127.0.0.1: 127.0.0.1 port 1: connection refused" in refused.value.message
        assert ("refused", host.name) == (refused.value.code, refused.value.where)


def test_a_host_that_the_bastion_does_not_reach_is_named(hosts: list[SshHost], open_shell: Open) -> None:
    """What the bastion's sshd says is in the message."""
    with pytest.raises(HostError) as refused:
        open_shell(hosts[2], "-J", "gate", "-p", "1", port=1)
    assert "the bastion does not reach 127.0.0.1 port 1" in refused.value.message
    assert "unreachable" == refused.value.code


def test_an_unknown_bastion_is_refused(hosts: list[SshHost], open_shell: Open, ssh_hosts: SshHosts) -> None:
    """Its key is checked as every host's."""
    lines = ssh_hosts.known_hosts.read_text().splitlines()
    ssh_hosts.known_hosts.write_text("\n".join(line for line in lines if f":{hosts[0].port} " not in line))
    with pytest.raises(HostError, match="bastion gate: unknown host key") as refused:
        open_shell(hosts[2], "-J", "gate")
    assert "unknown-host-key" == refused.value.code


def test_a_host_behind_a_bastion_is_checked_too(hosts: list[SshHost], open_shell: Open, ssh_hosts: SshHosts) -> None:
    """The bastion could be anybody's."""
    lines = ssh_hosts.known_hosts.read_text().splitlines()
    ssh_hosts.known_hosts.write_text("\n".join(line for line in lines if f":{hosts[2].port} " not in line))
    with pytest.raises(HostError) as refused:
        open_shell(hosts[2], "-J", "gate")
    assert refused.value.message.startswith("unknown host key")


def test_a_circle_of_bastions_ends(hosts: list[SshHost], open_shell: Open, ssh_hosts: SshHosts) -> None:
    """And says so."""
    text = ssh_hosts.ssh_config.read_text()
    circle = "\nHost gate\n  ProxyJump inner\nHost inner\n  ProxyJump gate\n"
    ssh_hosts.ssh_config.write_text(f"{text}{circle}")
    with pytest.raises(HostError, match="the bastions go in a circle: gate behind inner behind gate") as refused:
        open_shell(hosts[2], "-J", "gate", seconds=5)
    assert "host1" == refused.value.where


def test_a_bastion_that_falls_silent_holds_nobody_longer_than_the_deadline(
    hosts: list[SshHost], open_shell: Open
) -> None:
    """Neither a script that runs nor a new connection."""
    shell = open_shell(hosts[2], "-J", "gate")
    shell.run("true", deadline=soon())
    hosts[0].stop()
    try:
        for attempt in (
            lambda: shell.run("true", deadline=soon(0.5)),
            lambda: open_shell(hosts[3], "-J", "gate", seconds=0.5),
        ):
            started = time.monotonic()
            with pytest.raises(HostError):
                attempt()
            assert 5 > time.monotonic() - started
    finally:
        hosts[0].go_on()


def test_by_a_proxy_command(hosts: list[SshHost], open_shell: Open, ssh_hosts: SshHosts) -> None:
    """The user's own command carries the bytes, and ends with the connection."""
    command = f"ssh -F {ssh_hosts.ssh_config} -W %h:%p gate"
    shell = open_shell(hosts[2], "-o", f"ProxyCommand={command}")
    assert b"host1\n" == shell.run("hostname", deadline=soon()).output
    shell.close()
    until = soon()
    while str(ssh_hosts.ssh_config).encode() in _commands() and time.monotonic() < until:
        pass
    assert str(ssh_hosts.ssh_config).encode() not in _commands()


def _commands() -> bytes:
    found = b""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = path.read_bytes()
        except OSError:
            continue
        found += text if b"-W" in text else b""
    return found


def test_a_proxy_command_that_fails_is_said(hosts: list[SshHost], open_shell: Open) -> None:
    """As a host that ends the connection."""
    with pytest.raises(HostError) as refused:
        open_shell(hosts[2], "-o", "ProxyCommand=exit 1", seconds=2)
    assert "host1" == refused.value.where


@pytest.mark.parametrize("address", ["host1;reboot", "$(reboot)", "-oProxyCommand=x", "a b", "`x`"])
def test_a_name_that_a_shell_would_act_on_is_refused(hosts: list[SshHost], open_shell: Open, address: str) -> None:
    """A proxy command gets nothing of the kind."""
    with pytest.raises(HostError) as refused:
        open_shell(hosts[2], "-o", "ProxyCommand=ssh -W %h:%p gate", address=address)
    assert "configuration" == refused.value.code
