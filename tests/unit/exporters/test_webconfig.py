"""The web configuration: what is read, and each mistake with its line."""

import ssl

import bcrypt
import pytest
import yaml
from cryptography import x509
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omc.errors import SiteError
from omc.exporters.webconfig import WebFile, read_web_config
from omc.exporters.webconfig.ciphers import SUITES
from tests.server.certificates import Authority

HASH = bcrypt.hashpw(b"secret", bcrypt.gensalt(4)).decode()
TLS = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"


@pytest.fixture
def write(tmp_path):
    """Write a configuration, and return its path."""

    def write(text):
        path = tmp_path / "web.yml"
        path.write_text(text)
        return path

    return write


def test_a_whole_file_is_read(write, tmp_path):
    """Every key that can be honoured arrives, and a file's path is taken from the configuration's folder."""
    config = read_web_config(
        write(f"""\
tls_server_config:
  cert_file: server.crt
  key_file: /keys/server.key
  client_ca_file: ca.crt
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [prometheus.example, 10.0.0.1]
  min_version: TLS12
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: false
  curve_preferences: [X25519]
http_server_config:
  http2: false
  headers:
    X-Frame-Options: deny
    X-XSS-Protection: ""
    Strict-Transport-Security: max-age=63072000; includeSubDomains
basic_auth_users:
  prometheus: "{HASH}"
rate_limit:
  interval: 1m0.5s
  burst: 20
""")
    )
    assert config.tls is not None
    assert tmp_path / "server.crt" == config.tls.certificate.path
    assert "/keys/server.key" == str(config.tls.key.path)
    assert frozenset({"prometheus.example", "10.0.0.1"}) == config.tls.allowed_names
    assert ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",) == config.tls.ciphers
    assert "X25519" == config.tls.curve
    assert not config.tls.prefer_own_order
    assert ["X-Frame-Options", "Strict-Transport-Security"] == [name for name, _ in config.headers]
    assert {"prometheus": HASH.encode()} == dict(config.users)
    assert (60.5, 20) == (config.interval_seconds, config.burst)


@pytest.mark.parametrize("text", ["", "# nothing\n", "basic_auth_users:\n", "rate_limit:\n  interval: 0\n"])
def test_an_empty_file_is_plain_http_for_everybody(write, text):
    """Nothing set is nothing changed."""
    config = read_web_config(write(text))
    assert (None, {}, 0.0) == (config.tls, dict(config.users), config.interval_seconds)


MISTAKES = {
    "an unknown section": ("tls_config: {}\n", 1, "unknown key 'tls_config'"),
    "an unknown key": (f"{TLS}  cert_fil: x\n", 4, "unknown key 'cert_fil'"),
    "no mapping": ("- 1\n", 1, "expected a mapping, found a list"),
    "broken YAML": ("basic_auth_users: {\n", 2, "broken YAML"),
    "http2": ("http_server_config:\n  http2: true\n", 2, "speaks HTTP/1.1 only"),
    "an unknown header": ("http_server_config:\n  headers:\n    Server: x\n", 3, "unknown key 'Server'"),
    "two headers in one": (
        'http_server_config:\n  headers:\n    X-XSS-Protection: "1\\r\\nSet-Cookie: x"\n',
        3,
        "expected text on one line",
    ),
    "a header's value": ("http_server_config:\n  headers:\n    X-Frame-Options: maybe\n", 3, "deny or sameorigin"),
    "an old version": (f"{TLS}  min_version: TLS10\n", 4, "expected one of TLS12, TLS13"),
    "versions crossed": (f"{TLS}  min_version: TLS13\n  max_version: TLS12\n", 5, "below min_version"),
    "an unsafe suite": (f"{TLS}  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]\n", 4, "no suite that Go holds for safe"),
    "an unknown curve": (f"{TLS}  curve_preferences: [CurveP999]\n", 4, "'CurveP999' is not known here"),
    "two curves": (f"{TLS}  curve_preferences: [X25519, CurveP256]\n", 4, "one curve only"),
    "no verification": (f"{TLS}  client_auth_type: RequireAnyClientCert\n", 4, "client_auth_type: expected one of"),
    "no authority": (f"{TLS}  client_auth_type: RequireAndVerifyClientCert\n", 4, "needs client_ca_file"),
    "an idle authority": (f"{TLS}  client_ca_file: ca.crt\n", 4, "would change nothing"),
    "names unverified": (f"{TLS}  client_allowed_sans: [a]\n", 4, "needs RequireAndVerifyClientCert"),
    "both certificates": (f"{TLS}  cert: '-----BEGIN CERTIFICATE-----'\n", 4, "expected one of them, found both"),
    "a password": ("basic_auth_users:\n  a: hunter2\n", 2, "expected a bcrypt hash for 'a'"),
    "a colon in a name": (f'basic_auth_users:\n  "a:b": "{HASH}"\n', 2, "a user's name has no colon"),
    "no burst": ("rate_limit:\n  interval: 1s\n", 2, "without at least 1"),
    "no duration": ("rate_limit:\n  interval: soon\n  burst: 1\n", 2, "expected a duration"),
    "a negative burst": ("rate_limit:\n  interval: 1s\n  burst: -1\n", 3, "expected a whole number"),
}


