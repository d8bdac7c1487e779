"""Names of hosts that are one machine: brought together, so that it is told once. Pure.

A copied image takes its machine id along. So two names are one machine only where the boot and the host's own name are
the same as well, and what was looked at is; machines that share no more than the id are named, for that is a fault.
"""

from collections.abc import Mapping, Sequence

import msgspec

from omc.templates.plan import with_calls
from omc.templates.remote.state import FileState, HostState
from omc.templates.task import Task


def joined(tasks: Sequence[Task]) -> list[Task]:
    """Return the tasks, those with names of one machine brought together, in their order.

    A second name with the same files is `same_as` the first; where it has some of them, the first one changes these.
    Where the two would put different files in one place, the second one has a problem.
    """
    earlier: dict[tuple[str, str], list[Task]] = {}
    found = []
    for task in tasks:
        named = earlier.setdefault((task.state.machine, task.state.running), [])
        found.append(_joined(task, [other for other in named if _is_same(task.state, other.state)]))
        if not found[-1].plan.same_as:
            named.append(found[-1])
    return found


def copies(tasks: Sequence[Task]) -> list[tuple[str, ...]]:
    """Return the hosts that share a machine id and are not one machine, those with the same id together."""
    running: dict[str, dict[str, list[str]]] = {}
    for task in tasks:
        running.setdefault(task.state.machine, {}).setdefault(task.state.running, []).append(task.host)
    return [tuple(name for names in hosts.values() for name in names) for hosts in running.values() if len(hosts) > 1]


def _is_same(state: HostState, other: HostState) -> bool:
    """Tell whether what both were asked for is alike; what was seen of contents depends on what they should be."""
    theirs = {file.path: file for file in other.files}
    return all(_seen(file) == _seen(theirs[file.path]) for file in state.files if file.path in theirs)


def _seen(file: FileState) -> FileState:
    return msgspec.structs.replace(file, content=None)


def _joined(task: Task, others: Sequence[Task]) -> Task:
    asked, theirs = _asked(task), {other.host: _asked(other) for other in others}
    for host, files in theirs.items():
        if clash := next((path for path in asked if files.get(path, asked[path]) != asked[path]), ""):
            return _refused(task, f"it is the same machine as {host}, which is to have another {clash}")
    if host := next((host for host, files in theirs.items() if files == asked), ""):
        return msgspec.structs.replace(task, plan=msgspec.structs.replace(task.plan, same_as=host))
    shared: dict[str, str] = {}
    for other in others:
        if not other.plan.is_blocked:
            shared |= {path: other.host for path in theirs[other.host] if path in asked and path not in shared}
    return _without(task, shared) if shared else task


def _asked(task: Task) -> Mapping[str, str]:
    return {file.path: file.rendered for file in task.plan.files}


def _refused(task: Task, problem: str) -> Task:
    return msgspec.structs.replace(
        task, plan=msgspec.structs.replace(task.plan, problems=(*task.plan.problems, problem))
    )


def _without(task: Task, shared: dict[str, str]) -> Task:
    """Return the task without the changes that another name makes, and with the handlers of what is left."""
    plan = with_calls(msgspec.structs.replace(task.plan, shared=shared), task.desired)
    objects = tuple(change for change in task.objects if change.path not in shared)
    return msgspec.structs.replace(task, plan=plan, objects=objects)
