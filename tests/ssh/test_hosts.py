"""Hosts as they are found: whatever login shell, noisy or forced, slow, overrun, silent, or not there at all."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import paramiko
import pytest

from omc.errors import DeadlineError, HostError
from omc.ports import Answer
from tests.ssh.conftest import Open, soon
from tests.sshd import Options, SshHost, SshHosts
from tests.waiting import until

NOISE = {
    "/bin/bash": "echo Welcome; echo 'Last login: never' >&2; printf 'no newline'\n",
    "/usr/bin/fish": "echo Welcome; echo 'Last login: never' >&2; printf 'no newline'\n",
    "/usr/bin/tcsh": "echo Welcome; printf 'no newline'\n",
    "/bin/sh": "",
}


@pytest.mark.parametrize("shell", list(NOISE))
@pytest.mark.parametrize("noisy", [False, True])
def test_every_login_shell_gives_the_same_answer(
    ssh_hosts: SshHosts, open_shell: Open, shell: str, noisy: bool
) -> None:
    """What the shell itself prints is not in it, on neither stream."""
    (host,) = ssh_hosts.add("host1", options=Options(shell=shell, profile=NOISE[shell] if noisy else ""))
    opened = open_shell(host)
    script = 'cat; echo "err $0" >&2; exit 3'
    for _ in range(2):
        assert Answer(3, b"data", b"err sh\n") == opened.run(script, [b"data"], deadline=soon())


def test_a_host_without_sftp(ssh_hosts: SshHosts, open_shell: Open) -> None:
    """Nothing here needs it."""
    (host,) = ssh_hosts.add("host1", options=Options(sftp=False))
    assert b"x" * 100_000 == open_shell(host).run("cat", [b"x" * 100_000], deadline=soon()).output


def test_a_forced_command_that_runs_what_was_asked_for(ssh_hosts: SshHosts, open_shell: Open) -> None:
    """Its own words before and after the script are no part of the answer."""
    force = 'ForceCommand echo hello; sh -c "$SSH_ORIGINAL_COMMAND"; echo bye'
    (host,) = ssh_hosts.add("host1", options=Options(sshd=(force,)))
    assert Answer(4, b"out\n", b"") == open_shell(host).run("echo out; exit 4", deadline=soon())


@pytest.mark.parametrize("line", ["ForceCommand echo 'This account runs backups only'", "ForceCommand internal-sftp"])
def test_a_forced_command_that_runs_something_else_is_told(ssh_hosts: SshHosts, open_shell: Open, line: str) -> None:
    """What it said is in the message, without what a terminal acts on."""
    (host,) = ssh_hosts.add("host1", options=Options(sshd=(line,)))
    with pytest.raises(HostError, match="no shell answers") as refused:
        open_shell(host).run("true", deadline=soon())
    assert ("no-shell", "host1") == (refused.value.code, refused.value.where)
    if "backups" in line:
        assert "This account runs backups only" in refused.value.message


def test_an_account_without_a_shell_is_told(ssh_hosts: SshHosts, open_shell: Open) -> None:
    """Nologin says so itself."""
    (host,) = ssh_hosts.add("host1", options=Options(shell="/usr/sbin/nologin"))
    with pytest.raises(HostError, match="no shell answers: This account is currently not available"):
        open_shell(host).run("true", deadline=soon())


def test_what_a_host_says_cannot_act_on_a_terminal(ssh_hosts: SshHosts, open_shell: Open) -> None:
    """Escapes are shown as text, and long words are cut."""
    force = "ForceCommand printf '\\\\033]0;owned\\\\007%01000d' 1"
    (host,) = ssh_hosts.add("host1", options=Options(sshd=(force,)))
    with pytest.raises(HostError) as refused:
        open_shell(host).run("true", deadline=soon())
    assert refused.value.message.isprintable()
    assert 400 > len(refused.value.message)


def test_a_hundred_connections_at_once_to_one_sshd(ssh_hosts: SshHosts, open_shell: Open) -> None:
    """OpenSSH's default refuses most of them where they all knock together; none is lost."""
    (host,) = ssh_hosts.add("host1", options=Options(max_startups=""))
    with ThreadPoolExecutor(100) as pool:
        shells = list(pool.map(lambda _: open_shell(host, seconds=60), range(100)))
    assert 100 == len(shells)
    assert b"host1\n" == shells[99].run("hostname", deadline=soon()).output


