"""`omc template status`: which host differs from what was last applied, and from what would be applied now."""

from typing import TYPE_CHECKING, Any

import click
import msgspec

from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.options import output_option
from omc.cli.template.asking import Asked, work_options
from omc.cli.template.means import fingerprints
from omc.cli.template.working import Work, looked_at, name_failed
from omc.errors import Exit
from omc.inventory.formats import Column, Listing

if TYPE_CHECKING:
    from omc.ports import AppliedFile
    from omc.templates.drift import Drift

_COLUMNS = (
    Column("host"),
    Column("state", "status"),
    Column("subject", title="what"),
    Column("template"),
    Column("run"),
    Column("detail", "prose"),
)


@_command("status")
@work_options
@click.option("--all", "whole", is_flag=True, help="Also what is as it should be.")
@output_option
@pass_run
def command(run: Run, /, whole: bool, format_name: str | None, **given: Any) -> Exit:  # noqa: FBT001 - click's flag
    """Show what differs on the hosts of PATTERN (default: all): a line a file, and a line each other thing.

    changed: somebody else changed it since omc did. outdated: as omc applied it, but it would be applied differently
    now. absent: never applied. pending: a handler that did not run. unfinished: a run that was cut off. waiting: not
    confirmed yet. locked: a run is at it. Exits 4 where there is any, 3 where a host could not be looked at.
    """
    with looked_at(run, Asked(**given), contents=False) as work:
        found = _drifts(run, work)
    failed = name_failed(run, work.failed)
    amiss = [drift for drift in found if drift.state != "ok"]
    shown = found if whole else amiss
    rows = [
        (one.host, one.state, one.subject, one.template or None, one.run or None, one.detail or None) for one in shown
    ]
    run.output.listing(Listing(_COLUMNS, rows, [msgspec.json.encode(one) for one in shown]), format_name)
    hosts = {drift.host for drift in amiss}
    run.output.info(f"{len(work.tasks) - len(hosts)} of {len(work.tasks)} hosts are as they should be")
    return failed or (Exit.CHANGES if amiss else Exit.OK)


def _drifts(run: Run, work: Work) -> "list[Drift]":
    from omc.templates.drift import drift

    applied: dict[str, list[AppliedFile]] = {}
    for file in run.store.template_runs.applied([task.host for task in work.tasks]):
        applied.setdefault(file.host, []).append(file)
    prints = fingerprints(run)
    return [found for task in work.tasks for found in drift(task, applied.get(task.host, []), prints)]
