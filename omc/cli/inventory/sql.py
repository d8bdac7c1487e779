"""`omc inventory sql`: a read-only statement over the store's documented views."""

import sys

import click

from omc.cli import options
from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.inventory.formats import Column, Listing


@_command()
@click.argument("statement")
@options.output_option
@options.at_option
@pass_run
def command(run: Run, statement: str, format_name: str | None, at: str | None) -> None:
    """Run one SELECT over the views (hosts, guests, disks …; see the reference) and print its rows.

    It collects nothing, and nothing can be written with it. `-` reads the statement from stdin.
    """
    text = sys.stdin.read() if statement == "-" else statement
    rows = run.open_store(create=False).sql(text, at=at)
    columns = [Column(name, "value") for name in rows.columns]
    run.output.listing(Listing(columns, rows), format_name)
