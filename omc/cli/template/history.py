"""`omc template history`: the runs, newest first, or one of them whole."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
import msgspec

from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.options import output_option
from omc.cli.template.afterwards import tell_what_is_left, warn_of_open_runs
from omc.cli.template.asking import run_names
from omc.cli.template.carrying import find_run
from omc.inventory.formats import Column, Listing
from omc.text import wrapped

if TYPE_CHECKING:
    from omc.ports import TemplateRun

_RUNS = (
    Column("run", "key"),
    Column("started_at", "time", "started"),
    Column("kind"),
    Column("status", "status"),
    Column("actor"),
    Column("selection", title="asked for"),
    Column("hosts", "number"),
    Column("changed", "number"),
    Column("failed", "number"),
    Column("reason", "prose"),
    Column("templates", wide=True),
    Column("finished_at", "time", "finished", wide=True),
)
_HOSTS = (
    Column("host", "key"),
    Column("status", "status"),
    Column("seconds", "number", wide=True),
    Column("code"),
    Column("files", "prose"),
    Column("message", "prose", wide=True),
)


@_command("history")
@click.argument("name", required=False, metavar="[RUN]", shell_complete=run_names)
@click.option("--last", type=click.IntRange(1), metavar="N", help="Only the last N runs.")
@output_option
@pass_run
def command(run: Run, *, name: str | None, last: int | None, format_name: str | None) -> None:
    """List the runs of apply and rollback, newest first: who, when, what, which hosts, and what came of it.

    With RUN (its name, the beginning of it, or last): what it did on each host. A run whose omc was killed is
    "interrupted". Plans are no runs.
    """
    from omc.templates.report import listed
    from omc.templates.runs import with_real_status

    runs = run.store.template_runs
    if name is not None:
        one = find_run(runs, name)
        run.output.listing(_one(one), format_name)
        if run.output.format_or_default(format_name) == "table":
            _print_messages(run, one)
        if one.status != "running":
            tell_what_is_left(run, one)
        return
    now = datetime.now(UTC)
    found = [with_real_status(one, now) for one in runs.runs(last)]
    documents = [msgspec.json.encode(listed(one)) for one in found]
    run.output.listing(Listing(_RUNS, [_row(one) for one in found], documents), format_name)
    warn_of_open_runs(run, [host.host for one in found for host in one.hosts])


def _row(run: "TemplateRun") -> tuple[object, ...]:
    from omc.templates.task import FAILED

    statuses = [host.status for host in run.hosts]
    return (
        *(run.run, run.started_at, run.kind, run.status, run.actor, run.selection, len(statuses)),
        sum(status in ("changed", "rolled_back") for status in statuses),
        sum(status in FAILED for status in statuses),
        run.reason or None,
        " ".join(run.templates) or "all",
        run.finished_at,
    )


def _print_messages(run: Run, one: "TemplateRun") -> None:
    """Print below the table what its cells have no room for."""
    for host in one.hosts:
        if host.message:
            run.output.answer("")
            run.output.heading(f"{host.host}: {host.status.replace('_', ' ')}")
            run.output.answer(wrapped(host.message, run.output.page.width, indent="  "))


def _one(run: "TemplateRun") -> Listing:
    rows = [
        (
            host.host,
            host.status,
            host.seconds,
            host.code or None,
            " ".join(file.path for file in host.files) or None,
            host.message or None,
        )
        for host in run.hosts
    ]
    return Listing(_HOSTS, rows, [msgspec.json.encode(host) for host in run.hosts])
