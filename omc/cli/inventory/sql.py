"""`omc inventory sql`: a read-only statement over the store's documented views."""

import sys
from collections.abc import Iterator

import click

from omc.cli import options
from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.inventory.fresh import tell_beginning
from omc.errors import UsageError
from omc.inventory.formats import Column, Listing
from omc.inventory.store.catalogue import VIEWS

_EXAMPLE = "omc inventory sql \"SELECT name FROM guests WHERE state = 'running'\""
_COLUMNS = (Column("view"), Column("column"), Column("type"), Column("meaning", "prose"))


@_command()
@click.argument("statement", required=False)
@click.option("--views", "show_views", is_flag=True, help="List the views with their columns, types and meaning.")
@options.output_option
@options.at_option
@pass_run
def command(run: Run, /, statement: str | None, format_name: str | None, at: str | None, *, show_views: bool) -> None:
    """Run one SELECT over the views (hosts, guests, disks …: --views lists them) and print its rows.

    It collects nothing, and nothing can be written with it. `-` reads the statement from stdin.
    """
    if show_views:
        run.output.listing(Listing(_COLUMNS, _views()), format_name)
        return
    if statement is None:
        raise UsageError("a statement is missing", hint=f"{_EXAMPLE}; --views lists what there is")
    text = sys.stdin.read() if statement == "-" else statement
    rows = run.open_store(create=False).sql(text, at=at)
    if at:
        tell_beginning(run, at)
    columns = [Column(name, "value") for name in rows.columns]
    run.output.listing(Listing(columns, rows), format_name)


def _views() -> Iterator[tuple[str, str, str, str]]:
    for view in VIEWS.values():
        for column in view.columns:
            yield view.name, column.name, column.type, column.meaning
