"""Names of one machine are brought together, and machines with one id are not taken for one."""

import pytest

from omc.templates.desired import DesiredHandler
from omc.templates.machines import copies, joined
from omc.templates.plan import host_plan
from omc.templates.task import Task, make_job
from tests.unit.templates.test_plan import PATH, PRINTS, desired, present, state, wanted

OTHER = "/etc/other.conf"
HANDLERS = (
    DesiredHandler(templates=("chrony",), command=("reload", "chrony")),
    DesiredHandler(templates=("other",), command=("reload", "other")),
)


def task(host: str, *files, now=None, **fields) -> Task:
    """A host that is to have these files (of chrony, and of another template)."""
    made = desired(*(files or (wanted(),)), host=host, handlers=HANDLERS)
    states = [now or present(), *(present(path=file.path) for file in made.files[1:])]
    seen = state(*states, **{"running": "boot1 kvm1"} | fields)
    return Task(plan=host_plan(made, seen, PRINTS), desired=made, state=seen)


def other(content: str = "new\n"):
    return wanted(content, path=OTHER, template="other")


def test_two_names_of_one_machine_with_the_same_files_are_told_once():
    first, second, third = joined([task("a"), task("b"), task("c", machine="m2")])
    assert ["", "a", ""] == [one.plan.same_as for one in (first, second, third)]
    assert [True, False, True] == [one.plan.is_pending for one in (first, second, third)]


@pytest.mark.parametrize(
    "more",
    [{"running": "boot2 kvm1"}, {"running": "boot1 kvm2"}, {"now": present("older\n")}, {"now": present(mode=0o600)}],
)
def test_copies_of_one_image_are_each_changed(more):
    """They share the machine id: another boot, another name or another file tells them apart."""
    found = joined([task("a"), task("b", **more)])
    assert [True, True] == [one.plan.is_pending for one in found]


def test_hosts_that_share_a_machine_id_and_are_not_one_are_named():
    tasks = [task("a"), task("b", running="boot2 kvm1"), task("c"), task("d", machine="m2"), task("e", machine="m2")]
    assert [("a", "c", "b")] == copies(tasks)


def test_two_names_of_one_machine_with_different_files_are_refused():
    """A third one, that has what the second is to have, too."""
    first, *others = joined([task("a"), task("b", wanted("two")), task("c", wanted("two"))])
    assert () == first.plan.blockers
    clash = ("it is the same machine as a, which is to have another /etc/chrony.conf",)
    assert [clash, clash] == [one.plan.blockers for one in others]


def test_file_that_two_names_share_is_changed_by_the_first():
    """And its handler runs once."""
    first, second = joined([task("a"), task("b", wanted(), other())])
    assert {PATH: "a"} == second.plan.shared
    assert [(PATH,), (OTHER,)] == [
        tuple(change.path for change in make_job(one, run="R", actor="ada").changes) for one in (first, second)
    ]
    assert [(("reload", "chrony"),), (("reload", "other"),)] == [one.plan.handlers for one in (first, second)]
    assert ["change", "change"] == [file.action for file in second.plan.files], "as the host is, it differs"


def test_file_is_not_left_to_a_name_that_is_not_changed():
    blocked = task("a", now=present(immutable=True))
    second = joined([blocked, task("b", wanted(), other(), now=present(immutable=True))])[1]
    assert ({}, (OTHER,)) == (second.plan.shared, tuple(file.path for file in second.plan.changes))
