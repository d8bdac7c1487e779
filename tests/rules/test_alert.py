"""One alert from a page to a message: scraped, evaluated by the tree's own rules, routed, sent, and taken back."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from tests import prometheus

ROOT = Path(__file__).parents[2]
_STATE = """\
libvirt_up 1
libvirt_domain_state{{domain="{guest}",uuid="u1",state="crashed"}} {crashed}
libvirt_domain_state{{domain="{guest}",uuid="u1",state="running"}} {running}
libvirt_domain_state{{domain="{guest}",uuid="u1",state="shutoff"}} 0
libvirt_domain_state_reason_code{{domain="{guest}",uuid="u1"}} 1
"""
GUEST = r"we\"ird\\ \ngäst"
"""As the text format escapes it: a quote, a backslash, a line's end."""


class Loopback:
    """Serves a page to Prometheus, and takes what Alertmanager sends."""

    def __init__(self) -> None:
        self.page = ""
        self.received: list[dict] = []
        self.came = threading.Condition()

    def wait_for(self, status: str) -> dict:
        """Return the first message of that status."""
        with self.came:
            assert self.came.wait_for(lambda: self._first(status), prometheus.SECONDS), self.received
            found = self._first(status)
            assert found
            return found

    def _first(self, status: str) -> dict | None:
        return next((message for message in self.received if message["status"] == status), None)


@contextmanager
def served() -> Iterator[tuple[Loopback, str]]:
    loopback = Loopback()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self._answer(loopback.page.encode())

        def do_POST(self):
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with loopback.came:
                loopback.received.append(message)
                loopback.came.notify_all()
            self._answer(b"")

        def _answer(self, body):
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield loopback, f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def alertmanager_config(receiver: str) -> str:
    """Return the shipped configuration, in a hurry and with the test as its receiver."""
    config = yaml.safe_load((ROOT / "exporters/prometheus/alertmanager.yml").read_text())
    config["route"] |= {"group_wait": "1s", "group_interval": "1s"}
    config["receivers"][0]["webhook_configs"][0]["url"] = f"http://{receiver}/alerts"
    return yaml.safe_dump(config)


def prometheus_config(page: str, alertmanager: str) -> str:
    """Return a configuration with the tree's rules and a look every second."""
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [f"{ROOT}/exporters/rules/*.yaml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]},
        "scrape_configs": [{"job_name": "omc-hosts", "static_configs": [{"targets": [page]}]}],
    }
    return yaml.safe_dump(config)


@pytest.mark.timeout(180)
def test_a_crashed_guest_is_told_to_the_team_and_taken_back_when_it_runs_again(tmp_path):
    """The message names guest, host, severity and runbook, whatever characters the guest's name holds."""
    prometheus.need("prometheus", "prometheus-alertmanager")
    folders = [tmp_path / name for name in ("prometheus", "alertmanager")]
    for folder in folders:
        folder.mkdir()
    with served() as (loopback, address), prometheus.alertmanager(folders[1], alertmanager_config(address)) as alerts:
        loopback.page = _STATE.format(guest=GUEST, crashed=1, running=0)
        with prometheus.prometheus(folders[0], prometheus_config(address, alerts)):
            (alert,) = loopback.wait_for("firing")["alerts"]
            assert alert["labels"] == {
                "alertname": "LibvirtGuestCrashed",
                "domain": 'we"ird\\ \ngäst',
                "instance": address,
                "job": "omc-hosts",
                "severity": "critical",
                "state": "crashed",
                "uuid": "u1",
            }
            assert alert["annotations"]["runbook"] == "docs/runbooks/LibvirtGuestCrashed.md"
            loopback.page = _STATE.format(guest=GUEST, crashed=0, running=1)
            (alert,) = loopback.wait_for("resolved")["alerts"]
            assert alert["labels"]["alertname"] == "LibvirtGuestCrashed"
