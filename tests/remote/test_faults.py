"""Hosts on which something goes wrong: disks, attributes, other processes, commands, the connection."""

import shlex
import subprocess
import time

import pytest

from omc.templates.remote.change import change
from omc.templates.remote.job import Outcome
from omc.templates.remote.resume import resume
from omc.templates.remote.rollback import rollback
from omc.templates.remote.upkeep import forget
from tests.remote.machine import Machine, MachineShell, changed, job, soon

OLD, NEW = b"old\n", b"new\n"
A = "/etc/site/a.conf"


@pytest.fixture
def place(machine: Machine) -> Machine:
    """A machine with the file A."""
    machine.host.write(A, OLD)
    return machine


def small_disk(machine: Machine, path: str) -> None:
    machine.sh(f"mkdir -p {path} && mount -t tmpfs -o size=64k disk {path}")


def nothing_happened(machine: Machine) -> None:
    assert OLD == machine.file(A).read_bytes()
    assert [] == machine.leftovers()
    assert ((), ()) == (machine.look(A).unfinished, machine.look(A).pending_handlers)


def run(machine: Machine, *, prelude: str = "", content: bytes = NEW, **more: object) -> Outcome:
    return change(machine.shell(prelude=prelude), job(changed(A, OLD, content), **more), deadline=soon())


def test_a_full_disk_refuses_the_change(place: Machine):
    small_disk(place, "/etc/site")
    place.host.write(A, OLD)
    found = run(place, content=b"x" * 100_000)
    assert ("refused", "disk_full") == (found.status, found.code)
    assert found.message.startswith(f"{A}: ")
    nothing_happened(place)


def test_a_disk_that_is_full_for_the_old_files_refuses_the_change(place: Machine):
    """Without a way back nothing is begun."""
    small_disk(place, "/var/lib/omc")
    place.host.write(A, OLD * 50_000)
    found = change(place.shell(), job(changed(A, OLD * 50_000, NEW)), deadline=soon())
    assert ("refused", "disk_full") == (found.status, found.code)
    assert OLD * 50_000 == place.file(A).read_bytes()
    assert [] == place.leftovers()


def test_a_disk_without_a_free_byte_for_the_journal_refuses_the_change(place: Machine):
    small_disk(place, "/var/lib/omc")
    place.sh("chmod 700 /var/lib/omc; cat /dev/zero >/var/lib/omc/filler || true")
    found = run(place)
    assert ("refused", True) == (found.status, found.code in {"disk_full", "state_folder", "incomplete"})
    assert OLD == place.file(A).read_bytes()


def test_a_disk_without_room_for_one_more_file_refuses_the_change(place: Machine):
    """Whichever of the run's own files is the first without an inode, the host says so, and nothing happened."""
    place.sh("mkdir -p /var/lib/omc && mount -t tmpfs -o nr_inodes=40 disk /var/lib/omc")
    place.sh("chmod 700 /var/lib/omc; cd /var/lib/omc; touch $(seq -f filler%g 50) 2>/dev/null || true")
    for freed in range(1, 40):
        found = run(place)
        if found.status == "changed":
            break
        assert ("refused", True) == (found.status, found.code in {"disk_full", "state_folder"}), found
        assert OLD == place.file(A).read_bytes()
        assert [] == place.leftovers()
        place.sh(f"rm -f /var/lib/omc/filler{freed}")
    assert freed > 8


def test_old_files_need_no_room_to_come_back(place: Machine):
    """The handler fills the disk to its last byte and fails: the old file is there again all the same."""
    small_disk(place, "/etc/site")
    place.host.write(A, OLD * 5000)
    fails = ("sh", "-c", "cat /dev/zero >/etc/site/filler; exit 1")
    found = change(place.shell(), job(changed(A, OLD * 5000, NEW * 5000), handlers=(fails,)), deadline=soon())
    assert ("failed", "handler", ()) == (found.status, found.code, found.left)
    assert OLD * 5000 == place.file(A).read_bytes()
    assert (fails,) == found.pending_handlers
    assert [] == place.leftovers()


def test_a_read_only_folder_refuses_the_change(place: Machine):
    place.sh("mount --bind /etc/site /etc/site && mount -o remount,ro,bind /etc/site")
    found = run(place)
    assert ("refused", "read_only") == (found.status, found.code)
    nothing_happened(place)


