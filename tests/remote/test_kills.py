"""kill -9 of everything at every step: each file is the old or the new one, the journal is true, and there is a way on.

The script and all that it started die before its first, second, third … step, until it lives to its end.
"""

import os
import random
import shutil
from bisect import bisect_left
from collections.abc import Callable, Iterator

import pytest

from omc.errors import HostError
from omc.templates.remote.change import change
from omc.templates.remote.job import Job, Outcome
from omc.templates.remote.resume import resume
from omc.templates.remote.rollback import rollback
from omc.templates.remote.state import HostState
from tests.remote.machine import Machine, MachineShell, changed, job, soon
from tests.remote.steps import Steps

Standing = tuple[tuple[bytes, int, int] | None, ...]

A, B, C = "/etc/site/a.conf", "/etc/site/b.conf", "/etc/site/new/c.conf"
OLD: Standing = ((b"old a\n", 0o640, 0), (b"b\n", 0o644, 4711), None)
NEW: Standing = ((b"new a\n", 0o600, 0), (b"b\n", 0o604, 0), (b"new c\n", 0o644, 0))
HANDLER = ("sh", "-c", "cat /etc/site/a.conf >>/tmp/handled")


def the_job(**more: object) -> Job:
    """A file that changes, one whose attributes do, one in a folder that is not there; a validation, a handler."""
    return job(
        changed(A, b"old a\n", b"new a\n", mode=0o600, validate=("grep", "-q", "a$", "%s")),
        changed(B, b"b\n", None, owner="root", mode=0o604),
        changed(C, None, b"new c\n"),
        handlers=(HANDLER,),
        **more,
    )


def reset(machine: Machine) -> None:
    for folder in (machine.site, machine.state):
        shutil.rmtree(folder, ignore_errors=True)
    machine.site.mkdir()
    machine.file("/tmp/handled").write_bytes(b"")
    for path, standing in zip((A, B, C), OLD, strict=True):
        if standing:
            put(machine, path, *standing)


def put(machine: Machine, path: str, content: bytes, mode: int, owner: int) -> None:
    file = machine.file(path)
    file.write_bytes(content)
    file.chmod(mode)
    shutil.chown(file, owner)


def stands(machine: Machine) -> Standing:
    found = []
    for path in (A, B, C):
        file = machine.file(path)
        status = file.stat() if file.exists() else None
        found.append(status and (file.read_bytes(), status.st_mode & 0o7777, status.st_uid))
    return tuple(found)


def killed(steps: Steps, number: int, run: Callable[..., object]) -> bool:
    """Run with death before that step; False where it came to its end."""
    try:
        run(steps.shell(die_before=number))
    except HostError:
        return True
    return False


def every_kill(steps: Steps, run: Callable[..., object], *, stride: int = 6, least: int = 40) -> Iterator[int]:
    """Each step in turn, its script killed before it; ends when there is no further one.

    With OMC_SWEEP=whole (`make sweep`) these are all steps; else every `stride`-th, from one that the seed of the run
    of all tests chooses, so that all are met over time. Fewer than `least` steps would prove nothing.
    """
    if os.environ.get("OMC_SWEEP") == "whole":
        stride = 1
    for number in range(random.randint(1, stride), 1000, stride):
        if not killed(steps, number, run):
            assert number > least
            return
        yield number
    raise AssertionError("a thousand steps, and no end")


def the_truth(machine: Machine, number: int) -> HostState:
    """Each file is the old or the new one, and what the host says of the run is so; returns what it says."""
    now, words = stands(machine), machine.journal()
    for one, old, new in zip(now, OLD, NEW, strict=True):
        assert one in (old, new), (number, now, words)
    if "placing" not in words:
        assert now == OLD, (number, words)
    if "placed" in words and not any(word.startswith("restoring") for word in words):
        assert now == NEW, (number, words)
    said = machine.look(A)
    named = [(one.run, one.host) for one in said.unfinished]
    if now != OLD and words[-1] != "done":
        assert named == [("R1", "h1")], (number, words)
    if machine.leftovers():
        assert named == [("R1", "h1")], (number, words, machine.leftovers())
    return said


def nothing_is_left(machine: Machine, number: int) -> None:
    said = machine.look(A)
    assert (said.unfinished, said.pending_handlers, said.lock, machine.leftovers()) == ((), (), None, []), number
    assert {path.name for path in machine.site.iterdir()} <= {"a.conf", "b.conf", "new"}, number


def handled(machine: Machine) -> list[str]:
    return machine.file("/tmp/handled").read_text().splitlines()


@pytest.fixture
def steps(machine: Machine) -> Steps:
    reset(machine)
    return Steps(machine)


def apply(shell: object) -> Outcome:
    return change(shell, the_job(), deadline=soon())


def take_up(shell: object) -> Outcome:
    return resume(shell, "R1", "h1", deadline=soon())


def take_back(shell: object) -> Outcome:
    return rollback(shell, "R1", "h1", deadline=soon())


@pytest.mark.timeout(600)
def test_an_apply_that_is_killed_anywhere_can_be_resumed(machine: Machine, steps: Steps):
    """It is then done as if nothing had happened, its handler run, or it leaves nothing."""
    ends = set()
    for number in every_kill(steps, apply):
        the_truth(machine, number)
        found = take_up(machine.shell())
        ends.add((found.status, found.code))
        if found.status == "changed" or (found.status, found.code) == ("unchanged", ""):
            assert stands(machine) == NEW, number
            assert handled(machine)[-1:] == ["new a"], number
        else:
            assert (found.status, found.code) in {("restored", "interrupted"), ("unchanged", "not_begun")}, (
                number,
                found,
            )
            assert stands(machine) == OLD, number
            assert handled(machine) == [], number
        nothing_is_left(machine, number)
        reset(machine)
    assert {("changed", ""), ("unchanged", ""), ("restored", "interrupted"), ("unchanged", "not_begun")} == ends


