"""Clients that mean no good, or know no better: slow, many, wrong passwords. Who asks rightly is answered."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import bcrypt
import pytest

from tests.server.conftest import Serving
from tests.server.test_server import values


def with_a_user(folder):
    """Write a web configuration with one user, whose hash costs what real ones do."""
    path = folder / "web.yml"
    path.write_text(f'basic_auth_users:\n  prometheus: "{bcrypt.hashpw(b"secret", bcrypt.gensalt(10)).decode()}"\n')
    return path


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A server that wants a password, which tests share that only ask."""
    folder = tmp_path_factory.mktemp("guarded")
    serving = Serving(folder, with_a_user(folder))
    yield serving
    serving.close()


def test_a_thousand_slow_clients_cost_only_themselves(start):
    """Each sends half a head and waits; a scrape meanwhile takes its usual time, and none of them stays."""
    server = start()
    clients = []
    try:
        for _ in range(1_000):
            clients.append(socket.create_connection((server.host, server.port), timeout=10))
            with suppress(ConnectionError):
                clients[-1].sendall(b"GET /metrics HTTP/1.1\r\nHost: a")
        started = time.monotonic()
        assert 200 == server.ask("/probe?target=good")[0]
        assert time.monotonic() - started < 3
        until = time.monotonic() + 5
        while server.open_files() > 100:  # of the thousand, 50 are let stay
            assert time.monotonic() < until
            threading.Event().wait(0.05)
        with suppress(ConnectionError):
            assert b"" == clients[-1].recv(100)  # cut off for its slowness
    finally:
        for client in clients:
            client.close()
    found = values(server.ask("/metrics")[2])
    cut = [value for name, value in found.items() if name[0] == "omc_exporter_connections_cut_total"]
    assert sum(cut) >= 950


def test_clients_that_come_all_at_once_are_cut_each_once(start):
    """However many knock between two looks at them: the limit holds, and what is counted is true."""
    server = start()
    clients = [socket.create_connection((server.host, server.port), timeout=10) for _ in range(300)]
    for client in clients:
        with suppress(ConnectionError):
            assert b"" == client.recv(1)
        client.close()
    found = values(server.ask("/metrics")[2])
    full, slow = (found["omc_exporter_connections_cut_total", reason] for reason in ("full", "slow"))
    assert full > 0
    assert full + slow == 300


def test_what_is_no_request_is_counted_and_not_logged(start):
    """Else whoever reaches the port could fill the log."""
    server = start()
    for _ in range(20):
        with socket.create_connection((server.host, server.port), timeout=10) as client:
            client.sendall(b"\x16\x03\x01 no request at all\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 400")
    assert 20 == values(server.ask("/metrics")[2])["omc_exporter_connections_cut_total", "garbage"]
    assert "" == server.log.read_text()


def test_a_client_that_trickles_is_cut_off(start):
    """Byte by byte buys no time: the clock runs from the first one to the end of the head."""
    server = start()
    started = time.monotonic()
    with socket.create_connection((server.host, server.port), timeout=10) as client:
        client.sendall(b"GET / HTTP/1.1\r\nX: ")
        with pytest.raises(OSError):  # noqa: PT012 - which of the two notices first is the kernel's choice
            while time.monotonic() - started < 10:
                client.sendall(b"a")
                client.settimeout(0.1)
                try:
                    if client.recv(1) == b"":
                        raise ConnectionResetError
                except TimeoutError:
                    continue
    assert 0.5 < time.monotonic() - started < 4


def test_a_client_that_does_not_read_is_cut_off(start):
    """A page of megabytes does not stay in memory for somebody who takes none of it."""
    server = start()
    with socket.create_connection((server.host, server.port), timeout=10) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(b"GET /probe?target=huge HTTP/1.1\r\nHost: a\r\n\r\n")
        until = time.monotonic() + 10
        while ("omc_exporter_connections_cut_total", "slow") not in values(server.ask("/metrics")[2]):
            assert time.monotonic() < until
            threading.Event().wait(0.1)


