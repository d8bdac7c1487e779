"""Threads for blocking work: what is not begun, or begun in vain, takes no place from what comes later."""

import asyncio
import threading
import time

import pytest

from omc.exporters.server import workers as module
from omc.exporters.server.workers import Unserved, Workers


def run(workers: Workers, work, seconds: float = 5.0):
    """Run one piece of work in a loop of its own."""
    return asyncio.run(workers.run(work, time.monotonic() + seconds))


def test_work_runs_in_a_daemon_thread():
    """Else work that hangs would hold up the end of the process."""
    workers = Workers("omc-test", 1)
    assert run(workers, lambda: threading.current_thread().daemon)
    assert 0 == workers.busy


def test_a_fault_of_the_work_is_the_callers():
    """And the thread is free again."""
    workers = Workers("omc-test", 1)
    with pytest.raises(ZeroDivisionError):
        run(workers, lambda: 1 // 0)
    assert 2 == run(workers, lambda: 2)


def test_a_system_without_threads_takes_no_place_for_ever(monkeypatch):
    """The request is refused as busy, and the next one is served."""

    class Refused(threading.Thread):
        def start(self):
            raise RuntimeError("can't start new thread")

    workers = Workers("omc-test", 1)
    monkeypatch.setattr(module, "Thread", Refused)
    with pytest.raises(Unserved) as refused:
        run(workers, lambda: 1)
    assert "busy" == refused.value.reason
    monkeypatch.undo()
    assert 1 == run(workers, lambda: 1)
