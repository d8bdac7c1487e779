"""Series out of what the store remembers: shared storage once, new hosts no growth, guests as they ran."""

from hypothesis import given
from hypothesis import strategies as some

from omc.capacity.forecast import Series, forecast
from omc.capacity.history import PoolFigure, Span, cluster_series, pool_series, ran_with
from omc.capacity.storage import PoolUse
from omc.capacity.terms import Terms
from omc.capacity.whole import Line

FOREVER = "9999-12-31T23:59:59.999Z"


def day(number: int, hour: int = 12) -> str:
    return f"2026-01-{number:02d}T{hour:02d}:00:00.000Z"


def line(name: str, **changes: object) -> Line:
    facts = {"kind": "host", "name": name, "cluster": "prod", "cpus": 8, "memory_bytes": 100, "reserve_bytes": 10}
    return Line(**(facts | changes))  # type: ignore[arg-type]


def values(found: Series) -> list[float]:
    return [figure.value for figure in found.figures]


def test_storage_of_several_hosts_is_one_series_of_the_last_read_of_a_day() -> None:
    """Whoever read it."""
    shared = PoolUse(
        name="nfs",
        type="netfs",
        state="running",
        hosts=("a", "b"),
        members=(("a", "nfs"), ("b", "n")),
        capacity_bytes=9,
    )
    figures: list[PoolFigure] = [
        ("a", "nfs", day(1, 8), 9, 3, 6),
        ("b", "n", day(1, 9), 9, 4, 5),
        ("b", "n", day(2, 8), 9, 6, 3),
        ("a", "nfs", day(2, 9), 9, 7, 2),
        ("a", "other", day(2, 9), 9, 8, 1),
    ]
    (found,) = pool_series([shared], figures)
    assert [4.0, 7.0] == values(found)
    assert "2 hosts" == found.where


def test_taken_is_what_is_not_available() -> None:
    """As the audit counts it; without that, what is allocated."""
    pool = PoolUse(name="p", type="dir", state="running", hosts=("a",), members=(("a", "p"),), capacity_bytes=10)
    figures: list[PoolFigure] = [("a", "p", day(1), 10, 3, 5), ("a", "p", day(2), None, 3, None)]
    assert [5.0, 3.0] == values(pool_series([pool], figures)[0])


def test_a_pool_that_does_not_run_now_is_not_left_out() -> None:
    """How much it has is not known, and so is when it is full."""
    pool = PoolUse(name="p", type="dir", state="inactive", hosts=("a",), members=(("a", "p"),), capacity_bytes=0)
    (series,) = pool_series([pool], [("a", "p", day(1), 10, 3, 5)])
    found = forecast(series, 21_000)
    assert ("p", "not known", None) == (found.name, found.verdict, found.whole)


def test_a_cluster_is_the_sum_of_what_ran_on_its_hosts() -> None:
    """Against what it has without the reserve, and against the vCPUs that its CPUs may carry."""
    reads = [("a", day(1)), ("b", day(1)), ("a", day(2)), ("b", day(3))]
    first = {"a": day(1), "b": day(1)}
    guests: list[Span] = [
        ("a", "1", day(1), FOREVER, 2, 10),
        ("a", "2", day(2), FOREVER, 4, 30),
        ("b", "3", day(1), day(3), 1, 5),
        ("gone", "4", day(1), FOREVER, 1, 5),
    ]
    vcpus, memory = cluster_series([line("a"), line("b")], reads, first, guests, terms=Terms(ratio=3))
    assert ([3.0, 7.0, 6.0], 48.0) == (values(vcpus), vcpus.whole)
    assert ([15.0, 45.0, 40.0], 180.0) == (values(memory), memory.whole)


def test_a_host_that_is_new_to_omc_is_no_growth() -> None:
    """Its guests ran there before; one that came later is growth."""
    reads = [("a", day(1)), ("a", day(2)), ("b", day(2)), ("b", day(3))]
    first = {"a": day(1), "b": day(2)}
    guests: list[Span] = [("b", "1", day(2), FOREVER, 1, 5), ("b", "2", day(3), FOREVER, 1, 7)]
    _, memory = cluster_series([line("a"), line("b")], reads, first, guests, terms=Terms())
    assert [5.0, 5.0, 12.0] == values(memory)


def test_a_host_of_which_too_little_is_known_is_left_out() -> None:
    """Its guests would count against nothing."""
    guests: list[Span] = [("b", "1", day(1), FOREVER, 1, 5)]
    reads = [("a", day(1)), ("b", day(1))]
    _, memory = cluster_series([line("a"), line("b", unread_hosts=1)], reads, {}, guests, terms=Terms())
    assert ([0.0], 90.0, "1 of its 2 hosts") == (values(memory), memory.whole, memory.where)


def test_a_cluster_of_which_nothing_is_known_is_not_left_out() -> None:
    """Nobody knows when it is full, and that is said."""
    found = cluster_series([line("a", unread_hosts=1)], [("a", day(1))], {}, [], terms=Terms())
    told = [(each.name, each.where, forecast(each, 21_000).verdict) for each in found]
    assert [("prod", "0 of its 1 host", "not known")] * 2 == told


def test_a_cluster_in_which_nothing_runs_takes_nothing() -> None:
    """That is a figure of each day on which its hosts were read."""
    reads = [("a", day(1)), ("a", day(2))]
    vcpus, memory = cluster_series([line("a")], reads, {}, [], terms=Terms())
    assert ([0.0, 0.0], [0.0, 0.0]) == (values(vcpus), values(memory))


SPANS = some.lists(some.tuples(some.integers(0, 8), some.integers(1, 4)), max_size=4)


@given(SPANS, SPANS)
def test_a_guest_takes_at_each_moment_what_it_had_while_it_ran(
    sizes: list[tuple[int, int]], running: list[tuple[int, int]]
) -> None:
    """Spans of either kind do not overlap among themselves."""
    first, second = apart(sizes), apart(running)
    had: list[Span] = [
        ("a", "1", f"{begin:03d}", f"{end:03d}", number + 1, 0) for number, (begin, end) in enumerate(first)
    ]
    ran: list[Span] = [("a", "1", f"{begin:03d}", f"{end:03d}", 0, 0) for begin, end in second]
    found = list(ran_with(had, ran))
    for moment in range(60):
        expected = sum(
            number + 1
            for number, (begin, end) in enumerate(first)
            if begin <= moment < end and any(start <= moment < stop for start, stop in second)
        )
        assert expected == sum(span[4] for span in found if span[2] <= f"{moment:03d}" < span[3])


def apart(lengths: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Lay spans one behind the other: (pause, length) each."""
    found, at = [], 0
    for pause, length in lengths:
        found.append((at + pause, at + pause + length))
        at += pause + length
    return found
