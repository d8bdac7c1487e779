"""`omc template rollback`: hosts get back what they had before a run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from omc.cli import completion, options
from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.template.afterwards import open_runs
from omc.cli.template.asking import run_names
from omc.cli.template.carrying import (
    Care,
    Printer,
    care_options,
    conclude,
    demand_yes,
    find_run,
    how,
    new_run,
    stoppable,
)
from omc.cli.template.means import fingerprints, libvirt_of
from omc.cli.template.working import connected
from omc.errors import Exit, UsageError
from omc.templates.afterwards import apply_command
from omc.text import plural

if TYPE_CHECKING:
    from omc.ports import RunHost, TemplateRun


@_command("rollback")
@click.argument("name", metavar="RUN", shell_complete=run_names)
@click.argument("hosts", nargs=-1, metavar="[HOST]...", shell_complete=completion.host_patterns)
@click.option(
    "--force", is_flag=True, help="Also where a file changed since, or a later run has it; that is kept aside."
)
@care_options
@options.become_option
@pass_run
def command(run: Run, /, name: str, hosts: tuple[str, ...], force: bool, **given: Any) -> Exit:  # noqa: FBT001
    """Put back what RUN changed, on all its hosts or on those named, the last one first.

    RUN is its name, the beginning of it, or last. A host on which one of the files changed since, or that a later run
    changed, is left as it is, and named: roll back the later run first. Handlers run again. There is no rollback of a
    rollback: apply again.
    """
    care = Care(**given)
    care.check()
    undone = find_run(run.store.template_runs, name)
    if undone.kind == "rollback":
        hint = f"apply again: {apply_command(undone, [host.host for host in undone.hosts])}"
        raise UsageError("a rollback is not rolled back", where=undone.run, hint=hint)
    if undone.status == "running":
        raise UsageError(f"the run {undone.run} still goes on", hint="end it with Ctrl-C first")
    touched = _touched(run, undone, hosts)
    if not touched:
        run.output.info(f"the run {undone.run} left nothing on these hosts")
        return Exit.OK
    _show(run, undone, touched)
    if not demand_yes(run, care, f"put back {plural(len(touched), 'host')}?"):
        return Exit.CHANGES
    return _put_back(run, undone, touched, care=care, force=force)


def _touched(run: Run, undone: "TemplateRun", names: Sequence[str]) -> "list[RunHost]":
    """Return the hosts that may have something of the run, the last one first."""
    from omc.templates.undoing import TOUCHED

    chosen = {host.name for host in run.select(names)} if names else {host.host for host in undone.hosts}
    unknown = sorted(chosen & {host.host for host in undone.hosts} - run.site.hosts.keys())
    if unknown:
        raise UsageError(f"the site has no host {', '.join(unknown)} any more", hint="name those that it has")
    found = [host for host in undone.hosts if host.host in chosen and host.status in TOUCHED and host.files]
    return found[::-1]


def _show(run: Run, undone: "TemplateRun", touched: "Sequence[RunHost]") -> None:
    run.output.answer(f"run {undone.run} of {undone.actor}, {undone.started_at}, {undone.status}")
    by_files: dict[tuple[str, ...], list[str]] = {}
    for host in touched:
        words = tuple(f"{'take away' if file.before is None else 'put back'} {file.path}" for file in host.files)
        by_files.setdefault(words, []).append(host.host)
    for words, names in by_files.items():
        run.output.heading(", ".join(names))
        for word in words:
            run.output.answer(f"  {word}")


def _put_back(run: Run, undone: "TemplateRun", touched: "Sequence[RunHost]", *, care: Care, force: bool) -> Exit:
    from omc.templates.carry import Carrier, ended
    from omc.templates.gate import Gate
    from omc.templates.objects.undoing import UndoingObjects
    from omc.templates.undoing import Undoing, turned_round

    runs = run.store.template_runs
    begun = new_run(
        run,
        [turned_round(host) for host in touched],
        kind="rollback",
        undoes=undone.run,
        selection=undone.selection,
        templates=undone.templates,
        variables=undone.variables,
        options=care.options(force=force),
    )
    runs.begin(begun)
    gate = Gate(care.most_failures(), len(touched))
    hosts = [run.site.hosts[host.host] for host in touched]
    run.output.info(f"run {begun.run}")
    with connected(run, hosts) as connections, stoppable(run, gate):
        applied = runs.applied([host.host for host in touched])
        files = Undoing(undone, connections, connect_seconds=run.connect_seconds, applied=applied, force=force)
        prints = None if force else fingerprints(run)
        act = UndoingObjects(undone.run, files, connections, open_=libvirt_of(run), fingerprints=prints)
        outcomes = Carrier(begun.run, how(run, care, begun.run), act, runs, gate).carry_out(
            touched, Printer(run, begun, len(touched))
        )
    _record_found(run, undone, outcomes)
    return conclude(run, runs, ended(begun, outcomes, gate), care)


def _record_found(run: Run, undone: "TemplateRun", outcomes: "Sequence[RunHost]") -> None:
    """Write down how the run, or a rollback of it that was cut off, ended where there was nothing to put back."""
    from omc.ports import RunHost
    from omc.templates.undoing import how_it_ended

    skipped = {host.host: host for host in outcomes if host.status == "skipped"}
    for one, names in open_runs(run, skipped):
        for name in names if undone.run in (one.run, one.undoes) else ():
            found = skipped[name]
            status = how_it_ended(one, found)
            record = RunHost(host=name, status=status, message=found.message, machine=found.machine)
            run.store.template_runs.record(one.run, record)
