"""What the server answers, over real sockets."""

import gzip
import json
import re
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families as families

from omc.exporters.reference import OWN
from tests.waiting import until

TIMEOUT = "X-Prometheus-Scrape-Timeout-Seconds"


def values(body):
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families(body.decode())
        for sample in family.samples
    }


def test_a_probe_gives_the_page_of_its_target(server):
    """In the text format, with its version."""
    status, headers, body = server.ask("/probe?target=good")
    assert 200 == status
    assert "text/plain; version=0.0.4; charset=utf-8" == headers["Content-Type"]
    assert {("libvirt_up",): 1.0} == values(body)


def test_what_the_exporter_says_of_itself_stands_in_the_reference(server):
    """Each by name and type, and nothing there is not served."""
    server.ask("/probe?target=good")
    _, _, body = server.ask("/metrics")
    types = re.findall(r"^# TYPE (omc_\w+) (\w+)$", body.decode(), re.M)
    assert {(name, kind) for name, kind, *_ in OWN} == set(types)


def test_a_target_that_is_down_is_an_answer(server):
    """A failed probe is 200 with libvirt_up 0."""
    status, _, body = server.ask("/probe?target=down")
    assert (200, {("libvirt_up",): 0.0}) == (status, values(body))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "expected one target, found none"),
        ("?target=good&target=down", "found 2 of them"),
        ("?target=godo", "no host of the site is named 'godo' (meant good?)"),
        ("?target=qemu%2Btcp://evil.example/system", "no host of the site"),
        ("?target=good&collect[]=blok", "unknown collector 'blok': known are block, perf, state"),
        ("?target=good&collect[]=block&exclude[]=perf", "expected collect[] or exclude[], found both"),
        ("?target=good&compat=zabbix", "unknown dialect 'zabbix': known are tinkoff"),
        ("?target=good&state=running&state=shut+off", "unknown state 'shut off': known are running, shutoff"),
        ("?target=good&module=x", "unknown parameter 'module': known are target"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_is_known(server, query, said):
    """400, and the words to mend it; no target but those of the site is ever asked."""
    status, _, body = server.ask(f"/probe{query}")
    assert 400 == status
    assert said in body.decode()


@pytest.mark.parametrize("timeout", ["soon", "-1", "0", "nan", "inf"])
def test_a_timeout_that_is_none_is_refused(server, timeout):
    """Rather than guessed."""
    assert 400 == server.ask("/probe?target=good", headers={TIMEOUT: timeout})[0]


@pytest.mark.parametrize(
    ("query", "collectors"),
    [("", "default"), ("&collect[]=perf&collect[]=state", "perf,state"), ("&exclude[]=block", "state")],
)
def test_collectors_are_chosen_in_the_url(server, query, collectors):
    """`collect[]` names them, `exclude[]` takes away from those that are on."""
    body = server.ask(f"/probe?target=asked&guest=web*&state=running{query}")[2]
    assert ("asked", collectors, "web*", "running") in values(body)


@pytest.mark.parametrize(("timeout", "most"), [("10", 9.5), ("3", 2.5), ("0.6", 0.3), ("9999", 299.5)])
def test_prometheus_timeout_less_an_offset_is_the_deadline(server, timeout, most):
    """Half a second less, or half of a timeout that is shorter than a second."""
    left = next(
        value
        for name, value in values(server.ask("/probe?target=asked", headers={TIMEOUT: timeout})[2]).items()
        if name[0] == "asked"
    )
    assert most - 0.25 < left <= most


def test_a_slow_target_is_answered_within_the_timeout(server):
    """What the maker has at its deadline arrives before Prometheus gives up."""
    started = time.monotonic()
    assert 200 == server.ask("/probe?target=slow", headers={TIMEOUT: "1.5"})[0]
    assert time.monotonic() - started < 1.5


def test_a_maker_that_misses_its_deadline_is_503_in_time(server):
    """The server does not wait for it, and other targets are answered meanwhile."""
    started = time.monotonic()
    with ThreadPoolExecutor(1) as threads:
        hung = threads.submit(server.ask, "/probe?target=hung", headers={TIMEOUT: "1.5"})
        assert 200 == server.ask("/probe?target=good")[0]
        assert time.monotonic() - started < 1.0
        assert 503 == hung.result()[0]
    assert time.monotonic() - started < 1.5


def test_a_fault_of_the_maker_is_500_and_costs_itself_alone(server):
    """Without a word of the traceback."""
    status, _, body = server.ask("/probe?target=broken")
    assert 500 == status
    assert b"fault" not in body
    assert 200 == server.ask("/probe?target=good")[0]


def test_more_scrapes_than_threads_are_503_at_once(start):
    """A hung fleet takes the threads, and never more; health and readiness need none."""
    server = start()
    with ThreadPoolExecutor(20) as threads:
        answers = [threads.submit(server.ask, "/probe?target=slow", headers={TIMEOUT: "2"}) for _ in range(20)]
        assert 200 == server.ask("/-/healthy")[0]
        assert 200 == server.ask("/-/ready")[0]
        assert 200 == server.ask("/metrics")[0]
        assert 200 == server.ask("/sd")[0]
        codes = [answer.result()[0] for answer in answers]
    assert [200] * 8 + [503] * 12 == sorted(codes)


def test_openmetrics_and_gzip_by_negotiation(server):
    """As Prometheus asks for them."""
    headers = {"Accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5", "Accept-Encoding": "gzip"}
    status, answered, body = server.ask("/probe?target=big", headers=headers)
    assert 200 == status
    assert answered["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert ("gzip", "Accept, Accept-Encoding") == (answered["Content-Encoding"], answered["Vary"])
    text = gzip.decompress(body).decode()
    assert text.endswith("# EOF\n")
    assert {"libvirt_up", "big"} == {family.name for family in openmetrics_families(text)}


@pytest.mark.parametrize("path", ["/", "/metrics", "/probe?target=good", "/sd", "/-/healthy", "/-/ready"])
def test_head_is_get_without_the_body(server, path):
    """On every path."""
    status, headers, body = server.ask(path, method="HEAD")
    assert (200, b"") == (status, body)
    assert int(headers["Content-Length"]) > 0


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_are_refused(server, method):
    """Nothing here can be changed."""
    assert 405 == server.ask("/metrics", method=method)[0]


def test_a_body_is_refused(server):
    """413, and the connection is closed."""
    status, headers, _ = server.ask("/metrics", body=b"x" * 1_000)
    assert (413, "close") == (status, headers["Connection"])


def test_the_landing_page_is_escaped(server):
    """A host's name is text, and the page may run nothing."""
    status, headers, body = server.ask("/")
    assert 200 == status
    assert b"<script" not in body
    assert b"&lt;script&gt;alert(1)&lt;" in body
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    target = re.search(r"href='(probe[^']*script[^']*)'", body.decode())
    assert target is not None
    assert 200 == server.ask("/" + target[1])[0]


def test_the_landing_page_says_how_each_target_stood(start):
    """Those that are down first, with the message and what to do, escaped."""
    server = start()
    for name in ("good", "down"):
        server.ask(f"/probe?target={name}")
    rows = re.findall("<tr>.*?</tr>", server.ask("/")[2].decode())[1:]
    assert ">down</a>" in rows[0]
    assert "no-daemon<br>no &lt;socket&gt; there<br><span class='hint'>start libvirtd</span>" in rows[0]
    assert any(">good</a>" in row and ">up for 0s</td>" in row and ">0s ago</td>" in row for row in rows)
    assert any(">hung</a>" in row and "not asked yet" in row for row in rows)


def test_own_metrics_count_what_was_answered(start):
    """Requests by path and status, scrapes by result; every page parses."""
    server = start()
    server.ask("/probe?target=good")
    server.ask("/probe?target=nobody")
    server.ask("/nowhere/at/all")
    found = values(server.ask("/metrics")[2])
    assert 1 == found["omc_exporter_requests_total", "200", "/probe"]
    assert 1 == found["omc_exporter_requests_total", "400", "/probe"]
    assert 1 == found["omc_exporter_requests_total", "404", "other"]
    assert 1 == found["omc_exporter_scrapes_total", "up"]
    assert 10 == found["omc_exporter_targets",]
    assert 1 == found["omc_exporter_site_last_reload_successful",]
    assert found["process_open_fds",] > 3


def test_own_metrics_are_openmetrics_too(server):
    """As Prometheus asks for them; a server of one libvirt has them behind that one's."""
    server.ask("/probe?target=nobody")
    headers = {"Accept": "application/openmetrics-text;version=1.0.0"}
    found = {family.name for family in openmetrics_families(server.ask("/metrics", headers=headers)[2].decode())}
    assert {"omc_exporter_requests", "omc_exporter_request_duration_seconds", "omc_build_info"} <= found
    assert not [name for name in found if name.endswith("_created")]


def test_discovery_lists_the_hosts(server):
    """As http_sd wants it: a list of targets and labels."""
    status, headers, body = server.ask("/sd")
    assert (200, "application/json") == (status, headers["Content-Type"])
    groups = json.loads(body)
    assert "good" in [target for group in groups for target in group["targets"]]
    assert ",kvm," == groups[0]["labels"]["__meta_omc_groups"]
    status, _, body = server.ask("/sd?role=guest")
    assert (400, b"unknown role 'guest': known are host\n") == (status, body)


def test_sigterm_finishes_what_is_in_flight(start):
    """The scrape that was asked is answered, no new one is taken, and the process ends by itself."""
    server = start()
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(server.ask, "/probe?target=slow", headers={TIMEOUT: "2"})
        until = time.monotonic() + 5
        while not values(server.ask("/metrics")[2])["omc_exporter_scrapes_in_flight",]:
            assert time.monotonic() < until
        server.process.send_signal(signal.SIGTERM)
        assert 200 == answer.result()[0]
    assert 0 == server.process.wait(10)
    assert "ended\n" == server.process.stdout.read()


def test_work_that_hangs_does_not_hold_up_the_end(start):
    """A scrape past its deadline keeps its thread, and the process ends without it."""
    server = start()
    assert 503 == server.ask("/probe?target=stuck", headers={TIMEOUT: "1"})[0]
    assert 1 == values(server.ask("/metrics")[2])["omc_exporter_scrapes_in_flight",]
    assert 0 == server.end(10)


def test_a_huge_head_is_refused(server):
    """Long before it is in memory."""
    with socket.create_connection((server.host, server.port), timeout=10) as client:
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n")
        try:
            for _ in range(100):
                client.sendall(b"X-Long: " + b"x" * 10_000 + b"\r\n")
            answer = client.recv(100)
        except ConnectionError:
            answer = b"HTTP/1.1 400"
    assert answer.startswith(b"HTTP/1.1 400")
    assert 200 == server.ask("/-/healthy")[0]


@given(
    st.one_of(st.binary(max_size=300), st.text(max_size=100).map(lambda text: f"GET /{text} HTTP/1.1\r\n\r\n".encode()))
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_garbage_ends_in_an_answer_or_an_end(server, garbage):
    """Never in a fault of the server, which answers the next one."""
    with socket.create_connection((server.host, server.port), timeout=10) as client:
        client.sendall(garbage)
        client.shutdown(socket.SHUT_WR)
        answer = client.recv(1_000)
    assert not answer or not answer.startswith(b"HTTP/1.1 5")
    assert server.process.poll() is None


@given(st.text(max_size=50), st.text(max_size=50))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_parameter_is_answered(server, name, value):
    """Whatever stands in the URL: 200 or 400."""
    from urllib.parse import urlencode

    assert server.ask("/probe?" + urlencode({name: value}))[0] in (200, 400)


def test_hosts_that_the_site_lost_are_let_go(start):
    """Their connections are not kept, and nobody can ask for them; no restart follows."""
    server = start()
    server.hosts.write_text("kvm: {hosts: {good: {}}}")
    until(lambda: 400 == server.ask("/probe?target=down")[0])
    assert "kept: good" in server.log.read_text()
