"""What is counted of a host, decoded straight from its document: what is not declared here takes no memory.

The names and meanings are those of `omc.model`.
"""

from collections.abc import Iterator

import msgspec

from omc.model.pools import shared_storage
from omc.model.states import is_active


class HugePages(msgspec.Struct, frozen=True):
    """Huge pages of one size in a cell."""

    size_bytes: int
    total: int
    free: int | None = None


class Cell(msgspec.Struct, frozen=True):
    """A NUMA cell."""

    id: int
    memory_bytes: int | None = None
    cpu_count: int = 0
    huge_pages: tuple[HugePages, ...] = ()


class HostCpu(msgspec.Struct, frozen=True):
    """A host's CPUs."""

    count: int | None = None
    sockets: int | None = None
    cores_per_socket: int | None = None


class Architecture(msgspec.Struct, frozen=True):
    """Guests that the host can run."""

    arch: str
    types: tuple[str, ...] = ()


class CpuFeature(msgspec.Struct, frozen=True):
    """A feature that a CPU model is given, or not."""

    name: str
    policy: str | None = None


class DomainCapabilities(msgspec.Struct, frozen=True):
    """What guests of one type may have."""

    arch: str
    type: str
    host_model: str | None = None
    host_model_features: tuple[CpuFeature, ...] | None = None
    usable_models: frozenset[str] = frozenset()
    blocked_models: dict[str, tuple[str, ...]] = {}
    unknown_models: frozenset[str] = frozenset()


class GuestCpu(msgspec.Struct, frozen=True):
    """The CPU that a guest sees."""

    mode: str | None = None
    model: str | None = None
    features: tuple[CpuFeature, ...] = ()


class GuestMemory(msgspec.Struct, frozen=True):
    """What backs a guest's memory, and where."""

    huge_pages: bool = False
    huge_page_bytes: tuple[int, ...] = ()
    numa_mode: str | None = None
    numa_nodes: str | None = None


class Disk(msgspec.Struct, frozen=True):
    """A disk of a guest."""

    device: str = "disk"
    type: str = "file"
    source: str | None = None
    readonly: bool = False


class Metadata(msgspec.Struct, frozen=True):
    """What people wrote about a guest."""

    tags: tuple[str, ...] = ()


class Guest(msgspec.Struct, frozen=True):
    """A guest, with what it takes and what it needs."""

    name: str
    state: str
    id: int | None = None
    type: str | None = None
    arch: str | None = None
    vcpus: int | None = None
    memory_bytes: int | None = None
    cpu: GuestCpu = GuestCpu()
    memory: GuestMemory = GuestMemory()
    disks: tuple[Disk, ...] = ()
    host_devices: tuple[msgspec.Raw, ...] = ()
    metadata: Metadata = Metadata()

    @property
    def active(self) -> bool:
        """Whether it takes memory and CPUs now."""
        return is_active(self.state, self.id)


class Volume(msgspec.Struct, frozen=True):
    """A volume of a pool."""

    format: str | None = None
    capacity_bytes: int | None = None


class Pool(msgspec.Struct, frozen=True):
    """A storage pool."""

    name: str
    type: str
    state: str
    path: str | None = None
    source: str | None = None
    capacity_bytes: int | None = None
    allocation_bytes: int | None = None
    available_bytes: int | None = None
    volumes: tuple[Volume, ...] | None = None

    @property
    def shared(self) -> bool:
        """Whether other hosts have the same storage, known by its source."""
        return shared_storage(self.type, self.source) is not None


class Host(msgspec.Struct, frozen=True):
    """A host."""

    name: str
    status: str = "ok"
    collected_at: str | None = None
    groups: tuple[str, ...] = ()
    cpu: HostCpu = HostCpu()
    memory_bytes: int | None = None
    cells: tuple[Cell, ...] = ()
    architectures: tuple[Architecture, ...] = ()
    domain_capabilities: tuple[DomainCapabilities, ...] | None = None
    guests: tuple[Guest, ...] = ()
    pools: tuple[Pool, ...] | None = None

    @property
    def active(self) -> Iterator[Guest]:
        """The guests that take memory and CPUs now."""
        return (guest for guest in self.guests if guest.active)


decode = msgspec.json.Decoder(Host).decode
"""Read a host from its document (a Host of `omc.model` as JSON)."""
