"""When it is full, for series whose truth is known; and where the past does not tell, nothing is said."""

from collections.abc import Callable
from random import Random

import pytest

from omc.capacity.forecast import Figure, Forecast, Series, forecast

NOW = 20_000.0  # 2024-10-04
START = "2024-10-04"


def series(days: int, value: Callable[[int], float], *, skip: range = range(0)) -> Series:
    """One figure a day until today, of 1000."""
    first = NOW - days + 1
    figures = tuple(Figure(first + day, value(day)) for day in range(days) if day not in skip)
    return Series(kind="pool", name="images", where="kvm1", whole=1000.0, figures=figures)


def asked(days: int, value: Callable[[int], float], *, skip: range = range(0), full: float = 1.0) -> Forecast:
    return forecast(series(days, value, skip=skip), NOW, full)


def test_a_steady_growth_is_followed_to_the_day() -> None:
    """From 500 by 10 a day: 790 on the thirtieth day, full 21 days later."""
    found = asked(30, lambda day: 500 + 10 * day)
    assert ("fills", "2024-10-25T00:00:00Z") == (found.verdict, found.full_at)
    assert (10.0, 790.0, 30, 29.0) == (found.growth_per_day, found.taken, found.points, found.days)


def test_what_counts_as_full_may_be_less_than_all() -> None:
    """At 90 % it is full ten days earlier."""
    assert "2024-10-15T00:00:00Z" == asked(30, lambda day: 500 + 10 * day, full=0.9).full_at


def test_the_truth_lies_between_the_bounds_as_often_as_they_say() -> None:
    """Two hundred pools that grow by 10 a day and are 30 off on any day."""
    hits = 0
    for seed in range(200):
        random = Random(seed)
        found = asked(40, lambda day, random=random: 300 + 10 * day + random.gauss(0, 30))  # type: ignore[misc]
        hits += (found.earliest or "9") <= "2024-11-04" and (found.latest or "9") >= "2024-11-03"
    assert hits / 200 >= 0.9


@pytest.mark.parametrize(
    ("days", "skip", "told"),
    [
        (13, range(0), "13 days with a figure over 12 days, at least 10 over 14 are needed"),
        (40, range(8, 40), "8 days with a figure over 7 days"),
        (1, range(0), "1 day with a figure over 0 days"),
    ],
)
def test_too_little_is_refused_and_the_least_is_said(days: int, skip: range, told: str) -> None:
    """No date is given, however clear it looks."""
    found = asked(days, lambda day: 500 + 10 * day, skip=skip)
    assert ("not known", None, None) == (found.verdict, found.full_at, found.growth_per_day)
    assert told in found.why


def test_figures_of_long_ago_are_said_to_be_so() -> None:
    """What is told of today is told from then; a day or two is nothing."""
    assert "last read 10 days ago" in asked(40, lambda day: 500 + day, skip=range(30, 40)).why
    assert "last read" not in asked(40, lambda day: 500 + day, skip=range(38, 40)).why


def test_what_shrinks_or_stays_does_not_fill() -> None:
    """Nor does what is exactly level."""
    assert "does not fill" == asked(30, lambda day: 500 - day).verdict
    assert "does not fill" == asked(30, lambda _: 500).verdict


def test_noise_without_growth_rarely_looks_like_one() -> None:
    """As often as the bounds of the slope say, at most; more would be a lie."""
    verdicts = []
    for seed in range(50):
        random = Random(seed)
        verdicts.append(asked(30, lambda _, random=random: 700 + random.gauss(0, 40)).verdict)  # type: ignore[misc]
    assert verdicts.count("fills") <= 5


def test_nothing_is_said_of_a_time_farther_off_than_twice_the_history() -> None:
    """By 1 a day from 500 it takes more than a year, and thirty days do not tell that."""
    found = asked(30, lambda day: 500 + day)
    assert ("not soon", None) == (found.verdict, found.full_at)
    assert "not within 58 days, as far as 29 days of history tell" == found.why


def test_full_is_full_whatever_the_past() -> None:
    """One figure is enough for that."""
    assert "full" == asked(1, lambda _: 1000).verdict
    assert asked(1, lambda _: 1000).why.startswith("100% are taken; full is 100%")


def test_a_step_begins_a_new_history() -> None:
    """A clean-up a month ago: what was before it tells nothing of what comes."""
    found = asked(60, lambda day: 900 if day < 30 else 300 + 10 * (day - 30))
    assert ("fills", 10.0, 30) == (found.verdict, found.growth_per_day, found.points)
    assert "a step of -60% of the whole on 2024-09-05" in found.why
    assert "not known" == asked(60, lambda day: 900 if day < 52 else 300).verdict


def test_days_without_a_figure_are_said_and_do_no_harm() -> None:
    """The line is the same."""
    found = asked(40, lambda day: 500 + 10 * day, skip=range(10, 20))
    assert 10.0 == found.growth_per_day
    assert "nothing read for 11 days from 2024-09-04" == found.why


def test_odd_days_do_not_move_the_date() -> None:
    """A backup that fills the pool each week for a day, by less than a step."""
    found = asked(42, lambda day: 400 + 10 * day + (150 if day % 7 == 3 else 0))
    assert 10.0 == pytest.approx(found.growth_per_day)


def test_years_are_thinned_and_say_the_same() -> None:
    """1,000 figures."""
    found = asked(1000, lambda day: 100 + 0.5 * day)
    assert (0.5, 1000) == (pytest.approx(found.growth_per_day), found.points)
    assert "fills" == found.verdict


def test_what_was_not_read_has_no_forecast() -> None:
    """Neither without a size nor without a figure."""
    one = Series(kind="pool", name="a", where="kvm1", whole=None, figures=(Figure(NOW, 1.0),))
    assert ("not known", "how much there is was not read") == (forecast(one, NOW).verdict, forecast(one, NOW).why)
    none = Series(kind="pool", name="a", where="kvm1", whole=10.0)
    assert "no figure is kept" == forecast(none, NOW).why
