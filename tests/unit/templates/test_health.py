"""Health is asked of a command or of a URL, and nothing that it does ends a run."""

import socketserver
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from omc.errors import UsageError
from omc.templates import health


def test_health_command_is_no_shell_and_knows_the_hosts():
    assert "" == health.unhealthy('sh -c \'test "$OMC_HOSTS" = "a b"\'', {"OMC_HOSTS": "a b"}, 5)
    assert "sh ended with 3: no" == health.unhealthy("sh -c 'echo no; exit 3'", {}, 0.5)
    assert "false ended with 1" == health.unhealthy("false ; true", {}, 0.5)
    assert "sleep did not end in time" == health.unhealthy("sleep 30", {}, 0.3)


def test_health_that_has_to_wait_says_so_once():
    told = []
    health.unhealthy("sh -c 'echo no; exit 3'", {}, 2.5, trying=lambda reason, seconds: told.append((reason, seconds)))
    ((reason, seconds),) = told
    assert "sh ended with 3: no" == reason
    assert 1 < seconds < 2.5


def test_health_is_tried_again_until_it_is_good(tmp_path):
    check = f"sh -c 'test -e {tmp_path}/second || {{ touch {tmp_path}/second; exit 1; }}'"
    assert "" == health.unhealthy(check, {}, 10)


@contextmanager
def serving(handler: type[socketserver.BaseRequestHandler]) -> Iterator[str]:
    """Serve on a port of loopback, and give its URL."""
    with HTTPServer(("127.0.0.1", 0), handler) as server:  # type: ignore[arg-type]
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Web(BaseHTTPRequestHandler):
    """Well at one path."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/good" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


def test_health_of_a_url_is_a_2xx_answer():
    with serving(Web) as url:
        assert "" == health.unhealthy(f"{url}/good", {}, 5)
        assert f"{url}/bad answered 503" == health.unhealthy(f"{url}/bad", {}, 0.5)


class Ssh(socketserver.StreamRequestHandler):
    """Speaks, and no HTTP."""

    def handle(self) -> None:
        self.wfile.write(b"SSH-2.0-OpenSSH_9.2p1\r\n")


def test_port_that_speaks_no_http_is_not_well():
    with serving(Ssh) as url:
        assert f"{url} answered no HTTP: SSH-2.0-OpenSSH_9.2p1" == health.unhealthy(url, {}, 0.5)


def test_command_that_is_gone_by_then_is_not_well():
    """The change itself may have taken it away: the hosts of the batch are settled all the same."""
    assert "no-such-program: No such file or directory" == health.unhealthy("no-such-program --now", {}, 0.5)


def test_health_command_may_print_without_an_end():
    started = time.monotonic()
    assert "yes did not end in time" == health.unhealthy("yes", {}, 0.3)
    reason = health.unhealthy("sh -c 'yes | head -c 1000000; echo the end; exit 1'", {}, 0.9)
    assert reason.endswith("the end")
    assert len(reason) < 3_000
    assert time.monotonic() - started < 5


def test_what_a_health_command_leaves_running_is_not_waited_for():
    started = time.monotonic()
    assert "" == health.unhealthy("sh -c 'sleep 20 & exit 0'", {}, 15)
    assert time.monotonic() - started < 10


URLS = ("http://", "http://kvm01:port/x", "http://kvm01:99999", "http://kvm01/a b", "http://ada:hidden@kvm01/")


@pytest.mark.parametrize("text", ["", "  ", "'unclosed", "/no/such/program", "no-such-program --now", *URLS])
def test_health_that_is_neither_command_nor_url_is_refused(text):
    with pytest.raises(UsageError):
        health.check_words(text)
