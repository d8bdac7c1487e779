"""A budget is judged by what each pair of runs gives, so that a load that slows both sides decides nothing."""

from tests.bench.figures import Budget, compared, informed
from tests.bench.measure import Sample


def _pairs(*seconds: tuple[float, float]) -> list[tuple[Sample, Sample]]:
    return [(Sample(ours, 0.1, 2**20), Sample(theirs, 0.2, 2**20)) for ours, theirs in seconds]


def test_the_ratio_is_the_median_of_the_pairs_ratios() -> None:
    """One round on a busy machine, ten times slower for both, changes no ratio."""
    figure = informed("case", "what", _pairs((1.0, 2.0), (10.0, 20.0), (1.2, 2.0)))
    assert (1.2, 2.0, 0.5) == (figure.seconds, figure.theirs, figure.ratio)
    assert figure.met is None


def test_a_budget_of_so_many_times_the_other_side_is_kept_at_its_edge() -> None:
    """1.5 times is kept at 1.5 and missed above."""
    budget = Budget("floor", times=1.5)
    assert compared("case", "what", _pairs((1.5, 1.0)), budget).met
    assert compared("case", "what", _pairs((1.51, 1.0)), budget).met is False
    assert str(budget) == "1.5 x floor"


def test_a_budget_of_seconds_more_is_judged_by_the_median_difference() -> None:
    """One of three rounds over the budget does not miss it, two do."""
    budget = Budget("floor", plus=0.5)
    assert compared("case", "what", _pairs((1.4, 1.0), (1.6, 1.0), (2.4, 2.0)), budget).met
    assert compared("case", "what", _pairs((1.6, 1.0), (1.6, 1.0), (2.4, 2.0)), budget).met is False
    assert str(budget) == "floor + 0.5 s"


def test_a_budget_may_have_both() -> None:
    """So many times the other side, and seconds on top."""
    budget = Budget("driver", times=1.4, plus=0.15)
    assert compared("case", "what", _pairs((1.54, 1.0)), budget).met
    assert compared("case", "what", _pairs((1.56, 1.0)), budget).met is False
    assert str(budget) == "1.4 x driver + 0.15 s"


def test_the_note_tells_processor_time_and_memory() -> None:
    """What a case has to say stands before it."""
    figure = informed("case", "what", _pairs((1.0, 1.0)), note="one round")
    assert figure.note == "one round; CPU 0.10 s against 0.20 s, 1 MiB"
