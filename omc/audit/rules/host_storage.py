"""Rules on the pools of a host: started, not full, not promised twice."""

from collections.abc import Iterator, Sequence

from omc.audit.guests import listed
from omc.audit.rule import Found, Missing, Seen, Verdicts, host_rule
from omc.model import Host, Pool
from omc.model.pools import lies_in, promised_bytes, shared_storage, taken_bytes
from omc.text import human_bytes


@host_rule(
    "H24",
    severity="warning",
    title="Storage pool is not running, or does not start with the host",
    reason="Guests whose disks are in it do not start after the next boot of the host.",
    source="libvirt, formatstorage; virsh(1): pool-autostart",
    fix="virsh pool-start POOL; virsh pool-autostart POOL",
    reads=("Host.pools", "Guest.disks"),
)
def stopped_pools(host: Host, seen: Seen) -> Verdicts:  # noqa: ARG001 - every check has this signature
    """Found for pools that should start by themselves or that a guest uses."""
    if host.pools is None:
        yield Missing(why="the host's pools were not read")
        return
    for pool in host.pools:
        subject = f"pool/{pool.name}"
        users = list(_users(host, pool))
        used = f", and {users[0]} has a disk there" if users else ""
        if pool.state != "running" and (pool.autostart or users):
            fix = "virsh pool-start {name}"
            yield Found(message=f"it is {pool.state}{used}", subject=subject, fix=fix)
        elif pool.autostart is False and users:
            fix = "virsh pool-autostart {name}"
            yield Found(message=f"it does not start with the host{used}", subject=subject, fix=fix)
        elif pool.autostart is None and users:
            yield Missing(why="whether it starts with the host was not read", subject=subject)


def _users(host: Host, pool: Pool) -> Iterator[str]:
    """Give the guests with a disk in the pool."""
    for guest in host.guests:
        if any(lies_in(pool.name, pool.path, disk.type, disk.source or "") for disk in guest.disks):
            yield guest.name


@host_rule(
    "H25",
    severity="warning",
    title="Storage pool is almost full, or promised more than once",
    reason="When it is full, guests with thin disks pause in the middle of a write.",
    source="RVTools, vHealth: datastore; cv4pve-diag WS0001",
    fix="virsh vol-list POOL --details, then remove, move or enlarge",
    reads=("Pool.capacity_bytes", "Pool.allocation_bytes", "Pool.available_bytes", "Pool.volumes"),
    limits={"warning_percent": 80, "critical_percent": 90, "promised_percent": 100},
)
def full_pools(host: Host, seen: Seen) -> Verdicts:
    """Found for usage (critical above the second limit), and for capacities that add up to more than the pool has.

    Storage that several hosts share is told once, of the host that knows it best, or of the first of those.
    """
    if host.pools is None:
        yield Missing(why="the host's pools were not read")
        return
    for pool in host.pools:
        first, *_ = _sharing(pool, host, seen)
        if pool.state != "running" or first != (host.name, pool.name):
            continue
        if not pool.capacity_bytes:
            yield Missing(why="its size was not read", subject=f"pool/{pool.name}")
            continue
        names = list(dict.fromkeys(name for name, _ in _sharing(pool, host, seen)))
        of = f"; {len(names)} hosts have it: {listed(names, 3)}" if len(names) > 1 else ""
        yield from _of_pool(pool, pool.capacity_bytes, of, seen)


def _sharing(pool: Pool, host: Host, seen: Seen) -> Sequence[tuple[str, str]]:
    """Return the pools that are the same storage, with their hosts; at least this one."""
    shared = shared_storage(pool.type, pool.source)
    own = ((host.name, pool.name),)
    return own if shared is None else seen.fleet.storage.get(shared, own)


def _of_pool(pool: Pool, capacity: int, of: str, seen: Seen) -> Verdicts:
    subject, fix = f"pool/{pool.name}", "virsh vol-list {name} --details, then remove, move or enlarge"
    used = taken_bytes(capacity, pool.allocation_bytes, pool.available_bytes)
    if used is None:
        yield Missing(why="how much of it is used was not read", subject=subject)
        return
    percent = 100 * used / capacity
    if percent > seen.limits["warning_percent"]:
        severity = "critical" if percent > seen.limits["critical_percent"] else ""
        message = f"{percent:.0f} % of {human_bytes(capacity)} are used{of}"
        yield Found(message=message, subject=subject, fix=fix, severity=severity)
    sizes = [volume.capacity_bytes for volume in pool.volumes or ()]
    least = promised_bytes(size for size in sizes if size is not None) or 0
    if 100 * least / capacity > seen.limits["promised_percent"]:
        message = f"its volumes may grow to {human_bytes(least)}, it has {human_bytes(capacity)}{of}"
        yield Found(message=message, subject=subject, fix=fix)
    elif pool.volumes is None or None in sizes:
        what = "its volumes were" if pool.volumes is None else "the size of some of its volumes was"
        yield Missing(why=f"{what} not read: what they may grow to is not known", subject=subject)
