"""Disks over shared pools: the most that hosts can get, against trying everything."""

from functools import cache

from hypothesis import given
from hypothesis import strategies as some

from omc.capacity.flow import most

HOSTS = ("a", "b", "c")
POOLS = some.lists(
    some.tuples(some.integers(0, 4), some.lists(some.sampled_from(HOSTS), unique=True).map(tuple)), max_size=4
)
WANTED = some.fixed_dictionaries(dict.fromkeys(HOSTS, some.integers(0, 3)))


@given(WANTED, POOLS)
def test_no_other_way_gives_more(wanted: dict[str, int], pools: list[tuple[int, tuple[str, ...]]]) -> None:
    """Each guest in turn is put into every pool that its host reaches."""
    guests = [host for host, count in wanted.items() for _ in range(count)]

    @cache
    def best(index: int, space: tuple[int, ...]) -> int:
        if index == len(guests):
            return 0
        found = best(index + 1, space)
        for number, (_, hosts) in enumerate(pools):
            if space[number] and guests[index] in hosts:
                left = (*space[:number], space[number] - 1, *space[number + 1 :])
                found = max(found, 1 + best(index + 1, left))
        return found

    assert best(0, tuple(count for count, _ in pools)) == most(wanted, pools)


def test_a_host_gives_up_its_place_for_one_that_has_no_other() -> None:
    """The first host takes the shared pool first, and has another one."""
    assert 4 == most({"a": 2, "b": 2}, [(2, ("a", "b")), (2, ("a",))])
