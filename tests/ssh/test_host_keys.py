"""A host is who it says: every way in which known_hosts can name it, and every way in which it can be somebody else."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from omc.errors import HostError
from tests.lab.process import run
from tests.ssh.conftest import Open, make_key, soon
from tests.sshd import SshHost

Known = Callable[..., None]


@pytest.fixture
def known(home: Path) -> Known:
    """Write the user's known_hosts; each line may hold {name}, the host's name there, and {key}, its key."""

    def write(host: SshHost, *lines: str) -> None:
        name = f"[{host.address}]:{host.port}"
        text = "".join(f"{line.format(name=name, key=host.public_key)}\n" for line in lines)
        (home / ".ssh" / "known_hosts").write_text(text)

    return write


@pytest.fixture
def connect(open_shell: Open) -> Callable[[SshHost], None]:
    """Connect by address, so that nothing but the home's own known_hosts counts, and run something."""

    def connect(host: SshHost) -> None:
        shell = open_shell(
            host, address=host.address, port=host.port, user="root", identity_file=host.key_file, ssh_arguments=()
        )
        assert b"host1\n" == shell.run("hostname", deadline=soon()).output

    return connect


def refused(connect: Callable[[SshHost], None], host: SshHost) -> HostError:
    with pytest.raises(HostError) as caught:
        connect(host)
    assert host.name == caught.value.where
    return caught.value


Connect = Callable[[SshHost], None]


@pytest.mark.parametrize(
    "lines",
    [
        ["{name} {key}"],
        ["# a comment", "", "other ssh-ed25519 broken", "{name} {key} with a comment"],
        ["other,{name},another {key}"],
        ["[127.0.0.*]:* {key}"],
        ["*,!other {key}"],
        ["127.0.0.1 {key}"],
        ["@revoked other {key}", "{name} {key}"],
    ],
)
def test_a_known_host_is_taken(host: SshHost, known: Known, connect: Connect, lines: list[str]) -> None:
    """By its name with the port, in a list, by wildcards, and by its name without the port as ssh does."""
    known(host, *lines)
    connect(host)


def test_a_hashed_name_is_found(host: SshHost, known: Known, connect: Connect, home: Path) -> None:
    """ssh-keygen -H made it."""
    known(host, "{name} {key}")
    run("ssh-keygen", "-H", "-f", str(home / ".ssh" / "known_hosts"))
    assert "127.0.0.1" not in (home / ".ssh" / "known_hosts").read_text()
    connect(host)


@pytest.mark.parametrize("lines", [[], ["other {key}"], ["*,!{name},!127.0.0.1 {key}"], ["@cert-authority * {key}"]])
def test_an_unknown_host_is_refused_with_the_line_to_add(
    host: SshHost, known: Known, connect: Connect, home: Path, lines: list[str]
) -> None:
    """Nothing is added; the hint's line makes it a known one, and shows the fingerprint to compare."""
    known(host, *lines)
    before = (home / ".ssh" / "known_hosts").read_text()
    error = refused(connect, host)
    fingerprint = run("ssh-keygen", "-lf", str(host.folder / "host_key.pub")).split()[1]
    assert "unknown-host-key" == error.code
    assert f"unknown host key ssh-ed25519 {fingerprint}" in error.message
    assert before == (home / ".ssh" / "known_hosts").read_text()
    assert error.hint.endswith(f"[{host.address}]:{host.port} {host.public_key}")
    assert str(home / ".ssh" / "known_hosts") in error.hint


def test_the_line_of_the_hint_is_enough(host: SshHost, known: Known, connect: Connect, open_shell: Open) -> None:
    """Typed as it stands there, it is what ssh itself would have written."""
    known(host)
    line = refused(connect, host).hint.rpartition(": ")[2]
    arguments = ("-o", f"UserKnownHostsFile={host.folder / 'mine'}")
    (host.folder / "mine").write_text(f"{line}\n")
    shell = open_shell(host, *arguments)
    assert b"host1\n" == shell.run("hostname", deadline=soon()).output


def test_a_changed_key_is_refused_with_the_old_line(
    host: SshHost, known: Known, connect: Connect, home: Path, tmp_path: Path
) -> None:
    """Message and hint name the file and the line, and both fingerprints."""
    make_key(tmp_path / "other")
    other = " ".join((tmp_path / "other.pub").read_text().split()[:2])
    known(host, "# first", f"{{name}} {other}")
    error = refused(connect, host)
    assert "changed-host-key" == error.code
    assert "CHANGED" in error.message
    assert f"{home}/.ssh/known_hosts:2" in error.message
    assert run("ssh-keygen", "-lf", str(tmp_path / "other.pub")).split()[1] in error.message


