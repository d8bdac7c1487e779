"""What forget and unlock say: what they would do, in words that can be pasted, in the order of the hosts."""

import json

import pytest

from tests.template.fleet import PATH, Fleet


def pending(fleet: Fleet, *hosts: str) -> None:
    """Leave a handler with a blank in an argument pending on these hosts."""
    fleet.add(*hosts)
    fleet.template(handlers=[{"command": "sh -c 'test ! -e /etc/bad && exit 7'"}])
    assert 3 == fleet.omc("template", "apply", "all", "--yes").code


@pytest.mark.parametrize(("command", "hint"), [("forget", "with --yes"), ("unlock", "says who that is; add --yes")])
def test_nobody_there_to_say_yes_is_told_what_to_look_at(fleet: Fleet, command: str, hint: str) -> None:
    """Not at a plan, which shows nothing of it."""
    pending(fleet, "a")
    ran = fleet.omc("template", command, "a", *(["--force"] if command == "unlock" else []))
    assert 2 == ran.code
    assert hint in ran.err
    assert "omc template plan" not in ran.err


def test_commands_are_shown_as_a_shell_takes_them(fleet: Fleet) -> None:
    """Everywhere, and forget takes these words, and those without quotes."""
    pending(fleet, "a")
    command = "sh -c 'test ! -e /etc/bad && exit 7'"
    fleet.put("a")
    shown = [
        fleet.omc("template", "plan", "a").out,
        fleet.omc("template", "status", "a").out,
        fleet.omc("template", "show", "conf").out,
        fleet.omc("template", "apply", "a", "--yes").err,
        fleet.omc("template", "forget", "a", "--handler", command, "--yes").out,
    ]
    for text in shown:
        assert command in text, text
        assert "sh -c test" not in text, text
    fleet.omc("template", "apply", "a", "--yes")
    assert 0 == fleet.omc("template", "forget", "a", "--handler", command.replace("'", ""), "--yes").code


def slow(fleet: Fleet, host: str) -> None:
    """Let a host answer a second later than it would."""
    words = "pkill -STOP -x sshd; (sleep 1; pkill -CONT -x sshd) </dev/null >/dev/null 2>&1 &"
    fleet.hosts[host].run("sh", "-c", words)


def test_hosts_are_in_their_order(fleet: Fleet) -> None:
    """Whichever answers first."""
    fleet.add("a", "b", "c")
    fleet.template()
    assert 0 == fleet.omc("template", "apply", "all", "--yes").code
    slow(fleet, "a")
    held = fleet.omc("template", "unlock", "all").out
    assert ["a", "b", "c"] == [line.partition(":")[0] for line in held.splitlines()]
    fleet.template(files=[{"template": "file.j2", "path": "/etc/other", "when": "false"}])
    slow(fleet, "a")
    left = json.loads(fleet.omc("template", "status", "-o", "json").out)
    assert [(name, PATH) for name in "abc"] == [(one["host"], one["subject"]) for one in left]


def test_hosts_that_fail_are_in_their_order(fleet: Fleet) -> None:
    """Whichever fails first: here the second one, at which nothing listens."""
    fleet.add("a", "b")
    fleet.template()
    fleet.hosts["a"].run("pkill", "-STOP", "-x", "sshd")
    fleet.hosts["b"].run("pkill", "-x", "sshd")
    for command in (("plan", "all"), ("status", "all"), ("unlock", "all"), ("forget", "all")):
        ran = fleet.omc("template", *command, "--timeout", "1")
        assert 3 == ran.code
        found = [line.split(": ")[1] for line in ran.err.splitlines() if line.startswith("error: ")]
        assert ["a", "b"] == found, ran.err
