"""TLS: who is let in by certificate, and certificates that change while the server runs."""

import socket
import ssl
import time
from ipaddress import ip_address

import pytest
from cryptography import x509

from tests.server.certificates import Authority
from tests.server.test_server import values

CLIENTS = """\
  client_ca_file: clients.crt
  client_auth_type: {}
"""


@pytest.fixture
def authority(tmp_path):
    """The authority of the server's certificate, which is there for 127.0.0.1."""
    authority = Authority(tmp_path)
    authority.issue("server", x509.IPAddress(ip_address("127.0.0.1")))
    return authority


@pytest.fixture
def write(tmp_path):
    def write(more=""):
        path = tmp_path / "web.yml"
        path.write_text(f"tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n{more}")
        return path

    return write


def trusting(authority, *own):
    context = ssl.create_default_context(cafile=authority.path)
    if own:
        context.load_cert_chain(*own)
    return context


def test_a_client_that_trusts_the_authority_is_answered(start, authority, write):
    """And plain HTTP on the same port is not."""
    server = start(write())
    assert 200 == server.ask("/-/healthy", context=trusting(authority))[0]
    with pytest.raises(OSError):
        server.ask("/-/healthy")


def test_only_the_configured_versions_are_spoken(start, authority, write):
    """A client of TLS 1.2 is refused where TLS13 is the least."""
    server = start(write("  min_version: TLS13\n"))
    old = trusting(authority)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(OSError):
        server.ask("/-/healthy", context=old)
    assert 200 == server.ask("/-/healthy", context=trusting(authority))[0]


def test_a_rotated_certificate_needs_no_restart(start, authority, write, tmp_path):
    """The next connection has the new one; one that is open goes on."""
    server = start(write())
    before = server.connect(trusting(authority))
    before.request("GET", "/-/healthy")
    assert 200 == before.getresponse().read().count(b"healthy") * 200
    other = Authority(tmp_path, "other")
    other.issue("server", x509.IPAddress(ip_address("127.0.0.1")))
    assert 200 == server.ask("/-/healthy", context=trusting(other))[0]
    with pytest.raises(ssl.SSLError):
        server.ask("/-/healthy", context=trusting(authority))
    before.request("GET", "/-/healthy")
    assert 200 == before.getresponse().status
    before.close()


def test_clients_without_a_verified_certificate_are_refused(start, authority, write, tmp_path):
    """RequireAndVerifyClientCert: none, and one of another authority, get no answer."""
    clients = Authority(tmp_path, "clients")
    stranger = Authority(tmp_path, "strangers").issue("stranger")
    server = start(write(CLIENTS.format("RequireAndVerifyClientCert")))
    for own in ((), stranger):
        with pytest.raises(OSError):
            server.ask("/-/healthy", context=trusting(authority, *own))
    assert 200 == server.ask("/-/healthy", context=trusting(authority, *clients.issue("prometheus")))[0]


def test_a_given_certificate_is_verified(start, authority, write, tmp_path):
    """VerifyClientCertIfGiven: none is fine, a wrong one is not."""
    clients = Authority(tmp_path, "clients")
    stranger = Authority(tmp_path, "strangers").issue("stranger")
    server = start(write(CLIENTS.format("VerifyClientCertIfGiven")))
    for own in ((), clients.issue("prometheus")):
        assert 200 == server.ask("/-/healthy", context=trusting(authority, *own))[0]
    with pytest.raises(OSError):
        server.ask("/-/healthy", context=trusting(authority, *stranger))


@pytest.mark.parametrize(
    ("name", "is_let_in"),
    [
        (x509.DNSName("prometheus.example"), True),
        (x509.IPAddress(ip_address("192.0.2.1")), True),
        (x509.RFC822Name("ops@example.org"), True),
        (x509.UniformResourceIdentifier("spiffe://example.org/prometheus"), True),
        (x509.DNSName("grafana.example"), False),
        (None, False),
    ],
    ids=["dns", "ip", "mail", "uri", "another", "none"],
)
def test_only_allowed_names_are_let_in(start, authority, write, tmp_path, name, is_let_in):
    """A good certificate with another name is cut off before anything is answered."""
    clients = Authority(tmp_path, "clients")
    names = "[prometheus.example, 192.0.2.1, ops@example.org, 'spiffe://example.org/prometheus']"
    server = start(write(CLIENTS.format("RequireAndVerifyClientCert") + f"  client_allowed_sans: {names}\n"))
    own = clients.issue("client", *([name] if name else []))
    if is_let_in:
        assert 200 == server.ask("/-/healthy", context=trusting(authority, *own))[0]
    else:
        with pytest.raises(OSError):
            server.ask("/-/healthy", context=trusting(authority, *own))


def test_a_handshake_that_does_not_end_is_cut_off(start, authority, write):
    """A hundred clients that connect and say nothing are gone soon, and hold nobody up."""
    server = start(write())
    clients = [socket.create_connection((server.host, server.port), timeout=10) for _ in range(100)]
    assert 200 == server.ask("/-/healthy", context=trusting(authority))[0]
    started = time.monotonic()
    for client in clients:
        assert b"" == client.recv(1)
        client.close()
    assert time.monotonic() - started < 5
    assert 1.0 == values(server.ask("/metrics", context=trusting(authority))[2])["omc_exporter_targets",] / 10


def test_a_client_that_never_says_goodbye_does_not_hold_up_the_end(start, authority, write):
    """It keeps its connection open, idle, and reads nothing any more."""
    server = start(write())
    with trusting(authority).wrap_socket(
        socket.create_connection((server.host, server.port), timeout=10), server_hostname=server.host
    ) as client:
        client.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 200")
        assert 0 == server.end(10)
