"""The way back: which run may be put back, what stops it, and how long the old files are kept."""

import pytest

from omc.templates.remote.change import change
from omc.templates.remote.resume import resume
from omc.templates.remote.rollback import rollback
from omc.templates.remote.upkeep import clean
from tests.remote.machine import Machine, changed, job, soon

A, B = "/etc/site/a.conf", "/etc/site/b.conf"


@pytest.fixture
def three_runs(machine: Machine) -> Machine:
    """A went from 0 by 1, 2 to 3; B from nothing to 1 in the first run."""
    machine.host.write(A, b"0", 0o640)
    for number in (1, 2, 3):
        changes = [changed(A, str(number - 1).encode(), str(number).encode())]
        if number == 1:
            changes.append(changed(B, None, b"1"))
        one = job(*changes, run=f"R{number}", host="h1" if number < 3 else "other name")
        assert "changed" == change(machine.shell(), one, deadline=soon()).status
    return machine


def test_runs_go_back_one_after_the_other(three_runs: Machine):
    """The newest first; each once."""
    for run, host, content in (("R3", "other name", b"2"), ("R2", "h1", b"1"), ("R1", "h1", b"0")):
        found = rollback(three_runs.shell(), run, host, deadline=soon())
        assert ("rolled_back", content) == (found.status, three_runs.file(A).read_bytes())
        again = rollback(three_runs.shell(), run, host, deadline=soon())
        assert ("unchanged", "already", content) == (again.status, again.code, three_runs.file(A).read_bytes())
    assert ["a.conf"] == [path.name for path in three_runs.site.iterdir()]


def test_a_run_below_a_newer_one_is_refused_with_its_name(three_runs: Machine):
    """Nothing is put back, not even the file that no newer run has."""
    found = rollback(three_runs.shell(), "R1", "h1", deadline=soon())
    assert ("refused", "newer_run") == (found.status, found.code)
    assert f"{A}: run R2 on h1; {A}: run R3 on other name" == found.message
    assert (b"3", b"1") == (three_runs.file(A).read_bytes(), three_runs.file(B).read_bytes())


def test_a_run_below_a_newer_one_goes_back_by_force(three_runs: Machine):
    """What stood there is kept beside the old file."""
    assert "rolled_back" == rollback(three_runs.shell(), "R1", "h1", deadline=soon(), force=True).status
    assert (b"0", False) == (three_runs.file(A).read_bytes(), three_runs.file(B).exists())
    assert b"3" == three_runs.file("/var/lib/omc/runs/R1/h1/backup/1.found").read_bytes()
    found = rollback(three_runs.shell(), "R3", "other name", deadline=soon())
    assert ("refused", "changed_since") == (found.status, found.code)


@pytest.mark.parametrize("by_hand", [f"echo hand >{A}", f"rm {A}", f"rm {A}; mkdir {A}", f"ln -sf /etc/hosts {A}"])
def test_a_file_that_was_changed_by_hand_since_is_shown(three_runs: Machine, by_hand: str):
    """Refused, with the file; by force the old one is there, unless a folder is in its place."""
    three_runs.sh(by_hand)
    found = rollback(three_runs.shell(), "R3", "other name", deadline=soon())
    assert ("refused", "changed_since") == (found.status, found.code)
    assert found.message.startswith(f"{A}: it")
    forced = rollback(three_runs.shell(), "R3", "other name", deadline=soon(), force=True)
    if "mkdir" in by_hand:
        assert ("failed", (A,)) == (forced.status, forced.left)
        three_runs.sh(f"rmdir {A}")
        forced = rollback(three_runs.shell(), "R3", "other name", deadline=soon())
    assert ("rolled_back", b"2") == (forced.status, three_runs.file(A).read_bytes())


def test_other_owners_and_modes_since_do_not_stop_the_way_back(three_runs: Machine):
    three_runs.sh(f"chmod 777 {A}; chown 4711 {A}")
    assert "rolled_back" == rollback(three_runs.shell(), "R3", "other name", deadline=soon()).status
    status = three_runs.file(A).stat()
    assert (0o640, 0) == (status.st_mode & 0o777, status.st_uid)


def test_a_folder_that_somebody_else_uses_too_stays(machine: Machine):
    """What the run made is removed, except where something else lies in it."""
    change(machine.shell(), job(changed("/etc/site/x/y/new", None, b"n")), deadline=soon())
    machine.host.write("/etc/site/x/theirs", b"t")
    assert "rolled_back" == rollback(machine.shell(), "R1", "h1", deadline=soon()).status
    assert ["theirs"] == [path.name for path in machine.file("/etc/site/x").iterdir()]


def test_the_old_files_of_the_last_runs_are_kept(machine: Machine):
    """Each change drops those beyond the limit; a clean-up can be stricter; what waits is never dropped."""
    machine.host.write(A, b"0")
    for number in range(1, 6):
        more = {"confirm_seconds": 100} if number == 1 else {}
        one = job(changed(A, str(number - 1).encode(), str(number).encode()), run=f"R{number}", **more)
        found = change(machine.shell(), one, deadline=soon(), keep_runs=3)
        assert found.status in {"changed", "waiting"}
        if number == 1:
            rollback(machine.shell(), "R1", "h1", deadline=soon())
            machine.host.write(A, b"1")
    runs = machine.state / "runs"
    assert ["R3", "R4", "R5"] == sorted(path.name for path in runs.iterdir())
    assert "unchanged" == clean(machine.shell(), deadline=soon(), keep_runs=1).status
    assert ["R5"] == [path.name for path in runs.iterdir()]
    assert "no_such_run" == rollback(machine.shell(), "R4", "h1", deadline=soon()).code


def test_a_run_that_is_over_has_nothing_to_resume(three_runs: Machine):
    found = resume(three_runs.shell(), "R2", "h1", deadline=soon())
    assert ("unchanged", "", ()) == (found.status, found.code, found.pending_handlers)
