"""`omc schema`: the JSON Schema of what omc prints as JSON."""

import click

from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run


@_command("schema")
@click.option("--guests", is_flag=True, help="Of `omc inventory guests -o json`; default: of `omc inventory -o json`.")
@pass_run
def command(run: Run, *, guests: bool) -> None:
    """Print the JSON Schema of the inventory. Its version goes up when a field changes its meaning."""
    import msgspec

    from omc.model.schema import guests_schema, inventory_schema

    schema = guests_schema() if guests else inventory_schema()
    run.output.write([msgspec.json.format(msgspec.json.encode(schema), indent=2), b"\n"])
