"""Placement by first-fit decreasing, and its lower bound, against trying everything on small fleets."""

from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as some

from omc.placement import Item, Placement, Room, Rooms

MARKS = some.frozensets(some.sampled_from(["db", "web"]), max_size=1)
NEEDS = some.sampled_from(["", "arm"])
PAGES = some.sampled_from([0, 0, 0, 2, 3])
ITEMS = some.lists(
    some.builds(Item, some.just(""), some.integers(0, 9), some.integers(0, 4), MARKS, NEEDS, PAGES), max_size=6
).map(lambda items: [item._replace(name=f"guest{number}") for number, item in enumerate(items)])
ROOMS = some.lists(
    some.builds(
        Room,
        some.just(""),
        some.integers(-2, 14),
        some.integers(-1, 8),
        MARKS,
        some.frozensets(NEEDS, max_size=1),
        some.integers(0, 6),
    ),
    max_size=4,
).map(lambda rooms: [room._replace(name=f"host{number}") for number, room in enumerate(rooms)])


def fewest_left(items: Sequence[Item], rooms: Sequence[Room]) -> int:
    """Try every way to place the guests, and return how many the best one leaves over."""

    @cache
    def best(index: int, state: tuple[Room, ...]) -> int:
        if index == len(items):
            return 0
        item, found = items[index], 1 + best(index + 1, state)
        for number, room in enumerate(state):
            if accepts(room, item):
                filled = with_item(room, item)
                found = min(found, best(index + 1, (*state[:number], filled, *state[number + 1 :])))
        return found

    return best(0, tuple(rooms))


def accepts(room: Room, item: Item) -> bool:
    enough = room.memory_bytes >= item.memory_bytes and room.page_bytes >= item.page_bytes
    return enough and room.vcpus >= item.vcpus and item.needs not in room.refuses and not room.apart & item.apart


def with_item(room: Room, item: Item) -> Room:
    memory, pages = room.memory_bytes - item.memory_bytes, room.page_bytes - item.page_bytes
    return room._replace(
        memory_bytes=memory, page_bytes=pages, vcpus=room.vcpus - item.vcpus, apart=room.apart | item.apart
    )


def check_valid(placement: Placement, items: Sequence[Item], rooms: Sequence[Room]) -> None:
    """Every guest is placed once or left over, and no host got more than it takes."""
    assert sorted(items) == sorted([*placement.left, *(item for item, _ in placement.placed)])
    state = {room.name: room for room in rooms}
    for item, name in placement.placed:
        assert accepts(state[name], item)
        state[name] = with_item(state[name], item)


@given(ITEMS, ROOMS)
def test_the_bound_is_below_the_best_and_the_best_below_first_fit(items: list[Item], rooms: list[Room]) -> None:
    """What the bound says cannot be placed cannot, and what first-fit places is placed."""
    placement, best = Rooms(rooms).place(items), fewest_left(items, rooms)
    check_valid(placement, items, rooms)
    assert Rooms(rooms).least_left(items) <= best <= len(placement.left)


@given(some.lists(some.tuples(ITEMS, some.sets(some.sampled_from(["host0", "host1"]))), max_size=3), ROOMS)
def test_questions_leave_the_hosts_as_they_were(asked: list[tuple[list[Item], set[str]]], rooms: list[Room]) -> None:
    """Each is answered as if it were the first, and hosts that are lost as if they had never been there."""
    again = Rooms(rooms)
    for items, lost in asked:
        others = [room for room in rooms if room.name not in lost]
        assert Rooms(others).place(items) == again.place(items, lost)
        assert Rooms(others).least_left(items) == again.least_left(items, lost)


@given(some.lists(some.integers(1, 9), max_size=7), some.lists(some.integers(0, 14), max_size=4))
def test_what_first_fit_leaves_over_fits_nowhere_any_more(sizes: list[int], free: list[int]) -> None:
    """No host has room for any guest that is left."""
    rooms = [Room(f"host{number}", memory) for number, memory in enumerate(free)]
    placement = Rooms(rooms).place([Item(f"guest{number}", size) for number, size in enumerate(sizes)])
    left = {room.name: room.memory_bytes for room in rooms}
    for item, name in placement.placed:
        left[name] -= item.memory_bytes
    assert all(item.memory_bytes > memory for item in placement.left for memory in left.values())


@pytest.mark.parametrize(
    ("sizes", "free", "least"),
    [
        ([4, 4, 4], [8], 1),  # the volume
        ([6, 6, 6], [10, 10], 1),  # each holds one of them, though 20 are free for 18
        ([9, 2], [8, 8], 1),  # no host is large enough
        ([5, 5, 5, 5], [10, 10], 0),
        ([3], [], 1),
        ([], [], 0),
    ],
)
def test_the_bound_counts_what_a_sum_does_not_see(sizes: list[int], free: list[int], least: int) -> None:
    """A sum alone would call a fleet large enough whose hosts each lack a little."""
    items = [Item(f"guest{number}", size) for number, size in enumerate(sizes)]
    assert least == Rooms([Room(f"host{number}", memory) for number, memory in enumerate(free)]).least_left(items)


def test_vcpus_are_bounded_as_memory_is() -> None:
    """Guests that fit by memory may have more vCPUs than are left."""
    items = [Item("a", 1, 4), Item("b", 1, 4), Item("c", 1, 4)]
    rooms = [Room("one", 100, 6), Room("two", 100, 6)]
    assert 1 == Rooms(rooms).least_left(items) == len(Rooms(rooms).place(items).left)


def test_guests_of_one_mark_go_to_hosts_of_their_own() -> None:
    """Also where the host has such a guest already."""
    items = [Item("db1", 1, 0, frozenset({"db"})), Item("db2", 1, 0, frozenset({"db"}))]
    rooms = [Room("one", 9), Room("two", 9), Room("three", 9, 0, frozenset({"db"}))]
    assert {"one", "two"} == {name for _, name in Rooms(rooms).place(items).placed}
