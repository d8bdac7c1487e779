"""A change of a host: what is put in place, with which attributes, and what is refused before anything is touched."""

import os
import struct

import pytest

from omc.templates.desired import SetCheck
from omc.templates.remote.change import change
from omc.templates.remote.confirm import confirm
from omc.templates.remote.resume import resume
from omc.templates.remote.rollback import rollback
from tests.remote.machine import SHELLS, Machine, changed, job, soon

OLD, NEW = b"old\n", b"new\n"


@pytest.fixture
def target(machine: Machine) -> str:
    machine.host.write("/etc/site/a.conf", OLD, 0o640)
    machine.sh("chown 4711:20 /etc/site/a.conf")
    return "/etc/site/a.conf"


@pytest.mark.parametrize("interpreter", SHELLS)
def test_files_are_changed_and_put_back_by_any_posix_shell(machine: Machine, target: str, interpreter: str):
    """A changed and a new file, a handler, a validation; then all of it back, with every attribute."""
    shell = machine.shell(interpreter)
    new = "/etc/site/deep/er/b b'\"$x.conf"
    changes = (
        changed(target, OLD, NEW, mode=0o600, validate=("grep", "-q", "^new", "%s")),
        changed(new, None, b"", owner="root", group="tty"),
    )
    handlers = (("sh", "-c", 'echo "$1" >>/tmp/handled', "sh", "it's done"),)
    found = change(shell, job(*changes, handlers=handlers), deadline=soon())
    assert ("changed", (target, new), ()) == (found.status, found.paths, found.pending_handlers)
    a, b = machine.look(target, new).files
    assert (NEW, 0o600, 4711, 20) == (machine.file(target).read_bytes(), a.mode, a.owner_id, a.group_id)
    assert (b"", 0o644, "root", "tty") == (machine.file(new).read_bytes(), b.mode, b.owner, b.group)
    assert 0o755 == machine.file("/etc/site/deep").stat().st_mode & 0o777
    assert ["begun", "placing", "placed", "done"] == machine.journal()
    assert [] == machine.leftovers()
    back = rollback(shell, "R1", "h1", deadline=soon())
    assert ("rolled_back", (target, new)) == (back.status, back.paths)
    (a,) = machine.look(target).files
    assert (OLD, 0o640, 4711, 20) == (machine.file(target).read_bytes(), a.mode, a.owner_id, a.group_id)
    assert ["a.conf"] == [path.name for path in machine.site.iterdir()]
    assert "it's done\n" * 2 == machine.file("/tmp/handled").read_text()


def test_attributes_alone_are_changed_with_the_content_kept(machine: Machine, target: str):
    """No content: the file stays what it is under a new owner and mode, and a rollback brings the old ones."""
    found = change(machine.shell(), job(changed(target, OLD, None, owner="root", mode=0o604)), deadline=soon())
    (now,) = machine.look(target).files
    assert ("changed", OLD, "root", 0o604, 20) == (
        found.status, machine.file(target).read_bytes(), now.owner, now.mode, now.group_id,
    )  # fmt: skip
    rollback(machine.shell(), "R1", "h1", deadline=soon())
    (now,) = machine.look(target).files
    assert (4711, 0o640) == (now.owner_id, now.mode)


def test_a_change_since_the_plan_is_refused_and_nothing_is_left(machine: Machine, target: str):
    """Another content, a file that is gone, a file that is there: each is named, and no file is touched."""
    for one in (
        changed(target, b"other\n", NEW),
        changed("/etc/site/gone", OLD, NEW),
        changed(target, None, NEW),
    ):
        found = change(machine.shell(), job(changed("/etc/site/x", None, NEW), one), deadline=soon())
        assert ("refused", "changed_since_plan") == (found.status, found.code)
        assert found.message.startswith(f"{one.path}: ")
    assert ["a.conf"] == [path.name for path in machine.site.iterdir()]
    assert [] == list((machine.state / "runs").iterdir())


@pytest.mark.parametrize(
    ("making", "code"),
    [
        ("ln -s /etc/hosts /etc/site/t", "not_a_file"),
        ("ln -s /nowhere /etc/site/t", "not_a_file"),
        ("mkdir /etc/site/t", "not_a_file"),
        ("mkfifo /etc/site/t", "not_a_file"),
    ],
)
def test_what_is_no_file_is_never_replaced(machine: Machine, making: str, code: str):
    """A link, a folder or a pipe in the target's place is refused, and stays."""
    machine.sh(making)
    before = machine.sh("ls -l --time-style=full-iso /etc/site; cat /etc/hosts")
    found = change(machine.shell(), job(changed("/etc/site/t", None, NEW)), deadline=soon())
    assert ("refused", code) == (found.status, found.code)
    assert before == machine.sh("ls -l --time-style=full-iso /etc/site; cat /etc/hosts")


def test_an_unknown_owner_is_refused(machine: Machine, target: str):
    found = change(machine.shell(), job(changed(target, OLD, NEW, owner="nobody-here")), deadline=soon())
    assert ("refused", "owner") == (found.status, found.code)
    assert OLD == machine.file(target).read_bytes()
    assert [] == machine.leftovers()


def test_a_folder_that_is_a_file_is_refused(machine: Machine, target: str):
    found = change(machine.shell(), job(changed(f"{target}/x", None, NEW)), deadline=soon())
    assert ("refused", "not_a_folder") == (found.status, found.code)


