"""How many guests there are both a host and a disk for, where hosts share storage: a maximum flow. Pure.

Hosts are served in turn, each from the pools that it reaches; where these are full, a guest of an earlier host is moved
to another pool that its host reaches (augmenting paths, Ford and Fulkerson), so that the result is the most there is.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

_Step = tuple[str, int]
"""A host, and the pool that its guests go to."""


def most(wanted: Mapping[str, int], pools: Sequence[tuple[int, Sequence[str]]]) -> int:
    """Return it: `wanted` is how many each host takes, a pool how many disks it takes and which hosts reach it."""
    flow = _Flow(wanted, pools)
    return sum(flow.serve(host) for host in wanted)


class _Flow:
    """What is given out so far."""

    def __init__(self, wanted: Mapping[str, int], pools: Sequence[tuple[int, Sequence[str]]]) -> None:
        self._left = dict(wanted)
        self._space = [count for count, _ in pools]
        self._used: list[dict[str, int]] = [defaultdict(int) for _ in pools]
        self._reach: dict[str, list[int]] = defaultdict(list)
        for pool, (_, hosts) in enumerate(pools):
            for host in hosts:
                self._reach[host].append(pool)

    def serve(self, host: str) -> int:
        """Give a host as much as there is; return how much."""
        served = 0
        while self._left[host] > 0:
            path = self._path(host)
            if not path:
                break
            served += self._push(path)
        return served

    def _path(self, start: str) -> list[_Step]:
        """Find a shortest way from a host to a pool with space, on which others move on; empty where there is none."""
        came: dict[int, tuple[str, int | None]] = {}
        hosts: list[tuple[str, int | None]] = [(start, None)]
        seen = {start}
        for host, through in hosts:
            for pool in self._reach[host]:
                if pool in came:
                    continue
                came[pool] = (host, through)
                if self._space[pool] > 0:
                    return _unwound(pool, came)
                movable = [other for other, count in self._used[pool].items() if count and other not in seen]
                hosts += [(other, pool) for other in movable]
                seen.update(movable)
        return []

    def _push(self, path: Sequence[_Step]) -> int:
        """Send as many as the path takes: each host behind the first moves from the pool before it to its own."""
        moves = [(before, host) for (_, before), (host, _) in pairwise(path)]
        (start, _), (_, end) = path[0], path[-1]
        amount = min(self._left[start], self._space[end], *(self._used[before][host] for before, host in moves))
        for before, host in moves:
            self._used[before][host] -= amount
        for host, pool in path:
            self._used[pool][host] += amount
        self._left[start] -= amount
        self._space[end] -= amount
        return amount


def _unwound(end: int, came: Mapping[int, tuple[str, int | None]]) -> list[_Step]:
    path: list[_Step] = []
    pool: int | None = end
    while pool is not None:
        host, before = came[pool]
        path.append((host, pool))
        pool = before
    return path[::-1]