def test_another_kind_of_key_is_a_changed_one(host: SshHost, known: Known, connect: Connect, tmp_path: Path) -> None:
    """Whoever stands between has some key: that it is of a kind that nobody knew does not make the host a new one."""
    make_key(tmp_path / "other", "ecdsa")
    known(host, "{name} " + " ".join((tmp_path / "other.pub").read_text().split()[:2]))
    assert "changed-host-key" == refused(connect, host).code


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_the_known_kind_of_key_is_asked_for(host: SshHost, known: Known, connect: Connect, kind: str) -> None:
    """A host with several keys shows the one that is known."""
    make_key(host.folder / kind, kind)
    host.restart_sshd(lines=[f"HostKey /srv/{kind}"])
    known(host, "{name} " + " ".join((host.folder / f"{kind}.pub").read_text().split()[:2]))
    connect(host)


@pytest.mark.parametrize("line", ["@revoked {name} {key}", "@revoked * {key}", "@revoked 127.0.0.1 {key}"])
def test_a_revoked_key_is_refused(host: SshHost, known: Known, connect: Connect, line: str) -> None:
    """Whatever else the file says of it."""
    known(host, "{name} {key}", line)
    error = refused(connect, host)
    assert "revoked-host-key" == error.code
    assert "known_hosts:2" in error.message


class TestAuthority:
    """Certificates of hosts."""

    @pytest.fixture
    def authority(self, tmp_path: Path) -> Path:
        """An authority's key; beside it is the public part."""
        make_key(tmp_path / "ca")
        return tmp_path / "ca"

    @pytest.fixture
    def certify(self, host: SshHost, authority: Path) -> Callable[..., None]:
        """Let the authority sign the host's key; sshd shows the certificate from then on."""

        def certify(*options: str, key: str = "host_key", signer: Path = authority, is_host: bool = True) -> None:
            kind = ("-h",) if is_host else ()
            run("ssh-keygen", "-q", "-s", str(signer), "-I", "kvm 1", *kind, *options, str(host.folder / f"{key}.pub"))
            host.restart_sshd(lines=[f"HostKey /srv/{key}", f"HostCertificate /srv/{key}-cert.pub"])

        return certify

    @pytest.fixture
    def trust(self, host: SshHost, known: Known, authority: Path) -> str:
        """Trust the authority for all hosts; give the start of its line."""
        line = f"@cert-authority * {' '.join(Path(f'{authority}.pub').read_text().split()[:2])}"
        known(host, line)
        return line

    def test_a_certificate_is_enough(
        self, host: SshHost, certify: Callable[..., None], trust: str, connect: Connect
    ) -> None:
        """The host's own key is in no file."""
        certify("-n", "127.0.0.1,kvm1", "-V", "-1d:+1d")
        connect(host)

    def test_a_name_with_a_wildcard_fits(
        self, host: SshHost, certify: Callable[..., None], trust: str, connect: Connect
    ) -> None:
        """As in ssh."""
        certify("-n", "kvm1,127.0.*")
        connect(host)

    @pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
    def test_other_kinds_of_keys(
        self, host: SshHost, certify: Callable[..., None], trust: str, connect: Connect, kind: str
    ) -> None:
        """RSA's certificates have names of their own in the handshake."""
        make_key(host.folder / kind, kind)
        certify("-n", "127.0.0.1", key=kind)
        connect(host)

    @pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
    def test_other_kinds_of_authorities(
        self, host: SshHost, certify: Callable[..., None], known: Known, connect: Connect, tmp_path: Path, kind: str
    ) -> None:
        """The authority's key may be of any kind."""
        make_key(tmp_path / "other-ca", kind)
        known(host, "@cert-authority * " + " ".join((tmp_path / "other-ca.pub").read_text().split()[:2]))
        certify("-n", "127.0.0.1", signer=tmp_path / "other-ca")
        connect(host)

    @pytest.mark.parametrize(
        ("options", "reason"),
        [
            (("-n", "127.0.0.1", "-V", "-2d:-1d"), "it has expired"),
            (("-n", "127.0.0.1", "-V", "+1d:+2d"), "it is not valid yet"),
            (("-n", "kvm2,kvm3"), "it is for kvm2, kvm3"),
            ((), "it names no host"),
            (("-n", "127.0.0.1", "-O", "critical:only-on-mondays"), "it has the critical option 'only-on-mondays'"),
        ],
    )
    def test_a_certificate_that_does_not_speak_for_the_host_is_none(
        self,
        host: SshHost,
        certify: Callable[..., None],
        trust: str,
        connect: Connect,
        options: tuple[str, ...],
        reason: str,
    ) -> None:
        """The message says what is wrong with it."""
        certify(*options)
        error = refused(connect, host)
        assert "unknown-host-key" == error.code
        assert f"its certificate 'kvm 1' does not count: {reason}" in error.message

    def test_the_plain_key_still_counts(
        self, host: SshHost, certify: Callable[..., None], trust: str, known: Known, connect: Connect
    ) -> None:
        """A certificate that has expired makes no known host unknown."""
        known(host, trust, "{name} {key}")
        certify("-n", "127.0.0.1", "-V", "-2d:-1d")
        connect(host)

    def test_another_authority_is_refused(
        self, host: SshHost, certify: Callable[..., None], trust: str, connect: Connect, tmp_path: Path
    ) -> None:
        """Its fingerprint is in the message."""
        make_key(tmp_path / "rogue")
        certify("-n", "127.0.0.1", signer=tmp_path / "rogue")
        fingerprint = run("ssh-keygen", "-lf", str(tmp_path / "rogue.pub")).split()[1]
        assert f"unknown authority, {fingerprint}" in refused(connect, host).message

    def test_an_authority_for_other_hosts_is_refused(
        self, host: SshHost, certify: Callable[..., None], trust: str, known: Known, connect: Connect
    ) -> None:
        """The names of the line count."""
        known(host, trust.replace(" * ", " *.example.com "))
        certify("-n", "127.0.0.1")
        assert "unknown-host-key" == refused(connect, host).code

    def test_a_revoked_authority_is_refused(
        self, host: SshHost, certify: Callable[..., None], trust: str, known: Known, connect: Connect
    ) -> None:
        """And so is a revoked key with a good certificate."""
        certify("-n", "127.0.0.1")
        known(host, trust, trust.replace("@cert-authority", "@revoked"))
        assert "revoked-host-key" == refused(connect, host).code

    def test_a_revoked_key_with_a_certificate_is_refused(
        self, host: SshHost, certify: Callable[..., None], trust: str, known: Known, connect: Connect
    ) -> None:
        """The certificate does not make it good again."""
        certify("-n", "127.0.0.1")
        known(host, trust, "@revoked * {key}")
        assert "revoked-host-key" == refused(connect, host).code