def test_a_read_only_state_folder_refuses_the_change(place: Machine):
    place.sh("mkdir -p /var/lib/omc && mount --bind /var/lib/omc /var/lib/omc && mount -o remount,ro,bind /var/lib/omc")
    found = run(place)
    assert ("refused", "state_folder") == (found.status, found.code)
    nothing_happened(place)


def test_a_state_folder_of_somebody_else_is_not_trusted(place: Machine):
    """Where a controller's own user owns /var/lib/omc, root keeps its files elsewhere."""
    place.sh("mkdir -m 777 /var/lib/omc; chown 4711 /var/lib/omc")
    assert "changed" == run(place).status
    assert [] == list(place.state.iterdir())
    assert ["h1"] == [path.name for path in (place.root / "var/lib/omc-host/runs/R1").iterdir()]


@pytest.mark.parametrize("lacking", ["", "lsattr"])
@pytest.mark.parametrize("flag", ["i", "a"])
def test_an_immutable_file_refuses_the_change(place: Machine, flag: str, lacking: str):
    """Where the host has no lsattr, it is only seen by the rename, and everything is put back."""
    place.lacks(*lacking.split())
    place.sh(f"chattr +{flag} {A}")
    try:
        assert lacking or place.look(A).files[0].immutable
        found = change(place.shell(), job(changed("/etc/site/0", None, NEW), changed(A, OLD, NEW)), deadline=soon())
        assert ("restored" if lacking else "refused", "immutable") == (found.status, found.code)
        assert found.message.startswith(f"{A}: ")
    finally:
        place.sh(f"chattr -{flag} {A}")
    nothing_happened(place)
    assert not place.file("/etc/site/0").exists()


def meanwhile(machine: Machine, does: str) -> MachineShell:
    """A shell whose scripts do that once between the copy of the old file and its replacement: they call sync there."""
    when = "[ ! -e /run/once ] && grep -q placing /var/lib/omc/runs/R1/h1/journal"
    return machine.shell(prelude=f"sync() {{ if {when}; then : >/run/once; {does}; fi; }}")


MEANWHILE = {
    "written": f"printf theirs >{A}",
    "replaced": f"printf theirs >/etc/site/theirs; mv /etc/site/theirs {A}",
}


@pytest.mark.parametrize("how", MEANWHILE)
def test_a_file_that_somebody_else_changes_meanwhile_is_theirs(place: Machine, how: str):
    """It is noticed, everything else is put back, and what they wrote stays."""
    new = changed("/etc/site/0", None, NEW)
    found = change(meanwhile(place, MEANWHILE[how]), job(new, changed(A, OLD, NEW)), deadline=soon())
    assert ("restored", "changed_meanwhile") == (found.status, found.code)
    assert (b"theirs", False) == (place.file(A).read_bytes(), place.file("/etc/site/0").exists())
    assert [] == place.leftovers()


@pytest.mark.parametrize("how", MEANWHILE)
def test_a_file_that_somebody_changes_during_validation_is_theirs(place: Machine, how: str):
    """Nothing is in place yet, so the change is refused as one since the plan."""
    found = change(
        place.shell(), job(changed(A, OLD, NEW, validate=("sh", "-c", MEANWHILE[how], "%s"))), deadline=soon()
    )
    assert ("refused", "changed_since_plan", b"theirs") == (found.status, found.code, place.file(A).read_bytes())
    assert [] == place.leftovers()


@pytest.mark.parametrize("making", ["printf theirs >", "ln -s /etc/hosts ", "mkdir "])
def test_what_somebody_else_makes_meanwhile_is_not_replaced(place: Machine, making: str):
    """A file, a link, a folder in the place of a new file."""
    one = job(changed(A, OLD, NEW), changed("/etc/site/new", None, NEW))
    found = change(meanwhile(place, f"{making}/etc/site/new"), one, deadline=soon())
    assert ("restored", True) == (found.status, found.code in {"changed_meanwhile", "not_a_file"})
    assert OLD == place.file(A).read_bytes()
    assert {"a.conf", "new"} == {path.name for path in place.site.iterdir()}
    assert "new" not in place.sh("cat /etc/hosts")