def test_refused_connections_are_tried_again(ssh_hosts: SshHosts, open_shell: Open) -> None:
    """An sshd that throws connections away is reached all the same, once it has room."""
    (host,) = ssh_hosts.add("host1", options=Options(max_startups="1"))
    with ThreadPoolExecutor(1) as pool, socket.create_connection((host.address, host.port)) as first:
        first.recv(1)
        shell = pool.submit(open_shell, host)
        until(lambda: "MaxStartups" in host.sshd_log)
        first.close()
        assert b"host1\n" == shell.result().run("hostname", deadline=soon()).output


def test_an_sshd_that_takes_nobody_is_given_up(ssh_hosts: SshHosts, open_shell: Open) -> None:
    """After five attempts, with a word on why that may be."""
    (host,) = ssh_hosts.add("host1", options=Options(max_startups="1"))
    with socket.create_connection((host.address, host.port)) as first:
        first.recv(1)
        with pytest.raises(HostError, match=r"before it says anything \(5 attempts\)") as refused:
            open_shell(host)
    assert "refused" == refused.value.code
    assert "MaxStartups" in refused.value.hint


def test_a_session_more_than_a_host_allows_is_told(ssh_hosts: SshHosts, open_shell: Open) -> None:
    """MaxSessions 0 is how a host offers forwarding only."""
    (host,) = ssh_hosts.add("host1", options=Options(sshd=("MaxSessions 0",)))
    with pytest.raises(HostError) as refused:
        open_shell(host).run("true", deadline=soon())
    assert "no-shell" == refused.value.code


def test_more_scripts_than_sessions_one_after_the_other(ssh_hosts: SshHosts, open_shell: Open) -> None:
    """Each gives its session back, with one allowed at a time, too."""
    (host,) = ssh_hosts.add("host1", options=Options(sshd=("MaxSessions 1",)))
    shell = open_shell(host)
    assert [f"{number}\n".encode() for number in range(30)] == [
        shell.run(f"echo {number}", deadline=soon()).output for number in range(30)
    ]


class TestSilence:
    """Hosts that stop answering."""

    def test_in_the_middle_of_a_script(self, host: SshHost, open_shell: Open) -> None:
        """The deadline holds."""
        shell = open_shell(host)
        timer = threading.Timer(0.3, host.stop)
        timer.start()
        started = time.monotonic()
        with pytest.raises(DeadlineError):
            shell.run("while :; do echo more; sleep 0.05; done", deadline=started + 1)
        assert 1 <= time.monotonic() - started < 5
        timer.join()
        host.go_on()

    def test_long_before_a_long_deadline(self, host: SshHost, open_shell: Open) -> None:
        """A host that answers no sign of life is given up after ServerAliveCountMax of them."""
        shell = open_shell(host, "-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=2")
        shell.run("true", deadline=soon())
        host.stop()
        started = time.monotonic()
        with pytest.raises(HostError, match="the host has been silent for") as lost:
            shell.run("true", deadline=soon(60))
        assert "connection-lost" == lost.value.code
        assert 10 > time.monotonic() - started
        host.go_on()

    def test_a_slow_script_is_no_silence(self, host: SshHost, open_shell: Open) -> None:
        """The host answers for it."""
        shell = open_shell(host, "-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=1")
        assert b"done\n" == shell.run("sleep 2.5; echo done", deadline=soon()).output

    def test_between_two_scripts(self, host: SshHost, open_shell: Open) -> None:
        """Opening the next session does not wait longer than its deadline."""
        shell = open_shell(host)
        shell.run("true", deadline=soon())
        host.stop()
        started = time.monotonic()
        with pytest.raises(DeadlineError):
            shell.run("true", deadline=started + 0.5)
        assert 5 > time.monotonic() - started
        host.go_on()

    def test_before_the_greeting(self, host: SshHost, open_shell: Open) -> None:
        """ConnectTimeout holds for it, and it is not tried again."""
        host.stop()
        started = time.monotonic()
        with pytest.raises(HostError, match="takes connections and says nothing") as refused:
            open_shell(host, "-o", "ConnectTimeout=1")
        assert "unreachable" == refused.value.code
        assert 5 > time.monotonic() - started
        host.go_on()

    def test_while_data_are_sent(self, host: SshHost, open_shell: Open) -> None:
        """Nobody waits for a window that never opens."""
        shell = open_shell(host)
        started = time.monotonic()
        with pytest.raises(DeadlineError):
            shell.run("sleep 60", [b"x" * 30_000_000], deadline=started + 1)
        assert 5 > time.monotonic() - started

    def test_an_end_waits_for_nobody(self, host: SshHost, open_shell: Open) -> None:
        """Closing is immediate, whatever the host does."""
        shell = open_shell(host)
        shell.run("true", deadline=soon())
        host.stop()
        started = time.monotonic()
        shell.close()
        assert 1 > time.monotonic() - started
        host.go_on()