@pytest.mark.timeout(600)
def test_an_apply_that_is_killed_anywhere_can_be_put_back(machine: Machine, steps: Steps):
    """Every file is the old one then, and services that may have seen a new one are told."""
    for number in every_kill(steps, apply):
        the_truth(machine, number)
        found = take_back(machine.shell())
        assert found.status in {"rolled_back", "restored"} or found.code == "no_such_run", (number, found)
        assert stands(machine) == OLD, number
        assert not handled(machine) or handled(machine)[-1] == "old a", number
        nothing_is_left(machine, number)
        reset(machine)


@pytest.mark.timeout(600)
def test_the_next_run_after_a_kill_clears_up_or_says_what_to_do(machine: Machine, steps: Steps):
    """Where no file was in place it takes over; else it is refused with the run that is unfinished."""
    for number in every_kill(steps, apply):
        before = stands(machine)
        found = change(machine.shell(), job(changed("/etc/site/d", None, b"d"), run="R2"), deadline=soon())
        if found.status == "refused":
            assert (found.code, found.message) == ("unfinished", "run R1 on h1"), (number, found)
            assert stands(machine) == before, number
        else:
            assert found.status == "changed", (number, found)
            assert stands(machine) in (OLD, NEW), number
            assert machine.leftovers() == [], number
        reset(machine)


@pytest.mark.timeout(600)
def test_a_rollback_that_is_killed_anywhere_can_be_taken_up(machine: Machine, steps: Steps):
    """By the same rollback, or by a resume."""
    apply(machine.shell())
    for number in every_kill(steps, take_back):
        for one, old, new in zip(stands(machine), OLD, NEW, strict=True):
            assert one in (old, new), number
        assert (take_back if number % 2 else take_up)(machine.shell()).status in {"rolled_back", "unchanged"}, number
        if number % 2 == 0:
            take_back(machine.shell())
        assert stands(machine) == OLD, number
        nothing_is_left(machine, number)
        reset(machine)
        apply(machine.shell())


@pytest.mark.timeout(600)
def test_a_resume_that_is_killed_anywhere_can_be_taken_up(machine: Machine, steps: Steps):
    """After an apply that died with one of three files in place."""

    def dies_with_a_in_place(number: int) -> bool:
        reset(machine)
        killed(steps, number, apply)
        return stands(machine)[0] == NEW[0]

    apply(steps.shell())
    first = bisect_left(range(steps.count), True, key=dies_with_a_in_place)
    assert dies_with_a_in_place(first)
    for number in every_kill(steps, take_up, stride=3, least=20):
        the_truth(machine, number)
        assert take_up(machine.shell()).status in {"changed", "unchanged"}, number
        assert stands(machine) == NEW, number
        nothing_is_left(machine, number)
        assert dies_with_a_in_place(first), number
        assert stands(machine) != NEW, number


REVERT = "/var/lib/omc/runs/R1/h1/revert.sh"


def apply_for_a_while(shell: MachineShell) -> Outcome:
    """With a timer, which no kill of the change hits."""
    shell.prelude += '; setsid() { unset LD_PRELOAD; exec setsid "$@"; }'
    return change(shell, the_job(confirm_seconds=1), deadline=soon())


@pytest.mark.timeout(900)
def test_the_timer_ends_an_apply_that_is_killed_anywhere(machine: Machine, steps: Steps):
    """From the moment it is armed nobody else is needed: everything is as it was, and nothing remains."""
    ended = 0
    for number in every_kill(steps, apply_for_a_while, stride=8):
        armed = machine.file("/var/lib/omc/runs/R1/h1/timer").exists()
        machine.wait_for("! pgrep -f '[r]evert.sh'")
        assert stands(machine) == OLD, number
        if armed:
            nothing_is_left(machine, number)
            ended += 1
        reset(machine)
    assert ended > 2


def run_timer(shell: MachineShell) -> None:
    """The timer's own script, now."""
    answer = shell.run(f"sh {REVERT} 0; echo ended", deadline=soon())
    if not answer.output.endswith(b"ended\n"):
        raise HostError("killed")


@pytest.mark.timeout(600)
def test_a_timer_that_is_killed_anywhere_can_be_taken_up(machine: Machine, steps: Steps):
    """While it had done nothing the run still waits; from then on a resume carries it to its end."""
    waits = the_job(confirm_seconds=1000)
    change(machine.shell(), waits, deadline=soon())
    for number in every_kill(steps, run_timer):
        for one, old, new in zip(stands(machine), OLD, NEW, strict=True):
            assert one in (old, new), number
        found = take_up(machine.shell())
        if found.status == "waiting":
            assert stands(machine) == NEW, number
            assert take_back(machine.shell()).status == "rolled_back", number
        else:
            assert found.status in {"restored", "unchanged"}, (number, found)
        assert stands(machine) == OLD, number
        nothing_is_left(machine, number)
        machine.sh("pkill -f '[r]evert.sh' || true")  # the true timer, in whose place the script ran
        reset(machine)
        change(machine.shell(), waits, deadline=soon())
    machine.sh("pkill -f '[r]evert.sh' || true")
