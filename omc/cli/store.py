"""`omc store`: care for what was collected."""

from pathlib import Path

import click

from omc.cli import options
from omc.cli.command import group, pass_run
from omc.cli.context import Run
from omc.errors import Exit
from omc.text import human_bytes, plural

_DAY = 86_400


@group("store")
def command() -> None:
    """Care for the site's store: upgrade it to this omc, back it up, forget the old, check it."""


@command.command("upgrade")
@pass_run
def upgrade(run: Run) -> None:
    """Bring the store to this omc's version, or make it on PostgreSQL.

    An SQLite store is copied beside itself first. On PostgreSQL the role omc_reader, where there is one, is allowed to
    read the views. An older omc cannot use the store afterwards.
    """
    from omc.inventory.store import upgrade_store

    done = upgrade_store(run.store_url)
    if done.before == done.after:
        run.output.answer(f"the store is of version {done.after} already")
        return
    kept = f"; as it was: {done.copy}" if done.copy else ""
    run.output.answer(f"upgraded from {done.before or 'nothing'} to {done.after}{kept}")


@command.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@pass_run
def backup(run: Run, file: Path) -> None:
    """Copy the whole store into a new FILE, while others go on using it."""
    store = run.open_store(create=False)
    store.backup(file)
    run.output.answer(f"{store.label} is copied to {file} ({human_bytes(file.stat().st_size)})")


@command.command("prune")
@click.option(
    "--keep", type=options.Span(), required=True, metavar="SPAN", help="How much of the past stays: 90d, '1 year'."
)
@pass_run
def prune(run: Run, keep: float) -> None:
    """Forget what ended longer ago than --keep; what holds now stays, however old it is."""
    gone = run.open_store(create=False).prune(keep / _DAY)
    run.output.answer(
        f"forgotten: {plural(gone.spans, 'span')} of history, {plural(gone.runs, 'run')}, "
        f"{plural(gone.guests, 'guest')} that are gone, {plural(gone.hosts, 'host')} that nobody asks any more; "
        f"{human_bytes(gone.freed_bytes)} given back"
    )


@command.command("check")
@pass_run
def check(run: Run) -> Exit:
    """Check that the store is sound; exits 0 or 1."""
    store = run.open_store(create=False)
    problems = store.check()
    for problem in problems:
        run.output.error(problem, where=store.label)
    run.output.answer(f"{store.label}: {plural(len(problems), 'problem') if problems else 'sound'}")
    return Exit.FAILED if problems else Exit.OK
