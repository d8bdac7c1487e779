"""A line through points that a few odd ones do not bend: Theil-Sen, with bounds that assume no distribution. Pure.

The slope is the median of the slopes of all pairs of points (Theil 1950; Sen 1968), its bounds are those of Sen: order
statistics of the same slopes, by the variance of Kendall's S. Each line goes through the median of what is left over.
What a single later point may be off a line is told by the quantiles of the residuals. Up to 29 % of the points may be
anything before the slope follows them. The bounds take points as independent: where each depends on the one before (a
random walk), they are too narrow.
"""

from collections.abc import Sequence
from itertools import combinations
from math import sqrt
from statistics import median
from typing import NamedTuple

LEVEL = 0.90
"""Of the bounds: one in twenty above, one in twenty below."""

_Z = 1.6448536269514722
"""The quantile of the normal distribution that leaves one in twenty above it."""

Point = tuple[float, float]
"""Where, and how much."""


class Straight(NamedTuple):
    """A line."""

    slope: float
    start: float

    def at(self, where: float) -> float:
        """Return its height."""
        return self.start + self.slope * where

    def reaches(self, height: float) -> float | None:
        """Return where it reaches the height; None where it never does."""
        return (height - self.start) / self.slope if self.slope > 0 else None


class Trend(NamedTuple):
    """The line, and the bounds within which a later point is expected; `error`: the median distance from the line."""

    line: Straight
    low: Straight
    high: Straight
    error: float


def trend(points: Sequence[Point]) -> Trend:
    """Fit the points, at least two that differ in where they are."""
    slopes = sorted((b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(points, 2) if a[0] != b[0])
    low, high = _bounds(slopes, len(points))
    line = _through(points, median(slopes))
    off = sorted(height - line.at(where) for where, height in points)
    margin = (1 - LEVEL) / 2
    return Trend(
        line=line,
        low=_lifted(_through(points, low), _quantile(off, margin)),
        high=_lifted(_through(points, high), _quantile(off, 1 - margin)),
        error=median(abs(distance) for distance in off),
    )


def _bounds(slopes: Sequence[float], count: int) -> tuple[float, float]:
    """Return Sen's bounds of the slope."""
    spread = _Z * sqrt(count * (count - 1) * (2 * count + 5) / 18)
    first = max(int((len(slopes) - spread) / 2), 0)
    last = min(int((len(slopes) + spread) / 2), len(slopes) - 1)
    return slopes[first], slopes[last]


def _through(points: Sequence[Point], slope: float) -> Straight:
    return Straight(slope, median(height - slope * where for where, height in points))


def _lifted(line: Straight, by: float) -> Straight:
    return Straight(line.slope, line.start + by)


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Return the quantile of values in order, between two of them by distance."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
