"""Runs with libvirt objects, as the host knows of them: it waits for the controller, and lets no other run in."""

import pytest

from omc.templates.remote.change import change
from omc.templates.remote.complete import complete
from omc.templates.remote.confirm import confirm
from omc.templates.remote.job import Job
from omc.templates.remote.keep import Kept, keep, kept
from omc.templates.remote.resume import resume
from omc.templates.remote.rollback import rollback
from tests.remote.machine import Machine, changed, job, soon

A, B = "/etc/site/a.conf", "/etc/site/b.conf"
SOON = ("sh", "-c", "echo soon >>/tmp/handled")
LATE = ("sh", "-c", f"cat {A} >>/tmp/handled; ! [ -e /tmp/no ]")
OBJECT = Kept(kind="network", name="n'<&>", before=None, after="<network/>", live="", effect="restart")


@pytest.fixture
def place(machine: Machine) -> Machine:
    machine.host.write(A, b"old\n", 0o640)
    return machine


def with_objects(**more: object) -> Job:
    return job(changed(A, b"old\n", b"new\n"), handlers=(SOON,), late_handlers=(LATE,), objects=True, **more)


def other(place: Machine, host: str = "h1", run: str = "R2") -> tuple[str, str]:
    found = change(place.shell(), job(changed(B, None, b"b"), run=run, host=host), deadline=soon())
    return found.status, found.code


def handled(place: Machine) -> str:
    return place.file("/tmp/handled").read_text()


@pytest.mark.parametrize("seconds", [None, 100])
def test_the_machine_stays_the_runs_until_its_objects_are_defined(place: Machine, seconds: int | None):
    """Others are told who has it, the run's own other names are let in; then what follows objects runs, once."""
    shell = place.shell()
    assert change(shell, with_objects(confirm_seconds=seconds), deadline=soon()).status == (
        "waiting" if seconds else "changed"
    )
    if seconds:
        assert "changed" == confirm(place.shell(), "R1", "h1", deadline=soon()).status
        place.wait_for("! pgrep -f '[r]evert.sh'")
    found = change(place.shell(), job(changed(B, None, b"b"), run="R2"), deadline=soon())
    assert ("refused", "objects") == (found.status, found.code)
    assert found.holder is not None
    assert ("R1", "h1") == (found.holder.run, found.holder.host)
    assert ("changed", "") == other(place, "h2", "R1")
    (state,) = place.look().unfinished
    assert ("R1", "objects") == (state.run, state.step)
    assert "soon\n" == handled(place)
    assert keep(shell, "R1", "h1", [OBJECT], deadline=soon())
    assert not keep(shell, "R1", "h1", [], deadline=soon())
    assert (OBJECT,) == kept(shell, "R1", "h1", deadline=soon())
    assert ("changed", ()) == ((done := complete(shell, "R1", "h1", deadline=soon())).status, done.pending_handlers)
    assert "already" == complete(shell, "R1", "h1", deadline=soon()).code
    assert "soon\nnew\n" == handled(place)
    assert ((), []) == (place.look().unfinished, place.leftovers())


def test_what_follows_objects_and_fails_waits_for_the_way_back(place: Machine):
    """The files are put back first; what follows objects runs again when these are back; then others are let in."""
    place.file("/tmp/no").touch()
    change(place.shell(), with_objects(), deadline=soon())
    keep(place.shell(), "R1", "h1", [OBJECT], deadline=soon())
    found = complete(place.shell(), "R1", "h1", deadline=soon())
    assert ("failed", "handler", (LATE,)) == (found.status, found.code, found.pending_handlers)
    place.file("/tmp/no").unlink()
    assert "rolled_back" == rollback(place.shell(), "R1", "h1", deadline=soon()).status
    assert b"old\n" == place.file(A).read_bytes()
    assert "soon\nnew\nsoon\n" == handled(place)
    assert ("refused", "unfinished") == other(place)
    for again in (rollback, resume):
        assert "rolled_back" == again(place.shell(), "R1", "h1", deadline=soon()).status
    assert "rolled_back" == complete(place.shell(), "R1", "h1", deadline=soon()).status
    assert "soon\nnew\nsoon\nold\n" == handled(place)
    assert ((), ()) == (place.look().unfinished, place.look().pending_handlers)
    assert ("changed", "") == other(place)


def test_a_run_that_was_cut_off_before_its_objects_waits_for_them(place: Machine):
    """A resume says so, and leaves what follows objects pending; a rollback takes all of it away."""
    change(place.shell(), with_objects(), deadline=soon())
    found = resume(place.shell(), "R1", "h1", deadline=soon())
    assert ("changed", "objects", (LATE,)) == (found.status, found.code, found.pending_handlers)
    assert "soon\n" == handled(place)
    assert "rolled_back" == rollback(place.shell(), "R1", "h1", deadline=soon()).status
    assert ("soon\nsoon\n", ()) == (handled(place), place.look().pending_handlers)
    assert ("changed", "") == other(place)
