"""One function over many hosts: results as they come, faults that stay with their host, a deadline that holds."""

import threading
import time

import pytest

from omc import fleet
from omc.errors import DeadlineError, Exit, HostError, OmcError


def soon(seconds: float = 5.0) -> float:
    return time.monotonic() + seconds


def test_every_item_gives_one_result_with_its_value():
    results = list(fleet.run(range(50), lambda number: number * 2, parallel=7, deadline=soon()))
    assert {number: number * 2 for number in range(50)} == {result.item: result.get() for result in results}


def test_no_items_give_no_results():
    assert [] == list(fleet.run([], str, parallel=3, deadline=soon()))


def test_an_error_stays_with_its_item():
    def function(name: str) -> str:
        if name == "bad":
            raise HostError("refused", code="refused", hint="start it")
        return name.upper()

    results = {result.item: result for result in fleet.run(["a", "bad", "b"], function, parallel=2, deadline=soon())}
    assert ["A", "B"] == [results["a"].value, results["b"].value]
    assert isinstance(results["bad"].error, HostError)
    with pytest.raises(HostError, match="refused"):
        results["bad"].get()


def test_a_defect_in_the_function_is_that_items_error_and_names_itself():
    (result,) = fleet.run([1], lambda number: number / 0, parallel=1, deadline=soon())
    assert "ZeroDivisionError" in str(result.error)
    assert isinstance(result.error.__cause__, ZeroDivisionError)


def test_no_more_than_parallel_run_at_the_same_time():
    running, most, lock, gate = 0, 0, threading.Lock(), threading.Barrier(3, timeout=5)

    def function(_: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        gate.wait()
        with lock:
            running -= 1

    list(fleet.run(range(9), function, parallel=3, deadline=soon()))
    assert most == 3


def test_the_deadline_names_who_hangs_and_who_was_never_asked():
    release = threading.Event()

    def function(name: str) -> str:
        if name == "hangs":
            release.wait(10)
        return name

    started = time.monotonic()
    results = {
        result.item: result
        for result in fleet.run(["ok", "hangs", "later"], function, parallel=1, deadline=soon(0.3), name=str)
    }
    release.set()
    assert time.monotonic() - started < 5
    assert results["ok"].value == "ok"
    assert isinstance(results["hangs"].error, DeadlineError)
    assert "no answer after" in results["hangs"].error.message
    assert "not reached" in results["later"].error.message
    assert "--parallel" in results["later"].error.hint
    assert results["later"].error.exit_code == Exit.HOSTS_FAILED


def test_what_stops_the_reader_of_results_stops_further_work():
    asked, go_on = [], threading.Event()

    def function(number: int) -> None:
        asked.append(number)
        if number > 0:
            go_on.wait(5)

    results = fleet.run(range(1000), function, parallel=1, deadline=soon())
    next(results)
    results.close()
    workers = [thread for thread in threading.enumerate() if thread.name == "omc-fleet"]
    go_on.set()
    for worker in workers:
        worker.join(5)
    assert len(asked) <= 2


def test_an_omc_error_of_any_kind_is_kept_as_it_is():
    error = OmcError("wrong", where="kvm1", hint="mend it")

    def function(_: int) -> None:
        raise error

    (result,) = fleet.run([1], function, parallel=1, deadline=soon())
    assert result.error is error
