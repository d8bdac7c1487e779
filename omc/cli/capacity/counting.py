"""`omc capacity` itself: hosts, clusters and all; on a terminal pools and losses, too."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
import msgspec

from omc.cli import options
from omc.cli.capacity.losses import losses_listing
from omc.cli.capacity.pools import pools_listing
from omc.cli.capacity.reading import Wanted, counted, finish, term_options
from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.errors import Exit, UsageError
from omc.inventory.formats import Column, Listing, find, structure
from omc.site.mistakes import near
from omc.text import plural

if TYPE_CHECKING:
    from omc.capacity.whole import Capacity, Line

_NAMES = (Column("kind"), Column("name"))
_COUNTS = ("hosts", "unread_hosts", "cores", "vcpus_defined", "guests", "unread_guests", "tied_guests")
_BYTES = ("reserve_bytes", "defined_bytes", "huge_pages_bytes", "huge_pages_free_bytes")
_WIDE = (
    Column("cluster", wide=True),
    *(Column(name, "number", wide=True) for name in _COUNTS),
    *(Column(name, "bytes", wide=True) for name in _BYTES),
)
_FIGURES = (
    *(Column("guests_running", "number", title="running"), Column("cpus", "number")),
    *(Column("vcpus_running", "number", title="vcpus"), Column("overcommit", "number", title="ratio")),
    *(Column("free_bytes", "bytes"), Column("allocated_bytes", "bytes"), Column("memory_bytes", "bytes")),
)
_FIT = (Column("fit", "number"), Column("limit", title="stopped by"))
_PAGES = (
    *(Column("host"), Column("cell", "number"), Column("size_bytes", "bytes", title="page"), Column("total", "number")),
    Column("free", "number"),
)
MOST_LINES = 40
"""So many hosts are listed on a terminal; more are summed up by cluster, and -o wide lists them."""


@_command()
@term_options
@click.option("--size", "size_text", metavar="SIZE", help="How many more fit: vcpus=4,memory=8GiB,disk=40GiB.")
@options.output_option
@pass_run
def command(run: Run, /, size_text: str | None, format_name: str | None, **wanted: Any) -> Exit:
    """Count what hosts have and what their guests were given, and how many more fit."""
    from omc.capacity.size import read_size

    size = read_size(size_text) if size_text else None
    capacity, answer = counted(run, Wanted(**wanted), size)
    if size and size.pool:
        _find_pool(capacity, size.pool)
    name = run.output.format_or_default(format_name)
    form, structured = find(name), structure(name)
    if structured is not None:
        run.output.write([structured.one(msgspec.json.encode(capacity))])
    elif form.KIND == "people" and not form.WIDE:
        _sections(run, capacity, name)
    else:
        run.output.listing(_listing(capacity, (*capacity.hosts, *capacity.clusters, capacity.total)), name)
    run.output.info(_terms(capacity))
    tied = capacity.total.tied_guests
    if tied:
        of = plural(capacity.total.guests_running, "running guest")
        have = "has disks or devices of its" if tied == 1 else "have disks or devices of their"
        run.output.note(
            f"{tied} of {of} {have} host: room elsewhere alone does not save {'it' if tied == 1 else 'them'}"
        )
    return finish(run, answer)


def _find_pool(capacity: "Capacity", name: str) -> None:
    names = {pool.name for pool in capacity.pools}
    if name not in names:
        raise UsageError(f"no host has a pool named {name!r}", hint=near(name, names) or "omc capacity pools")


def _sections(run: Run, capacity: "Capacity", name: str) -> None:
    """Show everything, one table a kind; hosts only where they are few."""
    many = len(capacity.hosts) > MOST_LINES
    run.output.heading("clusters" if many else "hosts, clusters, total")
    shown = () if many else capacity.hosts
    run.output.listing(_listing(capacity, (*shown, *capacity.clusters, capacity.total)), name)
    if not many and any(host.huge_pages_bytes for host in capacity.hosts):
        run.output.answer("")
        run.output.heading("huge pages")
        run.output.listing(_pages(capacity), name)
    run.output.answer("")
    run.output.heading("losses")
    run.output.listing(losses_listing(capacity), name)
    if 0 < len(capacity.pools) <= MOST_LINES:
        run.output.answer("")
        run.output.heading("pools")
        run.output.listing(pools_listing(capacity), name)
    if many:
        run.output.info(
            f"{plural(len(capacity.hosts), 'host')}: -o wide lists each; omc capacity pools lists the pools"
        )


def _listing(capacity: "Capacity", lines: "Sequence[Line]") -> Listing:
    amiss = any(host.status != "ok" for host in capacity.hosts)
    status = Column("status", "status", wide=not amiss)  # where all is well, it is in the way
    columns = (*_NAMES, *(_FIT if capacity.size else ()), *_FIGURES, status, *_WIDE)
    return Listing(columns, ([getattr(line, column.name) for column in columns] for line in lines))


def _pages(capacity: "Capacity") -> Listing:
    rows = (
        (host.name, pages.cell, pages.size_bytes, pages.total, pages.free)
        for host in capacity.hosts
        for pages in host.huge_pages
        if pages.total
    )
    return Listing(_PAGES, rows)


def _terms(capacity: "Capacity") -> str:
    """Say what was counted by, and what is not in the figures."""
    unread = capacity.total.unread_hosts
    left = f"; of {plural(unread, 'host')} it is not known what is free" if unread else ""
    without = sum(host.huge_pages_free_bytes is None for host in capacity.hosts)
    left += f"; of {plural(without, 'host')} the free huge pages were not read" if without else ""
    return f"counted with {capacity.terms.reserve} reserved on each host and {capacity.terms.ratio:g} vCPUs a CPU{left}"
