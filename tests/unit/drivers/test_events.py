"""The event loop takes those connections alone that ask for it, and calls them back."""

import os
import threading

import libvirt
import pytest

from omc.drivers.hypervisor.live.events import connect_with_events, event_loop
from omc.drivers.hypervisor.live.watch import Watch

TEST = "test:///default"
PATIENCE_SECONDS = 10


@pytest.fixture
def admitted():
    """The loop, to which this thread may add files."""
    loop = event_loop()
    loop.opening.admitted = True
    yield loop
    loop.opening.admitted = False


@pytest.fixture
def pipe():
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def test_a_file_of_nobody_admitted_is_refused(pipe):
    """So libvirt goes on without events for such a connection, and without what they cost."""
    event_loop()
    with pytest.raises(libvirt.libvirtError):
        libvirt.virEventAddHandle(pipe[0], libvirt.VIR_EVENT_HANDLE_READABLE, lambda *_: None, None)


def test_a_file_calls_back_until_it_is_removed(admitted, pipe):
    heard = threading.Event()
    events = []

    def callback(watch, file, bits, opaque):
        events.append((watch, os.read(file, 10), bits, opaque))
        heard.set()

    number = libvirt.virEventAddHandle(pipe[0], libvirt.VIR_EVENT_HANDLE_READABLE, callback, "mine")
    before = admitted.handles
    os.write(pipe[1], b"news")
    assert heard.wait(PATIENCE_SECONDS)
    assert [(number, b"news", libvirt.VIR_EVENT_HANDLE_READABLE, "mine")] == events
    libvirt.virEventRemoveHandle(number)
    assert before - 1 == admitted.handles


def test_a_file_that_is_watched_for_nothing_is_silent(admitted, pipe):
    heard = threading.Event()
    number = libvirt.virEventAddHandle(pipe[0], 0, lambda *_: heard.set(), None)
    os.write(pipe[1], b"news")
    assert not heard.wait(0.1)
    libvirt.virEventUpdateHandle(number, libvirt.VIR_EVENT_HANDLE_READABLE)
    assert heard.wait(PATIENCE_SECONDS)
    libvirt.virEventRemoveHandle(number)


def test_a_timer_comes_again_and_again_until_it_is_off():
    event_loop()
    ticks, often = [], threading.Event()

    def tick(timer, _):
        ticks.append(timer)
        if len(ticks) == 3:
            libvirt.virEventUpdateTimeout(timer, -1)
            often.set()

    number = libvirt.virEventAddTimeout(5, tick, None)
    assert often.wait(PATIENCE_SECONDS)
    libvirt.virEventRemoveTimeout(number)
    assert [number] * 3 == ticks


def test_removing_what_is_not_there_is_refused():
    loop = event_loop()
    assert (-1, -1) == (loop.remove_handle(-7), loop.remove_timer(-7))


def test_a_watch_hears_of_guests_pools_and_networks():
    """With the test driver in this process: what changes on one connection is heard by the other."""
    heard: list[tuple[str, str]] = []
    news = threading.Condition()

    def notice(part, uuid):
        with news:
            heard.append((part, uuid))
            news.notify_all()

    def wait_for(part, uuid):
        with news:
            return news.wait_for(lambda: (part, uuid) in heard, PATIENCE_SECONDS)

    watch = Watch(TEST, notice)
    watch.start()
    try:
        assert wait_for("", "")
        assert watch.listening
        connection = libvirt.open(TEST)
        domain = connection.lookupByName("test")
        domain.suspend()
        domain.resume()
        assert wait_for("guests", domain.UUIDString())
        pool = connection.storagePoolLookupByName("default-pool")
        pool.destroy()
        pool.create()
        assert wait_for("pools", "")
        network = connection.networkLookupByName("default")
        network.destroy()
        network.create()
        assert wait_for("networks", "")
    finally:
        watch.close()


def test_a_connection_with_events_answers_as_any_other():
    connection = connect_with_events(TEST)
    assert ["test"] == [domain.name() for domain in connection.listAllDomains()]
    connection.close()
