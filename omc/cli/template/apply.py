"""`omc template apply`: a plan is shown, agreed to, and carried out."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omc.cli import options
from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.template.afterwards import warn_of_open_runs
from omc.cli.template.asking import Asked, disruptive_option, extra_variables, work_options
from omc.cli.template.carrying import (
    Care,
    Printer,
    care_options,
    conclude,
    confirm_option,
    demand_yes,
    how,
    new_run,
    stoppable,
    write_reports,
)
from omc.cli.template.means import fingerprints, libvirt_of
from omc.cli.template.working import Work, looked_at, name_failed, unreachable
from omc.errors import Exit, UsageError
from omc.text import plural

if TYPE_CHECKING:
    from omc.ports import RunHost, TemplateRun
    from omc.templates.task import Task


@_command("apply")
@work_options
@disruptive_option
@confirm_option
@care_options
@options.become_option
@pass_run
def command(run: Run, /, **given: Any) -> Exit:
    """Change the hosts of PATTERN, or carry out a plan: PATTERN is then the file that omc template plan -f wrote.

    Shows what would change and asks. On each host either everything is changed or nothing: new files are validated
    first, old ones kept, and whatever fails is put back. A saved plan leaves out each host that changed since.
    The first Ctrl-C ends it after the hosts that are under way.
    """
    care = Care(**{name: given.pop(name) for name in Care._fields})
    care.check()
    asked = Asked(**given)
    if asked.pattern is None:
        raise UsageError("which hosts?", hint="omc template apply PATTERN, or all, or the file of a saved plan")
    if _is_file(run, asked.pattern):
        from omc.cli.template.saved import apply_saved

        return apply_saved(run, asked, care)
    with looked_at(run, asked, keep=True) as work:
        from omc.cli.template.shown import print_plans

        print_plans(run, [task.plan for task in work.tasks], work.idle, work.failed)
        return carry_out(run, asked, work, care=care)


def _is_file(run: Run, pattern: str) -> bool:
    """Tell whether it is a file; what could be hosts too is none, unless it is spelled as one."""
    try:
        if not Path(pattern).is_file():
            return False
    except OSError:  # too long for a name
        return False
    if "/" in pattern or pattern.endswith(".json"):
        return True
    try:
        return not run.select([pattern])
    except UsageError:
        return True


def carry_out(
    run: Run,
    asked: Asked,
    work: Work,
    *,
    care: Care,
    refused: "Sequence[RunHost]" = (),
) -> Exit:
    """Ask, and change what is to be changed; `refused` are hosts that a saved plan leaves out."""
    from omc.templates.carry import ended
    from omc.templates.gate import Gate
    from omc.templates.obstacles import obstacles, unobstructed
    from omc.templates.task import planned

    code = name_failed(run, [*work.failed, *obstacles(task.plan for task in work.tasks)])
    _name_refused(run, refused)
    tasks, blocked = unobstructed(work.tasks)
    pending = [task for task in tasks if task.plan.is_pending]
    hosts = [*(planned(task) for task in tasks), *blocked, *refused, *unreachable(work)]
    if not pending and not blocked and not refused:
        if work.tasks or not work.failed:
            some = " on the other hosts" if work.failed else ""
            run.output.info(f"nothing is to be changed{some}")
        write_reports(ended(new_run(run, hosts, kind="apply", selection=asked.selection), (), Gate(None, 0)), care)
        return code
    runs = run.store.template_runs
    warn_of_open_runs(run, [task.host for task in work.tasks])
    if pending and not demand_yes(run, care, f"change {plural(len(pending), 'host')}?"):
        return code or Exit.CHANGES
    begun = new_run(
        run,
        hosts,
        kind="apply",
        selection=asked.selection,
        templates=asked.templates,
        variables=tuple(extra_variables(asked.variables)),
        options=care.options(disruptive=asked.disruptive),
    )
    runs.begin(begun)
    return _changed(run, begun, pending, work=work, care=care)


def _name_refused(run: Run, refused: "Sequence[RunHost]") -> None:
    """Name the hosts that are left out, before a person is asked, those with the same reason together."""
    reasons: dict[str, list[str]] = {}
    for host in refused:
        reasons.setdefault(host.message, []).append(host.host)
    for reason, names in reasons.items():
        run.output.error(reason, where=", ".join(names), hint="omc template plan shows it as it is now")


def _changed(
    run: Run,
    begun: "TemplateRun",
    pending: "Sequence[Task]",
    *,
    work: Work,
    care: Care,
) -> Exit:
    from omc.templates.carry import Carrier, ended
    from omc.templates.changing import Changing, Confirm
    from omc.templates.gate import Gate
    from omc.templates.objects.changing import ChangingObjects
    from omc.templates.task import FAILED

    failed = [host for host in begun.hosts if host.status in FAILED]
    gate = Gate(care.most_failures(), len(pending) + len(failed), len(failed))
    printer = Printer(run, begun, len(pending))
    files = Changing(
        begun.run,
        begun.actor,
        work.connections,
        connect_seconds=run.connect_seconds,
        confirm=Confirm(care.confirm_seconds, hold=care.holds),
    )
    act = ChangingObjects(begun.run, files, work.connections, open_=libvirt_of(run), fingerprints=fingerprints(run))
    carrier = Carrier(begun.run, how(run, care, begun.run, act), act, run.store.template_runs, gate)
    run.output.info(f"run {begun.run}")
    with stoppable(run, gate):
        outcomes = carrier.carry_out(pending, printer)
    return conclude(run, run.store.template_runs, ended(begun, outcomes, gate), care)
