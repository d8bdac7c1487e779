"""Connections: URIs that never prompt, reasons in words, deadlines."""

import gc
import socket
import time

import libvirt
import pytest

from omc.drivers.hypervisor import LibvirtHypervisor
from omc.drivers.hypervisor.connection import open_connection, with_defaults
from omc.errors import DeadlineError, HostError
from omc.ports import ReadOptions
from tests.waiting import until


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("qemu:///system", "qemu:///system"),
        ("qemu+ssh://root@kvm1/system", "qemu+ssh://root@kvm1/system?no_tty=1"),
        ("qemu+ssh://kvm1/system?no_tty=0", "qemu+ssh://kvm1/system?no_tty=0"),
        ("qemu+ssh://kvm1:22/system?keyfile=/a/b", "qemu+ssh://kvm1:22/system?keyfile=/a/b&no_tty=1"),
        ("qemu+tls://kvm1/system", "qemu+tls://kvm1/system"),
        ("test:///default", "test:///default"),
    ],
)
def test_ssh_asks_nobody(given, expected):
    assert expected == with_defaults(given)


def test_a_socket_that_is_not_there_says_how_to_start_the_daemon(tmp_path):
    with pytest.raises(HostError) as caught:
        open_connection(f"qemu+unix:///system?socket={tmp_path}/none", read_write=False, deadline=time.monotonic() + 5)
    assert caught.value.code == "no-daemon"
    assert "systemctl start" in caught.value.hint


def test_a_daemon_that_accepts_and_never_answers_costs_the_deadline_and_no_more(tmp_path):
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "sock"))
        silent.listen()
        started = time.monotonic()
        with pytest.raises(DeadlineError, match="no connection after"):
            open_connection(f"qemu+unix:///system?socket={tmp_path}/sock", read_write=False, deadline=started + 0.3)
        assert time.monotonic() - started < 3


def test_where_the_whole_collect_is_over_first_nothing_is_said_of_the_host(tmp_path):
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "sock"))
        silent.listen()
        uri = f"qemu+unix:///system?socket={tmp_path}/sock"
        with pytest.raises(DeadlineError, match="whole collect was over") as caught:
            LibvirtHypervisor().read(uri, ReadOptions(deadline=time.monotonic() + 0.2, connect_seconds=5))
    assert "--timeout" in caught.value.hint


@pytest.mark.parametrize("uri", ["qemu+ssh://host:99999/system", "qemu+ssh://[::1/system"])
def test_a_uri_that_is_none_is_said_at_once(uri):
    started = time.monotonic()
    with pytest.raises(HostError) as caught:
        open_connection(uri, read_write=False, deadline=started + 5)
    assert time.monotonic() - started < 3
    assert caught.value.code == "uri"


def test_a_password_in_a_uri_is_in_no_hint():
    with pytest.raises(HostError) as caught:
        open_connection("test://user:s3c@ret@host/none", read_write=False, deadline=time.monotonic() + 5)
    assert "ret" not in f"{caught.value.hint}"


def test_an_error_that_is_not_known_comes_with_the_command_to_try(tmp_path):
    uri = f"test://{tmp_path}/none.xml"
    with pytest.raises(HostError) as caught:
        open_connection(uri, read_write=False, deadline=time.monotonic() + 5)
    assert caught.value.code == "failed"
    assert f"virsh -r -c '{uri}' list" in caught.value.hint


def test_a_connection_ends_with_the_reading():
    """Nothing goes in a circle that would keep it, and its ssh on the host, until Python looks for such."""

    def held() -> int:
        return sum(isinstance(one, libvirt.virConnect) for one in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = held()
        assert LibvirtHypervisor().read("test:///default", ReadOptions(deadline=time.monotonic() + 20)).guests
        until(lambda: held() <= before, seconds=10)
    finally:
        gc.enable()
