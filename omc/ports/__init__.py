"""What a feature may ask of a host: the seams between the features and the drivers.

One file a seam; import from here. A driver fetches and does not think: it hands over XML as text and flat values as
libvirt named them, and a Fault for every call that did not work. `omc.inventory` reads them into the model. A second
provider implements `Provider` and comes in through the entry point group `omc.providers`.
"""

from omc.ports.definitions import (
    Definition,
    Definitions,
    DefinitionsProvider,
    LiveUpdate,
    Usage,
)
from omc.ports.hypervisor import (
    Fault,
    Hypervisor,
    Provider,
    RawAddress,
    RawGuest,
    RawHost,
    RawInterface,
    RawLease,
    RawNetwork,
    RawPool,
    RawServer,
    RawVolume,
    ReadOptions,
    Value,
)
from omc.ports.live import (
    LiveAgent,
    LiveFacts,
    LiveGuest,
    LiveHost,
    LiveOptions,
    LiveProvider,
    LiveReading,
)
from omc.ports.runs import (
    AppliedFile,
    RunFile,
    RunHost,
    RunOptions,
    Runs,
    TemplateRun,
)
from omc.ports.shell import (
    Answer,
    Endpoint,
    Hidden,
    Shell,
    Shells,
)

__all__ = [
    "Answer",
    "AppliedFile",
    "Definition",
    "Definitions",
    "DefinitionsProvider",
    "Endpoint",
    "Fault",
    "Hidden",
    "Hypervisor",
    "LiveAgent",
    "LiveFacts",
    "LiveGuest",
    "LiveHost",
    "LiveOptions",
    "LiveProvider",
    "LiveReading",
    "LiveUpdate",
    "Provider",
    "RawAddress",
    "RawGuest",
    "RawHost",
    "RawInterface",
    "RawLease",
    "RawNetwork",
    "RawPool",
    "RawServer",
    "RawVolume",
    "ReadOptions",
    "RunFile",
    "RunHost",
    "RunOptions",
    "Runs",
    "Shell",
    "Shells",
    "TemplateRun",
    "Usage",
    "Value",
]
