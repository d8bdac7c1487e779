"""`omc template status`: which host differs from what was last applied, and from what would be applied now."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
import msgspec

from omc import fleet
from omc.cli import options
from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.options import output_option
from omc.cli.template.afterwards import open_files, warn_of_open_runs
from omc.cli.template.asking import Asked, chosen_hosts, site_root, work_options
from omc.cli.template.means import fingerprints, libvirt_of
from omc.cli.template.working import Work, as_failed, looked_at_hosts, name_failed
from omc.errors import Exit
from omc.inventory.formats import Column, Listing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omc.ports import AppliedFile
    from omc.site import SiteHost
    from omc.templates.drift import Drift
    from omc.templates.planfile import FailedHost
    from omc.templates.remote.state import FileState

_COLUMNS = (
    Column("host"),
    Column("state", "status"),
    Column("subject", title="what"),
    Column("template"),
    Column("run", "key", wide=True),
    Column("detail", "prose"),
)


@_command("status")
@work_options
@click.option("--all", "whole", is_flag=True, help="Also what is as it should be.")
@output_option
@options.become_option
@pass_run
def command(run: Run, /, whole: bool, format_name: str | None, **given: Any) -> Exit:  # noqa: FBT001 - click's flag
    """Show what differs on the hosts of PATTERN (default: all): a line a file, and a line each other thing.

    changed: somebody else changed it since omc did. outdated: as omc applied it, but it would be applied differently
    now. new: never applied. left: applied once, and no template manages it there any more. pending: a handler that
    did not run, or an object that runs otherwise than it is defined. unfinished: a run that was cut off, or a
    file that such a run put there. waiting: not confirmed yet. locked: a run is at it. Exits 4 where there is any, 3
    where a host could not be looked at.
    """
    asked = Asked(**given)
    with looked_at_hosts(run, asked, chosen_hosts(run, asked), contents=False) as work:
        found, more_failed = _drifts(run, work, asked)
    failed = name_failed(run, [*work.failed, *more_failed])
    warn_of_open_runs(run, [task.host for task in work.tasks])
    amiss = [drift for drift in found if drift.state != "ok"]
    shown = found if whole else amiss
    rows = [
        (one.host, one.state, one.subject, one.template or None, one.run or None, one.detail or None) for one in shown
    ]
    run.output.listing(Listing(_COLUMNS, rows, [msgspec.json.encode(one) for one in shown]), format_name)
    run.output.info(_summary(work, {drift.host for drift in amiss} | {host.host for host in more_failed}))
    return failed or (Exit.CHANGES if amiss else Exit.OK)


def _summary(work: Work, not_well: "set[str]") -> str:
    """Return how many of all hosts are well: of one that no template is for, nobody said how it should be."""
    from omc.cli.template.shown import others

    managed = {task.host for task in work.tasks}
    idle = [host for host in work.idle if host not in not_well]
    count = len(work.tasks) + len(work.idle) + len(work.failed)
    well = f"{len(managed - not_well)} of {count} hosts are as they should be"
    return ", ".join([well, *others(len(idle), work.failed)])


def _drifts(run: Run, work: Work, asked: Asked) -> "tuple[list[Drift], list[FailedHost]]":
    from omc.templates.drift import drift

    applied: dict[str, list[AppliedFile]] = {}
    for file in run.store.template_runs.applied([*(task.host for task in work.tasks), *work.idle]):
        applied.setdefault(file.host, []).append(file)
    prints = fingerprints(run)
    begun: dict[str, list[AppliedFile]] = {}
    for file in open_files(run, [task.host for task in work.tasks]):
        begun.setdefault(file.host, []).append(file)
    found = [
        found
        for task in work.tasks
        for found in drift(task, applied.get(task.host, []), prints, begun.get(task.host, ()))
    ]
    managed = {task.host: {file.path for file in task.plan.files} for task in work.tasks}
    orphans = {
        host: [file for file in files if _is_orphan(file, managed.get(host, set()), asked.templates)]
        for host, files in applied.items()
    }
    left, failed = _left(run, work, {host: files for host, files in orphans.items() if files})
    return [*found, *left], failed


def _is_orphan(file: "AppliedFile", managed: "set[str]", asked: Sequence[str]) -> bool:
    is_one = file.after is not None and file.path not in managed
    return is_one and (not asked or file.template in asked)


def _files(work: Work, host: str, paths: Sequence[str], deadline: float) -> "dict[str, FileState]":
    from omc.templates.desired import DesiredFile
    from omc.templates.remote.look import look

    probes = [DesiredFile(template="", path=path, content=b"") for path in paths]
    with work.connections.to(host, deadline) as shell:
        return {state.path: state for state in look(shell, probes, deadline=deadline, most_bytes=0).files}


def _why_left(host: "SiteHost", template: str, known: Sequence[str], own: Sequence[str]) -> str:
    from omc.templates.choice import choice_with, unchosen

    if template not in known:
        return "its template is gone"
    lacking = [] if template in own else unchosen(host, [template])
    if not lacking:
        return "its template is not for this host"
    return f"not chosen for this host; to keep it: {choice_with(host, lacking)}"


def _left(
    run: Run, work: Work, orphans: "Mapping[str, Sequence[AppliedFile]]"
) -> "tuple[list[Drift], list[FailedHost]]":
    """Return what hosts still have of what was applied once; they are asked, for most of it may be gone."""
    from omc.templates import catalogue
    from omc.templates.drift import left
    from omc.templates.objects.looking import states
    from omc.templates.plan import is_object

    def one(host: str) -> "Sequence[FileState]":
        deadline = time.monotonic() + run.connect_seconds * 2
        paths = [file.path for file in orphans[host]]
        objects = [path for path in paths if is_object(path)]
        files = [path for path in paths if path not in objects]
        found = _files(work, host, files, deadline) if files else {}
        if objects:
            found |= states(libvirt_of(run), host, objects, deadline)
        return [found[path] for path in paths]

    known, own, prints = catalogue.names(site_root(run)), catalogue.own_names(site_root(run)), fingerprints(run)
    found, failed = [], []
    hosts, deadline = list(orphans), time.monotonic() + run.timeout_seconds
    for result in fleet.in_order(hosts, fleet.run(hosts, one, parallel=run.parallel, deadline=deadline, name=str)):
        if result.error is not None:
            failed.append(as_failed(result.item, result.error))
            continue
        for file, now in zip(orphans[result.item], result.get(), strict=True):
            found.append(left(file, now, prints, _why_left(run.site.hosts[file.host], file.template, known, own)))
    return [drift for drift in found if drift is not None], failed
