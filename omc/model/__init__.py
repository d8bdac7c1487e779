"""The reference model: what omc says about hosts and guests, whoever collected it.

Frozen structs with base units in the names (`memory_bytes`), RFC 3339 UTC times and libvirt's own words. `None` means
"not read" (an Issue says why), never zero; an empty tuple means "read, and there is none". The comment behind a field
is its description in `omc schema` and in the reference page. Each struct's OBSERVED names the fields that change by
themselves while nobody configures anything: history does not keep those (the store keeps states and sizes as series).
"""

from omc.model.devices import (
    Channel,
    Controller,
    Filesystem,
    Graphics,
    HostDevice,
    MemoryDevice,
    Serial,
    Tpm,
    Video,
)
from omc.model.document import Inventory
from omc.model.guest import (
    Agent,
    AgentFilesystem,
    Boot,
    Change,
    Checkpoint,
    Cpu,
    CpuFeature,
    CpuTuning,
    Firmware,
    Guest,
    GuestMetadata,
    Memory,
    MemoryUsage,
    Nova,
    NumaCell,
    Pin,
    Snapshot,
    SnapshotDisk,
    Timer,
)
from omc.model.host import (
    Architecture,
    Bios,
    Board,
    Device,
    Dimm,
    DomainCapabilities,
    Hardware,
    Host,
    HostCell,
    HostCpu,
    HugePages,
    Machine,
    SecurityModel,
    System,
)
from omc.model.issue import Issue
from omc.model.network import Address, Lease, Network, Nic, PortGroup, Route
from omc.model.storage import ChainImage, Disk, IoTune, Pool, Volume

SCHEMA_VERSION = "1"
"""Goes up when a field changes its meaning; a new field alone does not raise it."""

__all__ = [
    "SCHEMA_VERSION",
    "Address",
    "Agent",
    "AgentFilesystem",
    "Architecture",
    "Bios",
    "Board",
    "Boot",
    "ChainImage",
    "Change",
    "Channel",
    "Checkpoint",
    "Controller",
    "Cpu",
    "CpuFeature",
    "CpuTuning",
    "Device",
    "Dimm",
    "Disk",
    "DomainCapabilities",
    "Filesystem",
    "Firmware",
    "Graphics",
    "Guest",
    "GuestMetadata",
    "Hardware",
    "Host",
    "HostCell",
    "HostCpu",
    "HostDevice",
    "HugePages",
    "Inventory",
    "IoTune",
    "Issue",
    "Lease",
    "Machine",
    "Memory",
    "MemoryDevice",
    "MemoryUsage",
    "Network",
    "Nic",
    "Nova",
    "NumaCell",
    "Pin",
    "Pool",
    "PortGroup",
    "Route",
    "SecurityModel",
    "Serial",
    "Snapshot",
    "SnapshotDisk",
    "System",
    "Timer",
    "Tpm",
    "Video",
    "Volume",
]