def test_a_file_for_all_users_counts(host: SshHost, known: Known, open_shell: Open, tmp_path: Path) -> None:
    """GlobalKnownHostsFile is read beside the user's."""
    shutil.copy(host.known_hosts, tmp_path / "global")
    known(host)
    empty, file = f"UserKnownHostsFile={tmp_path / 'none'}", f"GlobalKnownHostsFile={tmp_path / 'global'}"
    shell = open_shell(host, "-o", empty, "-o", file)
    assert b"host1\n" == shell.run("hostname", deadline=soon()).output


def test_broken_lines_are_said(host: SshHost, known: Known, connect: Connect, warnings: list[str], home: Path) -> None:
    """A line that cannot be read might have been a revocation."""
    known(host, "{name} {key}", "@revoked * ssh-ed25519 AAAA", "@wrong * {key}", "name")
    connect(host)
    file = home / ".ssh" / "known_hosts"
    assert [
        f"{file}:2: the key is not of the kind 'ssh-ed25519'",
        f"{file}:3: expected @cert-authority or @revoked, found '@wrong'",
        f"{file}:4: expected names, a kind of key and a key",
    ] == warnings


@pytest.mark.parametrize("value", ["no", "accept-new", "off"])
def test_no_setting_makes_an_unknown_host_known(
    host: SshHost, open_shell: Open, warnings: list[str], tmp_path: Path, value: str
) -> None:
    """StrictHostKeyChecking can be no weaker than it is, and that is said."""
    arguments = ("-o", f"StrictHostKeyChecking={value}", "-o", f"UserKnownHostsFile={tmp_path / 'none'}")
    with pytest.raises(HostError, match="unknown host key"):
        open_shell(host, *arguments)
    assert [
        f"ssh's arguments: StrictHostKeyChecking {value} is not honoured: unknown host keys are refused"
    ] == warnings
