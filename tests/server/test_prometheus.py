"""A real Prometheus that finds, asks and understands the real exporter, as users configure both."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from urllib.error import HTTPError

import bcrypt
import pytest
from cryptography import x509

from tests import prometheus
from tests.server.certificates import Authority
from tests.waiting import until

ROOT = Path(__file__).parents[2]
PASSWORD = "a long one"
HOSTS = """\
kvm:
  hosts:
    kvm1: {libvirt_uri: "test:///default", rack: a1}
    kvm2: {libvirt_uri: "test:///default", rack: b2}
    gone: {libvirt_uri: "test:///nowhere/at-all.xml"}
"""
CONFIG = """\
global: {{scrape_interval: 2s, scrape_timeout: 2s}}
scrape_configs:
  - job_name: omc-hosts
    metrics_path: /probe
    scheme: https
    tls_config: &tls {{ca_file: {folder}/authority.crt, cert_file: {folder}/client.crt, key_file: {folder}/client.key}}
    basic_auth: &auth {{username: prometheus, password: {password}}}
    http_sd_configs:
      - {{url: "https://{address}/sd", refresh_interval: 1s, tls_config: *tls, basic_auth: *auth}}
    relabel_configs:
      - {{source_labels: [__address__], target_label: __param_target}}
      - {{source_labels: [__param_target], target_label: instance}}
      - {{source_labels: [__meta_omc_var_rack], target_label: rack}}
      - {{target_label: __address__, replacement: "{address}"}}
  - job_name: omc-exporter
    scheme: https
    tls_config: *tls
    basic_auth: *auth
    static_configs: [{{targets: ["{address}"]}}]
  - job_name: refused-hosts
    metrics_path: /probe
    scheme: https
    tls_config: &bare {{ca_file: {folder}/authority.crt}}
    basic_auth: *auth
    http_sd_configs:
      - {{url: "https://{address}/sd", refresh_interval: 1s, tls_config: *bare, basic_auth: *auth}}
  - job_name: refused-exporter
    scheme: https
    tls_config: *bare
    basic_auth: *auth
    static_configs: [{{targets: ["{address}"]}}]
"""
WEB = """\
tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_ca_file: authority.crt
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [prometheus.example]
basic_auth_users:
  prometheus: "{}"
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with what the exporter and Prometheus need to know each other."""
    folder = tmp_path_factory.mktemp("site")
    authority = Authority(folder)
    authority.issue("server", x509.IPAddress(ip_address("127.0.0.1")))
    authority.issue("client", x509.DNSName("prometheus.example"))
    (folder / "web.yml").write_text(WEB.format(bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(8)).decode()))
    (folder / "inventory").mkdir()
    (folder / "inventory" / "hosts.yaml").write_text(HOSTS)
    return folder


@pytest.fixture(scope="module")
def server(site: Path) -> Iterator[prometheus.Prometheus]:
    """A Prometheus that asks the real program, as a user starts both: once rightly, and once without a certificate."""
    prometheus.need("prometheus")
    for exporter in _serving(site, "--site", str(site), "--web.config.file", str(site / "web.yml")):
        config = CONFIG.format(address=exporter, folder=site, password=PASSWORD)
        with prometheus.prometheus(site, config) as running:
            yield running


def _serving(folder: Path, *arguments: str) -> Iterator[str]:
    program = "import sys; sys.argv[0] = 'omc'; from omc.cli.main import run; run()"
    listen = f"127.0.0.1:{prometheus.free_port()}"
    command = (sys.executable, "-X", "faulthandler", "-c", program, "exporter", "serve", "--listen", listen, *arguments)
    environment = {name: value for name, value in os.environ.items() if name != "OMC_SITE"}
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stderr is not None
        assert select.select([process.stderr], [], [], 30)[0]
        said = process.stderr.readline()
        assert listen in said, said + process.stderr.read()
        yield listen
        process.send_signal(signal.SIGTERM)
        assert 0 == _status(process)
    finally:
        process.kill()
        process.wait(10)
        process.stderr.close()


def _status(process: subprocess.Popen[str]) -> int:
    """Return the exit status; a process that does not end says where each of its threads stands."""
    try:
        return process.wait(30)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
        assert process.stderr is not None
        pytest.fail(f"still running 30 s after SIGTERM\n{process.stderr.read()}")


def test_prometheus_finds_and_scrapes_a_fleet(server: prometheus.Prometheus, site: Path) -> None:
    """By http_sd, over TLS with a client's certificate and a password; a host that is down is said to be."""
    until(lambda: 3 == len(server.ask('up{job="omc-hosts"} == 1')))
    until(lambda: 2 == len(server.ask("libvirt_up == 1")))
    down = server.ask("libvirt_up == 0")
    assert ["gone"] == [found["metric"]["instance"] for found in down]
    racks = {found["metric"]["instance"]: found["metric"].get("rack") for found in server.ask("libvirt_up == 1")}
    assert {"kvm1": "a1", "kvm2": "b2"} == racks
    until(lambda: server.ask("omc_exporter_targets == 3"))
    until(lambda: server.ask("scrape_samples_scraped{instance='kvm1'} > 10"))
    _without_a_host(site)
    until(lambda: 2 == len([found for found in server.targets() if found["labels"]["job"] == "omc-hosts"]))


