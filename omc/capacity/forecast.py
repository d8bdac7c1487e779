"""When something is full, by how it grew; refuses where the past does not tell. Pure.

One figure a day. At least 10 days with a figure, over at least 14 days, since the last step: a step is a change by a
fifth of the whole from one figure to the next (a clean-up, a migration), and what was before it tells nothing of what
comes. No forecast reaches farther than twice the time that it is made from. More than 120 days with a figure are
thinned evenly, which costs a forecast of years nothing.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec

from omc.capacity.trend import Trend, trend
from omc.text import plural

MOST_POINTS = 120
LEAST_POINTS = 10
LEAST_DAYS = 14.0
STEP = 0.2
REACH = 2.0
GAP_DAYS = 3.0

VERDICTS = ("full", "fills", "may fill", "not soon", "does not fill", "not known")


class Figure(msgspec.Struct, frozen=True):
    """How much was taken at a time, in days since 1970."""

    day: float
    value: float


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken of something, day by day, and how much of it there is now."""

    kind: str  # pool, memory, vcpus
    name: str  # of the pool or cluster
    where: str  # the hosts of the pool; the cluster
    whole: float | None
    figures: tuple[Figure, ...] = ()


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """When it is full. Times are RFC 3339 UTC; null: not within the reach of the history, or never."""

    kind: str
    name: str
    where: str
    verdict: str
    whole: float | None = None  # bytes, or vCPUs
    taken: float | None = None  # last figure
    growth_per_day: float | None = None
    growth_least: float | None = None  # bounds of the growth, 90 % between them
    growth_most: float | None = None
    full_at: str | None = None
    earliest: str | None = None
    latest: str | None = None
    error: float | None = None  # half of the figures are nearer than this to the line
    points: int = 0  # that the line is made from
    days: float = 0.0  # that they span
    why: str = ""  # what else must be known


def forecast(series: Series, now: float, full: float = 1.0) -> Forecast:
    """Say when the series reaches `full` (a share) of the whole; `now` in days since 1970."""
    given = Forecast(kind=series.kind, name=series.name, where=series.where, verdict="not known", whole=series.whole)
    if not series.whole or not series.figures:
        why = "no figure is kept" if series.whole else "how much there is was not read"
        return msgspec.structs.replace(given, why=why)
    last = series.figures[-1].value
    given = msgspec.structs.replace(given, taken=last)
    figures, notes = _since_step(series.figures, series.whole)
    days = figures[-1].day - figures[0].day
    notes += _gaps(figures) + _silence(last_day=series.figures[-1].day, now=now)
    given = msgspec.structs.replace(given, points=len(figures), days=round(days, 1), why="; ".join(notes))
    if last >= series.whole * full:
        notes.insert(0, f"{last / series.whole:.0%} are taken; full is {full:.0%}")
        return msgspec.structs.replace(given, verdict="full", why="; ".join(notes))
    if len(figures) < LEAST_POINTS or days < LEAST_DAYS:
        has = f"{plural(len(figures), 'day')} with a figure over {plural(round(days), 'day')}"
        notes.insert(0, f"{has}, at least {LEAST_POINTS} over {LEAST_DAYS:.0f} are needed")
        return msgspec.structs.replace(given, why="; ".join(notes))
    fitted = trend([(figure.day - now, figure.value) for figure in _thinned(figures)])
    return _told(given, fitted, series.whole * full, now)


def _told(given: Forecast, fitted: Trend, height: float, now: float) -> Forecast:
    reach = given.days * REACH
    full, earliest, latest = (_within(line.reaches(height), reach) for line in (fitted.line, fitted.high, fitted.low))
    verdict = "does not fill" if fitted.high.slope <= 0 else "not soon"
    if earliest is not None:
        verdict = "may fill" if full is None or fitted.low.slope <= 0 else "fills"
    far = f"within {reach:.0f} days, as far as {given.days:.0f} days of history tell" if verdict == "not soon" else ""
    return msgspec.structs.replace(
        given,
        verdict=verdict,
        growth_per_day=fitted.line.slope,
        growth_least=fitted.low.slope,
        growth_most=fitted.high.slope,
        full_at=_moment(full, now),
        earliest=_moment(earliest, now),
        latest=_moment(latest, now),
        error=fitted.error,
        why="; ".join(filter(None, (f"not {far}" if far else "", given.why))),
    )


def _within(ahead: float | None, reach: float) -> float | None:
    """Return how many days ahead, at least none, where that is within reach."""
    return None if ahead is None or ahead > reach else max(ahead, 0.0)


def _since_step(figures: Sequence[Figure], whole: float) -> tuple[Sequence[Figure], list[str]]:
    """Return the figures since the last step, and words about it."""
    for index in range(len(figures) - 1, 0, -1):
        change = figures[index].value - figures[index - 1].value
        if abs(change) >= STEP * whole:
            share = f"{change / whole:+.0%} of the whole"
            return figures[index:], [f"a step of {share} on {_date(figures[index].day)}: counted from there"]
    return figures, []


def _gaps(figures: Sequence[Figure]) -> list[str]:
    """Say where nothing was read for days."""
    gaps = [(b.day - a.day, a.day) for a, b in pairwise(figures) if b.day - a.day > GAP_DAYS]
    if not gaps:
        return []
    longest, begin = max(gaps)
    more = f", the longest of {len(gaps)}" if len(gaps) > 1 else ""
    return [f"nothing read for {longest:.0f} days from {_date(begin)}{more}"]


def _silence(*, last_day: float, now: float) -> list[str]:
    """Say where nothing was read since long: what is told of now is of then."""
    return [f"last read {now - last_day:.0f} days ago"] if now - last_day > GAP_DAYS else []


def _thinned(figures: Sequence[Figure]) -> Sequence[Figure]:
    """Return at most so many figures, evenly chosen, the first and the last among them."""
    if len(figures) <= MOST_POINTS:
        return figures
    last = len(figures) - 1
    return [figures[round(place * last / (MOST_POINTS - 1))] for place in range(MOST_POINTS)]


def _date(day: float) -> str:
    return _time(day).strftime("%Y-%m-%d")


def _moment(ahead: float | None, now: float) -> str | None:
    return None if ahead is None else _time(now + ahead).strftime("%Y-%m-%dT%H:%M:%SZ")


def _time(day: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
