"""`omc audit rules`: all rules as a list."""

from omc.cli import options
from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.inventory.formats import Column, Listing

COLUMNS = (
    Column("rule"),
    Column("severity"),
    Column("scope"),
    Column("title", "prose"),
    Column("reason", "prose", wide=True),
    Column("fix", "prose", wide=True),
    Column("source", "prose", wide=True),
    Column("reads", wide=True),
)


@_command("rules")
@options.output_option
@pass_run
def command(run: Run, format_name: str | None) -> None:
    """List all rules, those of installed packages included."""
    from omc.audit.rules import all_rules

    rows = [
        (one.id, one.severity, one.scope, one.title, one.reason, one.advice, one.source, " ".join(one.reads))
        for one in all_rules()
    ]
    run.output.listing(Listing(COLUMNS, rows), format_name)