def test_a_validator_that_prints_without_end_is_heard_and_bounded(place: Machine):
    """10 MB of output are read, and the end of it is kept; its word counts."""
    floods = ("sh", "-c", "head -c 10000000 /dev/zero | tr '\\0' x; echo the end; exit $0", "{}")
    for status, expected in (("0", "changed"), ("1", "refused")):
        command = (*floods[:-1], status, "%s")
        one = job(changed(A, OLD, NEW, validate=command), run=f"R{status}")
        found = change(place.shell(), one, deadline=soon())
        assert (expected, 8192) == (found.status, len(found.commands[0].output))
        assert found.commands[0].output.endswith("xxthe end\n")
        place.host.write(A, OLD)


@pytest.mark.parametrize("lacking", ["", "timeout", "timeout setsid"])
def test_a_validator_that_hangs_is_ended(place: Machine, lacking: str):
    """After its time; with what it started, where the host has one of the two programs that can."""
    place.lacks(*lacking.split())
    hangs = ("sh", "-c", "sleep 1234 & echo waiting; sleep 1234", "%s")
    one = job(changed(A, OLD, NEW, validate=hangs), validate_seconds=1)
    started = time.monotonic()
    found = change(place.shell(), one, deadline=soon())
    assert time.monotonic() - started < 10
    assert ("refused", "validation", 124) == (found.status, found.code, found.commands[0].status)
    left = place.sh("pgrep -cf '[s]leep 1234' || true; pkill -f '[s]leep 1234' || true")
    assert lacking == "timeout setsid" or left == "0\n"
    nothing_happened(place)


def test_a_handler_that_fails_puts_everything_back(place: Machine):
    """Those that ran run again with the old files; the one that never ran is forgotten."""
    handlers = (
        ("sh", "-c", f"cat {A} >>/tmp/first"),
        ("sh", "-c", f"echo no; grep -q old {A}"),
        ("sh", "-c", "echo never >/tmp/never"),
    )
    found = run(place, handlers=handlers)
    assert ("restored", "handler", ()) == (found.status, found.code, found.pending_handlers)
    assert [0, 1, 0, 0] == [command.status for command in found.commands]
    assert "new\nold\n" == place.file("/tmp/first").read_text()
    assert not place.file("/tmp/never").exists()
    nothing_happened(place)


def test_a_handler_that_always_fails_stays_pending_until_it_succeeds(place: Machine):
    """It runs at the next change, before its own; then at a resume; and one that succeeds is no longer pending."""
    fails = ("sh", "-c", "echo tried >>/tmp/tried; test -e /tmp/mended")
    found = run(place, handlers=(fails,))
    assert ("failed", (fails,)) == (found.status, found.pending_handlers)
    assert (fails,) == place.look(A).pending_handlers
    found = run(place, run="R2", handlers=(("true",), fails))
    assert ("failed", (fails,)) == (found.status, found.pending_handlers)
    assert fails == found.commands[0].command
    found = resume(place.shell(), "R1", "h1", deadline=soon())
    assert ("failed", "handler", (fails,)) == (found.status, found.code, found.pending_handlers)
    place.host.write("/tmp/mended", b"")
    found = resume(place.shell(), "R1", "h1", deadline=soon())
    assert ("unchanged", ()) == (found.status, found.pending_handlers)
    assert 6 == len(place.file("/tmp/tried").read_text().splitlines())


def test_a_handler_that_never_succeeds_can_be_forgotten(place: Machine):
    """Until then every change tries it again, and is made whether it succeeds or not; others that are pending stay."""
    handlers = (("sh", "-c", "exit 1"), ("sh", "-c", "exit 2"))
    for number, one in enumerate(handlers):
        assert "failed" == run(place, run=f"R{number}", handlers=(one,)).status
    found = run(place, run="R3", handlers=(("true",),))
    assert ("changed", handlers) == (found.status, found.pending_handlers)
    assert [*handlers, ("true",)] == [command.command for command in found.commands]
    assert "rolled_back" == rollback(place.shell(), "R3", "h1", deadline=soon()).status
    found = forget(place.shell(), handlers[:1], deadline=soon())
    assert found.pending_handlers == place.look(A).pending_handlers
    assert handlers[0] not in found.pending_handlers
    assert () == forget(place.shell(), handlers, deadline=soon()).pending_handlers
    assert "changed" == run(place, run="R4").status


