"""Prints plans for people: what happens to which host, hosts with the same plan together."""

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from omc.cli.context import Run
from omc.cli.template.working import UNRENDERED
from omc.text import plural

if TYPE_CHECKING:
    from omc.templates.plan import Attribute, FilePlan, HostPlan
    from omc.templates.planfile import FailedHost
    from omc.templates.remote.state import Unfinished

_WORDS = {
    "create": "create",
    "change": "change",
    "attributes": "change",
    "renew": "renew",
    "refused": "cannot change",
}


def print_plans(
    run: Run, plans: "Sequence[HostPlan]", idle: Sequence[str] = (), failed: "Sequence[FailedHost]" = ()
) -> None:
    """Print what would change, and how much that is; `failed` are hosts without a plan."""
    groups: dict[Any, list[HostPlan]] = {}
    for plan in plans:
        if plan.is_pending or plan.lock or plan.unfinished:
            groups.setdefault(_key(plan), []).append(plan)
    for group in groups.values():
        _print_group(run, group)
    for plan in plans:
        if plan.same_as:
            run.output.note(f"the same machine as {plan.same_as}, and told once", where=plan.host)
        for path, other in plan.shared.items():
            run.output.note(f"{path}: the same machine as {other}, which gets it", where=plan.host)
        for file in plan.files:
            if file.action == "same" and file.note:
                run.output.note(f"{file.path} is defined as it should be, and {file.note}", where=plan.host)
    run.output.answer(summary(plans, len(idle), failed))


def summary(plans: "Sequence[HostPlan]", idle: int = 0, failed: "Sequence[FailedHost]" = ()) -> str:
    """Return the totals in one line."""
    blocked = sum(plan.is_blocked for plan in plans)
    pending = [plan for plan in plans if plan.is_pending and not plan.is_blocked]
    counts = ", ".join(_counted([file for plan in pending for file in plan.changes]))
    parts = [f"{plural(len(pending), 'host')} to change" + (f" ({counts})" if counts else "")]
    parts.append(f"{len(plans) - len(pending) - blocked} as they should be")
    if blocked:
        parts.append(f"{blocked} that cannot be changed")
    return ", ".join([*parts, *others(idle, failed)])


def others(idle: int, failed: "Sequence[FailedHost]") -> list[str]:
    """Return how many hosts are neither well nor ill, as far as anybody knows."""
    unrendered = sum(host.code == UNRENDERED for host in failed)
    counts = {
        "could not be looked at": len(failed) - unrendered,
        "could not be rendered": unrendered,
        "that no template is for": idle,
    }
    return [f"{count} {words}" for words, count in counts.items() if count]


def _counted(files: "Sequence[FilePlan]") -> "Iterator[str]":
    """Give how many files, and how many libvirt objects, come to what."""
    from omc.templates.plan import is_object

    counts = Counter(("object" if is_object(file.path) else "file", _WORDS[file.action]) for file in files)
    for word in dict.fromkeys(_WORDS.values()):
        for thing in ("file", "object"):
            if count := counts[thing, word]:
                yield f"{plural(count, thing)} to {word}"


def _key(plan: "HostPlan") -> Any:
    files = tuple(
        (file.path, file.template, file.action, file.difference, file.attributes, file.problem, file.omitted, file.note)
        for file in plan.files
        if file.action != "same" and file.path not in plan.shared
    )
    return files, plan.handlers, plan.pending, plan.problems, plan.lock, plan.unfinished


def _print_group(run: Run, group: "Sequence[HostPlan]") -> None:
    plan = group[0]
    names = ", ".join(one.host for one in group)
    run.output.heading(names if len(group) == 1 else f"{names} ({len(group)} hosts)")
    if plan.lock is not None:
        run.output.answer(f"  held by run {plan.lock.run} of {plan.lock.actor} since {plan.lock.since}")
    for unfinished in plan.unfinished:
        run.output.answer(f"  {_unfinished(run, unfinished)}")
    for problem in plan.problems:
        run.output.answer(f"  {problem}")
    for file in plan.files:
        if file.action != "same" and file.path not in plan.shared:
            _print_file(run, file)
    for command in plan.pending:
        run.output.answer(f"  runs first, pending from an earlier run: {shlex.join(command)}")
    for command in plan.handlers:
        run.output.answer(f"  then runs: {shlex.join(command)}")


def _unfinished(run: Run, unfinished: "Unfinished") -> str:
    from omc.templates.afterwards import finishing_command

    if unfinished.confirm_seconds is not None:
        return f"run {unfinished.run} waits for its confirmation, {unfinished.confirm_seconds:.0f} s are left"
    command = finishing_command(unfinished, run.store.template_runs.run(unfinished.run))
    if unfinished.step == "objects":
        return f"run {unfinished.run} defines libvirt objects, or was cut off: {command}"
    return f"run {unfinished.run} was cut off: {command}"


def _print_file(run: Run, file: "FilePlan") -> None:
    why = f": {file.problem}" if file.problem else ""
    attributes = "".join(f", {_attribute(change)}" for change in file.attributes)
    run.output.answer(f"  {_WORDS[file.action]} {file.path} ({file.template}){attributes}{why}")
    for line in filter(None, (file.omitted, file.note)):
        run.output.answer(f"    {line}")
    if file.difference:
        before = "/dev/null" if file.action == "create" else file.path
        run.output.difference([f"--- {before}", f"+++ {file.path}", *file.difference])


def _attribute(change: "Attribute") -> str:
    return f"{change.name} {change.before} → {change.after}" if change.before else f"{change.name} {change.after}"
