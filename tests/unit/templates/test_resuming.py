"""What a resume may do to hosts, what is left after a run, and what is typed for it."""

import pytest
from msgspec.structs import replace

from omc.ports import AppliedFile, RunFile, RunHost, RunOptions, TemplateRun
from omc.templates.afterwards import (
    again_command,
    apart,
    apply_command,
    finishing_command,
    goes_on,
    newer_run,
    unheard,
)
from omc.templates.desired import DesiredHandler
from omc.templates.fingerprint import Fingerprints
from omc.templates.plan import host_plan
from omc.templates.remote.state import Unfinished
from omc.templates.resuming import BEFORE, as_begun, as_found
from omc.templates.task import Task, planned
from tests.unit.templates.test_plan import PATH, PRINTS, present, wanted
from tests.unit.templates.test_task import task

RUN, LATER, EARLIER = "20260102-000000-aaaa", "20260103-000000-aaaa", "20260101-000000-aaaa"
FILES = (RunFile(path=PATH, template="chrony", action="change"),)


def run(*hosts: RunHost, **fields: object) -> TemplateRun:
    given = {"run": RUN, "kind": "apply", "started_at": "2026-01-02T00:00:00.000000Z", "actor": "ada"}
    return TemplateRun(**given | {"hosts": hosts} | fields)


def host(status: str, code: str = "", **fields: object) -> RunHost:
    return RunHost(host="kvm1", status=status, code=code, **{"files": FILES} | fields)


def applied(name: str, path: str = PATH) -> AppliedFile:
    return AppliedFile(host="kvm1", path=path, template="chrony", run=name, after=None)


@pytest.mark.parametrize(
    ("said", "begun", "status", "code"),
    [
        (("unchanged", ""), "unknown", "changed", BEFORE),
        (("changed", ""), "planned", "changed", ""),
        (("unchanged", "not_begun"), "not_begun", "not_begun", ""),
        (("unchanged", "restored"), "failed", "not_begun", ""),
        (("unchanged", "unconfirmed"), "waiting", "restored", "unconfirmed"),
        (("unchanged", "rolled_back"), "unknown", "not_begun", ""),
        (("unchanged", "rolled_back"), "failed", "rolled_back", ""),
        (("restored", "interrupted"), "planned", "not_begun", ""),
        (("restored", "failure"), "planned", "not_begun", ""),
        (("restored", "unconfirmed"), "planned", "restored", "unconfirmed"),
        (("restored", "handler"), "planned", "restored", "handler"),
        (("failed", "handler"), "failed", "failed", "handler"),
        (("refused", "locked"), "unknown", "refused", "locked"),
    ],
)
def test_what_a_host_says_of_a_run_is_what_becomes_of_it(said, begun, status, code):
    """Put back by an earlier attempt is no failure; put back because nobody could confirm it is not to be repeated."""
    found = as_found(host(*said), host(begun))
    assert (status, code) == (found.status, found.code)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (host("not_begun"), True),
        (host("failed", "handler"), True),
        (host("restored", "handler"), True),
        (host("restored", "unconfirmed"), False),
        (host("restored", "unhealthy"), False),
        (host("unreachable", "unreachable"), True),
        (host("unreachable", "unreachable", files=()), False),
        (host("refused", "validation"), True),
        (host("refused", "newer_run"), False),
        (host("refused", "blocked"), False),
        (host("changed"), False),
    ],
)
def test_resume_goes_on_where_it_knows_what_was_planned_and_may_do_it(one, expected):
    assert expected == goes_on(one)
    needs_nothing = one.status == "changed" or one.code == "newer_run"
    assert (not expected and not needs_nothing) == bool(apart(run(one)))


def test_commands_have_the_names_of_the_variables_and_no_value():
    begun = run(templates=("chrony", "motd"), variables=("a", "b"))
    assert f"omc template resume {RUN} -e a=… -e b=…" == again_command(begun, ["kvm1"])
    assert "omc template apply kvm1,kvm2 chrony motd -e a=… -e b=…" == apply_command(begun, ["kvm1", "kvm2"])
    back = run(kind="rollback", undoes=RUN, options=RunOptions(force=True))
    careful = run(templates=("motd",), options=RunOptions(confirm_seconds=9, batch="1,10%", health="is well"))
    assert "omc template apply kvm1 motd --confirm 9 --batch 1,10% --health 'is well'" == apply_command(
        careful, ["kvm1"]
    )
    assert f"omc template rollback {RUN} kvm1 'kvm 2' --force" == again_command(back, ["kvm1", "kvm 2"])


@pytest.mark.parametrize(
    ("step", "known", "expected"),
    [
        ("undoing", None, f"omc template rollback {RUN} kvm1"),
        ("restoring", run(host("changed")), f"omc template rollback {RUN} kvm1"),
        ("restoring", run(host("unknown"), variables=("a",)), f"omc template resume {RUN} -e a=…"),
        ("restoring", None, f"omc template resume {RUN}"),
        ("placed", run(host("changed")), f"omc template resume {RUN}"),
    ],
)
def test_what_finishes_a_run_is_a_rollback_where_the_run_itself_was_over(step, known, expected):
    assert expected == finishing_command(Unfinished(run=RUN, host="kvm1", step=step), known)


def test_later_run_is_one_that_changed_the_same_file():
    begun = run(host("unknown"))
    assert applied(LATER) == newer_run(begun, begun.hosts[0], [applied(LATER)])
    for other in (applied(EARLIER), applied(RUN), applied(LATER, "/etc/other"), replace(applied(LATER), host="kvm2")):
        assert newer_run(begun, begun.hosts[0], [other]) is None
    assert [] == unheard(begun, [applied(LATER)])
    assert ["kvm1"] == [one.host for one in unheard(begun, [applied(EARLIER)])]


def refusals(begun: Task, now: Task, *last: AppliedFile) -> list[str]:
    kept, refused = as_begun(run(planned(begun)), [now], last, PRINTS)
    assert bool(kept) != bool(refused)
    return [one.message for one in refused]


def test_host_is_changed_only_as_the_run_was_begun():
    """The template, its handlers, and what stands on the host are compared."""
    begun = task()
    assert [] == refusals(begun, task())
    assert [] == refusals(begun, task(now=present("new\n"))), "it was put there, and nobody heard of it"
    assert ["a variable or a fact changed since the run began" in refusals(begun, task(wanted("other\n")))[0]] == [True]
    assert [f"{PATH}: it changed on the host since the run began"] == refusals(begun, task(now=present("by hand\n")))
    assert [f"{PATH}: a later run changed it, too: {LATER}"] == refusals(begun, task(), applied(LATER))
    handler = DesiredHandler(templates=begun.plan.templates, command=("reload",))
    other = replace(begun, desired=replace(begun.desired, handlers=(handler,)))
    assert ["a handler or check of it changed" in refusals(begun, other)[0]] == [True]


def test_host_with_a_secret_is_resumed_only_with_the_key_that_it_was_begun_with():
    """With another one nobody can tell whether anything changed, and nobody says that it did."""
    begun = task(wanted("new\n", secrets=("new",)))
    other = Fingerprints(lambda: b"b" * 32)
    now = replace(begun, plan=host_plan(begun.desired, begun.state, other))
    kept, (refused,) = as_begun(run(planned(begun)), [now], (), other)
    assert ([], "other_key") == (kept, refused.code)
    assert f"{PATH}: it holds a secret, and whether it is as when the run began" in refused.message
    assert goes_on(replace(planned(begun), status=refused.status, code=refused.code)), "by whom has the key"
    assert [] == refusals(begun, begun)
