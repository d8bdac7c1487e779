"""`omc schema`: the JSON Schema of what omc prints as JSON."""

from typing import Any

import click

from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run


@_command("schema")
@click.option("--guests", "what", flag_value="guests", help="Of `omc inventory guests -o json`.")
@click.option("--plan", "what", flag_value="plan", help="Of `omc template plan -o json` and of plan files.")
@click.option("--run", "what", flag_value="run", help="Of the --report of `omc template apply`, resume and rollback.")
@click.option("--history", "what", flag_value="history", help="Of `omc template history -o json`.")
@click.option("--status", "what", flag_value="status", help="Of `omc template status -o json`.")
@pass_run
def command(run: Run, *, what: str | None) -> None:
    """Print the JSON Schema of `omc inventory -o json`, or of what an option names.

    Its version goes up when a field changes its meaning.
    """
    import msgspec

    run.output.write([msgspec.json.format(msgspec.json.encode(_schema(what)), indent=2), b"\n"])


def _schema(what: str | None) -> dict[str, Any]:
    if what in (None, "guests"):
        from omc.model.schema import guests_schema, inventory_schema

        return guests_schema() if what else inventory_schema()
    from omc.templates import schema

    made = {"plan": schema.plan_schema, "run": schema.run_schema}
    made |= {"history": schema.history_schema, "status": schema.status_schema}
    return made[what or ""]()
