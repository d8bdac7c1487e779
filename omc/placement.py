"""Places guests on hosts: first-fit decreasing, with a lower bound on what no placement could do better. Pure.

A guest takes memory (usual or huge pages) and vCPUs, is kept apart from guests with the same mark, and may need what a
host refuses. Guests are taken largest first (memory, then vCPUs), each put on the first host that takes it, hosts with
the least free memory first. What is placed is a proof that it fits. What is left over is none that it does not;
`Rooms.least_left` is: by the volume bound (L1), and by counting, for each size of guest, how many of at least that size
the hosts hold (in the manner of Martello and Toth's L2).
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from itertools import accumulate, chain
from typing import NamedTuple


class Item(NamedTuple):
    """A guest to place: memory in usual pages, or in huge ones.

    `apart`: marks that no two guests of a host share; `needs`: what a host may refuse.
    """

    name: str
    memory_bytes: int = 0
    vcpus: int = 0
    apart: frozenset[str] = frozenset()
    needs: Hashable = None
    page_bytes: int = 0


class Room(NamedTuple):
    """A host with what is free there; `apart`: marks of the guests that it has; `refuses`: needs that it has not."""

    name: str
    memory_bytes: int = 0
    vcpus: int = 0
    apart: frozenset[str] = frozenset()
    refuses: frozenset[Hashable] = frozenset()
    page_bytes: int = 0


class Placement(NamedTuple):
    """Where each guest goes, and which found no place."""

    placed: list[tuple[Item, str]]
    left: list[Item]


def takes(room: Room, item: Item) -> bool:
    """Tell whether the host has what the guest needs, be there space or not."""
    return item.needs not in room.refuses


class Rooms:
    """Hosts of which many questions are asked; each leaves them as they were. `without`: names of lost hosts."""

    def __init__(self, rooms: Iterable[Room]) -> None:
        self._rooms = sorted(rooms, key=lambda room: (room.memory_bytes, room.vcpus, room.name))
        self._places = {room.name: index for index, room in enumerate(self._rooms)}
        self._free = _Free([room.memory_bytes for room in self._rooms])
        self._now = list(self._rooms)
        self._accepting: dict[tuple[object, ...], frozenset[int]] = {}
        self._holding: dict[tuple[int, int], tuple[int, int]] = {}

    def place(self, items: Iterable[Item], without: Collection[str] = ()) -> Placement:
        """Place the guests by first-fit decreasing."""
        touched = self._lost(without)
        for index in touched:
            self._free.put(index, _NONE)
        found = Placement([], [])
        for item in sorted(items, key=_largest_first):
            place = self._first(item)
            if place is None:
                found.left.append(item)
                continue
            self._fill(place, item)
            touched.add(place)
            found.placed.append((item, self._rooms[place].name))
        for index in touched:
            self._now[index] = self._rooms[index]
            self._free.put(index, self._rooms[index].memory_bytes)
        return found

    def least_left(self, items: Sequence[Item], without: Collection[str] = ()) -> int:
        """Return how many of the guests every placement leaves over, at least."""
        lost = self._lost(without)
        placeable = {item[1:] for item in items if not self._accept(item) <= lost}
        fitting = [item for item in items if item[1:] in placeable]
        bounds = (self._least(dimension, fitting, lost) for dimension in range(len(_DIMENSIONS)))
        return len(items) - len(fitting) + max(bounds)

    def _lost(self, names: Iterable[str]) -> set[int]:
        return {self._places[name] for name in names if name in self._places}

    def _first(self, item: Item) -> int | None:
        """Return the first host that takes the guest, as it is filled now."""
        return next(
            (index for index in self._free.with_at_least(item.memory_bytes) if _fits(self._now[index], item)), None
        )

    def _fill(self, index: int, item: Item) -> None:
        room = self._now[index]
        self._free.put(index, room.memory_bytes - item.memory_bytes)
        self._now[index] = room._replace(
            memory_bytes=room.memory_bytes - item.memory_bytes,
            vcpus=room.vcpus - item.vcpus,
            apart=room.apart | item.apart,
            page_bytes=room.page_bytes - item.page_bytes,
        )

    def _accept(self, item: Item) -> frozenset[int]:
        """Return the hosts that would take the guest if it came alone; guests that differ by name only are alike."""
        shape = item[1:]
        if shape not in self._accepting:
            self._accepting[shape] = frozenset(i for i, room in enumerate(self._rooms) if _fits(room, item))
        return self._accepting[shape]

    def _least(self, dimension: int, items: Sequence[Item], lost: Iterable[int]) -> int:
        """Return how many of the guests do not fit, at least, in one dimension.

        For each size that occurs: only hosts with as much free are of use to what is at least so large, and each holds
        so many of it.
        """
        needs, _ = _DIMENSIONS[dimension]
        sizes = sorted((needs(item) for item in items), reverse=True)
        found = 0
        for least in {size for size in sizes if size > 0}:
            large = [size for size in sizes if size >= least]
            volume, count = self._hold(dimension, least, lost)
            found = max(found, len(large) - count, _fewest(large, sum(large) - volume))
        return found

    def _hold(self, dimension: int, least: int, lost: Iterable[int]) -> tuple[int, int]:
        """Return what is free where at least so much is, and how many of that size it holds; without the lost."""
        _, has = _DIMENSIONS[dimension]
        if (dimension, least) not in self._holding:
            useful = [free for free in map(has, self._rooms) if free >= least]
            self._holding[dimension, least] = sum(useful), sum(free // least for free in useful)
        volume, count = self._holding[dimension, least]
        gone = [free for free in (has(self._rooms[index]) for index in lost) if free >= least]
        return volume - sum(gone), count - sum(free // least for free in gone)


_DIMENSIONS: tuple[tuple[Callable[[Item], int], Callable[[Room], int]], ...] = (
    (lambda item: item.memory_bytes, lambda room: room.memory_bytes),
    (lambda item: item.page_bytes, lambda room: room.page_bytes),
    (lambda item: item.vcpus, lambda room: room.vcpus),
)
"""What guests need, and hosts have."""

_NONE = -1
"""Free memory of a host that takes no guest, not even one without memory."""


def _largest_first(item: Item) -> tuple[int, int, str]:
    return -(item.memory_bytes + item.page_bytes), -item.vcpus, item.name


def _fits(room: Room, item: Item) -> bool:
    """Tell whether the host takes the guest beside those that it has."""
    enough = room.memory_bytes >= item.memory_bytes and room.page_bytes >= item.page_bytes
    return enough and room.vcpus >= item.vcpus and takes(room, item) and room.apart.isdisjoint(item.apart)


def _fewest(descending: Sequence[int], amount: int) -> int:
    """Return how many of these sizes, the largest first, make up the amount."""
    if amount <= 0:
        return 0
    return next(count for count, reached in enumerate(accumulate(descending), start=1) if reached >= amount)


class _Free:
    """Free memory of hosts in an order, and which have enough: a tree of maxima, so that full ones cost no time."""

    def __init__(self, free: Sequence[int]) -> None:
        self._size = 1 << max(len(free) - 1, 0).bit_length()
        level = [*free, *[-1] * (self._size - len(free))]
        levels = [level]
        while len(level) > 1:
            level = list(map(max, level[::2], level[1::2]))
            levels.append(level)
        self._most = [-1, *chain.from_iterable(reversed(levels))]  # the node n is above 2n and 2n + 1

    def with_at_least(self, amount: int) -> Iterator[int]:
        """Give the hosts with so much free, in their order."""
        amount = max(amount, 0)
        waiting = [1]
        while waiting:
            node = waiting.pop()
            if self._most[node] < amount:
                continue
            if node >= self._size:
                yield node - self._size
            else:
                waiting += (2 * node + 1, 2 * node)

    def put(self, index: int, amount: int) -> None:
        """Say how much a host has free now."""
        node = self._size + index
        self._most[node] = amount
        while node > 1:
            node //= 2
            most = max(self._most[2 * node], self._most[2 * node + 1])
            if self._most[node] == most:
                break
            self._most[node] = most