def test_a_second_slow_head_on_a_used_connection_is_cut_off(start):
    """What was answered once has no credit."""
    server = start()
    with socket.create_connection((server.host, server.port), timeout=10) as client:
        client.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.recv(1_000).startswith(b"HTTP/1.1 200")
        client.sendall(b"GET /-/hea")
        started = time.monotonic()
        while client.recv(1_000):
            pass
        assert time.monotonic() - started < 4


def test_requests_on_one_connection_are_all_answered(start):
    """A pipeline of many, and one after the other."""
    server = start()
    one = b"GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n"
    with socket.create_connection((server.host, server.port), timeout=10) as client:
        client.sendall(one * 19 + one.replace(b"Host", b"Connection: close\r\nHost"))
        answer = b"".join(iter(lambda: client.recv(100_000), b""))
    assert 20 == answer.count(b"HTTP/1.1 200")
    connection = server.connect()
    for _ in range(20):
        connection.request("GET", "/probe?target=good")
        assert 200 == connection.getresponse().read().count(b"libvirt_up 1") * 200
    connection.close()


def test_wrong_passwords_by_the_thousand_do_not_stop_a_known_one(start, tmp_path):
    """Each is refused, the known credential waits behind none of them, and one core at most is spent."""
    server = start(with_a_user(tmp_path))
    assert 200 == server.ask("/probe?target=good", credential="prometheus:secret")[0]
    stop = threading.Event()

    def guess(number):
        codes = []
        connection = server.connect()
        while not stop.is_set() and len(codes) < 200:
            codes.append(_guess(connection, f"prometheus:{number}-{len(codes)}"))
        connection.close()
        return codes

    with ThreadPoolExecutor(24) as threads:
        guesses = [threads.submit(guess, number) for number in range(24)]
        slowest = 0.0
        for _ in range(20):
            started = time.monotonic()
            assert 200 == server.ask("/probe?target=good", credential="prometheus:secret")[0]
            slowest = max(slowest, time.monotonic() - started)
        stop.set()
        codes = [code for future in guesses for code in future.result()]
    assert {401, 429} >= set(codes)
    assert 401 in codes
    assert slowest < 1.5


def _guess(connection, credential):
    from base64 import b64encode

    headers = {"Authorization": "Basic " + b64encode(credential.encode()).decode()}
    connection.request("GET", "/metrics", headers=headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


@pytest.mark.parametrize("path", ["/", "/metrics", "/probe?target=good", "/sd", "/-/healthy", "/-/ready", "/nowhere"])
def test_without_a_password_nothing_is_told(guarded, path):
    """Every path asks for one, also one that is not there."""
    for credential in ("", "prometheus:wrong", "nobody:secret", ":"):
        status, headers, body = guarded.ask(path, credential=credential)
        assert (401, "Basic") == (status, headers["WWW-Authenticate"])
        assert b"libvirt" not in body
    assert guarded.ask(path, credential="prometheus:secret")[0] in (200, 404)


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Bearer abc", "Basic cHJvbWV0aGV1cw==", "\x80"])
def test_an_authorization_that_cannot_be_read_is_refused(guarded, header):
    """401, and no fault."""
    assert 401 == guarded.ask("/metrics", headers={"Authorization": header})[0]


def test_the_rate_limit_lets_a_burst_through(start, tmp_path):
    """As many as the burst at once, then 429 with a time to come again."""
    path = tmp_path / "web.yml"
    path.write_text("rate_limit:\n  interval: 1h\n  burst: 3\n")
    server = start(path)
    answers = [server.ask("/-/healthy") for _ in range(5)]
    assert [200, 200, 200, 429, 429] == [status for status, _, _ in answers]
    assert "1" == answers[-1][1]["Retry-After"]


def test_headers_of_the_configuration_stand_on_every_answer(start, tmp_path):
    """Also on refusals, and after the file has changed."""
    path = tmp_path / "web.yml"
    path.write_text("http_server_config:\n  headers:\n    X-Frame-Options: deny\n")
    server = start(path)
    assert "deny" == server.ask("/")[1]["X-Frame-Options"]
    assert "deny" == server.ask("/nowhere")[1]["X-Frame-Options"]
    path.write_text("http_server_config:\n  headers:\n    X-Frame-Options: sameorigin\n")
    assert "sameorigin" == server.ask("/probe")[1]["X-Frame-Options"]
