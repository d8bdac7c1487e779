"""`omc inventory history`: every change of one guest or host that the store knows."""

import click

from omc.cli import completion, options
from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.inventory.differences import listing
from omc.inventory.formats import find


@_command()
@click.argument("name", shell_complete=completion.names)
@options.output_option
@pass_run
def command(run: Run, name: str, format_name: str | None) -> None:
    """Show all changes of the guest or host NAME that the store knows: a name, HOST/GUEST, or a UUID.

    The oldest comes first. Guests that are gone are found by their UUID and name, too. Nothing is collected.
    """
    shown = run.output.format_or_default(format_name)
    run.output.listing(
        listing(run.open_store(create=False).history(name), for_people=find(shown).KIND == "people"), shown
    )
