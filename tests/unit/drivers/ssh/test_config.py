"""ssh_config means what it means to ssh; what omc does not read in it is said by name."""

import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from omc.drivers.ssh.config import READ, WITHOUT_EFFECT, Configuration
from omc.drivers.ssh.settings import Resolver, Settings, Wanted
from omc.errors import SiteError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / ".ssh").mkdir()
    return tmp_path


@pytest.fixture
def warnings() -> list[str]:
    return []


@pytest.fixture
def lookup(home: Path, warnings: list[str]):
    """Return what a configuration's text means for a host."""

    def read(text: str, host: str = "kvm1", **wanted: object) -> Settings:
        (home / ".ssh" / "config").write_text(text)
        configuration = Configuration()
        configuration.add_file(home / ".ssh" / "config", home, warnings.append)
        return Resolver(configuration, home, warnings.append).settings(Wanted(host=host, **wanted))

    return read


def test_without_a_word_it_is_as_in_ssh(lookup, home: Path) -> None:
    """Own name, port 22, the usual keys and files."""
    found = lookup("")
    assert ("kvm1", 22, (), "", "kvm1") == (found.address, found.port, found.jumps, found.proxy_command, found.known_as)
    assert tuple(f"{home}/.ssh/id_{kind}" for kind in ("rsa", "ecdsa", "ed25519")) == found.identities
    assert home / ".ssh" / "known_hosts" == found.known_hosts[0]
    assert Path("/etc/ssh/ssh_known_hosts") in found.known_hosts
    assert not found.identities_only


def test_the_first_value_wins(lookup) -> None:
    """And what the caller says comes before all."""
    text = "User first\nHost kvm*\n  User second\n  Port 2222\nHost *\n  Port 3333\n  HostName %h.example.com\n"
    found = lookup(text)
    assert ("first", 2222, "kvm1.example.com") == (found.user, found.port, found.address)
    found = lookup(text, user="me", port=1)
    assert ("me", 1) == (found.user, found.port)


def test_keys_add_up(lookup, home: Path) -> None:
    """Those of every part that fits, with tokens and the home filled in."""
    text = 'Host kvm1\n IdentityFile ~/a\n IdentityFile "~/with space"\nHost *\n IdentityFile %d/%r@%h\n User admin\n'
    assert (f"{home}/a", f"{home}/with space", f"{home}/admin@kvm1") == lookup(text).identities


@pytest.mark.parametrize(
    "line",
    ["Port 2222", "port=2222", "PORT = 2222", "\tPort\t2222", 'Port "2222"', "Port 2222 # comment", "Port   =2222"],
)
def test_a_line_may_be_written_in_many_ways(lookup, line: str) -> None:
    assert 2222 == lookup(f"# comment\n\nHost kvm1\n{line}\n").port


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Host kvm1", True),
        ("Host a kvm1", True),
        ("Host kvm? !kvm1", False),
        ("Host !kvm2 *", True),
        ("Host *.example.com", False),
        ("Match all", True),
        ("Match final all", True),
    ],
)
def test_which_part_holds_for_a_host(lookup, line: str, expected: bool) -> None:
    assert (2222 if expected else 22) == lookup(f"{line}\n  Port 2222\n").port


def test_files_are_included(lookup, home: Path) -> None:
    """Relative to ~/.ssh, with wildcards, and under the conditions around it."""
    (home / ".ssh" / "conf.d").mkdir()
    (home / ".ssh" / "conf.d" / "1.conf").write_text("User one\nHost kvm2\n  Port 2\n")
    (home / ".ssh" / "conf.d" / "2.conf").write_text("Host kvm1\n  Port 1\n")
    text = "Host kvm*\n  Include conf.d/*.conf none\n  HostName a\nHost *\n  User last\n"
    assert ("one", 1, "a") == (lookup(text).user, lookup(text).port, lookup(text).address)
    assert ("one", 2, "a") == (lookup(text, "kvm2").user, lookup(text, "kvm2").port, lookup(text, "kvm2").address)
    assert ("last", 22) == (lookup(text, "other").user, lookup(text, "other").port)


def test_files_that_include_each_other_are_refused(lookup, home: Path) -> None:
    (home / ".ssh" / "a").write_text("Include a\n")
    with pytest.raises(SiteError, match="include each other more than 16 levels deep"):
        lookup("Include a\n")


@pytest.mark.parametrize(
    ("text", "jumps", "command"),
    [
        ("ProxyJump a,b@c:3", ("a", "b@c:3"), ""),
        ("ProxyJump none\nProxyCommand x", (), ""),
        ("ProxyCommand none\nProxyJump a", (), ""),
        ("ProxyCommand ssh -W %h:%p 'gate 1'", (), "ssh -W kvm1:22 'gate 1'"),
        ("ProxyCommand x\nProxyJump a", (), "x"),
        ("ProxyJump a\nProxyCommand x", ("a",), ""),
    ],
)
def test_the_way_to_a_host(lookup, text: str, jumps: tuple[str, ...], command: str) -> None:
    """Of two ways the first counts."""
    found = lookup(text)
    assert (jumps, command) == (found.jumps, found.proxy_command)