@pytest.mark.parametrize(("text", "line", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_refused_with_its_line(write, text, line, message):
    """The file is refused, and the message says where."""
    path = write(text)
    with pytest.raises(SiteError) as caught:
        read_web_config(path)
    assert message in caught.value.message
    assert f"{path}:{line}" == caught.value.where


def test_a_secret_is_never_shown(write):
    """Neither a password in the place of a hash nor a key stands in the message."""
    path = write("tls_server_config:\n  key: my-private-key\nbasic_auth_users:\n  a: hunter2\n")
    with pytest.raises(SiteError) as caught:
        read_web_config(path)
    said = f"{caught.value} {caught.value.hint}"
    assert "hunter2" not in said
    assert "my-private-key" not in said


def test_tls_without_a_certificate_is_refused(write):
    """An empty section does not quietly mean plain HTTP."""
    with pytest.raises(SiteError, match="expected cert_file and key_file"):
        read_web_config(write("tls_server_config:\n  min_version: TLS13\n"))
    with pytest.raises(SiteError, match="expected cert_file and key_file"):
        read_web_config(write("tls_server_config: {}\n"))


def test_a_missing_certificate_is_named(write, tmp_path):
    """The file that cannot be read is the place of the error."""
    with pytest.raises(SiteError) as caught:
        WebFile(write(TLS))
    assert str(tmp_path / "server.crt") == caught.value.where


def test_a_key_that_does_not_belong_is_refused(write, tmp_path):
    """A certificate with another's key is a mistake at the start, not at the first connection."""
    authority = Authority(tmp_path)
    authority.issue("server")
    authority.issue("other")[1].rename(tmp_path / "server.key")
    with pytest.raises(SiteError, match="cannot be used"):
        WebFile(write(TLS))


def test_ciphers_versions_and_curve_reach_openssl(write, tmp_path):
    """What the file names is what the context offers for TLS 1.2."""
    Authority(tmp_path).issue("server")
    names = list(SUITES)
    text = f"{TLS}  cipher_suites: [{', '.join(names)}]\n  max_version: TLS12\n  curve_preferences: [CurveP384]\n"
    context = WebFile(write(text)).current().context
    assert context is not None
    assert ssl.TLSVersion.TLSv1_2 == context.maximum_version
    offered = [cipher["name"] for cipher in context.get_ciphers() if cipher["protocol"] != "TLSv1.3"]
    assert list(SUITES.values()) == offered


def test_suites_of_tls_1_3_alone_leave_tls_1_2_out(write):
    """As with Go, no suite is left for TLS 1.2."""
    config = read_web_config(write(f"{TLS}  cipher_suites: [TLS_AES_256_GCM_SHA384]\n"))
    assert config.tls is not None
    assert "TLS13" == config.tls.minimum


def test_certificates_may_stand_in_the_file(write, tmp_path):
    """Inline PEM needs no file on the disk."""
    certificate, key = Authority(tmp_path).issue("server", x509.DNSName("localhost"))
    indented = {name: path.read_text().replace("\n", "\n    ") for name, path in (("cert", certificate), ("key", key))}
    text = "tls_server_config:\n" + "".join(f"  {name}: |\n    {pem}\n" for name, pem in indented.items())
    assert WebFile(write(text)).current().context is not None


def test_a_changed_file_is_read_again(write):
    """The next request has the new users."""
    path = write("")
    web = WebFile(path)
    write(f'basic_auth_users:\n  prometheus: "{HASH}"\n')
    assert {"prometheus"} == set(web.current().config.users)
    assert web.reload_successful


def test_a_broken_file_leaves_the_last_good_one_in_force(write, logged):
    """A typo neither opens nor closes the door, and is logged once."""
    path = write(f'basic_auth_users:\n  prometheus: "{HASH}"\n')
    web = WebFile(path)
    write("basic_auth_user:\n  nobody: x\n")
    assert {"prometheus"} == set(web.current().config.users)
    assert {"prometheus"} == set(web.current().config.users)
    assert not web.reload_successful
    assert 1 == len(logged.records)
    write("")
    assert {} == dict(web.current().config.users)
    assert web.reload_successful


def test_tls_is_not_turned_off_by_a_change(write, tmp_path):
    """A section that vanishes does not make the next connection plain."""
    Authority(tmp_path).issue("server")
    web = WebFile(write(TLS))
    write("")
    assert web.current().context is not None
    assert not web.reload_successful


def test_a_rotated_certificate_is_used_for_the_next_connection(write, tmp_path):
    """Files with the same names and other content make another context; half of the pair leaves the old one."""
    authority = Authority(tmp_path)
    authority.issue("server")
    web = WebFile(write(TLS))
    first = web.current().context
    certificate, key = (path.read_bytes() for path in authority.issue("next"))
    (tmp_path / "server.crt").write_bytes(certificate)
    assert first is web.current().context
    assert not web.reload_successful
    (tmp_path / "server.key").write_bytes(key)
    assert first is not web.current().context
    assert web.reload_successful


_KEYS = st.sampled_from(
    ["tls_server_config", "http_server_config", "basic_auth_users", "rate_limit", "headers", "cert"]
)
_LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=10), st.dates())
_TREES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS | st.text(max_size=5), inner, max_size=3)
)


@given(_TREES.map(yaml.safe_dump) | st.text(max_size=100))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_read_or_refused(tmp_path, text):
    """Whatever stands in it: a configuration, or an error with its place."""
    path = tmp_path / "web.yml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    try:
        read_web_config(path)
    except SiteError as error:
        refused = error
    else:
        return
    assert str(path) in refused.where
