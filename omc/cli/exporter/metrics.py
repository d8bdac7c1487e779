"""`omc exporter metrics`: every metric of the tables, and the lint of tables, rules and dashboards."""

from pathlib import Path

import click

from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.options import output_option
from omc.errors import Exit


def _root(run: Run) -> Path | None:
    from omc.site import find_site

    return find_site(Path(run.options.site) if run.options.site else None, run.environ, Path.cwd())


@_command("metrics")
@click.option("--collector", metavar="NAME", help="Only metrics of this collector.")
@output_option
@pass_run
def metrics(run: Run, *, collector: str | None, format_name: str | None) -> None:
    """List every metric: type, labels, collector, where its value comes from, and help.

    Reads the site's tables and asks no host. Collectors marked with * are off unless they are switched on.
    """
    from omc.cli.exporter.making import chosen
    from omc.exporters.reference import described
    from omc.exporters.table import load_tables
    from omc.inventory.formats import Column, Listing

    tables = load_tables(_root(run))
    if collector is not None:
        chosen(tables, (collector,), ())
    names = ("metric", "type", "labels", "collector", "source", "help")
    columns = [Column(name, wide=name in ("source", "labels")) for name in names]
    rows = [row for row in described(tables) if collector in (None, row[3].removesuffix("*"))]
    run.output.listing(Listing(columns, rows), format_name)


@_command("check")
@pass_run
def check(run: Run) -> Exit:
    """Check the metric tables, rules and dashboards of the site, and name every mistake.

    Every metric that a rule or a panel asks for must stand in a table or be recorded by a rule. Exits 0 where all is
    well, 1 where there are mistakes.
    """
    from omc.exporters.mixin import check_mixin, recorded
    from omc.exporters.reference import names
    from omc.exporters.table import FOLDER, read_tables
    from omc.site import reference_root

    root = _root(run)
    tables, mistakes = read_tables(root)
    folders = {(reference_root() / FOLDER).resolve(), ((root or reference_root()) / FOLDER).resolve()}
    known = {*names(tables), *recorded(folders)}
    for folder in sorted(folders):
        check_mixin(folder, known, mistakes)
    for mistake in mistakes.errors:
        run.output.error(mistake.message, where=mistake.where, hint=mistake.hint)
    for warning in mistakes.warnings:
        run.output.error(warning, hint="the row gives no series, and is left out; docs/how-to/metrics.md")
    metrics, found = len(tables.guest) + len(tables.host), len(mistakes.errors) + len(mistakes.warnings)
    run.output.answer(f"{metrics} metrics, {len(tables.collectors)} collectors, {found} mistakes")
    return Exit.FAILED if found else Exit.OK


commands = {"metrics": metrics, "check": check}
