"""`omc capacity forecast`: when pools and clusters are full, from what the store remembers."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click
import msgspec

from omc.cli import moments, options
from omc.cli.capacity.reading import Wanted, counted, finish, term_options
from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.numbers import Between
from omc.errors import Exit
from omc.inventory.formats import Column, Listing
from omc.text import human_bytes

if TYPE_CHECKING:
    from omc.capacity.forecast import Forecast
    from omc.capacity.whole import Capacity

_DAY = 86_400
_NUMBERS = ("whole", "taken", "growth_per_day", "growth_least", "growth_most", "error")
"""Bytes, or vCPUs."""

_COLUMNS = (
    *(Column("kind"), Column("name"), Column("where"), Column("verdict"), Column("full_at", title="full on")),
    *(Column("earliest"), Column("latest"), Column("taken_percent", "number", title="taken %")),
    *(Column("growth", title="a day"), Column("why", "prose", below=True)),
    *(Column(name, "number", wide=True) for name in (*_NUMBERS, "points", "days")),
)


@_command("forecast")
@term_options
@click.option(
    "--since", type=options.Moment(), metavar="TIME", help="Use the past from then on. Default: 180 days ago."
)
@click.option("--full", type=Between(1, 100), default=100.0, metavar="PERCENT", help="What counts as full.")
@options.output_option
@pass_run
def command(run: Run, /, since: str | None, full: float, format_name: str | None, **wanted: Any) -> Exit:
    """Say when pools and clusters are full, by how they grew, and between which dates (90 %).

    A robust line (Theil-Sen) through one figure a day, its bounds from the same slopes. "may fill": the growth may as
    well be none. "not soon": not within twice the time that it is known for. "not known": fewer than 10 days with a
    figure, over less than 14 days, or a step since; the last column says which.
    """
    capacity, answer = counted(run, Wanted(**wanted))
    now = time.time()
    begin = since or moments.rfc3339(datetime.fromtimestamp(now, UTC) - timedelta(days=180))
    found = sorted(_forecasts(run, capacity, begin, now, full / 100), key=_urgency)
    encode = msgspec.json.Encoder().encode
    run.output.listing(Listing(_COLUMNS, map(_row, found), map(encode, found)), format_name)
    return finish(run, answer)


def _forecasts(run: Run, capacity: "Capacity", since: str, now: float, full: float) -> "Iterator[Forecast]":
    from omc.capacity.forecast import forecast
    from omc.capacity.history import cluster_series, pool_series, ran_with

    usage = run.store.usage(since, [host.name for host in capacity.hosts])
    guests = ran_with(usage.sizes, usage.running)
    series = pool_series(capacity.pools, usage.pools)
    series += cluster_series(capacity.hosts, usage.reads, usage.first, guests, terms=capacity.terms)
    return (forecast(one, now / _DAY, full) for one in series)


def _urgency(found: "Forecast") -> tuple[int, str, str, str]:
    from omc.capacity.forecast import VERDICTS

    return VERDICTS.index(found.verdict), found.full_at or found.earliest or "9", found.kind, found.name


def _row(found: "Forecast") -> tuple[object, ...]:
    percent = None if found.taken is None or not found.whole else round(100 * found.taken / found.whole, 1)
    days = {name: (getattr(found, name) or "")[:10] or None for name in ("full_at", "earliest", "latest")}
    digits = 2 if found.kind == "vcpus" else None
    numbers = {name: _rounded(getattr(found, name), digits) for name in _NUMBERS}
    told: dict[str, object] = {**numbers, "taken_percent": percent, "growth": _growth(found), **days}
    return tuple(told[column.name] if column.name in told else getattr(found, column.name) for column in _COLUMNS)


def _rounded(number: float | None, digits: int | None) -> float | None:
    return None if number is None else round(number, digits)


def _growth(found: "Forecast") -> str | None:
    """Return the growth a day in words; vCPUs have no unit."""
    if found.growth_per_day is None:
        return None
    if found.kind == "vcpus":
        return f"{found.growth_per_day:+.2f}"
    return f"{'-' if found.growth_per_day < 0 else '+'}{human_bytes(abs(round(found.growth_per_day)))}"
