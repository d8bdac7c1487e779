"""What a host is told has all that it must still have."""

from omc.templates.plan import host_plan
from omc.templates.task import Task, make_job
from tests.unit.templates.test_plan import PRINTS, desired, present, state, wanted


def task(file=None, now=None, **fields) -> Task:
    file, now = file or wanted(), now or present()
    host, seen = desired(file), state(now, **fields)
    return Task(plan=host_plan(host, seen, PRINTS), desired=host, state=seen)


def test_job_says_what_the_host_must_still_have():
    made = make_job(task(), run="R", actor="ada")
    assert (present().digest, b"new\n") == (made.changes[0].before, made.changes[0].content)
    only_mode = make_job(task(wanted("old\n", mode=0o600)), run="R", actor="ada")
    assert (None, 0o600) == (only_mode.changes[0].content, only_mode.changes[0].mode)
