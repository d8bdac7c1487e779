"""What is in the way of a plan, and what to do about it."""

import pytest

from omc.templates.obstacles import obstacles
from omc.templates.plan import IMMUTABLE, NOT_THERE, FilePlan, HostPlan


def plan(path: str, problem: str, **values: object) -> HostPlan:
    file = FilePlan(path=path, template="t", action="refused", before=None, after="", rendered="", problem=problem)
    return HostPlan(host="kvm1", machine="m", templates=("t",), files=(file,), **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "problem", "hint"),
    [
        ("libvirt:network/lan", "it has no name", "omc template render t kvm1 shows what the template makes"),
        ("/etc/x", f"nft, {NOT_THERE}", "install it there, or take it out of the template's manifest"),
        ("/etc/x", IMMUTABLE, "chattr -i /etc/x on the host allows it"),
        ("/etc/x", "a directory stands in its place", "move /etc/x out of the way on the host, or give t another path"),
    ],
)
def test_each_obstacle_has_a_way_round_it(path: str, problem: str, hint: str) -> None:
    (found,) = obstacles([plan(path, problem)])
    assert ("kvm1", f"{path}: {problem}", hint) == (found.host, found.message, found.hint)


def test_a_second_name_of_a_machine_is_told_once() -> None:
    assert [] == obstacles([plan("/etc/x", IMMUTABLE, same_as="kvm0")])