def test_a_job_without_files_runs_what_is_pending(place: Machine):
    """So a host whose files are right gets what an earlier failure kept from it."""
    fails = ("sh", "-c", "test -e /tmp/mended")
    assert "failed" == run(place, handlers=(fails,)).status
    place.host.write("/tmp/mended", b"")
    found = change(place.shell(), job(run="R2"), deadline=soon())
    assert ("unchanged", (), [fails]) == (found.status, found.pending_handlers, [one.command for one in found.commands])


def test_a_handler_that_hangs_is_a_failure(place: Machine):
    found = run(place, handlers=(("sleep", "1234"),), handler_seconds=1)
    assert ("failed", "handler", 124) == (found.status, found.code, found.commands[0].status)
    assert OLD == place.file(A).read_bytes()


def test_a_daemon_that_a_handler_leaves_behind_holds_nothing_up(place: Machine):
    """Neither the answer, although it keeps the output open, nor the lock of the machine."""
    started = time.monotonic()
    assert "changed" == run(place, handlers=(("sh", "-c", "sleep 1235 &"),)).status
    assert time.monotonic() - started < 8
    assert None is place.look(A).lock
    assert "1\n" == place.sh("pgrep -cf '[s]leep 1235'; pkill -f '[s]leep 1235'")


def test_handlers_run_as_on_a_usual_login(place: Machine):
    """Files that they make are for all to read, no signal is ignored for their sake, and their input is empty."""
    signals = "sed -n 's/^Sig\\(Ign\\|Blk\\):[^0-9]*//p' /proc/self/status"
    found = run(place, handlers=(("sh", "-c", f"umask; cat; pwd; {signals}"),))
    mask, folder, *held = found.commands[0].output.split()
    assert ("0022", "/") == (mask, folder)
    before = place.sh(signals).split()  # what this process ignores itself, every process that it starts does
    assert [0, 0] == [int(now, 16) & ~int(was, 16) for now, was in zip(held, before, strict=True)]


LARGE = b"new\0" * 50_000  # too large to travel within the script


def script_of(place: Machine, **more: object) -> tuple[str, bytes]:
    """The script and data of a change, for tests that cut it."""
    kept: list[tuple[str, bytes]] = []

    class Recorder:
        def run(self, script: str, data: object = (), **_: object) -> None:
            kept.append((script, b"".join(data)))  # type: ignore[call-overload]
            raise InterruptedError

    with pytest.raises(InterruptedError):
        change(Recorder(), job(changed(A, OLD, LARGE), **more), deadline=soon())  # type: ignore[arg-type]
    return kept[0]


@pytest.mark.parametrize("part", [0, 0.3, 0.9])
def test_a_connection_that_is_cut_while_sending_changes_nothing(place: Machine, part: float):
    script, data = script_of(place)
    process = place.shell().start(script, [data[: int(len(data) * part)]])
    cut(process)
    process.wait(20)
    nothing_happened(place)
    assert [] == list((place.state / "runs").iterdir())


def test_a_connection_that_is_cut_later_does_not_stop_the_change(place: Machine):
    """The handler waits until nobody listens any more; the run is carried to its end all the same."""
    place.sh("mkfifo /run/gate")
    script, data = script_of(place, handlers=(("sh", "-c", "read x </run/gate; echo lots and lots"),))
    process = place.shell().start(script, [data])
    place.wait_for(f"grep -q new {A}")
    lock = place.look(A).lock
    assert lock is not None
    assert ("R1", "h1", "tester") == (lock.run, lock.host, lock.actor)
    cut(process)
    place.sh("echo go >/run/gate")
    process.wait(20)
    assert "done" == place.journal()[-1]
    assert [] == place.leftovers()


def cut(process: "subprocess.Popen[bytes]") -> None:
    """What a lost connection is to a script: nobody reads, nothing more comes."""
    for pipe in (process.stdin, process.stdout, process.stderr):
        assert pipe is not None
        pipe.close()


def test_a_state_folder_that_cannot_be_made_says_so(place: Machine):
    found = change(
        place.shell(prelude=f"cd {shlex.quote('/')}; mkdir() {{ return 1; }}"),
        job(changed(A, OLD, NEW)),
        deadline=soon(),
    )
    assert ("refused", "state_folder") == (found.status, found.code)