def test_content_of_every_byte_arrives_and_no_value_is_code(machine: Machine):
    """Bytes, quotes, dollars, backslashes, dashes: in contents, paths, hosts, actors and commands."""
    content = bytes(range(256)) * 5000
    path = "/etc/site/-r $(touch /tmp/pwned) `x` \\x2d é'\".conf"
    one = job(
        changed(path, None, content, validate=("grep", "-c", "", "%s")),
        changed("/etc/site/n", None, b"\n\n"),
        host="../$(touch /tmp/pwned);h",
        handlers=(("printf", "%s", "$(touch /tmp/pwned)", "-n", ""),),
    )
    found = change(machine.shell(), one, deadline=soon())
    assert ("changed", (path, "/etc/site/n")) == (found.status, found.paths)
    assert content == machine.file(path).read_bytes()
    assert "$(touch /tmp/pwned)-n" == found.commands[-1].output
    assert not machine.file("/tmp/pwned").exists()
    (state,) = machine.look(path, content=content).files
    assert None is state.content
    machine.file(path).write_bytes(b"\\\0\n.\nend\n")
    (state,) = machine.look(path, content=b"other").files
    assert b"\\\0\n.\nend\n" == state.content
    assert "changed_since" == rollback(machine.shell(), one.run, one.host, deadline=soon()).code
    assert "rolled_back" == rollback(machine.shell(), one.run, one.host, deadline=soon(), force=True).status
    assert [] == list(machine.site.iterdir())


def test_the_longest_file_name_can_be_changed(machine: Machine):
    path = "/etc/site/" + "n" * 250 + ".conf"
    assert "changed" == change(machine.shell(), job(changed(path, None, NEW)), deadline=soon()).status
    assert NEW == machine.file(path).read_bytes()


def test_a_set_is_checked_under_its_final_names(machine: Machine, target: str):
    """The check sees the new files, and what stands beside them, as they will be."""
    machine.host.write("/etc/site/kept.conf", b"kept\n")
    check = SetCheck(
        template="t", command=("sh", "-c", 'cat "$1"/etc/site/*.conf', "sh", "%s"), beside=("/etc/site", "/nowhere")
    )
    changes = (changed(target, OLD, NEW), changed("/etc/site/b.conf", None, b"b\n"))
    found = change(machine.shell(), job(*changes, checks=(check,)), deadline=soon())
    assert ("changed", "new\nb\nkept\n") == (found.status, found.commands[0].output)
    assert not (machine.state / "runs/R1/h1/tree").exists()


def test_a_set_that_fails_its_check_is_refused(machine: Machine, target: str):
    check = SetCheck(template="t", command=("sh", "-c", "echo broken; exit 3", "%s"))
    found = change(machine.shell(), job(changed(target, OLD, NEW), checks=(check,)), deadline=soon())
    assert ("refused", "validation", 3, "broken\n") == (
        found.status, found.code, found.commands[0].status, found.commands[0].output,
    )  # fmt: skip
    assert OLD == machine.file(target).read_bytes()


def test_a_run_is_carried_out_once(machine: Machine, target: str):
    """The same run again on the same host is refused, and neither it nor its old files are harmed."""
    one = job(changed(target, OLD, NEW))
    change(machine.shell(), one, deadline=soon())
    assert "exists" == change(machine.shell(), one, deadline=soon()).code
    assert "rolled_back" == rollback(machine.shell(), "R1", "h1", deadline=soon()).status
    assert "changed" == change(machine.shell(), one, deadline=soon()).status


def test_steps_about_runs_that_are_not_there_say_so(machine: Machine):
    assert "no_such_run" == rollback(machine.shell(), "R9", "h1", deadline=soon()).code
    assert "no_such_run" == confirm(machine.shell(), "R9", "h1", deadline=soon()).code
    assert "not_begun" == resume(machine.shell(), "R9", "h1", deadline=soon()).code


def test_access_lists_of_a_file_stay(machine: Machine, target: str):
    """A mode that is left alone is left with its access list: the mask is not taken for the group's rights."""
    entries = ((1, 6, -1), (2, 6, 99), (4, 4, -1), (16, 6, -1), (32, 0, -1))  # owner, user 99, group, mask, others
    access = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries)
    os.setxattr(machine.file(target), "system.posix_acl_access", access)
    change(machine.shell(), job(changed(target, OLD, NEW)), deadline=soon())
    assert access == os.getxattr(machine.file(target), "system.posix_acl_access")
    change(machine.shell(), job(changed(target, NEW, OLD, mode=0o640), run="R2"), deadline=soon())
    assert "system.posix_acl_access" not in os.listxattr(machine.file(target))


def test_a_label_is_set_where_the_host_has_selinux(machine: Machine, target: str):
    """The one that was asked for, else the old file's; where the host has none, it is left alone."""
    machine.sh("chcon system_u:object_r:old_t:s0 /etc/site/a.conf")
    labelled = machine.shell(prelude="selinux=/etc")
    label = "system_u:object_r:etc_t:s0"
    change(labelled, job(changed(target, OLD, NEW)), deadline=soon())
    assert "system_u:object_r:old_t:s0\n" == machine.sh("stat -c %C /etc/site/a.conf")
    change(labelled, job(changed(target, NEW, OLD, context=label), run="R2"), deadline=soon())
    assert f"{label}\n" == machine.sh("stat -c %C /etc/site/a.conf")
    found = change(machine.shell(), job(changed("/etc/site/n", None, OLD, context=label), run="R3"), deadline=soon())
    assert "changed" == found.status
