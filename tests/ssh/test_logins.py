"""Who the user is: keys in files, in the agent, with certificates; and what is said where none is taken."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from omc.errors import HostError
from tests.lab.process import run
from tests.ssh.conftest import Open, make_key, soon
from tests.sshd import ADMIN, Options, SshHost, SshHosts


def authorize(host: SshHost, *keys: Path) -> None:
    """Let these keys in and no others."""
    (host.folder / "authorized_keys").write_text("".join(Path(f"{one}.pub").read_text() for one in keys))


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shells: object) -> Iterator[Path]:
    """An empty agent, which SSH_AUTH_SOCK names."""
    path = tmp_path / "agent"
    with subprocess.Popen(["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.DEVNULL) as process:
        until = soon()
        while not path.exists() and process.poll() is None and soon(0) < until:
            pass
        monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
        yield path
        process.send_signal(signal.SIGTERM)


def add_to(agent: Path, file: Path, passphrase: str = "") -> None:
    """Give a key to the agent, with its passphrase where it has one."""
    script = file.with_name("askpass")
    script.write_text(f"#!/bin/sh\necho '{passphrase}'\n")
    script.chmod(0o700)
    environment = {
        **os.environ,
        "SSH_AUTH_SOCK": str(agent),
        "SSH_ASKPASS": str(script),
        "SSH_ASKPASS_REQUIRE": "force",
    }
    subprocess.run(["ssh-add", "-q", file], check=True, env=environment, stdin=subprocess.DEVNULL)


def whoami(shell: object) -> bytes:
    from omc.drivers.ssh.shell import SshShell

    assert isinstance(shell, SshShell)
    return shell.run("whoami", deadline=soon()).output


@pytest.mark.parametrize(
    ("kind", "form"),
    [("ed25519", "RFC4716"), ("ecdsa", "RFC4716"), ("rsa", "RFC4716"), ("rsa", "PEM"), ("ecdsa", "PEM")],
)
def test_a_key_in_a_file(host: SshHost, open_shell: Open, tmp_path: Path, kind: str, form: str) -> None:
    """Each kind, in OpenSSH's format and in the older one."""
    file = make_key(tmp_path / "mine", kind, form=form)
    authorize(host, file)
    assert b"root\n" == whoami(open_shell(host, identity_file=str(file)))


@pytest.mark.parametrize("none", ["none", "/dev/null"])
def test_the_keys_with_the_usual_names(host: SshHost, open_shell: Open, home: Path, none: str) -> None:
    """Without a word in any configuration, as ssh."""
    authorize(host, make_key(home / ".ssh" / "id_ecdsa", "ecdsa"))
    make_key(home / ".ssh" / "id_ed25519")
    known = ("-o", f"UserKnownHostsFile={host.known_hosts}", "-F", none)
    shell = open_shell(host, address=host.address, port=host.port, user="root", ssh_arguments=known)
    assert b"root\n" == whoami(shell)


def test_a_key_in_the_agent(host: SshHost, open_shell: Open, agent: Path, tmp_path: Path) -> None:
    """Its file may be gone."""
    file = make_key(tmp_path / "mine")
    authorize(host, file)
    add_to(agent, file)
    file.unlink()
    assert b"root\n" == whoami(open_shell(host, "-o", "IdentitiesOnly=no"))


@pytest.mark.parametrize("form", ["RFC4716", "PEM"])
def test_an_encrypted_key_counts_through_the_agent(
    host: SshHost, open_shell: Open, agent: Path, tmp_path: Path, form: str
) -> None:
    """Even where only the keys of the configuration may be used, and this one is named there."""
    file = make_key(tmp_path / "mine", "rsa", "a passphrase", form=form)
    authorize(host, file)
    with pytest.raises(HostError) as refused:
        open_shell(host, identity_file=str(file))
    assert "authentication" == refused.value.code
    assert f"{file} (encrypted, and not in the agent: ssh-add {file})" in refused.value.message


def test_an_encrypted_key_in_the_agent_is_used(host: SshHost, open_shell: Open, agent: Path, tmp_path: Path) -> None:
    """The agent has it without its passphrase."""
    file = make_key(tmp_path / "mine", "ed25519", "a passphrase")
    authorize(host, file)
    add_to(agent, file, "a passphrase")
    assert b"root\n" == whoami(open_shell(host, "-o", "IdentitiesOnly=yes", identity_file=str(file)))


def test_other_keys_of_the_agent_are_not_shown_around(
    host: SshHost, open_shell: Open, agent: Path, tmp_path: Path
) -> None:
    """With IdentitiesOnly the host sees the named key alone."""
    file, other = make_key(tmp_path / "mine"), make_key(tmp_path / "other")
    authorize(host, other)
    add_to(agent, other)
    with pytest.raises(HostError, match="takes none of the keys") as refused:
        open_shell(host, "-o", "IdentitiesOnly=yes", identity_file=str(file))
    assert "agent key" not in refused.value.message


def test_many_threads_share_the_agent(ssh_hosts: SshHosts, open_shell: Open, agent: Path, tmp_path: Path) -> None:
    """Their questions do not get mixed up."""
    from concurrent.futures import ThreadPoolExecutor

    hosts = ssh_hosts.add(*(f"host{number}" for number in range(12)))
    file = make_key(tmp_path / "mine", "rsa")
    for host in hosts:
        authorize(host, file)
    add_to(agent, file)
    with ThreadPoolExecutor(12) as pool:
        shells = list(pool.map(lambda host: open_shell(host, "-o", "IdentitiesOnly=no"), hosts))
    assert [b"root\n"] * 12 == [whoami(shell) for shell in shells]


