"""Places guests on hosts: first-fit decreasing, with a lower bound on what no placement could do better. Pure.

A guest takes memory (usual or huge pages) and vCPUs, is kept apart from guests with the same mark, and may need what a
host refuses. Guests are taken largest first (memory, then vCPUs), each put on the first host that takes it, hosts with
the least free memory first. What is placed is a proof that it fits. What is left over is none that it does not;
`least_left` is: by the volume bound (L1), and by counting, for each size of guest, how many of at least that size the
hosts hold (in the manner of Martello and Toth's L2).
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
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

    placed: Sequence[tuple[Item, str]]
    left: Sequence[Item]


def place(items: Sequence[Item], rooms: Sequence[Room]) -> Placement:
    """Place the guests by first-fit decreasing."""
    ordered = sorted(rooms, key=lambda room: (room.memory_bytes, room.vcpus, room.name))
    free = _Free([room.memory_bytes for room in ordered])
    vcpus = [room.vcpus for room in ordered]
    pages = [room.page_bytes for room in ordered]
    apart = [room.apart for room in ordered]
    placed, left = [], []
    for item in sorted(items, key=_largest_first):
        for index in free.with_at_least(item.memory_bytes):
            enough = vcpus[index] >= item.vcpus and pages[index] >= item.page_bytes
            if enough and takes(ordered[index], item) and apart[index].isdisjoint(item.apart):
                free.take(index, item.memory_bytes)
                vcpus[index] -= item.vcpus
                pages[index] -= item.page_bytes
                apart[index] |= item.apart
                placed.append((item, ordered[index].name))
                break
        else:
            left.append(item)
    return Placement(placed, left)


def _largest_first(item: Item) -> tuple[int, int, str]:
    return -(item.memory_bytes + item.page_bytes), -item.vcpus, item.name


def takes(room: Room, item: Item) -> bool:
    """Tell whether the host has what the guest needs, be there space or not."""
    return item.needs not in room.refuses


def least_left(items: Sequence[Item], rooms: Sequence[Room]) -> int:
    """Return how many of the guests every placement leaves over, at least."""
    shapes = {item[1:]: item for item in items}
    placeable = {shape for shape, item in shapes.items() if any(_alone(room, item) for room in rooms)}
    fitting = [item for item in items if item[1:] in placeable]
    sizes: tuple[tuple[Callable[[Item], int], Callable[[Room], int]], ...] = (
        (lambda item: item.memory_bytes, lambda room: room.memory_bytes),
        (lambda item: item.page_bytes, lambda room: room.page_bytes),
        (lambda item: item.vcpus, lambda room: room.vcpus),
    )
    bounds = (_least([of(item) for item in fitting], [has(room) for room in rooms]) for of, has in sizes)
    return len(items) - len(fitting) + max(bounds)


def _alone(room: Room, item: Item) -> bool:
    """Tell whether the host would take the guest if it came alone."""
    enough = room.memory_bytes >= item.memory_bytes and room.page_bytes >= item.page_bytes
    return enough and room.vcpus >= item.vcpus and takes(room, item) and room.apart.isdisjoint(item.apart)


def _least(sizes: Sequence[int], free: Sequence[int]) -> int:
    """Return how many of these sizes do not fit, at least, in one dimension."""
    return max((_least_of(sizes, free, size) for size in set(sizes) if size > 0), default=0)


def _least_of(sizes: Sequence[int], free: Sequence[int], least: int) -> int:
    """The bound by what is at least so large: only hosts with as much free count, and each by how many it holds."""
    large = sorted((size for size in sizes if size >= least), reverse=True)
    useful = [room for room in free if room >= least]
    by_count = len(large) - sum(room // least for room in useful)
    too_much = sum(large) - sum(useful)
    return max(by_count, 0, _fewest(large, too_much))


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

    def take(self, index: int, amount: int) -> None:
        """Take memory from a host."""
        node = self._size + index
        self._most[node] -= amount
        while node > 1:
            node //= 2
            self._most[node] = max(self._most[2 * node], self._most[2 * node + 1])
