"""`omc exporter dump`: the metrics of one host, once, on stdout or for node_exporter's textfile collector."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from omc.cli import completion
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.exporter.making import CollectorCommand, chosen, collector_options, make_scraper, tables_of
from omc.cli.exporter.sd import write_in_one_step
from omc.errors import HostError, UsageError

if TYPE_CHECKING:
    from omc.site import SiteHost


@click.command("dump", cls=CollectorCommand)
@click.argument("target", required=False, shell_complete=completion.host_patterns)
@click.option("--uri", metavar="URI", help="Read this libvirt instead of a host of the site.")
@click.option(
    "--textfile",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write DIR/omc_HOST.prom in one step, for node_exporter's textfile collector.",
)
@click.option("--only", multiple=True, metavar="NAME", help="Only metrics of this collector, whether it is on or off.")
@collector_options
@pass_run
def command(
    run: Run,
    /,
    *,
    target: str | None,
    uri: str | None,
    folder: Path | None,
    only: tuple[str, ...],
    **options: Any,
) -> None:
    """Print the metrics of one host once, as the exporter serves them.

    TARGET is a host of the site; it may be left out where the site has only one. A host that does not answer is
    `libvirt_up 0`, and exit code 3.
    """
    from omc.exporters.request import ScrapeRequest

    host = _host(run, target, uri)
    tables = tables_of(run, uri)
    chosen(tables, only, ())
    scraper = make_scraper(tables, **options)
    try:
        deadline = time.monotonic() + _seconds(run, uri)
        page = scraper.scrape(host, ScrapeRequest(deadline=deadline, collectors=frozenset(only) or None))
    finally:
        scraper.close()
    if folder is None:
        run.output.write([page.body])
    else:
        write_in_one_step(folder / f"omc_{_file_name(host.name)}.prom", page.body)
    if page.down is not None:
        raise HostError(page.down.message, where=host.name, hint=page.down.hint)


def _host(run: Run, target: str | None, uri: str | None) -> "SiteHost":
    if uri is not None:
        from omc.site import local_site

        if target is not None:
            raise UsageError("expected a TARGET or --uri, found both")
        (host,) = local_site(uri).hosts.values()
        return host
    selected = run.select((target,) if target else ())
    if len(selected) > 1:
        message = f"expected one host, found {len(selected)}"
        raise UsageError(message, hint=f"name one: omc exporter dump {selected[0].name}")
    return selected[0]


def _seconds(run: Run, uri: str | None) -> float:
    if run.options.timeout or uri is None:
        return run.timeout_seconds
    from omc.site.entities import Settings

    return Settings().timeout_seconds


def _file_name(name: str) -> str:
    """Write a host's name as part of a file's name."""
    return "".join(letter if letter.isalnum() or letter in "-." else "_" for letter in name)