def test_a_certificate_beside_the_key(host: SshHost, open_shell: Open, tmp_path: Path) -> None:
    """FILE-cert.pub is used without being named; CertificateFile names another."""
    authority, file = make_key(tmp_path / "ca"), make_key(tmp_path / "mine")
    host.restart_sshd(lines=["TrustedUserCAKeys /srv/ca.pub"])
    (host.folder / "ca.pub").write_text(Path(f"{authority}.pub").read_text())
    authorize(host)
    run("ssh-keygen", "-q", "-s", str(authority), "-I", "me", "-n", "root", f"{file}.pub")
    assert b"root\n" == whoami(open_shell(host, identity_file=str(file)))
    certificate = tmp_path / "mine-cert.pub"
    certificate.rename(tmp_path / "elsewhere.pub")
    arguments = ("-o", f"CertificateFile={tmp_path / 'elsewhere.pub'}")
    assert b"root\n" == whoami(open_shell(host, *arguments, identity_file=str(file)))


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_a_certificate_for_a_key_in_the_agent(
    host: SshHost, open_shell: Open, agent: Path, tmp_path: Path, kind: str
) -> None:
    """The agent signs, the file certifies."""
    authority, file = make_key(tmp_path / "ca"), make_key(tmp_path / "mine", kind, "a passphrase")
    host.restart_sshd(lines=["TrustedUserCAKeys /srv/ca.pub"])
    (host.folder / "ca.pub").write_text(Path(f"{authority}.pub").read_text())
    authorize(host)
    add_to(agent, file, "a passphrase")
    run("ssh-keygen", "-q", "-s", str(authority), "-I", "me", "-n", "root", f"{file}.pub")
    assert b"root\n" == whoami(open_shell(host, identity_file=str(file)))


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_a_certificate_in_the_agent(host: SshHost, open_shell: Open, agent: Path, tmp_path: Path, kind: str) -> None:
    """ssh-add took it along with its key; no file is needed."""
    authority, file = make_key(tmp_path / "ca"), make_key(tmp_path / "mine", kind)
    host.restart_sshd(lines=["TrustedUserCAKeys /srv/ca.pub"])
    (host.folder / "ca.pub").write_text(Path(f"{authority}.pub").read_text())
    authorize(host)
    run("ssh-keygen", "-q", "-s", str(authority), "-I", "me", "-n", "root", f"{file}.pub")
    add_to(agent, file)
    for left in tmp_path.glob("mine*"):
        left.unlink()
    assert b"root\n" == whoami(open_shell(host, "-o", "IdentitiesOnly=no"))


def test_what_was_tried_is_said(host: SshHost, open_shell: Open, tmp_path: Path, home: Path) -> None:
    """User, host, keys; and what to do."""
    file = make_key(tmp_path / "mine")
    authorize(host)
    with pytest.raises(HostError) as refused:
        open_shell(host, identity_file=str(file), user=ADMIN)
    error = refused.value
    assert ("authentication", host.name) == (error.code, error.where)
    assert f"{ADMIN}@127.0.0.1:{host.port} takes none of the keys: tried {file}" in error.message
    assert f"~{ADMIN}/.ssh/authorized_keys" in error.hint


def test_a_key_that_is_not_there_is_said(host: SshHost, open_shell: Open, tmp_path: Path) -> None:
    """And so is a file that is no key."""
    authorize(host)
    (tmp_path / "text").write_text("no key\n")
    for name, reason in (("missing", "No such file or directory"), ("text", "no key that omc can use")):
        with pytest.raises(HostError) as refused:
            open_shell(host, identity_file=str(tmp_path / name))
        assert f"{tmp_path / name} ({reason}" in refused.value.message


def test_too_many_keys_end_with_advice(ssh_hosts: SshHosts, open_shell: Open, agent: Path, tmp_path: Path) -> None:
    """A host takes only so many attempts."""
    (host,) = ssh_hosts.add("host1", options=Options(sshd=("MaxAuthTries 2",)))
    authorize(host)
    for number in range(4):
        add_to(agent, make_key(tmp_path / f"key{number}"))
    with pytest.raises(HostError) as refused:
        open_shell(host, "-o", "IdentitiesOnly=no")
    assert "authentication" == refused.value.code
    assert "ended the login after" in refused.value.message
    assert "ansible_ssh_private_key_file" in refused.value.hint


def test_a_host_that_takes_no_keys_is_told(ssh_hosts: SshHosts, open_shell: Open) -> None:
    """Passwords are nothing that omc types."""
    (host,) = ssh_hosts.add("host1", options=Options(sshd=("PubkeyAuthentication no", "PasswordAuthentication yes")))
    with pytest.raises(HostError, match="takes no keys, only password"):
        open_shell(host)


def test_an_agent_that_is_gone_is_said_once(
    host: SshHost, open_shell: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, warnings: list[str]
) -> None:
    """A stale SSH_AUTH_SOCK does not keep the keys in files from being used."""
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "gone"))
    for _ in range(2):
        assert b"root\n" == whoami(open_shell(host, identity_file=host.key_file))
    assert 1 == len(warnings)
    assert "no SSH agent answers" in warnings[0]


def test_paramiko_writes_no_log(host: SshHost, open_shell: Open, caplog: pytest.LogCaptureFixture) -> None:
    """Not even where everything is logged: at DEBUG it writes down what it sends."""
    import logging

    with caplog.at_level(logging.DEBUG):
        logging.getLogger().setLevel(logging.DEBUG)
        open_shell(host).run("echo", deadline=soon())
    assert [] == [record for record in caplog.records if record.name.startswith("paramiko")]
