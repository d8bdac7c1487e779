"""All hosts at once, in the few fields that rules need to compare one host or guest with the others.

Decoded straight from the hosts' documents: what is not declared here is skipped and takes no memory, so that 50,000
guests fit. The names and meanings are those of `omc.model`; a field that a new rule needs is one line here.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from posixpath import dirname, join, normpath
from typing import NamedTuple

import msgspec

from omc.audit.fleet_cpus import ClusterCpus, FleetCpu, FleetDomainCapabilities, HostCpus
from omc.model.pools import shared_storage
from omc.model.states import is_active
from omc.site.clusters import cluster_name


class FleetImage(msgspec.Struct, frozen=True, gc=False):
    """An image below a disk."""

    source: str | None = None
    type: str = "file"
    format: str | None = None
    capacity_bytes: int | None = None
    allocation_bytes: int | None = None


class FleetDisk(msgspec.Struct, frozen=True, gc=False):
    """A disk of a guest."""

    target: str
    device: str = "disk"
    type: str = "file"
    format: str | None = None
    source: str | None = None
    capacity_bytes: int | None = None
    allocation_bytes: int | None = None
    readonly: bool = False
    transient: bool = False
    shareable: bool = False
    backing_chain: tuple[FleetImage, ...] = ()
    mirror: str | None = None


class FleetNic(msgspec.Struct, frozen=True, gc=False):
    """A network interface of a guest."""

    mac: str
    type: str = "network"
    source: str | None = None
    portgroup: str | None = None
    vlan: tuple[int, ...] = ()


class FleetSnapshotDisk(msgspec.Struct, frozen=True, gc=False):
    """A disk as a snapshot holds it."""

    target: str
    source: str | None = None


class FleetSnapshot(msgspec.Struct, frozen=True, gc=False):
    """A snapshot of a guest."""

    name: str
    disks: tuple[FleetSnapshotDisk, ...] = ()


class FleetFirmware(msgspec.Struct, frozen=True, gc=False):
    """How a guest starts."""

    loader: str | None = None
    nvram: str | None = None


class FleetTpm(msgspec.Struct, frozen=True, gc=False):
    """A trusted platform module."""

    backend: str | None = None


class FleetMetadata(msgspec.Struct, frozen=True, gc=False):
    """What people wrote about a guest."""

    tags: tuple[str, ...] = ()
    attributes: dict[str, str] = {}


class FleetGuest(msgspec.Struct, frozen=True, gc=False):
    """A guest, with what is compared between guests."""

    name: str
    uuid: str
    state: str
    state_reason: str | None = None
    id: int | None = None
    type: str | None = None
    vcpus: int | None = None
    memory_bytes: int | None = None
    persistent: bool | None = None
    managed_save: bool | None = None
    firmware: FleetFirmware = FleetFirmware()
    tpm: FleetTpm | None = None
    disks: tuple[FleetDisk, ...] = ()
    nics: tuple[FleetNic, ...] = ()
    snapshots: tuple[FleetSnapshot, ...] | None = ()
    metadata: FleetMetadata = FleetMetadata()
    files: tuple[str, ...] | None = None

    @property
    def active(self) -> bool:
        """Whether it takes memory and writes to its disks now."""
        return is_active(self.state, self.id)


class FleetVolume(msgspec.Struct, frozen=True, gc=False):
    """A volume of a pool."""

    name: str
    path: str | None = None
    type: str | None = None
    format: str | None = None
    capacity_bytes: int | None = None
    allocation_bytes: int | None = None
    physical_bytes: int | None = None
    backing_path: str | None = None
    backing_format: str | None = None
    modified_at: str | None = None


class FleetPool(msgspec.Struct, frozen=True, gc=False):
    """A storage pool."""

    name: str
    uuid: str
    type: str
    state: str
    path: str | None = None
    source: str | None = None
    capacity_bytes: int | None = None
    volumes: tuple[FleetVolume, ...] | None = None


class FleetPortGroup(msgspec.Struct, frozen=True, gc=False):
    """A class of ports of a network."""

    name: str
    vlan: tuple[int, ...] = ()


class FleetNetwork(msgspec.Struct, frozen=True, gc=False):
    """A virtual network."""

    name: str
    active: bool
    bridge: str | None = None
    forward: str | None = None
    autostart: bool | None = None
    vlan: tuple[int, ...] = ()
    portgroups: tuple[FleetPortGroup, ...] = ()


class FleetIssue(msgspec.Struct, frozen=True, gc=False):
    """A fact that could not be read."""

    code: str
    what: str


class FleetHost(msgspec.Struct, frozen=True, gc=False):
    """A host, with what is compared between hosts."""

    name: str
    uri: str = ""
    status: str = "ok"
    collected_at: str | None = None
    groups: tuple[str, ...] = ()
    uuid: str | None = None
    driver: str | None = None
    libvirt_version: str | None = None
    hypervisor_version: str | None = None
    cpu: FleetCpu = FleetCpu()
    memory_bytes: int | None = None
    domain_capabilities: tuple[FleetDomainCapabilities, ...] | None = None
    guests: tuple[FleetGuest, ...] = ()
    pools: tuple[FleetPool, ...] | None = None
    networks: tuple[FleetNetwork, ...] | None = None
    issues: tuple[FleetIssue, ...] = ()

    @property
    def read(self) -> bool:
        """Whether it was ever read."""
        return self.collected_at is not None


class Cluster(msgspec.Struct, frozen=True, dict=True):
    """Hosts between which guests move: a group that the site names in audit.yaml, else the hosts of equal groups."""

    name: str
    hosts: tuple[FleetHost, ...]

    @cached_property
    def unread(self) -> tuple[str, ...]:
        """Names of the hosts that were never read."""
        return tuple(host.name for host in self.hosts if not host.read)

    @cached_property
    def cpu_kinds(self) -> int:
        """How many different CPUs its hosts have, those that were never read aside."""
        read = (host.cpu for host in self.hosts if host.read)
        return len({(cpu.vendor, cpu.model, cpu.microcode, cpu.features) for cpu in read})

    @cached_property
    def without_capabilities(self) -> tuple[str, ...]:
        """Names of the hosts whose domain capabilities were not read."""
        return tuple(host.name for host in self.hosts if host.domain_capabilities is None)

    @cached_property
    def cpus(self) -> ClusterCpus:
        """Which CPUs guests may have on its hosts."""
        return ClusterCpus(
            {host.name: HostCpus(host.cpu, host.hypervisor_version, host.domain_capabilities) for host in self.hosts}
        )


class Scope(NamedTuple):
    """What of the site is looked at: the cluster of each of its hosts, and the hosts whose findings are told."""

    site: Mapping[str, str]
    chosen: Collection[str]


class Fleet:
    """The hosts that are looked at: the chosen ones, and those that they are compared with.

    Rules that compare hosts say when some miss: `scope` tells how many there are; None: all are here. `expected` are
    names and patterns of the guests that there should be; None: the site does not say.
    """

    def __init__(
        self,
        hosts: Iterable[FleetHost],
        *,
        clusters: Collection[str] = (),
        scope: Scope | None = None,
        expected: Sequence[str] | None = None,
    ) -> None:
        self.hosts = tuple(hosts)
        self.total = len(self.hosts) if scope is None else len(scope.site)
        self.chosen = frozenset(scope.chosen if scope is not None else (host.name for host in self.hosts))
        self.expected = expected
        self._named = tuple(clusters)
        self._site = scope.site if scope is not None else {}

    @property
    def whole(self) -> bool:
        """Whether every host of the site is here."""
        return len(self.hosts) >= self.total

    @cached_property
    def clusters(self) -> tuple[Cluster, ...]:
        """The clusters of which every host is here, by name."""
        return tuple(cluster for cluster in self._clusters if cluster.name not in self.parts)

    @cached_property
    def parts(self) -> Mapping[str, str]:
        """What is said of each cluster of which hosts miss: nothing in it is compared."""
        sizes = Counter(self._site.values())
        return {
            each.name: f"only {len(each.hosts)} of the {sizes[each.name]} hosts of cluster {each.name} are looked at"
            for each in self._clusters
            if len(each.hosts) < sizes[each.name]
        }

    @cached_property
    def _clusters(self) -> tuple[Cluster, ...]:
        """All of them; every host is in one."""
        members: Mapping[str, list[FleetHost]] = defaultdict(list)
        for host in self.hosts:
            members[self._cluster_name(host)].append(host)
        return tuple(Cluster(name, tuple(hosts)) for name, hosts in sorted(members.items()))

    def uri_of(self, host: str) -> str:
        """Return libvirt's URI of a host, empty where there is none."""
        return self._uris.get(host, "")

    @cached_property
    def _uris(self) -> Mapping[str, str]:
        return {host.name: host.uri for host in self.hosts}

    def cluster_of(self, host: str) -> Cluster:
        """Return the cluster of a host."""
        return self._clusters_by_host[host]

    @cached_property
    def storage(self) -> Mapping[tuple[str, str], tuple[tuple[str, str], ...]]:
        """The running pools, as (host, name), that are one storage for the chosen hosts; who knows most comes first."""
        found: dict[tuple[str, str], list[tuple[bool, bool, int, str, str]]] = defaultdict(list)
        for place, host in enumerate(host for host in self.hosts if host.name in self.chosen):
            for pool in (pool for pool in host.pools or () if pool.state == "running"):
                if (key := shared_storage(pool.type, pool.source)) is not None:
                    known = not pool.capacity_bytes, pool.volumes is None
                    found[key].append((*known, place, host.name, pool.name))
        return {key: tuple((host, pool) for *_, host, pool in sorted(views)) for key, views in found.items()}

    @cached_property
    def hosts_with_volume(self) -> Mapping[str, tuple[str, ...]]:
        """The hosts that have a volume of a path."""
        found: dict[str, list[str]] = defaultdict(list)
        for host in self.hosts:
            for volume in (each for pool in host.pools or () for each in pool.volumes or () if each.path):
                found[volume.path or ""].append(host.name)
        return {path: tuple(names) for path, names in found.items()}

    @cached_property
    def holders(self) -> Mapping[str, frozenset[str]]:
        """Who has an image for a disk or below one, by its path: UUIDs of guests, paths of volumes upon it."""
        found: dict[str, set[str]] = defaultdict(set)
        for host in self.hosts:
            for guest in host.guests:
                for disk in guest.disks:
                    for path in (disk.source, *(image.source for image in disk.backing_chain)):
                        found[path or ""].add(guest.uuid)
            for volume in (each for pool in host.pools or () for each in pool.volumes or () if each.backing_path):
                below = join(dirname(volume.path or ""), volume.backing_path or "")
                found[normpath(below)].add(volume.path or volume.name)
        return {path: frozenset(names) for path, names in found.items()}

    @cached_property
    def _clusters_by_host(self) -> Mapping[str, Cluster]:
        return {host.name: cluster for cluster in self._clusters for host in cluster.hosts}

    def _cluster_name(self, host: FleetHost) -> str:
        return self._site.get(host.name) or cluster_name(host.groups, self._named)
