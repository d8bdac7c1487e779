"""Looks at many hosts at once and compares: one question a host, whatever number of files."""

import time
from collections.abc import Iterator, Sequence

import msgspec

from omc import fleet
from omc.templates.connections import Connections
from omc.templates.desired import Desired
from omc.templates.fingerprint import Fingerprints
from omc.templates.objects.looking import Objects
from omc.templates.plan import host_plan, with_objects, without_power
from omc.templates.remote.look import look
from omc.templates.task import Task

MOST_BYTES = 1 << 20
"""Of an old file that is fetched to be compared; a larger one is only said to differ."""


class Looking(msgspec.Struct, frozen=True, kw_only=True):
    """How hosts are looked at: `contents` fetches what differs, `keep` keeps the connections of those that change."""

    parallel: int
    seconds: float  # for one host
    deadline: float  # time.monotonic(), for all of them
    contents: bool = True
    keep: bool = False


def look_at(
    hosts: Sequence[Desired],
    connections: Connections,
    fingerprints: Fingerprints,
    how: Looking,
    objects: Objects | None = None,
) -> Iterator[fleet.Result[Desired, Task]]:
    """Give a Task a host as they answer, or the host's error. `objects` is for hosts that are to have some."""

    def one(desired: Desired) -> Task:
        deadline = min(time.monotonic() + how.seconds, how.deadline)
        with connections.to(desired.host, deadline, keep=how.keep) as shell:
            most_bytes = MOST_BYTES if how.contents else 0
            state = look(shell, desired.files, deadline=deadline, programs=desired.checkers, most_bytes=most_bytes)
        task = Task(plan=host_plan(desired, state, fingerprints), desired=desired, state=state)
        if objects is not None and desired.objects:
            task = _with_objects(task, objects, deadline)
        task = msgspec.structs.replace(task, plan=without_power(task.plan, state.powerless))
        if how.keep and not task.plan.is_pending:
            connections.drop(desired.host)
        return task

    results = fleet.run(hosts, one, parallel=how.parallel, deadline=how.deadline, name=lambda desired: desired.host)
    return (_lean(result) for result in results)


def _with_objects(task: Task, objects: Objects, deadline: float) -> Task:
    found = objects.look(task.desired, deadline)
    files = (*task.state.files, *(one.state for one in found))
    return Task(
        plan=with_objects(task.plan, [one.plan for one in found], task.desired),
        desired=task.desired,
        state=msgspec.structs.replace(task.state, files=files),
        objects=tuple(one.change for one in found if one.change is not None),
    )


def _lean(result: fleet.Result[Desired, Task]) -> fleet.Result[Desired, Task]:
    """Let go of the old files' text: with a thousand hosts it would be most of the memory."""
    if result.value is None:
        return result
    files = tuple(msgspec.structs.replace(file, content=None) for file in result.value.state.files)
    state = msgspec.structs.replace(result.value.state, files=files)
    return msgspec.structs.replace(result, value=msgspec.structs.replace(result.value, state=state))
