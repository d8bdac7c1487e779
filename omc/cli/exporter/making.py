"""What `serve` and `dump` share: the options of a scrape, and the scraper that they make."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from omc.cli.command import PlainCommand
from omc.cli.context import Run
from omc.errors import UsageError

if TYPE_CHECKING:
    from omc.exporters.scrape import Scraper
    from omc.exporters.table import Tables
    from omc.ports import RawGuest

Function = TypeVar("Function", bound=Callable[..., Any])

COLLECTOR_HELP = "Switch a collector on; `omc exporter metrics` names them. Also as --collector.NAME."
NO_COLLECTOR_HELP = "Switch a collector off. Also as --no-collector.NAME."


def collector_options(function: Function) -> Function:
    """Add `on`, `off`, `compat` and `volumes_per_pool`: what `make_scraper` takes."""
    compat = "Also serve the names of another exporter: tinkoff, inovex, kumina, or what the site's compat.yaml has."
    volumes = "With the collector volume: at most so many of each pool, the first by name. Default: 1000."
    for decorate in (
        click.option("--volumes-per-pool", type=click.IntRange(1, 100_000), default=1_000, help=volumes),
        click.option("--compat", metavar="DIALECT", help=compat),
        click.option("--no-collector", "off", multiple=True, metavar="NAME", help=NO_COLLECTOR_HELP),
        click.option("--collector", "on", multiple=True, metavar="NAME", help=COLLECTOR_HELP),
    ):
        function = decorate(function)
    return function


def tables_of(run: Run, uri: str | None) -> "Tables":
    """Read the metric tables of the site; with a URI given by hand, of the site that is found, if there is one."""
    from omc.exporters.table import load_tables
    from omc.site import find_site

    if uri is None:
        return load_tables(run.site.root)
    asked = Path(run.options.site) if run.options.site else None
    return load_tables(find_site(asked, run.environ, Path.cwd()))


def make_scraper(  # noqa: PLR0913 - the options of a command, each of which stands alone
    tables: "Tables",
    *,
    on: tuple[str, ...] = (),
    off: tuple[str, ...] = (),
    compat: str | None = None,
    series_per_guest: int = 2_000,
    refresh_seconds: float = 60.0,
    volumes_per_pool: int = 1_000,
) -> "Scraper":
    """Make the scraper; raise UsageError for a collector or a dialect that there is not."""
    from omc.exporters.request import ScrapeSettings
    from omc.exporters.scrape import Scraper
    from omc.ports import LiveOptions
    from omc.providers import live_host_for

    collectors = chosen(tables, on, off)
    if compat is not None and compat not in tables.dialects:
        raise UsageError(f"no dialect is named {compat!r}", hint=f"known are {', '.join(tables.dialects)}")
    settings = ScrapeSettings(
        collectors=collectors, series_per_guest=series_per_guest, refresh_seconds=refresh_seconds, compat=compat
    )
    live = LiveOptions(refresh_seconds=refresh_seconds, volumes_per_pool=volumes_per_pool)
    return Scraper(tables, lambda uri: live_host_for(uri, live), settings, pending=pending)


def chosen(tables: "Tables", on: tuple[str, ...], off: tuple[str, ...]) -> frozenset[str]:
    """Give the collectors that are on; raise UsageError for a name that none has."""
    from omc.site.mistakes import near

    for name in (*on, *off):
        if name not in tables.collectors:
            hint = near(name, tables.collectors) or f"known are {', '.join(tables.collectors)}"
            raise UsageError(f"no collector is named {name!r}", hint=hint)
    default = {name for name, collector in tables.collectors.items() if collector.on}
    return frozenset((default | set(on)) - set(off))


def pending(raw: "RawGuest") -> bool | None:
    """Tell whether a guest's next start changes what runs now; None where its definition was not read."""
    from omc.errors import OmcError
    from omc.inventory.domain import parse_guest
    from omc.inventory.domain.pending import pending_changes

    if raw.inactive_xml is None:
        return False if raw.id is None or raw.persistent is False else None
    try:
        return bool(pending_changes(parse_guest(raw.xml, host=""), parse_guest(raw.inactive_xml, host="")))
    except OmcError:
        return None


class CollectorCommand(PlainCommand):
    """A command of omc that takes `--collector.NAME` for `--collector NAME`, as exporters of the field spell it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Split the dotted spelling."""
        split: list[str] = []
        for argument in args:
            option, dot, name = argument.partition(".")
            split += [option, name] if dot and option in ("--collector", "--no-collector") else [argument]
        return super().parse_args(ctx, split)
