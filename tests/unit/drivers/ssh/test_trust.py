"""A certificate is believed only as its authority signed it, and every broken one is refused in words."""

from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.drivers.ssh.certificates import SUFFIX, parse
from omc.drivers.ssh.known_hosts import KnownHosts
from omc.drivers.ssh.session import _verify
from omc.drivers.ssh.trust import Place, Trust, preferred
from omc.errors import HostError
from tests.lab.process import run

HOST = "kvm1.example.com"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority and a host's key with a certificate of it."""
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("ca", "host"):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name))
    names = f"{HOST},kvm*.internal"
    run(
        "ssh-keygen", "-q", "-s", str(folder / "ca"), "-I", "me", "-h", "-z", "7", "-n", names, str(folder / "host.pub")
    )
    return folder


def blob(path: Path) -> bytes:
    return b64decode(path.read_text().split()[1])


@pytest.fixture
def check(folder: Path) -> Callable[..., None]:
    """Check a certificate against known_hosts with the authority for all hosts."""
    authority = " ".join((folder / "ca.pub").read_text().split()[:2])

    def check(certificate: bytes, *, key: bytes = blob(folder / "host.pub"), host: str = HOST) -> None:
        known = KnownHosts()
        known.add_text(f"@cert-authority * {authority}\n", "file")
        Trust(known, Place("kvm1", host, 22, "file")).check(key, certificate, _verify)

    return check


def test_a_good_one_is_believed(check: Callable[..., None], folder: Path) -> None:
    """For each of its names."""
    certificate = blob(folder / "host-cert.pub")
    for host in (HOST, "KVM1.example.com", "kvm9.internal"):
        check(certificate, host=host)
    with pytest.raises(HostError, match=r"it is for kvm1\.example\.com, kvm\*\.internal"):
        check(certificate, host="kvm2.example.com")


def test_every_byte_of_it_is_signed(check: Callable[..., None], folder: Path) -> None:
    """Whichever byte is changed, it is a refusal, and no other error."""
    certificate = blob(folder / "host-cert.pub")
    for at in range(len(certificate)):
        changed = certificate[:at] + bytes([certificate[at] ^ 1]) + certificate[at + 1 :]
        with pytest.raises(HostError):
            check(changed)


def test_a_part_of_it_is_nothing(check: Callable[..., None], folder: Path) -> None:
    """However much is missing."""
    certificate = blob(folder / "host-cert.pub")
    for size in range(len(certificate)):
        with pytest.raises(HostError):
            check(certificate[:size])


def test_it_is_about_one_key(check: Callable[..., None], folder: Path) -> None:
    """A certificate of another host's key proves nothing."""
    with pytest.raises(HostError, match="it is about another key"):
        check(blob(folder / "host-cert.pub"), key=blob(folder / "ca.pub"))


def test_what_it_says_is_read(folder: Path) -> None:
    """As ssh-keygen -L shows it."""
    certificate = parse(blob(folder / "host-cert.pub"))
    assert (7, 2, "me", [HOST, "kvm*.internal"]) == (
        certificate.serial,
        certificate.kind,
        certificate.name,
        certificate.principals,
    )
    assert blob(folder / "ca.pub") == certificate.authority


@given(st.binary(max_size=300))
def test_anything_else_is_no_certificate(data: bytes) -> None:
    with pytest.raises(ValueError):
        parse(data)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([], ["a", "rsa-sha2-512", "rsa-sha2-256", "b"]),
        (["b"], ["b", "a", "rsa-sha2-512", "rsa-sha2-256"]),
        (["ssh-rsa", "b"], ["rsa-sha2-512", "rsa-sha2-256", "b", "a"]),
        (["unknown"], ["a", "rsa-sha2-512", "rsa-sha2-256", "b"]),
    ],
)
def test_the_known_kinds_are_asked_for_first(kinds: list[str], expected: list[str]) -> None:
    algorithms = ["a", "rsa-sha2-512", "rsa-sha2-256", "b"]
    assert expected == preferred(kinds, algorithms)
    assert [f"{one}{SUFFIX}" for one in algorithms] + expected == preferred([SUFFIX, *kinds], algorithms)
