"""One lock a machine: whoever comes second is told who has it, and a run shares it with its machine's other names."""

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from omc.templates.remote.change import change
from omc.templates.remote.job import Job
from omc.templates.remote.resume import resume
from omc.templates.remote.upkeep import clean, unlock
from tests.remote.machine import Machine, changed, job, soon

GATE = ("sh", "-c", "read x </run/gate")


@contextmanager
def under_way(machine: Machine, one: Job) -> Iterator["subprocess.Popen[bytes]"]:
    """A change that waits in its handler; at the end it is let go on."""
    machine.sh("mkfifo /run/gate")
    kept = []

    class Starts:
        def run(self, script: str, data: object = (), **_: object) -> None:
            kept.append(machine.shell().start(script, data))  # type: ignore[arg-type]
            raise InterruptedError

    with pytest.raises(InterruptedError):
        change(Starts(), one, deadline=soon())  # type: ignore[arg-type]
    machine.wait_for(f"test -e {one.changes[0].path}")
    yield kept[0]
    machine.sh("echo go | /run/timeout 1 tee /run/gate >/dev/null || true")
    kept[0].communicate(timeout=20)


def held(run: str = "R1") -> Job:
    return job(changed("/etc/site/first", None, b"1"), handlers=(GATE,), run=run)


@pytest.mark.parametrize("lacking", ["", "flock"])
def test_a_second_run_is_refused_with_the_holder(machine: Machine, lacking: str):
    machine.lacks(*lacking.split())
    second = job(changed("/etc/site/second", None, b"2"), run="R2", host="other name")
    with under_way(machine, held()):
        asked = (
            lambda: change(machine.shell(), second, deadline=soon()),
            lambda: resume(machine.shell(), "R2", "x", deadline=soon()),
            lambda: clean(machine.shell(), deadline=soon()),
            lambda: unlock(machine.shell(), deadline=soon()),
        )
        with ThreadPoolExecutor(len(asked)) as pool:  # each waits a moment for the lock
            answers = list(pool.map(lambda ask: ask(), asked))
        for found in answers:
            assert ("refused", "locked") == (found.status, found.code)
            assert found.holder is not None
            assert ("R1", "h1", "tester") == (found.holder.run, found.holder.host, found.holder.actor)
        lock = machine.look().lock
        assert (found.holder, ()) == (lock, machine.look().unfinished)
        assert lock is not None
        assert lock.since.endswith("Z")
    assert "done" == machine.journal()[-1]
    assert None is machine.look().lock
    assert "changed" == change(machine.shell(), second, deadline=soon()).status


@pytest.mark.parametrize("lacking", ["", "flock"])
def test_two_names_of_one_machine_take_turns_within_a_run(machine: Machine, lacking: str):
    """The second name waits for the first, and both are done; the same file is changed by the first only."""
    machine.lacks(*lacking.split())
    one = job(changed("/etc/site/second", None, b"2"), host="h2")
    same = job(changed("/etc/site/first", None, b"other"), host="h3")
    with under_way(machine, held()):
        seen = []

        class Waits:
            def run(self, script: str, data: object = (), **_: object) -> None:
                seen.append(machine.shell().start(script, data))  # type: ignore[arg-type]
                raise InterruptedError

        with pytest.raises(InterruptedError):
            change(Waits(), one, deadline=soon())  # type: ignore[arg-type]
        assert seen[0].poll() is None
    seen[0].communicate(timeout=20)
    assert "done" == machine.journal(host="h2")[-1]
    assert "changed_since_plan" == change(machine.shell(), same, deadline=soon()).code


@pytest.mark.parametrize("lacking", ["", "flock"])
def test_the_lock_of_a_dead_process_is_taken_over(machine: Machine, lacking: str):
    machine.lacks(*lacking.split())
    with under_way(machine, held()):
        machine.sh("pkill -KILL -x dash")
        assert None is machine.look().lock
        assert [("R1", "placed")] == [(one.run, one.step) for one in machine.look().unfinished]
    machine.sh("rm -f /run/gate; mkfifo /run/gate; (echo go >/run/gate) >/dev/null 2>&1 &")
    assert "changed" == resume(machine.shell(), "R1", "h1", deadline=soon()).status
    assert () == machine.look().unfinished


@pytest.mark.parametrize("lacking", ["", "flock"])
def test_unlock_by_force_ends_the_holder(machine: Machine, lacking: str):
    """What it was about is unfinished then, and can be put back or taken up."""
    machine.lacks(*lacking.split())
    with under_way(machine, held()):
        found = unlock(machine.shell(), deadline=soon(), force=True)
        assert ("changed", "broken") == (found.status, found.code)
        assert ["R1"] == [one.run for one in machine.look().unfinished]
    assert ("unchanged", "free") == ((found := unlock(machine.shell(), deadline=soon())).status, found.code)
