"""Storage pools: what they hold, what is taken, what was promised; storage that several hosts share is counted once.

Promised is what all volumes may grow to; where that is more than the pool has, it is thin, and can run full. Folders of
one file system each have all of its space: they are told by equal sizes, and their space is there once (`same_as`).
"""

from collections.abc import Iterable, Sequence

import msgspec

from omc.capacity.facts import Host, Pool
from omc.model.pools import promised_bytes, shared_storage, taken_bytes, telling


class PoolUse(msgspec.Struct, frozen=True, kw_only=True):
    """Storage in figures, whatever hosts have it as a pool; null is "not read"."""

    name: str
    type: str
    state: str
    source: str | None = None  # of shared storage: what makes it one
    hosts: tuple[str, ...] = ()
    members: tuple[tuple[str, str], ...] = ()  # host, and the name of the pool there
    clusters: tuple[str, ...] = ()
    collected_at: str | None = None  # when these figures were read
    capacity_bytes: int | None = None
    allocated_bytes: int | None = None  # what is taken, also by others than its volumes
    available_bytes: int | None = None
    provisioned_bytes: int | None = None  # sum of the volumes' capacities
    same_as: str = ""  # pool of the host before it that is a folder of the same file system

    @property
    def promised_percent(self) -> float | None:
        """How much of it is promised; above 100 it can run full without another volume."""
        if not self.capacity_bytes or self.provisioned_bytes is None:
            return None
        return 100 * self.provisioned_bytes / self.capacity_bytes

    @property
    def usable(self) -> bool:
        """Whether a disk can be made there."""
        return self.state == "running" and self.available_bytes is not None


Storage = dict[tuple[str, str], PoolUse]
"""Pools by (type, source) where they are shared, else by (host, name)."""

_ALIKE = 0.01
"""Folders of one file system are read one after the other: what is free may differ by this share of the whole."""


def add_pools(known: Storage, host: Host, cluster: str) -> None:
    """Count the pools of a host; of storage that is known already the figures that were read last stay."""
    before: list[Pool] = []
    for pool in sorted(host.pools or (), key=lambda pool: pool.name):
        key = shared_storage(pool.type, pool.source) or (host.name, pool.name)
        new = msgspec.structs.replace(_use_of(pool, host, cluster), same_as=_same_as(pool, before))
        before.append(pool)
        known[key] = new if key not in known else _both(known[key], new)


def _same_as(pool: Pool, before: Sequence[Pool]) -> str:
    """Return the name of the first pool that is a folder of the same file system; empty where there is none."""
    size, free = pool.capacity_bytes, pool.available_bytes
    if pool.type != "dir" or not size or free is None:
        return ""
    alike = (other for other in before if other.type == "dir" and other.capacity_bytes == size)
    near = (other.name for other in alike if abs((other.available_bytes or 0) - free) <= _ALIKE * size)
    return next(near, "")


def in_order(pools: Iterable[PoolUse]) -> list[PoolUse]:
    """Sort them by name and hosts."""
    return sorted(pools, key=lambda pool: (pool.name, pool.hosts))


def _use_of(pool: Pool, host: Host, cluster: str) -> PoolUse:
    volumes = None if pool.volumes is None else (volume.capacity_bytes for volume in pool.volumes)
    return PoolUse(
        name=pool.name,
        type=pool.type,
        state=pool.state,
        source=pool.source if pool.shared else None,
        hosts=(host.name,),
        members=((host.name, pool.name),),
        clusters=(cluster,),
        collected_at=host.collected_at,
        capacity_bytes=pool.capacity_bytes,
        allocated_bytes=taken_bytes(pool.capacity_bytes, pool.allocation_bytes, pool.available_bytes),
        available_bytes=pool.available_bytes,
        provisioned_bytes=promised_bytes(volumes),
    )


def _telling(pool: PoolUse) -> tuple[bool, str]:
    return telling(pool.state, pool.available_bytes, pool.collected_at)


def _both(one: PoolUse, other: PoolUse) -> PoolUse:
    """Two hosts' views of one storage: one that runs tells more than one that does not, a later one than an earlier."""
    best, rest = sorted((one, other), key=_telling, reverse=True)
    provisioned = rest.provisioned_bytes if best.provisioned_bytes is None else best.provisioned_bytes
    return msgspec.structs.replace(
        best,
        hosts=tuple(dict.fromkeys((*one.hosts, *other.hosts))),
        members=(*one.members, *other.members),
        clusters=tuple(dict.fromkeys((*one.clusters, *other.clusters))),
        provisioned_bytes=provisioned,
    )
