"""vDatastore: a row a storage pool; one that several hosts share over the network is one row.

It is the same storage where type and source are the same, whatever the pools are called.
"""

from collections.abc import Iterable

from omc.model import Disk, Guest, Host, Pool
from omc.model.pools import lies_in, promised_bytes, shared_storage, taken_bytes, telling
from omc.report import words
from omc.report.guests import values
from omc.report.source import Source
from omc.report.tab import Column, HostScene, Row, Tab
from omc.report.tabs.host import active


class Store:
    """One storage, as the host sees it where its pool runs and was read last, and who uses it; None is "not read"."""

    def __init__(self, pool: Pool, scene: HostScene) -> None:
        self.pool, self.told_by, self.cluster = pool, scene.host, scene.cluster
        self._promised: tuple[tuple[bool, str], int | None] = ((False, ""), None)
        self.hosts: list[str] = []
        self.guests = self.running = 0

    def add(self, pool: Pool, scene: HostScene, used: Iterable[Guest], running: set[str]) -> None:
        """Count one more host with it, and the guests there that have a disk on it."""
        found = list(used)
        self.hosts.append(scene.host.name)
        self.guests += len(found)
        self.running += sum(guest.uuid in running for guest in found)
        rank = _telling(pool, scene.host)
        if rank > _telling(self.pool, self.told_by):
            self.pool, self.told_by, self.cluster = pool, scene.host, scene.cluster
        if pool.volumes is not None and rank >= self._promised[0]:
            self._promised = rank, promised_bytes(volume.capacity_bytes for volume in pool.volumes)

    @property
    def provisioned(self) -> int | None:
        """MiB that its volumes may grow to, as told by the host that knows most of those that read them."""
        return words.mib(self._promised[1])

    @property
    def taken(self) -> int | None:
        """MiB that are not free any more."""
        pool = self.pool
        return words.mib(taken_bytes(pool.capacity_bytes, pool.allocation_bytes, pool.available_bytes))


def _telling(pool: Pool, host: Host) -> tuple[bool, str]:
    return telling(pool.state, pool.available_bytes, host.collected_at)


def _using(guests: Iterable[Guest], pool: Pool) -> list[Guest]:
    """Return the guests with a disk on the pool: a volume of it, or a file below its folder."""
    paths = {volume.path for volume in pool.volumes or () if volume.path}

    def lies_here(disk: Disk) -> bool:
        source = disk.source
        return source is not None and (source in paths or lies_in(pool.name, pool.path, disk.type, source))

    return [guest for guest in guests if any(map(lies_here, guest.disks))]


COLUMNS = (
    Column(
        "Name",
        "text",
        lambda one: one.pool.name,
        "on the host that tells most: it runs there, read last",
    ),
    Column("Config status", "text", lambda one: one.pool.state, "running, inactive …"),
    Column("Address", "text", lambda one: one.pool.source, "the storage behind it"),
    Column("Accessible", "boolean", lambda one: one.pool.state == "running", "the pool is active"),
    Column("Type", "text", lambda one: one.pool.type, "dir, netfs, logical, rbd …"),
    Column("# VMs total", "number", lambda one: one.guests, "guests with a disk on it"),
    Column("# VMs", "number", lambda one: one.running, "those that run"),
    Column("Capacity MiB", "mib", lambda one: words.mib(one.pool.capacity_bytes), "of the storage behind it"),
    Column("Provisioned MiB", "mib", lambda one: one.provisioned, "what its volumes could fill"),
    Column("In Use MiB", "mib", lambda one: one.taken, "by whomever; capacity without what is free"),
    Column("Free MiB", "mib", lambda one: words.mib(one.pool.available_bytes), ""),
    Column("Free %", "percent", lambda one: words.share(one.pool.available_bytes, one.pool.capacity_bytes), ""),
    Column("# Hosts", "number", lambda one: len(one.hosts), "that have it"),
    Column("Hosts", "long", lambda one: words.joined(one.hosts), "that have it"),
    Column("Cluster name", "text", lambda one: one.cluster, "of that host"),
    Column("URL", "text", lambda one: one.pool.path, "folder on the host"),
    Column("Object ID", "text", lambda one: one.pool.uuid, "UUID on that host"),
    Column("VI SDK Server", "text", lambda one: one.told_by.uri, "libvirt's URI of that host"),
    Column("VI SDK UUID", "text", lambda one: one.told_by.uuid, "UUID of that host"),
    Column("omc Autostart", "boolean", lambda one: one.pool.autostart, "started with the daemon"),
    Column(
        "omc Volumes",
        "number",
        lambda one: None if one.pool.volumes is None else len(one.pool.volumes),
        "see vFileInfo",
    ),
)


class _Stores:
    def __init__(self, _: Source) -> None:
        self._shared: dict[tuple[str, str], Store] = {}

    def of(self, scene: HostScene) -> Iterable[Row]:
        running = {guest.uuid for guest in active(scene.host) or ()}
        for pool in scene.host.pools or ():
            used = _using(scene.host.guests, pool)
            shared = shared_storage(pool.type, pool.source)
            if shared is not None:
                self._shared.setdefault(shared, Store(pool, scene)).add(pool, scene, used, running)
            else:
                store = Store(pool, scene)
                store.add(pool, scene, used, running)
                yield values(COLUMNS, store)

    def rest(self) -> Iterable[Row]:
        return (values(COLUMNS, store) for store in self._shared.values())


TAB = Tab("vDatastore", "storage pool", COLUMNS, _Stores)
