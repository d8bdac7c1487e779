"""known_hosts is read as ssh-keygen reads it, quickly, and whatever it holds."""

import subprocess
import time
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omc.drivers.ssh.known_hosts import AUTHORITY, REVOKED, KnownHosts, lookup_name, read


def key(number: int = 0, kind: str = "ssh-ed25519") -> str:
    """A line's key: its kind and the base64 of something that names that kind."""
    blob = len(kind).to_bytes(4, "big") + kind.encode() + number.to_bytes(36, "big")
    return f"{kind} {b64encode(blob).decode()}"


def known(text: str) -> KnownHosts:
    table = KnownHosts()
    table.add_text(text, "file")
    return table


def places(table: KnownHosts, name: str) -> list[str]:
    return sorted(entry.where for entry in table.entries(name))


@pytest.mark.parametrize(
    ("names", "name", "expected"),
    [
        ("kvm1", "kvm1", True),
        ("KVM1", "kvm1", True),
        ("kvm1", "Kvm1", True),
        ("kvm1,kvm2", "kvm2", True),
        ("kvm1,kvm2", "kvm1,kvm2", False),
        ("kvm*", "kvm1", True),
        ("kvm*,!kvm1", "kvm1", False),
        ("[kvm1]:2222", "[kvm1]:2222", True),
        ("[kvm1]:2222", "kvm1", False),
        ("[kvm*]:*", "[kvm1]:2222", True),
        ("2001:db8::1", "2001:db8::1", True),
        ("kvm1,", "kvm1", True),
    ],
)
def test_whose_line_it_is(names: str, name: str, expected: bool) -> None:
    assert expected == bool(places(known(f"{names} {key()}"), name))


def test_the_markers_are_kept() -> None:
    """And the place of each line."""
    table = known(f"\n@cert-authority * {key(1)}\n# no\n@revoked\t* {key(2)}\nkvm1 {key(3)} and a comment\n")
    found = {entry.where: entry.marker for entry in table.entries("kvm1")}
    assert {"file:2": AUTHORITY, "file:4": REVOKED, "file:5": ""} == found


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("kvm1", "expected names, a kind of key and a key"),
        ("kvm1 ssh-ed25519", "expected names, a kind of key and a key"),
        ("@cert-authority kvm1 ssh-ed25519", "expected names, a kind of key and a key"),
        (f"@other * {key()}", "expected @cert-authority or @revoked, found '@other'"),
        ("kvm1 ssh-ed25519 !!!", "the key is no base64"),
        ("kvm1 ssh-ed25519 AAAA", "the key is not of the kind 'ssh-ed25519'"),
        (key().replace("ssh-ed25519", "kvm1 ssh-rsa"), "the key is not of the kind 'ssh-rsa'"),
        (f"|1|x|y {key()}", "the hashed name is no base64"),
    ],
)
def test_what_is_wrong_with_a_line(line: str, message: str) -> None:
    """The others count."""
    table = known(f"{line}\nkvm9 {key()}\n")
    assert [f"file:1: {message}"] == table.faults
    assert ["file:2"] == places(table, "kvm9")


def test_files_that_are_not_there_have_no_hosts(tmp_path: Path) -> None:
    """One that cannot be read is said."""
    table = read([tmp_path / "none", tmp_path])
    assert [f"{tmp_path}: Is a directory"] == table.faults


def test_ten_thousand_hosts_are_quick(tmp_path: Path) -> None:
    """Paramiko takes ten seconds to load them."""
    text = "".join(f"kvm{number},10.0.0.{number} {key(number)}\n" for number in range(10_000))
    (tmp_path / "known_hosts").write_text(text)
    started = time.process_time()
    table = read([tmp_path / "known_hosts"])
    assert ["known_hosts:10000"] == [Path(place).name for place in places(table, "kvm9999")]
    for number in range(1000):
        assert table.entries(f"kvm{number}")
    assert 3 > time.process_time() - started


NAMES = st.lists(st.from_regex(r"!?[a-c*?]{1,3}(\.[ab*])?|\[[ab*]\]:(22|2222)", fullmatch=True), min_size=1, max_size=3)


@settings(max_examples=40, deadline=None)
@given(lines=st.lists(NAMES, max_size=6), name=st.from_regex(r"[a-c]{1,3}(\.[ab])?|\[[ab]\]:(22|2222)", fullmatch=True))
def test_ssh_keygen_finds_the_same_lines(
    lines: list[list[str]], name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """`ssh-keygen -F` is the oracle for names, wildcards and negation."""
    file = tmp_path_factory.mktemp("known") / "known_hosts"
    file.write_text("".join(f"{','.join(names)} {key(at)}\n" for at, names in enumerate(lines)))
    said = subprocess.run(["ssh-keygen", "-F", name, "-f", file], capture_output=True, text=True, check=False).stdout
    expected = sorted(f"{file}:{line.split()[-1]}" for line in said.splitlines() if line.startswith("#"))
    assert expected == places(read([file]), name)


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    """A line is known or a fault; nothing is raised."""
    known(text).entries("kvm1")


@pytest.mark.parametrize(("name", "port", "expected"), [("kvm1", 22, "kvm1"), ("kvm1", 2222, "[kvm1]:2222")])
def test_the_name_in_the_file_has_the_port_where_it_is_not_22(name: str, port: int, expected: str) -> None:
    assert expected == lookup_name(name, port)
