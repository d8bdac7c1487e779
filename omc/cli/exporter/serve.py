"""`omc exporter serve`: the HTTP server, of one libvirt or of a site's fleet, until a signal ends it."""

import os
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.exporter.making import CollectorCommand, collector_options, make_scraper, tables_of
from omc.cli.numbers import Between
from omc.errors import UsageError

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from omc.exporters.discovery import GuestAddress
    from omc.exporters.scrape import Scraper
    from omc.exporters.server.targets import Targets
    from omc.inventory.store import Store

DEFAULT_URI = "qemu:///system"
DEFAULT_LISTEN = ":9177"


class Asked(NamedTuple):
    """The options of one call."""

    uri: str | None
    listen: tuple[str, ...]
    web_config: Path | None
    max_scrapes: int
    timeout_offset: float
    refresh: float
    series_per_guest: int
    on: tuple[str, ...]
    off: tuple[str, ...]
    compat: str | None
    volumes_per_pool: int


@click.command("serve", cls=CollectorCommand)
@click.option("--uri", help=f"Serve this libvirt alone, on /metrics. Default without a site: {DEFAULT_URI}.")
@click.option("--listen", multiple=True, metavar="HOST:PORT", help=f"Default: {DEFAULT_LISTEN}, on every address.")
@click.option(
    "--web.config.file",
    "web_config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="TLS, passwords, headers: the YAML of Prometheus's exporter-toolkit.",
)
@click.option("--max-scrapes", type=click.IntRange(1, 1_000), default=64, help="At a time. Default: 64.")
@click.option(
    "--timeout-offset",
    type=Between(0, 60),
    default=0.5,
    help="Taken off Prometheus's timeout. Default: 0.5 s.",
)
@click.option("--refresh", type=Between(1, 3_600), default=60.0, help="Seconds between readings of XML. Default: 60.")
@click.option("--series-per-guest", type=click.IntRange(10), default=2_000, help="At most. Default: 2000.")
@collector_options
@pass_run
def command(run: Run, /, **given: Any) -> None:
    """Serve metrics to Prometheus until a signal ends it.

    Without --site: those of one libvirt, read-only, on /metrics. With --site (or $OMC_SITE): those of every host of the
    site, on /probe?target=HOST, and on /sd the list of them for http_sd. Connects to nothing else.
    """
    from omc.exporters.server.application import ServerOptions
    from omc.exporters.server.serve import Served, serve
    from omc.exporters.webconfig import WebFile

    asked = Asked(**given)
    run.output.attach_logging()
    targets, single = _targets(run, asked)
    web = WebFile(asked.web_config)
    maker = _maker(run, asked, single=bool(single))
    sockets = _sockets(asked)
    options = ServerOptions(
        single=targets.last.hosts[single] if single else None,
        scrapes=asked.max_scrapes,
        offset_seconds=asked.timeout_offset,
        guests=None if single else _Addresses(run).read,
    )
    try:
        served = Served(maker=maker, targets=targets, web=web, options=options)
        serve(served, sockets, ready=lambda: _say_ready(run, sockets, targets))
    finally:
        maker.close()


def _targets(run: Run, asked: Asked) -> "tuple[Targets, str]":
    """Return the hosts to serve, and the name of the one host of a server without a fleet."""
    from omc.exporters.server.targets import Targets
    from omc.site import load_site
    from omc.site.find import local_site

    root = _asked_root(run)
    if root is None or asked.uri is not None:
        site = local_site(asked.uri or DEFAULT_URI)
        return Targets(lambda: site), next(iter(site.hosts))
    return Targets(lambda: load_site(root), root / "inventory"), ""


def _asked_root(run: Run) -> Path | None:
    """Return the site that was asked for; one that merely lies here does not make a KVM host serve a fleet."""
    from omc.site import find_site

    if not run.options.site and not run.environ.get("OMC_SITE"):
        return None
    return find_site(Path(run.options.site) if run.options.site else None, run.environ, Path.cwd())


def _maker(run: Run, asked: Asked, *, single: bool) -> "Scraper":
    return make_scraper(
        tables_of(run, DEFAULT_URI if single else None),
        on=asked.on,
        off=asked.off,
        compat=asked.compat,
        series_per_guest=asked.series_per_guest,
        refresh_seconds=asked.refresh,
        volumes_per_pool=asked.volumes_per_pool,
    )


def _sockets(asked: Asked) -> "list[socket.socket]":
    from omc.exporters.server.listen import handed_over, listening

    found = handed_over(os.environ)
    if found and asked.listen:
        raise UsageError("systemd hands over the sockets, so --listen says nothing", hint="leave --listen out")
    return found or [listening(address) for address in asked.listen or (DEFAULT_LISTEN,)]


def _say_ready(run: Run, sockets: "Sequence[socket.socket]", targets: "Targets") -> None:
    from omc.exporters.server.listen import shown
    from omc.text import plural

    where = ", ".join(map(shown, sockets))
    run.output.info(f"serving {plural(len(targets.last.hosts), 'host')} on {where}")


class _Addresses:
    """The guests' addresses, from a store that is opened by the first question and may come later."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._lock = Lock()

    def read(self) -> "list[GuestAddress]":
        """Give all of them; raise StoreError where there is no store yet."""
        from omc.cli.exporter.addresses import guest_addresses

        with self._lock:
            store: Store = self._run.open_store(create=False)
            return guest_addresses(store)
