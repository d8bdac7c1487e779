"""`omc template resume`: a run that was cut off is finished."""

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
import msgspec

from omc.cli import options
from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.template.afterwards import open_runs
from omc.cli.template.asking import Asked, disruptive_option, extra_variables, run_names, variables_option
from omc.cli.template.carrying import (
    Care,
    Printer,
    care_options,
    conclude,
    confirm_option,
    demand_yes,
    find_run,
    how,
    stoppable,
)
from omc.cli.template.means import fingerprints, libvirt_of
from omc.cli.template.working import UNRENDERED, Work, connected, looked_at_hosts, name_failed, unreachable
from omc.errors import Exit, UsageError
from omc.ports import RunOptions
from omc.templates.afterwards import again_command, apart, apply_command, goes_on, option_words, undone
from omc.text import plural

if TYPE_CHECKING:
    from omc.ports import RunHost, TemplateRun
    from omc.templates.task import Task


@_command("resume")
@click.argument("name", metavar="RUN", shell_complete=run_names)
@confirm_option
@variables_option
@disruptive_option
@care_options
@click.option(
    "--as-given",
    is_flag=True,
    help="Take --confirm, --batch, --max-fail, --health and --disruptive only from here, and not from the run.",
)
@options.become_option
@pass_run
def command(run: Run, /, name: str, variables: tuple[str, ...], **given: Any) -> Exit:
    """Finish RUN: what was cut off on a host is carried to its end or put back, and pending handlers run.

    RUN is its name, the beginning of it, or last.
    Then the hosts that were not begun are changed, and those that refused, could not be reached any more or were put
    back after a failure, after showing what and asking: as long as templates, handlers, variables and facts give what
    the run was begun with, and nobody changed the host since, a later run included. Variables that were given by -e
    must be given again; what the run was begun with of --confirm, --batch, --max-fail, --health and --disruptive holds
    as long as it is not given anew, and is said.
    A host that waits to be confirmed is confirmed, for it was reached; with --health only if all is well.
    """
    disruptive, as_given = given.pop("disruptive"), given.pop("as_given")
    care = Care(**given)
    care.check()
    cut = _cut_off(run, name)
    if not as_given and any(map(goes_on, cut.hosts)):
        care, disruptive = _as_begun(run, cut, care, disruptive=disruptive)
    extra = set(extra_variables(variables))
    if extra != set(cut.variables):
        raise UsageError("the variables of -e are not those of the run", hint=again_command(cut, ()))
    return _Resumption(run, cut, care).go(Asked(cut.selection, cut.templates, None, variables, disruptive))


def _as_begun(run: Run, cut: "TemplateRun", care: Care, *, disruptive: bool) -> tuple[Care, bool]:
    """Return what was given with what the run was begun with, where nothing was given; say what that is."""
    whole = care.as_begun(cut.options)
    taken = {name: value for name, value in whole._asdict().items() if getattr(care, name) != value}
    more = cut.options.disruptive and not disruptive
    if words := option_words(RunOptions(**taken, disruptive=more)):
        run.output.info(f"as the run: {shlex.join(words)}")
        whole.check()
    return whole, disruptive or more


def _cut_off(run: Run, name: str) -> "TemplateRun":
    found = find_run(run.store.template_runs, name)
    if found.status == "running":
        raise UsageError(f"the run {found.run} still goes on", hint="omc template history shows it")
    if found.kind == "rollback":
        left = [host.host for host in undone(found)]
        raise UsageError("a rollback is not resumed", hint=f"do it again: {again_command(found, left)}")
    for one, names in open_runs(run, [host.host for host in found.hosts]):
        if one.undoes == found.run:
            message = f"its rollback {one.run} was cut off there"
            raise UsageError(message, where=", ".join(names), hint=f"finish that first: {again_command(one, names)}")
    gone = [host.host for host in found.hosts if goes_on(host) and host.host not in run.site.hosts]
    if gone:
        raise UsageError(f"the site has no host {', '.join(gone)} any more", where=found.run)
    return found


_DECLINED = "nobody agreed to change the others"