def test_a_connection_that_is_cut_is_lost_and_not_late(host: SshHost, open_shell: Open) -> None:
    """Whatever the script had printed is not taken for its answer."""
    shell = open_shell(host)
    timer = threading.Timer(0.3, host.cut)
    timer.start()
    with pytest.raises(HostError, match="the connection ended before the script did") as lost:
        shell.run("echo half; sleep 20", deadline=soon())
    assert ("connection-lost", "host1") == (lost.value.code, lost.value.where)
    timer.join()
    with pytest.raises(HostError, match="the connection has ended"):
        shell.run("true", deadline=soon())


def test_a_port_where_nobody_listens(host: SshHost, open_shell: Open) -> None:
    """Said with the address and the port."""
    with pytest.raises(HostError, match=r"127\.0\.0\.1 port 1: connection refused") as refused:
        open_shell(host, port=1)
    assert ("refused", "host1") == (refused.value.code, refused.value.where)


def test_a_name_that_nobody_knows(host: SshHost, open_shell: Open) -> None:
    """Said with the name."""
    with pytest.raises(HostError, match=r"the name no-such-host\.invalid cannot be resolved") as refused:
        open_shell(host, address="no-such-host.invalid")
    assert "resolve" == refused.value.code


def test_a_server_that_is_not_ssh(host: SshHost, open_shell: Open) -> None:
    """What answers there is no sshd."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection:
                        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n" * 200)
                        while connection.recv(1_000):
                            pass

        threading.Thread(target=serve, daemon=True).start()
        with pytest.raises(HostError) as refused:
            open_shell(host, port=server.getsockname()[1])
    assert "host1" == refused.value.where
    assert refused.value.message.isprintable()


def test_a_server_with_old_algorithms_only(ssh_hosts: SshHosts, open_shell: Open) -> None:
    """The message says which ones would be needed."""
    options = Options(sshd=("KexAlgorithms diffie-hellman-group14-sha256",))
    (host,) = ssh_hosts.add("host1", options=options)
    with pytest.raises(HostError, match="no algorithm in common") as refused:
        open_shell(host)
    assert "unsupported" == refused.value.code


@pytest.mark.parametrize(
    "line",
    [
        "KexAlgorithms curve25519-sha256",
        "KexAlgorithms ecdh-sha2-nistp256",
        "Ciphers aes256-gcm@openssh.com",
        "Ciphers aes128-ctr",
        "MACs hmac-sha2-512",
    ],
)
def test_a_server_that_is_choosy(ssh_hosts: SshHosts, open_shell: Open, line: str) -> None:
    """Each of the algorithms that hardening guides leave is understood."""
    if "gcm" in line and "aes256-gcm@openssh.com" not in paramiko.Transport._cipher_info:  # type: ignore[attr-defined]
        pytest.skip("this paramiko has no GCM yet")
    lines = (line, "Ciphers aes128-ctr") if line.startswith("MACs") else (line,)
    (host,) = ssh_hosts.add("host1", options=Options(sshd=lines))
    shell = open_shell(host, "-o", "KexAlgorithms=+x")
    data = bytes(range(256)) * 1000
    assert data == shell.run("cat", [data], deadline=soon()).output


def test_many_threads_many_hosts(ssh_hosts: SshHosts, open_shell: Open) -> None:
    """Twenty hosts at once, each several times, and no answer is another's."""
    hosts = ssh_hosts.add(*(f"host{number}" for number in range(20)))

    def work(host: SshHost) -> list[bytes]:
        shell = open_shell(host)
        return [shell.run("hostname; cat", [str(turn).encode()], deadline=soon()).output for turn in range(3)]

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(work, hosts))
    assert [[f"{host.name}\n{turn}".encode() for turn in range(3)] for host in hosts] == answers
