"""--confirm: unless a new connection confirms in time, the host itself puts everything back."""

import pytest

from omc.templates.remote.change import change
from omc.templates.remote.confirm import confirm
from omc.templates.remote.job import Job
from omc.templates.remote.resume import resume
from omc.templates.remote.rollback import rollback
from tests.remote.machine import Machine, changed, job, soon
from tests.remote.test_faults import cut, script_of

OLD, NEW = b"old\n", b"new\n"
A, N = "/etc/site/a.conf", "/etc/site/d/new"
SAYS = ("sh", "-c", f"cat {A} >>/tmp/handled")


@pytest.fixture
def place(machine: Machine) -> Machine:
    machine.host.write(A, OLD, 0o640)
    return machine


def waiting(seconds: int, **more: object) -> Job:
    changes = (changed(A, OLD, NEW, mode=0o600), changed(N, None, b"n"))
    return job(*changes, handlers=(SAYS,), confirm_seconds=seconds, **more)


def reverted(machine: Machine) -> None:
    machine.wait_for("grep -q restored /var/lib/omc/runs/R1/h1/journal && ! [ -e /var/lib/omc/runs/R1/h1/open ]")
    assert (OLD, 0o640) == (machine.file(A).read_bytes(), machine.file(A).stat().st_mode & 0o777)
    assert ["a.conf"] == [path.name for path in machine.site.iterdir()]
    assert "new\nold\n" == machine.file("/tmp/handled").read_text()
    assert ((), ()) == (machine.look().unfinished, machine.look().pending_handlers)


@pytest.mark.parametrize("lacking", ["", "setsid", "flock", "timeout"])
def test_without_a_confirmation_everything_comes_back(place: Machine, lacking: str):
    """Files, attributes, folders; handlers run again; and a confirmation that comes too late is told so."""
    place.lacks(*lacking.split())
    found = change(place.shell(), waiting(1), deadline=soon())
    assert ("waiting", (A, N)) == (found.status, found.paths)
    assert [] == place.leftovers()
    reverted(place)
    late = confirm(place.shell(), "R1", "h1", deadline=soon())
    assert ("refused", "reverted") == (late.status, late.code)
    assert ("unchanged", "already") == (
        (back := rollback(place.shell(), "R1", "h1", deadline=soon())).status,
        back.code,
    )


def test_a_confirmed_change_stays(place: Machine):
    """The timer ends with the confirmation, which may be said twice."""
    assert "waiting" == change(place.shell(), waiting(100), deadline=soon()).status
    (state,) = place.look().unfinished
    assert ("R1", "h1", "waiting", (A, N)) == (state.run, state.host, state.step, state.paths)
    assert 90 < (state.confirm_seconds or 0) <= 100
    place.sh("pgrep -f '[r]evert.sh'")
    found = confirm(place.shell(), "R1", "h1", deadline=soon())
    assert ("changed", "") == (found.status, found.code)
    place.wait_for("! pgrep -f '[r]evert.sh' && ! pgrep -x sleep -a | grep -q ' 100'")
    assert ("changed", "already") == ((again := confirm(place.shell(), "R1", "h1", deadline=soon())).status, again.code)
    assert NEW == place.file(A).read_bytes()
    assert () == place.look().unfinished
    assert "rolled_back" == rollback(place.shell(), "R1", "h1", deadline=soon()).status


def test_the_timer_outlives_the_connection_and_the_session(place: Machine):
    """The change cuts the line in its handler, and all that the login started is killed."""
    place.sh("mkfifo /run/gate")
    gate = ("sh", "-c", f"cat {A} >>/tmp/handled; grep -q old {A} || read x </run/gate")
    script, data = script_of(place, handlers=(gate,), confirm_seconds=2)
    process = place.shell().start(script, [data])
    place.wait_for("grep -q new /tmp/handled")
    cut(process)
    place.sh("pkill -KILL -x dash; true")
    place.wait_for("grep -q restored /var/lib/omc/runs/R1/h1/journal")
    assert OLD == place.file(A).read_bytes()
    place.wait_for("! [ -e /var/lib/omc/runs/R1/h1/open ]")
    assert ((), ()) == (place.look().unfinished, place.look().pending_handlers)


def test_other_runs_wait_for_the_confirmation(place: Machine):
    """Another run is refused, another name of the machine in the same run is not."""
    change(place.shell(), waiting(100), deadline=soon())
    other = changed("/etc/site/other", None, b"o")
    found = change(place.shell(), job(other, run="R2"), deadline=soon())
    assert ("refused", "waiting", "run R1 on h1") == (found.status, found.code, found.message)
    assert "changed" == change(place.shell(), job(other, host="h2"), deadline=soon()).status
    assert "waiting" == resume(place.shell(), "R1", "h1", deadline=soon()).status
    assert "rolled_back" == rollback(place.shell(), "R1", "h1", deadline=soon()).status
    assert "refused" == confirm(place.shell(), "R1", "h1", deadline=soon()).status
    place.wait_for("! pgrep -f '[r]evert.sh'")


def test_a_change_that_is_refused_arms_nothing(place: Machine):
    fails = changed(A, OLD, NEW, validate=("false", "%s"))
    assert "refused" == change(place.shell(), job(fails, confirm_seconds=100), deadline=soon()).status
    found = change(
        place.shell(), job(changed(A, OLD, NEW), confirm_seconds=100, handlers=(("false",),)), deadline=soon()
    )
    assert "failed" == found.status
    place.wait_for("! pgrep -f '[r]evert.sh'")


def test_what_the_host_made_of_the_files_meanwhile_does_not_stop_the_way_back(place: Machine):
    """A service that rewrites its file keeps no host cut off; what it wrote is kept beside the old file."""
    rewrites = ("sh", "-c", f"grep -q new {A} && echo rewritten >{A}; true")
    one = job(changed(A, OLD, NEW), handlers=(rewrites,), confirm_seconds=1)
    assert "waiting" == change(place.shell(), one, deadline=soon()).status
    place.wait_for("grep -q restored /var/lib/omc/runs/R1/h1/journal")
    assert OLD == place.file(A).read_bytes()
    assert "rewritten\n" == place.file("/var/lib/omc/runs/R1/h1/backup/1.found").read_text()


def test_after_a_restart_of_the_machine_the_timer_is_gone_and_the_host_says_so(place: Machine):
    """A resume starts it again."""
    change(place.shell(), waiting(100), deadline=soon())
    place.sh("pkill -KILL -f '[r]evert.sh'; echo '5 another-boot' >/var/lib/omc/runs/R1/h1/until")
    (state,) = place.look().unfinished
    assert ("waiting", None) == (state.step, state.confirm_seconds)
    assert "waiting" == resume(place.shell(), "R1", "h1", deadline=soon()).status
    (state,) = place.look().unfinished
    assert 90 < (state.confirm_seconds or 0) <= 100
    assert "changed" == confirm(place.shell(), "R1", "h1", deadline=soon()).status
