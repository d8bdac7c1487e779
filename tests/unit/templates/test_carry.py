"""A run is carried out in batches, stops where it must, and is written down host by host."""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from omc.errors import HostError, StoreError
from omc.inventory.store import open_store
from omc.ports import RunHost, Runs, TemplateRun
from omc.templates.batches import parse, parse_share
from omc.templates.carry import HELD, Carrier, How, ended
from omc.templates.gate import Gate

RUN = "20260101-090000-aaaa"


class Heard:
    """Keeps what a run said."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.hosts: list[str] = []
        self.reasons: list[str] = []

    def batch(self, number: int, batches: int, hosts: Sequence[str]) -> None:
        self.batches.append(list(hosts))

    def host(self, host: RunHost) -> None:
        self.hosts.append(f"{host.host} {host.status}")

    def health(self, reason: str) -> None:
        self.reasons.append(reason)


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    with open_store(f"sqlite:///{tmp_path}/store.db") as store:
        yield store.template_runs


def begun(names: str) -> TemplateRun:
    hosts = tuple(RunHost(host=name, status="planned", machine=f"m-{name}") for name in names)
    return TemplateRun(run=RUN, kind="apply", started_at="2026-01-01T09:00:00.000000Z", actor="ada", hosts=hosts)


def carry(
    runs: Runs, names: str, act: Callable[[RunHost], RunHost], gate: Gate, **how: Any
) -> tuple[TemplateRun, Heard]:
    run, heard = begun(names), Heard()
    runs.begin(run)
    carrier = Carrier(RUN, How(**{"parallel": 1} | how), act, runs, gate)
    return ended(run, carrier.carry_out(run.hosts, heard), gate), heard


def statuses(run: TemplateRun) -> dict[str, str]:
    return {host.host: host.status for host in run.hosts}


def changed(host: RunHost) -> RunHost:
    return RunHost(host=host.host, status="changed")


def failing(*names: str) -> Callable[[RunHost], RunHost]:
    def act(host: RunHost) -> RunHost:
        if host.host in names:
            raise HostError("it is gone", code="unreachable")
        return changed(host)

    return act


def test_hosts_are_done_batch_by_batch_and_each_is_written_down(runs):
    done, heard = carry(runs, "abcdef", changed, Gate(None, 6), batches=parse("1,2"))
    assert [["a"], ["b", "c"], ["d", "e"], ["f"]] == heard.batches
    assert "ok" == done.status
    assert set(statuses(done).values()) == {"changed"} == {host.status for host in runs.run(RUN).hosts}
    assert "m-a" == done.hosts[0].machine


def test_one_host_that_fails_costs_itself_alone(runs):
    done, _ = carry(runs, "abc", failing("b"), Gate(None, 3))
    assert {"a": "changed", "b": "failed", "c": "changed"} == statuses(done)
    assert ("partial", "unreachable", "it is gone") == (done.status, done.hosts[1].code, done.hosts[1].message)


@pytest.mark.parametrize(
    ("limit", "expected"),
    [("1", "a changed, b failed"), ("2", "a changed, b failed, c changed, d failed"), ("34%", None)],
)
def test_run_stops_when_so_many_failed(runs, limit, expected):
    done, heard = carry(runs, "abcdef", failing("b", "d"), Gate(parse_share(limit), 6))
    if expected is None:  # 34 % of six are three
        assert 6 == len(heard.hosts)
        return
    assert expected == ", ".join(host for host in heard.hosts if "not_begun" not in host)
    assert "stopped" == done.status
    assert all(host.message == done.reason for host in done.hosts if host.status == "not_begun")


def test_hosts_that_could_not_be_planned_count_as_failures(runs):
    done, heard = carry(runs, "ab", changed, Gate(parse_share("1"), 3, failed=1))
    assert {"a": "not_begun", "b": "not_begun"} == statuses(done)
    assert [] == heard.batches


def test_batch_that_fails_whole_stops_the_run_without_any_limit(runs):
    done, _ = carry(runs, "abc", failing("a"), Gate(None, 3), batches=parse("1,2"))
    assert {"a": "failed", "b": "not_begun", "c": "not_begun"} == statuses(done)
    assert "every host of a batch failed" == done.reason


def test_health_is_asked_after_each_batch_and_stops_the_next(runs):
    answers = iter(["", "the service is down"])
    done, heard = carry(
        runs, "abcd", changed, Gate(None, 4), batches=parse("1"), health=lambda hosts, seconds: next(answers)
    )
    assert ["", "the service is down"] == heard.reasons
    assert {"a": "changed", "b": "changed", "c": "not_begun", "d": "not_begun"} == statuses(done)
    assert "the health check failed: the service is down" == done.reason


def test_hosts_under_way_are_finished_when_the_gate_closes(runs):
    gate, both = Gate(None, 4), threading.Barrier(2)

    def act(host: RunHost) -> RunHost:
        both.wait(10)
        gate.close("interrupted", "it was interrupted")
        return changed(host)

    done, _ = carry(runs, "abcd", act, gate, parallel=2)
    assert {"a": "changed", "b": "changed", "c": "not_begun", "d": "not_begun"} == statuses(done)
    assert "interrupted" == done.status


def test_store_that_takes_no_more_stops_the_run_after_the_hosts_under_way(runs):
    class Full:
        def record(self, run: str, host: RunHost) -> None:
            raise StoreError("the disk is full")

    seen = []

    def act(host: RunHost) -> RunHost:
        seen.append(host.host)
        return changed(host)

    gate = Gate(None, 3)
    carrier = Carrier(RUN, How(parallel=1), act, Full(), gate)
    with pytest.raises(StoreError, match="the disk is full"):
        carrier.carry_out(begun("abc").hosts, Heard())
    assert len(seen) < 3
    assert gate.is_closed


def test_all_hosts_failing_is_a_failed_run(runs):
    done, _ = carry(runs, "a", failing("a"), Gate(None, 1))
    assert "stopped" == done.status


class Waiting:
    """Hosts that wait for the health check, and what they were told."""

    def __init__(self, seconds: float = 100.0) -> None:
        self.seconds = seconds
        self.told: dict[str, str] = {}

    def act(self, host: RunHost) -> RunHost:
        return RunHost(host=host.host, status="waiting", code=HELD)

    def seconds_left(self) -> float:
        return self.seconds

    def settle(self, host: RunHost, reason: str) -> RunHost:
        self.told[host.host] = reason
        return RunHost(host=host.host, status="restored" if reason else "changed")


def test_hosts_that_wait_are_confirmed_when_they_are_well_and_put_back_when_they_are_not(runs):
    answers, given = iter(["", "it is down"]), []

    def health(hosts: Sequence[str], seconds: float | None) -> str:
        given.append(seconds)
        return next(answers)

    waiting, gate = Waiting(), Gate(parse_share("1"), 3)
    done, heard = carry(runs, "abc", waiting.act, gate, batches=parse("1"), health=health, holding=waiting)
    assert {"a": "changed", "b": "restored", "c": "not_begun"} == statuses(done)
    assert {"a": "", "b": "it is down"} == waiting.told
    assert [80.0, 80.0] == given
    assert ("stopped", "the health check failed: it is down") == (done.status, done.reason)
    assert ["a waiting", "a changed", "b waiting", "b restored"] == heard.hosts
    assert "changed" == runs.run(RUN).hosts[0].status


def test_hosts_that_waited_too_long_are_put_back_unasked(runs):
    waiting = Waiting(-1.0)
    done, _ = carry(
        runs, "a", waiting.act, Gate(None, 1), health=lambda hosts, seconds: pytest.fail("asked"), holding=waiting
    )
    assert {"a": "restored"} == statuses(done)
    assert "smaller batches" in done.reason


def test_hosts_that_wait_are_settled_also_when_the_gate_closed_meanwhile(runs):
    waiting, gate = Waiting(), Gate(None, 2)

    def act(host: RunHost) -> RunHost:
        gate.close("interrupted", "it was interrupted")
        return waiting.act(host)

    done, _ = carry(runs, "ab", act, gate, health=lambda hosts, seconds: "", holding=waiting)
    assert ({"a": "changed", "b": "not_begun"}, "interrupted") == (statuses(done), done.status)


def test_run_with_a_host_that_was_not_begun_is_not_ok():
    """Whatever the reason was: the others do not make it whole."""
    hosts = [RunHost(host="a", status="changed"), RunHost(host="b", status="not_begun")]
    assert "interrupted" == ended(begun("ab"), hosts, Gate(None, 2)).status
    assert "ok" == ended(begun("a"), hosts[:1], Gate(None, 1)).status
