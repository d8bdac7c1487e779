"""What is in the way of a plan, and what a person can do about it. Pure."""

from collections.abc import Iterable

from omc.ports import RunHost
from omc.templates.plan import IMMUTABLE, NOT_READ, NOT_THERE, NOT_WRITE, WRONG_KINDS, FilePlan, HostPlan, is_object
from omc.templates.planfile import FailedHost
from omc.templates.task import Task, run_files

BLOCKED = "blocked"
BECOME = "ansible_become: true, for the host in the inventory, makes omc use sudo there"
INSTALL = "install it there, or take it out of the template's manifest"


def obstacles(plans: Iterable[HostPlan]) -> list[FailedHost]:
    """Return a record for each thing that is in the way, with a hint."""
    found = []
    for plan in plans:
        if plan.is_blocked:
            found += [_obstacle(plan.host, problem, _hint_of_host(problem)) for problem in plan.problems]
            refused = (file for file in plan.files if file.action == "refused")
            found += [_obstacle(plan.host, f"{file.path}: {file.problem}", _hint(plan, file)) for file in refused]
    return found


def unobstructed(tasks: Iterable[Task]) -> tuple[list[Task], list[RunHost]]:
    """Part the hosts that can be changed from those that something stands in the way of: of these nothing is."""
    free, blocked = [], []
    for task in tasks:
        if not task.plan.blockers:
            free.append(task)
            continue
        reason = "\n".join(task.plan.blockers)
        files = run_files(task.plan, task.desired)
        blocked.append(
            RunHost(
                host=task.host,
                status="refused",
                code=BLOCKED,
                message=reason,
                machine=task.plan.machine,
                files=files,
            )
        )
    return free, blocked


def _obstacle(host: str, message: str, hint: str) -> FailedHost:
    return FailedHost(host=host, code=BLOCKED, message=message, hint=hint)


def _hint_of_host(problem: str) -> str:
    if problem.endswith(NOT_THERE):
        return INSTALL
    return BECOME if problem.endswith(NOT_WRITE) else "give both names the same, or leave one of them out"


def _hint(plan: HostPlan, file: FilePlan) -> str:
    if file.problem.endswith(NOT_READ):
        return BECOME
    if file.problem.endswith(NOT_THERE):
        return INSTALL
    if is_object(file.path):
        return f"omc template render {file.template} {plan.host} shows what the template makes"
    if file.problem == IMMUTABLE:
        return f"chattr -i {file.path} on the host allows it"
    if file.problem in WRONG_KINDS.values():
        return f"move {file.path} out of the way on the host, or give {file.template} another path"
    return ""
