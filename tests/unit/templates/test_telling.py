"""Outcomes have words."""

from omc.templates.planfile import FailedHost
from omc.templates.redact import Redactor
from omc.templates.remote.job import CommandResult, Outcome
from omc.templates.remote.state import Lock
from omc.templates.telling import message_of, together


def test_message_names_the_holder_of_a_lock():
    holder = Lock(run="R", host="a", actor="ada", since="2026-01-01T12:00:00Z")
    outcome = Outcome(status="refused", code="locked", holder=holder)
    assert "run R of ada holds the machine since 2026-01-01T12:00:00Z" == message_of(outcome)


def test_message_has_words_for_a_code_and_the_output_of_what_failed():
    result = CommandResult(command=("chronyd", "-p"), status=1, output="bad hunter2hunter\n", path="/etc/x")
    ignored = CommandResult(command=("true",), status=0, output="fine")
    outcome = Outcome(status="refused", code="validation", commands=(ignored, result, result))
    assert "/etc/x: chronyd -p: ended with 1\nbad (secret)" == message_of(outcome, Redactor(["hunter2hunter"]))
    assert "/etc/x: no space is left" == message_of(Outcome(status="refused", code="disk_full", message="/etc/x"))
    slow = Outcome(status="failed", commands=(CommandResult(command=("true",), status=124),), left=("/etc/x",))
    assert "/etc/x: it could not be put back\ntrue: took too long" == message_of(slow)


def failed(host: str, message: str, hint: str = "") -> FailedHost:
    return FailedHost(host=host, code="", message=message, hint=hint)


def test_hosts_with_the_same_reason_are_told_together():
    hosts = [failed(name, f"no route to {name}.example.net", f"ssh {name}") for name in ("kvm1", "kvm2")]
    other = failed("kvm3", "no route to kvm1")
    assert [
        (("kvm1", "kvm2"), "no route to HOST.example.net", "ssh HOST"),
        (("kvm3",), "no route to kvm1", ""),
    ] == together([*hosts, other])


def test_name_of_a_host_changes_no_other_word():
    """Neither the word HOST of a message, nor the letters of a short name."""
    key, short = "$OMC_SECRET_HOST_KEY is not set", "a name that a host has, kvm-a too"
    assert [(("kvm01",), key, ""), (("a",), short, "")] == together([failed("kvm01", key), failed("a", short)])
    assert [(("kvm01", "kvm02"), key, "")] == together([failed("kvm01", key), failed("kvm02", key)])
