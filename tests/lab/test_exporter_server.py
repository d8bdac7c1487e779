"""The exporter's server over qemu+ssh: a real Prometheus sees each host, and a fault costs the host that has it."""

import select
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from tests import prometheus
from tests.lab import faults, guests
from tests.lab.fixtures import HOSTS, MakeGuests
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.omc import make_site
from tests.waiting import until

pytestmark = pytest.mark.lab

CONFIG = """\
global: {{scrape_interval: 3s, scrape_timeout: 2s}}
scrape_configs:
  - job_name: omc-hosts
    metrics_path: /probe
    http_sd_configs: [{{url: "http://{address}/sd", refresh_interval: 1s}}]
    relabel_configs:
      - {{source_labels: [__address__], target_label: __param_target}}
      - {{source_labels: [__param_target], target_label: instance}}
      - {{target_label: __address__, replacement: "{address}"}}
"""


@pytest.fixture
def exporter(lab: Lab, tmp_path: Path) -> Iterator[str]:
    """The program, serving the lab's hosts; gives its address."""
    omc = make_site(tmp_path, {name: lab.uri(lab.hosts[name]) for name in HOSTS})
    address = f"127.0.0.1:{prometheus.free_port()}"
    process = omc.start("exporter", "serve", "--listen", address, "--refresh", "2")
    try:
        assert process.stderr is not None
        assert select.select([process.stderr], [], [], 30)[0]
        assert address in process.stderr.readline()
        yield address
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=40)
        assert 0 == process.returncode
    finally:
        process.kill()
        process.communicate(timeout=10)


def up(server: prometheus.Prometheus) -> dict[str, str]:
    """What Prometheus knows of libvirt_up, by host."""
    return {found["metric"]["instance"]: found["value"][1] for found in server.ask("libvirt_up")}


def test_prometheus_sees_each_guest_of_the_fleet(
    exporter: str, host: Host, make_guests: MakeGuests, tmp_path: Path
) -> None:
    """Found by http_sd, asked through the exporter: guests are there by host, name and UUID."""
    make_guests(guests.halting(host, "guest1"), guests.halting(host, "guest2"))
    with prometheus.prometheus(tmp_path, CONFIG.format(address=exporter)) as server:
        until(lambda: dict.fromkeys(HOSTS, "1") == up(server))
        expression = 'libvirt_domain_info_cpu_time_seconds_total{instance="kvm1",domain=~"guest[12]"}'
        found = until(lambda: server.ask(expression))
        assert {"guest1", "guest2"} == {series["metric"]["domain"] for series in found}
        assert all(series["metric"]["uuid"] for series in found)


@pytest.mark.parametrize("fault", ["stopped", "killed", "silent"])
def test_a_broken_host_is_down_in_time_and_comes_back(exporter: str, lab: Lab, host: Host, fault: str) -> None:
    """Its page says so before Prometheus gives up, the others do not wait for it, and later ones are whole again."""
    broken = {
        "stopped": lambda: faults.stopped_libvirt(host),
        "killed": lambda: faults.killed_libvirt(host),
        "silent": lambda: faults.silent(lab, host.address),
    }[fault]
    until(lambda: "\nlibvirt_up 1\n" in _probe(exporter, "kvm1", 5))
    with broken():
        for _ in range(3):
            started = time.monotonic()
            assert "\nlibvirt_up 0\n" in _probe(exporter, "kvm1", 2)
            assert time.monotonic() - started < 2
            assert "\nlibvirt_up 1\n" in _probe(exporter, "kvm2", 5)
    until(lambda: "\nlibvirt_up 1\n" in _probe(exporter, "kvm1", 5), seconds=20)


def test_a_network_that_is_cut_during_a_scrape_costs_that_host_alone(
    exporter: str, lab: Lab, host: Host, make_guests: MakeGuests
) -> None:
    """The page that was under way ends in its time; other hosts answer meanwhile, and it comes back."""
    make_guests(guests.halting(host, "guest1"))
    until(lambda: "\nlibvirt_up 1\n" in _probe(exporter, "kvm1", 5))
    with ThreadPoolExecutor(1) as pool, ExitStack() as cut:
        with faults.stopped_libvirt(host):  # so that the scrape is under way when the line is cut
            scrape = pool.submit(_probe, exporter, "kvm1", 4)
            threading.Event().wait(0.3)
            assert not scrape.done()
            started = time.monotonic()
            cut.enter_context(faults.silent(lab, host.address))
        assert "\nlibvirt_up 1\n" in _probe(exporter, "kvm2", 5)
        page = scrape.result(timeout=10)  # the list of guests may have come through, their counters have not
        assert time.monotonic() - started < 4
        assert "libvirt_domain_block_stats_read_bytes_total{" not in page
        assert "\nlibvirt_up 0\n" in _probe(exporter, "kvm1", 2)
    until(lambda: "\nlibvirt_up 1\n" in _probe(exporter, "kvm1", 5), seconds=30)


def _probe(address: str, target: str, seconds: float) -> str:
    """Ask as Prometheus does, with its timeout in the header."""
    request = Request(f"http://{address}/probe?target={target}")
    request.add_header("X-Prometheus-Scrape-Timeout-Seconds", str(seconds))
    with build_opener(ProxyHandler({})).open(request, timeout=10) as answer:
        return str(answer.read().decode())
