"""The robust line: exact where the points are, unbent by odd ones, and its bounds hold what they promise."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from omc.capacity.trend import LEVEL, Straight, trend

SLOPES = some.floats(-100, 100)
WILD = some.dictionaries(some.integers(0, 19), some.floats(-1e6, 1e6), max_size=5)


@given(SLOPES, some.floats(-1000, 1000))
def test_points_on_a_line_give_that_line(slope: float, start: float) -> None:
    """And nothing is off it."""
    found = trend([(float(x), start + slope * x) for x in range(12)])
    assert (slope, start) == pytest.approx((found.line.slope, found.line.start), abs=1e-6)
    assert 0 == pytest.approx(found.error, abs=1e-6)


@given(SLOPES, WILD)
def test_a_quarter_of_odd_points_does_not_bend_it(slope: float, wild: dict[int, float]) -> None:
    """A mean would follow any one of them."""
    points = [(float(x), wild.get(x, slope * x)) for x in range(20)]
    assert slope == pytest.approx(trend(points).line.slope, abs=1e-6)


@given(some.lists(some.floats(-100, 100), min_size=3, max_size=12), some.floats(0.1, 10), some.floats(-50, 50))
def test_units_and_zero_do_not_matter(heights: list[float], factor: float, shift: float) -> None:
    """The same in GiB as in bytes."""
    one = trend(list(enumerate(heights)))
    other = trend([(x, height * factor + shift) for x, height in enumerate(heights)])
    assert one.line.slope * factor == pytest.approx(other.line.slope, abs=1e-6)
    assert one.high.slope * factor == pytest.approx(other.high.slope, abs=1e-6)
    assert one.low.slope <= one.line.slope <= one.high.slope


@pytest.mark.parametrize("noise", ["normal", "uniform", "tailed"])
def test_the_bounds_hold_the_share_of_later_points_that_they_say(noise: str) -> None:
    """Whatever the distribution, for points ten days ahead of thirty."""
    random = Random(f"{noise} 1")
    draw = {
        "normal": lambda: random.gauss(0, 5),
        "uniform": lambda: random.uniform(-9, 9),
        "tailed": lambda: random.gauss(0, 1) / max(random.random(), 0.05),
    }[noise]
    inside = 0
    for _ in range(400):
        found = trend([(float(x), 2.0 * x + draw()) for x in range(30)])
        inside += found.low.at(40) <= 80 + draw() <= found.high.at(40)
    assert inside / 400 >= LEVEL - 0.04


def test_a_line_that_falls_never_reaches_what_is_above() -> None:
    """Nor does one that is level."""
    assert [None, None, 5.0] == [Straight(slope, 0).reaches(5) for slope in (-1, 0, 1)]
