"""Outcomes have words."""

from omc.templates.redact import Redactor
from omc.templates.remote.job import CommandResult, Outcome
from omc.templates.remote.state import Lock
from omc.templates.telling import message_of


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
