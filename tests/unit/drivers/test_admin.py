"""The administration sockets: where they are looked for, and daemons that do not answer as they should."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omc.drivers.hypervisor import admin
from omc.ports import Fault

Answer = Callable[[socket.socket], None]


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answer], str]]:
    """Listen as a daemon that treats each client in this way; gives the URI of its host."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "libvirt-admin-sock"))
    listener.listen()
    monkeypatch.setattr(admin, "ANSWER_SECONDS", 0.3)
    answers: list[Answer] = []

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
                with client:
                    answers[-1](client)
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()

    def answering(answer: Answer) -> str:
        answers.append(answer)
        return f"qemu+unix:///system?socket={tmp_path}/libvirt-sock"

    yield answering
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def fault_of(uri: str) -> Fault:
    servers, (fault,) = admin.read_servers(uri)
    assert not servers
    assert ("daemon/libvirtd", True) == (fault.subject, fault.failed)
    return fault


def test_a_daemon_that_says_nothing_is_given_up_in_time(daemon):
    fault = fault_of(daemon(lambda client: client.recv(1) and client.recv(1000) and client.recv(1)))
    assert ("deadline", "no answer after 0.3 s") == (fault.code, fault.message)


def test_a_daemon_that_hangs_up_is_a_fault(daemon):
    assert "closed the connection" in fault_of(daemon(lambda client: client.recv(32))).message


def test_a_refusal_is_told_in_the_daemons_words(daemon):
    def refuse(client: socket.socket) -> None:
        client.recv(1000)
        text = b"no way,\nnot you"
        body = struct.pack(">IIIIII", 0x06900690, 1, 1, 1, 1, 1) + struct.pack(">iiII", 38, 7, 1, len(text)) + text
        client.sendall(struct.pack(">I", 4 + len(body)) + body)

    assert "no way, not you" == fault_of(daemon(refuse)).message


def test_what_is_no_packet_is_a_fault(daemon):
    fault = fault_of(daemon(lambda client: client.recv(1000) and client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")))
    assert "expected a packet of libvirt's protocol" in fault.message


@given(st.binary(max_size=200))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_daemon_answers_is_a_fault_and_no_error(daemon, garbage):
    def answer(client: socket.socket) -> None:
        client.recv(1000)
        body = struct.pack(">IIIIII", 0x06900690, 1, 1, 1, 1, 0) + garbage
        client.sendall(struct.pack(">I", 4 + len(body)) + body)
        client.recv(1000)
        body = struct.pack(">IIIIII", 0x06900690, 1, 4, 1, 2, 0) + garbage
        client.sendall(struct.pack(">I", 4 + len(body)) + body)

    servers, faults = admin.read_servers(daemon(answer))
    assert not servers
    assert all(fault.failed for fault in faults)


@pytest.mark.parametrize(
    "uri",
    [
        "qemu+ssh://kvm1/system",
        "qemu+tls://kvm1/system",
        "qemu://kvm1/system",
        "test:///default",
        "qemu+unix:///system?socket=/nowhere/libvirt-sock",
    ],
)
def test_a_host_elsewhere_or_without_the_socket_is_not_asked_and_that_is_no_failure(uri):
    servers, (fault,) = admin.read_servers(uri)
    assert (False, "unsupported") == (fault.failed, fault.code)
    assert not servers


def test_each_modular_daemon_has_a_socket_of_its_own(tmp_path):
    for name in ("virtqemud-admin-sock", "virtstoraged-admin-sock", "virtlogd-admin-sock"):
        (tmp_path / name).touch()
    found = admin.sockets(f"qemu+unix:///system?socket={tmp_path}/virtqemud-sock")
    assert ["virtqemud", "virtstoraged"] == [daemon for daemon, _ in found]