def test_other_settings(lookup, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each that is read ends in its place."""
    monkeypatch.setenv("KEYS", "/k")
    found = lookup(
        "HostKeyAlias real\nIdentitiesOnly yes\nConnectTimeout 7\nServerAliveInterval 3\nServerAliveCountMax 9\n"
        "AddressFamily inet6\nIdentityAgent ~/agent\nCertificateFile ${KEYS}/c\nUserKnownHostsFile ~/k1 /k2\n"
        "GlobalKnownHostsFile none\nKexAlgorithms +x\n"
    )
    assert ("real", True, 7.0, 3.0, 9) == (
        found.known_as,
        found.identities_only,
        found.connect_seconds,
        found.alive_seconds,
        found.alive_count,
    )
    assert (f"{home}/agent", ("/k/c",), (home / "k1", Path("/k2"))) == (
        found.agent,
        found.certificates,
        found.known_hosts,
    )
    assert {"kexalgorithms": "+x"} == dict(found.algorithms)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Port", "config:1: port has no value"),
        ("\nPort x", "config:2: expected a number as port, found 'x'"),
        ("Port 0", "config:1: expected a number as port, found '0'"),
        ("User 'open", "config:1: user: no closing quotation"),
        ("HostName a b", ""),
        ("HostName -oProxyCommand=x", "config:1: '-oProxyCommand=x' is no host name or address"),
        ("HostName %Q", "config:1: %Q is not known here, in '%Q'"),
        ("AddressFamily x", "config:1: expected any, inet or inet6, found 'x'"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(lookup, text: str, message: str) -> None:
    if not message:
        assert "a" == lookup(text).address
        return
    with pytest.raises(SiteError) as refused:
        lookup(text)
    assert str(refused.value).endswith(message)


def test_what_is_not_honoured_is_said(lookup, warnings: list[str], home: Path) -> None:
    """With its line; what would change nothing is passed over."""
    lookup("BindInterface eth0\nForwardAgent yes\nControlMaster auto\nMatch user root\n  Port 2222\n  SendEnv LANG\n")
    file = home / ".ssh" / "config"
    assert [f"{file}:1: bindinterface is not honoured", f"{file}:4: Match is not honoured, nor port in it"] == warnings


def test_no_option_is_both_read_and_passed_over() -> None:
    assert set() == set(READ) & WITHOUT_EFFECT


def oracle(file: Path, host: str) -> dict[str, str]:
    """What ssh itself would do."""
    done = subprocess.run(["ssh", "-G", "-F", file, host], capture_output=True, text=True, check=True)
    return dict(line.split(" ", 1) for line in reversed(done.stdout.splitlines()) if " " in line)


LINES = st.one_of(
    st.sampled_from(
        ["Host *", "Host kvm1", "Host kvm2", "Host kvm* !kvm2", "Host !kvm1 *", "Match all", "# Port 9", ""]
    ),
    st.builds("Port {}".format, st.integers(1, 65535)),
    st.builds("  User={}".format, st.sampled_from(["a", "b", '"c"'])),
    st.builds("HostName {}".format, st.sampled_from(["x", "%h.example.com", "10.0.0.1"])),
    st.builds("ConnectTimeout {}".format, st.integers(1, 99)),
    st.builds("HostKeyAlias {}".format, st.sampled_from(["k", "l"])),
)


@effort(max_examples=60, deadline=None)
@given(lines=st.lists(LINES, max_size=10), host=st.sampled_from(["kvm1", "kvm2", "other"]))
def test_ssh_understands_the_same(lines: list[str], host: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """`ssh -G` is the oracle for parts, order and tokens."""
    home = tmp_path_factory.mktemp("home")
    (home / "config").write_text("\n".join(lines) + "\n")
    configuration = Configuration()
    configuration.add_file(home / "config", home, print)
    found = Resolver(configuration, home, print).settings(Wanted(host=host))
    wanted = oracle(home / "config", host)
    assert (wanted["hostname"], wanted["port"], wanted["user"]) == (found.address, str(found.port), found.user)
    assert wanted.get("hostkeyalias", found.address) == found.known_as
    assert wanted["connecttimeout"] == ("none" if found.connect_seconds is None else f"{found.connect_seconds:.0f}")


@given(text=st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Never anything but a SiteError."""
    home = tmp_path_factory.mktemp("home")
    (home / "config").write_text(text, encoding="utf-8", errors="surrogatepass")
    configuration = Configuration()
    with suppress(SiteError):
        configuration.add_file(home / "config", home, lambda _: None)
        Resolver(configuration, home, lambda _: None).settings(Wanted(host="kvm1"))
