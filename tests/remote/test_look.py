"""Looking at a host: one exec tells how the files are, and changes nothing."""

import shutil

import pytest

from omc.errors import OmcError
from omc.templates.desired import DesiredFile
from omc.templates.remote.change import change
from omc.templates.remote.look import look
from omc.templates.remote.state import FileState
from tests.remote.machine import SHELLS, Machine, MachineShell, changed, digest, job, soon


def one(machine: Machine, path: str, content: bytes = b"") -> FileState:
    return machine.look(path, content=content).files[0]


@pytest.mark.parametrize("interpreter", SHELLS)
def test_every_kind_of_thing_is_told(machine: Machine, interpreter: str):
    """Files with all their attributes, and what is none; in the order of the question."""
    machine.host.write("/etc/site/file", b"text\n", 0o4750)
    machine.sh(
        "cd /etc/site; chown daemon:tty file; chmod 4750 file; mkdir folder; ln -s file link; ln -s nowhere loose; "
        "mkfifo pipe; touch kept; chattr +i kept"
    )
    names = ("pipe", "file", "folder", "link", "loose", "none", "kept")
    files = [DesiredFile(template="t", path=f"/etc/site/{name}", content=b"other") for name in names]
    found = look(machine.shell(interpreter), files, deadline=soon())
    machine.sh("chattr -i /etc/site/kept")
    kinds = ("other", "file", "directory", "symlink", "symlink", "missing", "file")
    assert list(zip(names, kinds, strict=True)) == [(file.path.rpartition("/")[2], file.kind) for file in found.files]
    file = found.files[1]
    assert ("daemon", "tty", 0o4750, 5) == (file.owner, file.group, file.mode, file.size_bytes)
    assert (digest(b"text\n"), b"text\n", False) == (file.digest, file.content, file.immutable)
    assert found.files[6].immutable
    assert machine.sh("cat /etc/machine-id").strip() == found.machine


def test_looking_leaves_no_trace(machine: Machine):
    """Not even a folder for the state."""
    one(machine, "/etc/site/x")
    assert not machine.state.exists()


def test_content_comes_only_where_it_differs_and_is_small(machine: Machine):
    machine.host.write("/etc/site/same", b"same")
    machine.host.write("/etc/site/large", b"x" * 2_000_000)
    machine.host.write("/etc/site/empty", b"")
    machine.host.write("/etc/site/limit", b"\0" * (1 << 20))
    assert None is one(machine, "/etc/site/same", b"same").content
    assert (None, 2_000_000, digest(b"x" * 2_000_000)) == (
        (large := one(machine, "/etc/site/large")).content, large.size_bytes, large.digest,
    )  # fmt: skip
    assert b"" == one(machine, "/etc/site/empty", b"x").content
    assert b"\0" * (1 << 20) == one(machine, "/etc/site/limit").content


def test_all_contents_together_are_bounded(machine: Machine):
    """Of forty differing files of 1 MiB the first sixteen come along."""
    machine.sh("for i in $(seq 40); do head -c 1048576 /dev/urandom >/etc/site/$i; done")
    found = machine.look(*(f"/etc/site/{number}" for number in range(1, 41)))
    assert [True] * 16 + [False] * 24 == [file.content is not None for file in found.files]
    assert all(file.digest for file in found.files)


@pytest.mark.parametrize(
    "name", ["back\\slash\\n", "sp ace", "-dash", "quo'te\"", "$(x)`x`", "ünï", "dev-\\x2d.mount", "*", "a\\\\"]
)
def test_any_name_of_a_file_is_that_file(machine: Machine, name: str):
    """With content and digest; equal content is known as equal."""
    path = f"/etc/site/{name}"
    machine.file("/etc/site").joinpath(name).write_bytes(b"old")
    assert (b"old", digest(b"old")) == ((found := one(machine, path, b"new")).content, found.digest)
    assert None is one(machine, path, b"old").content
    assert "changed" == change(machine.shell(), job(changed(path, b"old", b"new")), deadline=soon()).status
    assert b"new" == machine.file("/etc/site").joinpath(name).read_bytes()


@pytest.mark.parametrize(
    "path", ["etc/x", "/", "/etc/", "/etc/../x", "/etc/./x", "//x", "/etc/a\nb", "/etc/\x1b[2J", ""]
)
def test_what_is_no_plain_path_is_refused_before_the_host_hears_of_it(path: str):
    with pytest.raises(OmcError, match="is no path of a file"):
        look(MachineShell.__new__(MachineShell), [DesiredFile(template="t", path=path, content=b"")], deadline=soon())


def test_the_owner_of_a_number_without_a_name_is_told_by_number(machine: Machine):
    machine.host.write("/etc/site/x", b"")
    machine.sh("chown 4242:4343 /etc/site/x")
    found = one(machine, "/etc/site/x")
    assert (4242, 4343, "UNKNOWN", "UNKNOWN") == (found.owner_id, found.group_id, found.owner, found.group)


@pytest.mark.parametrize("interpreter", SHELLS)
def test_programs_that_are_not_there_are_told(machine: Machine, interpreter: str):
    """By their name as the shell looks for it, or by their path."""
    programs = ("sh", "no-such-check", "/bin/sh", "/opt/my checks/run")
    found = look(machine.shell(interpreter), (), deadline=soon(), programs=programs)
    assert {"no-such-check", "/opt/my checks/run"} == found.lacking


def test_a_host_without_a_machine_id_is_known_by_its_name(machine: Machine):
    machine.sh("rm -f /etc/machine-id")
    assert "host1" == machine.look().machine


BEFORE = {"dd", "echo", "[", "printf"}  # what brings the script into the shell, and words of the shell itself


def test_twenty_files_start_no_more_programs_than_one(machine: Machine):
    """So a plan of many files takes the time of one."""
    paths = [f"/etc/site/{number}" for number in range(20)]
    for path in paths:
        machine.host.write(path, b"x")
    counts = []
    for asked in (paths[:1], paths):
        trace = "exec 7>/run/trace; set -x; exec 2>&7"
        files = [DesiredFile(template="t", path=path, content=b"x") for path in asked]
        assert all(file.content is None for file in look(machine.shell(prelude=trace), files, deadline=soon()).files)
        lines = machine.file("/run/trace").read_text().splitlines()
        words = [line.lstrip("+ ").partition(" ")[0] for line in lines if line.startswith("+")]
        counts.append(sorted(word for word in words if shutil.which(word) and word not in BEFORE))
    assert ["lsattr", "sha256sum", "stat"] == counts[0] == counts[1]


@pytest.mark.parametrize("interpreter", SHELLS)
def test_what_a_user_may_not_see_is_told_as_that(machine: Machine, interpreter: str):
    """A file that it may not read, one in a folder that is closed to it, and that it could change nothing."""
    machine.host.write("/etc/site/open", b"x\n", 0o644)
    machine.sh("cd /etc/site; chmod 755 .; touch shut; chmod 600 shut; mkdir -p closed/in; chmod 700 closed")
    names = ("open", "shut", "none", "closed/in/file")
    files = [DesiredFile(template="t", path=f"/etc/site/{name}", content=b"other") for name in names]
    as_nobody = f"setpriv --reuid 1 --regid 1 --clear-groups {interpreter}"
    found = look(machine.shell(as_nobody), files, deadline=soon())
    assert [False, True, False, True] == [file.unreadable for file in found.files]
    assert "daemon" == found.powerless
    assert "" == machine.look("/etc/site/open").powerless