class _Resumption:
    """One run that is finished."""

    def __init__(self, run: Run, cut: "TemplateRun", care: Care) -> None:
        from omc.templates.gate import Gate

        self.run, self.cut, self.care = run, cut, care
        self.runs = run.store.template_runs
        self.left = [host for host in cut.hosts if goes_on(host)]
        self.gate = Gate(care.most_failures(), max(1, len(self.left)))

    def go(self, asked: Asked) -> Exit:
        """Finish what was begun, then begin the rest."""
        from omc.templates.carry import ended
        from omc.templates.runs import this_process

        if not self.left:
            return self._nothing_left()
        self.runs.carry_on(self.cut.run, this_process())
        outcomes = self._finish_begun()
        self._name_later_runs(outcomes)
        waiting = {host.host: host for host in outcomes if host.status == "not_begun"}
        code = Exit.OK
        if waiting and not self.gate.is_closed:
            code, more = self._begin_rest(asked, [host for host in self.left if host.host in waiting])
            outcomes = [host for host in outcomes if host.host not in {one.host for one in more}] + list(more)
        ending = conclude(self.run, self.runs, ended(self.cut, outcomes, self.gate), self.care)
        return code or Exit.CHANGES if self.gate.reason == _DECLINED else ending or code

    def _nothing_left(self) -> Exit:
        """Say so, and name the hosts that were not done and that no resume does."""
        others = apart(self.cut)
        words = {"unreachable": "it was not reached when the run began", "refused": "it was refused when the run began"}
        for host in others:
            if host.code == UNRENDERED:
                words["refused"] = "it could not be rendered when the run began"
            why = "" if host.code == "changed_since_plan" else words.get(host.status, "")  # the message says since when
            message = ": ".join(filter(None, [why, host.message or host.code]))
            self.run.output.error(message, where=host.host, hint=apply_command(self.cut, [host.host]))
        if not others:
            self.run.output.info(f"nothing of the run {self.cut.run} is left to do")
        return Exit.HOSTS_FAILED if others else Exit.OK

    def _name_later_runs(self, outcomes: "Sequence[RunHost]") -> None:
        """Name the runs that changed hosts since this one had done so."""
        from omc.templates.afterwards import newer_run
        from omc.templates.resuming import BEFORE

        names = {host.host for host in outcomes if host.code == BEFORE}
        applied = self.runs.applied(sorted(names))
        for host in self.left:
            if host.host in names and (later := newer_run(self.cut, host, applied)) is not None:
                self.run.output.note(f"{later.path}: run {later.run} changed it since", where=host.host)

    def _finish_begun(self) -> "list[RunHost]":
        from omc.templates.carry import Carrier
        from omc.templates.objects.undoing import ResumingObjects, UndoingObjects
        from omc.templates.undoing import Resuming

        hosts = [self.run.site.hosts[host.host] for host in self.left]
        with connected(self.run, hosts) as connections, stoppable(self.run, self.gate):
            files = Resuming(
                self.cut,
                connections,
                connect_seconds=self.run.connect_seconds,
                applied=self.runs.applied([host.host for host in self.left]),
                hold=self.care.health is not None,
            )
            undoing = UndoingObjects(
                self.cut.run, files, connections, open_=libvirt_of(self.run), fingerprints=fingerprints(self.run)
            )
            act = ResumingObjects(self.cut.hosts, files, undoing)
            plan = how(self.run, self.care._replace(batch=None), self.cut.run, act)
            carrier = Carrier(self.cut.run, msgspec.structs.replace(plan, stops=False), act, self.runs, self.gate)
            return carrier.carry_out(self.left, Printer(self.run, self.cut, len(self.left)))

    def _begin_rest(self, asked: Asked, rest: "Sequence[RunHost]") -> "tuple[Exit, Sequence[RunHost]]":
        from omc.templates.task import planned

        hosts = [self.run.site.hosts[host.host] for host in rest]
        with looked_at_hosts(self.run, asked, hosts, keep=True) as work:
            code, tasks, outcomes = self._parted(work)
            outcomes += [planned(task) for task in tasks if not _is_to_do(task)]
            for host in outcomes:
                self.runs.record(self.cut.run, host)
            tasks = [task for task in tasks if _is_to_do(task)]
            changes = sum(task.plan.is_pending for task in tasks)
            question = f"change {plural(changes, 'host')}?"
            if changes and not demand_yes(self.run, self.care, question, otherwise="these are not begun"):
                self.gate.close("interrupted", _DECLINED)
            changed = self._change(tasks, work) if tasks and not self.gate.is_closed else []
            return code, [*outcomes, *changed]

    def _parted(self, work: Work) -> "tuple[Exit, list[Task], list[RunHost]]":
        """Show what is to be done, and name the hosts that it is not done on; return both."""
        from omc.cli.template.shown import print_plans
        from omc.templates.obstacles import obstacles, unobstructed
        from omc.templates.resuming import as_begun, without_templates

        applied = self.runs.applied([task.host for task in work.tasks])
        tasks, refused = as_begun(self.cut, work.tasks, applied, fingerprints(self.run))
        refused += without_templates(work.idle)
        print_plans(self.run, [task.plan for task in tasks])
        code = name_failed(self.run, [*work.failed, *obstacles(task.plan for task in tasks)])
        for host in refused:
            self.run.output.error(host.message, where=host.host)  # what does it, is said at the end
        free, blocked = unobstructed(tasks)
        refused += [msgspec.structs.replace(host, files=()) for host in blocked]  # those that were planned stay
        return code, free, [*refused, *unreachable(work)]

    def _change(self, tasks: "Sequence[Task]", work: Work) -> "list[RunHost]":
        from omc.templates.carry import Carrier
        from omc.templates.changing import Changing, Confirm
        from omc.templates.objects.changing import ChangingObjects

        files = Changing(
            self.cut.run,
            self.run.actor,
            work.connections,
            connect_seconds=self.run.connect_seconds,
            confirm=Confirm(self.care.confirm_seconds, hold=self.care.holds),
        )
        act = ChangingObjects(
            self.cut.run,
            files,
            work.connections,
            open_=libvirt_of(self.run),
            fingerprints=fingerprints(self.run),
        )
        carrier = Carrier(self.cut.run, how(self.run, self.care, self.cut.run, act), act, self.runs, self.gate)
        with stoppable(self.run, self.gate):
            return carrier.carry_out(tasks, Printer(self.run, self.cut, len(tasks)))


def _is_to_do(task: "Task") -> bool:
    return bool(task.plan.is_pending or task.desired.objects)
