"""Scripts as another user: sudo with and without a password, and each way in which it refuses."""

import time
from collections.abc import Callable

import pytest

from omc.errors import HostError
from omc.ports import Answer, Hidden, Shell
from tests.ssh.conftest import Open, soon
from tests.sshd import ADMIN, ADMIN_PASSWORD, Options, SshHosts

ASKS = "ALL=(ALL) ALL"
Become = Callable[..., Shell]


@pytest.fixture
def become(ssh_hosts: SshHosts, open_shell: Open) -> Become:
    """Open a shell of a new host as its admin, with sudo as the host's options have it."""

    def open_one(
        sudo: str = "ALL=(ALL) NOPASSWD: ALL",
        *,
        password: str | None = None,
        user: str = "root",
        lines: tuple[str, ...] = (),
        shell: str = "/bin/bash",
    ) -> Shell:
        name = f"host{len(ssh_hosts.hosts)}"
        (host,) = ssh_hosts.add(name, options=Options(sudo=sudo, sudo_lines=lines, shell=shell))
        hidden = None if password is None else Hidden(password)
        return open_shell(host, user=ADMIN, become=True, become_user=user, become_password=hidden)

    return open_one


def test_without_a_password(become: Become) -> None:
    """NOPASSWD is enough."""
    assert Answer(0, b"root\ndata", b"") == become().run("whoami; cat", [b"data"], deadline=soon())


def test_as_somebody_else(become: Become) -> None:
    """Any user of the host, with that user's home."""
    shell = become(user="daemon")
    assert b"daemon\n/usr/sbin\n" == shell.run("whoami; echo $HOME", deadline=soon()).output


def test_with_a_password(become: Become) -> None:
    """The password goes to sudo and nowhere else, each time."""
    shell = become(ASKS, password=ADMIN_PASSWORD)
    for _ in range(3):
        assert Answer(0, b"root\ndata", b"") == shell.run("whoami; cat", [b"data"], deadline=soon())


def test_a_password_that_nobody_asks_for_does_not_reach_the_script(become: Become) -> None:
    """With NOPASSWD the password stays unread, and is dropped."""
    shell = become(password=ADMIN_PASSWORD)
    for _ in range(2):
        assert Answer(0, b"root\ndata", b"") == shell.run("whoami; cat", [b"data"], deadline=soon())


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash", "/usr/bin/fish", "/usr/bin/tcsh"])
def test_whatever_the_login_shell(become: Become, shell: str) -> None:
    """Sudo is called the same way by every shell."""
    asked = become(ASKS, password=ADMIN_PASSWORD, shell=shell)
    assert Answer(0, b"root\ndata", b"") == asked.run("whoami; cat", [b"data"], deadline=soon())


def test_the_password_is_seen_nowhere(become: Become) -> None:
    """Not in the process list, and in no message."""
    shell = become(ASKS, password=ADMIN_PASSWORD)
    listed = shell.run("cat /proc/[0-9]*/cmdline | tr '\\0' ' '", deadline=soon()).output
    assert b"sudo -S" in listed
    assert b"horse" not in listed
    with pytest.raises(HostError) as refused:
        become(ASKS, password="battery staple").run("true", deadline=soon())
    assert "staple" not in f"{refused.value} {refused.value.hint} {refused.value!r}"


def refusal(shell: Shell, script: str = "true") -> HostError:
    with pytest.raises(HostError) as refused:
        shell.run(script, [b"first\nsecond\nthird\n" * 100], deadline=soon())
    return refused.value


def test_a_missing_password_is_asked_for(become: Become) -> None:
    """The message says which variable to set."""
    error = refusal(become(ASKS))
    assert "sudo-password" == error.code
    assert "sudo asks for a password" in error.message
    assert "ansible_become_password" in error.hint


def test_a_wrong_password_is_tried_once(become: Become) -> None:
    """Sudo gets no second line to take for a password: three would lock an account on some hosts."""
    error = refusal(become(ASKS, password="wrong"))
    assert "sudo-password" == error.code
    assert "sudo refuses the password" in error.message


def test_sudo_counts_one_attempt(become: Become, ssh_hosts: SshHosts) -> None:
    """The host's own log has one wrong password and no other."""
    shell = become(ASKS, password="wrong", lines=("Defaults logfile=/var/log/sudo-test.log",))
    refusal(shell)
    (host,) = ssh_hosts.hosts.values()
    until = soon()
    while "attempt" not in (log := host.run("sh", "-c", "cat /var/log/sudo-test.log || :")):
        assert until > time.monotonic()
    assert "1 incorrect password attempt" in " ".join(log.split())


@pytest.mark.parametrize("sudo", ["", "ALL=(daemon) NOPASSWD: ALL"])
def test_who_may_not_is_told(become: Become, sudo: str) -> None:
    """Not in sudoers at all, and in it for another user only."""
    error = refusal(become(sudo, password=ADMIN_PASSWORD))
    assert "sudo-refused" == error.code
    assert "as root" in error.message


def test_a_terminal_that_sudo_wants_is_named(become: Become) -> None:
    """The setting requiretty is older than most who meet it."""
    error = refusal(become(lines=("Defaults requiretty",)))
    assert "sudo-tty" == error.code
    assert "requiretty" in error.hint


def test_a_user_who_does_not_exist_is_named(become: Become) -> None:
    """The name of the variable is in the hint."""
    error = refusal(become(user="nobody-here"))
    assert "nobody-here" in error.message
    assert "ansible_become_user" in error.hint


@pytest.mark.parametrize("shell", ["/bin/sh", "/usr/bin/fish"])
def test_a_host_without_sudo_is_told(become: Become, ssh_hosts: SshHosts, shell: str) -> None:
    """What the shell says of the missing program is understood."""
    opened = become(shell=shell)
    (host,) = ssh_hosts.hosts.values()
    host.run("rm", host.run("sh", "-c", "command -v sudo").strip())
    error = refusal(opened)
    assert "sudo-missing" == error.code, error


@pytest.mark.parametrize("user", ["root; reboot", "$(reboot)", "-u", "a b", "", "root\n"])
def test_a_user_that_is_no_name_is_refused_here(become: Become, user: str) -> None:
    """It does not reach the host."""
    with pytest.raises(HostError, match="no user can have the name"):
        become(user=user)


@pytest.mark.parametrize("password", ["two\nlines", "", "a\0b", "omc:mark:1"])
def test_a_password_that_is_no_line_is_refused_here(become: Become, password: str) -> None:
    """And is not shown."""
    with pytest.raises(HostError) as refused:
        become(password=password)
    assert "the password for sudo cannot be one" == refused.value.message
