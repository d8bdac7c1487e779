"""Calls in flight: all are done, failures become faults, what hangs is left behind."""

import threading
import time

import libvirt
import pytest

from omc.drivers.hypervisor import calls
from omc.drivers.hypervisor.calls import Calls, Session


@pytest.fixture
def session():
    return Session(libvirt.openReadOnly("test:///default"))


def soon(seconds: float = 5.0) -> float:
    return time.monotonic() + seconds


def test_tasks_may_submit_tasks_and_all_are_done(session):
    done, work = [], Calls(session, lanes=3)

    def parent(number):
        def task(_):
            work.submit("host", "child", lambda _: done.append(number))

        return task

    for number in range(40):
        work.submit("host", "parent", parent(number))
    work.drain(soon(), call_seconds=5)
    assert sorted(done) == list(range(40))
    assert work.faults == []
    work.close()


def test_a_libvirt_error_becomes_a_fault_with_its_subject(session):
    work = Calls(session)
    work.submit("guest/nosuch", "virNodeGetMemoryStats", lambda it: it.connection.getMemoryStats(-1, 0))
    work.drain(soon(), call_seconds=5)
    (fault,) = work.faults
    assert ("guest/nosuch", "unsupported", False) == (fault.subject, fault.code, fault.failed)


def test_a_guest_that_went_away_is_no_fault(session):
    work = Calls(session)
    work.submit("guest/x", "lookup", lambda it: it.domain("00000000-0000-0000-0000-000000000001"))
    work.drain(soon(), call_seconds=5)
    assert work.faults == []


def test_a_defect_in_a_task_is_a_fault_and_the_others_go_on(session):
    done, work = [], Calls(session, lanes=1)
    work.submit("host", "broken", lambda _: 1 / 0)
    work.submit("host", "fine", done.append)
    work.drain(soon(), call_seconds=5)
    assert len(done) == 1
    assert "ZeroDivisionError" in work.faults[0].message


def test_a_call_that_hangs_is_left_behind_and_the_rest_is_done(session):
    release, done, work = threading.Event(), [], Calls(session, lanes=1)
    work.submit("pool/hung", "virStoragePoolGetXMLDesc", lambda _: release.wait(20))
    work.submit("host", "fine", lambda _: done.append(1))
    started = time.monotonic()
    work.drain(soon(10), call_seconds=0.3)
    assert time.monotonic() - started < 5
    assert done == [1]
    assert [("pool/hung", "deadline")] == [(fault.subject, fault.code) for fault in work.faults]
    assert work.abandoned
    release.set()


def test_what_was_not_asked_before_the_deadline_is_named(session):
    """Also what a lane that takes an abandoned one's place might take at that instant."""
    for _ in range(30):
        release, work = threading.Event(), Calls(session, lanes=1)
        for number in range(3):
            work.submit(f"guest/{number}", "virDomainGetXMLDesc", lambda _, end=release: end.wait(20))
        work.drain(soon(0.01), call_seconds=10)
        release.set()
        assert {"guest/0", "guest/1", "guest/2"} == {fault.subject for fault in work.faults}
        assert {"deadline"} == {fault.code for fault in work.faults}


def test_a_daemon_that_answers_not_even_the_probe_is_given_up(session, monkeypatch):
    monkeypatch.setattr(calls, "SILENCE_SECONDS", 0.2)
    monkeypatch.setattr(calls, "PROBE_SECONDS", 0.3)
    release = threading.Event()

    class Hung:
        def getLibVersion(self):
            release.wait(20)

    work = Calls(Session(Hung()), lanes=2)
    work.submit("host", "virConnectGetCapabilities", lambda _: release.wait(20))
    started = time.monotonic()
    work.drain(soon(20), call_seconds=20)
    release.set()
    assert time.monotonic() - started < 10
    assert work.broken is not None
    assert "answered nothing" in work.broken.message
    assert [work.broken] == work.faults


def test_a_daemon_that_answers_the_probe_is_waited_for(session, monkeypatch):
    monkeypatch.setattr(calls, "SILENCE_SECONDS", 0.1)
    monkeypatch.setattr(calls, "PROBE_SECONDS", 0.3)
    waited, work = threading.Event(), Calls(session, lanes=1)
    work.submit("host", "slow", lambda _: waited.wait(1.5))
    work.drain(soon(20), call_seconds=20)
    assert work.broken is None
    assert work.faults == []


def test_further_sessions_take_their_share(session):
    work, used, gate = Calls(session, lanes=1), set(), threading.Barrier(2, timeout=20)

    def task(it):
        gate.wait()
        used.add(id(it))

    work.add_session(lambda: Session(libvirt.openReadOnly("test:///default")), lanes=1)
    for _ in range(2):
        work.submit("host", "call", task)
    work.drain(soon(20), call_seconds=20)
    assert len(used) == 2