def _without_a_host(site: Path) -> None:
    """Take the host that is gone out of the site; no restart follows."""
    lines = HOSTS.splitlines(keepends=True)
    (site / "inventory" / "hosts.yaml").write_text("".join(lines[:-1]))


def test_guests_are_found_once_the_store_knows_them(tmp_path: Path) -> None:
    """Without a store, /sd?role=guest says what is missing; after a collect, it lists the guests' addresses."""
    (tmp_path / "inventory").mkdir()
    demo = ROOT / "inventory" / "demo" / "kvm1.xml"
    (tmp_path / "inventory" / "hosts.yaml").write_text(f'kvm: {{hosts: {{kvm1: {{libvirt_uri: "test://{demo}"}}}}}}\n')
    (tmp_path / "inventory" / "site.yaml").write_text(f"store: sqlite:///{tmp_path}/store.db\n")
    serving = _serving(tmp_path, "--site", str(tmp_path))
    url = f"http://{next(serving)}/sd?role=guest"
    with pytest.raises(HTTPError, match="503"):
        prometheus.get(url)
    program = "import sys; sys.argv[0] = 'omc'; from omc.cli.main import run; run()"
    collect = (sys.executable, "-c", program, "--site", str(tmp_path), "inventory")
    subprocess.run(collect, cwd=ROOT, check=True, capture_output=True)
    groups = prometheus.get(url)
    assert {"kvm1"} == {group["labels"]["__meta_omc_host"] for group in groups}
    assert all(group["targets"] and group["labels"]["__meta_omc_guest"] for group in groups)
    assert [] == list(serving)


def test_without_the_certificate_prometheus_is_refused(server: prometheus.Prometheus) -> None:
    """The password alone opens nothing: no page, and no list of hosts."""
    until(lambda: server.ask('up{job="refused-exporter"} == 0'))
    assert [True] == [
        bool(found["lastError"]) for found in server.targets() if found["labels"]["job"] == "refused-exporter"
    ]
    assert not server.ask('{job=~"refused-.*", __name__=~"omc_.*|libvirt_.*"}')
    assert not [found for found in server.targets() if found["labels"]["job"] == "refused-hosts"]


def test_a_single_libvirt_is_served_on_metrics(tmp_path: Path) -> None:
    """One page has the target's metrics and the exporter's own, and promtool finds nothing to say about it."""
    prometheus.need("promtool")
    serving = _serving(tmp_path, "--uri", "test:///default")
    address = next(serving)
    page = prometheus.get(f"http://{address}/metrics")
    assert "\nlibvirt_up 1\n" in page
    assert "omc_exporter_requests_total" in page
    names = [line.split()[2] for line in page.splitlines() if line.startswith("# TYPE")]
    assert sorted(set(names)) == sorted(names)
    checked = subprocess.run(("promtool", "check", "metrics"), input=page, capture_output=True, text=True, check=False)
    assert [] == [line for line in checked.stderr.splitlines() if "omc_exporter" in line]
    assert "error while linting" not in checked.stdout + checked.stderr
    assert [] == list(serving)
