"""How much there is and how much is promised, as whoever counted it hands it over: reports count none themselves.

Fields are named, and mean, as in `omc capacity -o json`; None is "not read".
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Space(NamedTuple):
    """A host, a cluster, or all of them."""

    name: str
    cluster: str = ""
    hosts: int = 1
    unread_hosts: int = 0
    cpus: int | None = None
    vcpus_running: int = 0
    overcommit: float | None = None
    memory_bytes: int | None = None
    allocated_bytes: int = 0
    free_bytes: int | None = None
    huge_pages_free_bytes: int | None = None
    guests_running: int = 0
    guests: int = 0

    @classmethod
    def of(cls, line: object) -> "Space":
        """Return the fields of that name; where nothing was counted, counts are as they are by default."""
        values = {name: getattr(line, name) for name in cls._fields}
        return cls(**{name: value for name, value in values.items() if value is not None})

    @property
    def given_percent(self) -> float | None:
        """How much of the memory that guests may have was given to those that run."""
        if self.free_bytes is None or self.huge_pages_free_bytes is None:
            return None
        usable = self.allocated_bytes + self.free_bytes + self.huge_pages_free_bytes
        return 100 * self.allocated_bytes / usable if usable > 0 else None


class PoolSpace(NamedTuple):
    """Storage, once for all hosts that share it."""

    name: str
    type: str
    state: str
    hosts: Sequence[str] = ()
    capacity_bytes: int | None = None
    allocated_bytes: int | None = None
    available_bytes: int | None = None
    provisioned_bytes: int | None = None
    same_as: str = ""

    @property
    def used_percent(self) -> float | None:
        """How full it is."""
        if not self.capacity_bytes or self.allocated_bytes is None:
            return None
        return 100 * self.allocated_bytes / self.capacity_bytes

    @property
    def promised_percent(self) -> float | None:
        """How much of it its volumes may take; above 100 it can run full without another volume."""
        if not self.capacity_bytes or self.provisioned_bytes is None:
            return None
        return 100 * self.provisioned_bytes / self.capacity_bytes


class Loss(NamedTuple):
    """What the loss of hosts of a cluster means."""

    cluster: str
    level: str  # N+1, N+2
    verdict: str  # fits; room, but tied; one host; not found; not read; does not fit
    lost: Sequence[str] = ()
    guests: int = 0
    left: int = 0
    told: str = ""  # the verdict, with its figures


class Room(NamedTuple):
    """All of it. `reserve` of each host is not for guests; `ratio` is how many vCPUs a CPU may carry.

    `parts` says of each cluster of which hosts are left out how many are here, "1 of 2 hosts"; it has no losses.
    """

    reserve: str
    ratio: float
    total: Space
    clusters: Sequence[Space] = ()
    hosts: Sequence[Space] = ()
    pools: Sequence[PoolSpace] = ()
    losses: Sequence[Loss] = ()
    parts: Mapping[str, str] = {}

    @property
    def verdicts(self) -> Mapping[str, str]:
        """What the loss of one host means, by cluster; where not all hosts of it are here, how many are."""
        verdicts = {loss.cluster: loss.told or loss.verdict for loss in self.losses if loss.level == "N+1"}
        return verdicts | {name: f"not known: {told}" for name, told in self.parts.items()}
