"""The whole answer: lines of figures by host, cluster and in total, pools, and what losses mean. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import msgspec

from omc.capacity.facts import decode
from omc.capacity.fit import Fit, fit_on, fit_together, fit_without_disk
from omc.capacity.losses import Loss, by_cluster, losses
from omc.capacity.size import Size
from omc.capacity.storage import PoolUse, Storage, add_pools, in_order
from omc.capacity.terms import Terms
from omc.capacity.usage import CellUse, HostUse, PageUse, use_of
from omc.site.clusters import cluster_name


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One host, one cluster, or all; of the latter two the sums over the hosts of which the figure was read."""

    kind: str  # total, cluster, host
    name: str
    cluster: str = ""
    status: str = ""
    hosts: int = 1
    unread_hosts: int = 0  # nothing is free there, as far as is known: not reached, or not read
    cores: int | None = None
    cpus: int | None = None
    vcpus_running: int = 0
    vcpus_defined: int = 0
    overcommit: float | None = None  # vCPUs of running guests a CPU
    memory_bytes: int | None = None
    reserve_bytes: int | None = None
    allocated_bytes: int = 0  # to running guests
    defined_bytes: int = 0  # to all guests
    free_bytes: int | None = None  # in usual pages
    guests_running: int = 0
    guests: int = 0
    unread_guests: int = 0
    tied_guests: int = 0
    huge_pages_bytes: int = 0
    huge_pages_free_bytes: int | None = 0
    fit: int | None = None  # how many more guests of the size that was asked for; null: none was
    limit: str = ""  # what stops the next one
    huge_pages: tuple[PageUse, ...] = ()
    cells: tuple[CellUse, ...] = ()


class Capacity(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was counted."""

    terms: Terms
    size: Size | None
    total: Line
    clusters: tuple[Line, ...]
    hosts: tuple[Line, ...]
    pools: tuple[PoolUse, ...]
    losses: tuple[Loss, ...]


def count(
    documents: Iterable[bytes], terms: Terms, size: Size | None = None, clusters: Mapping[str, str] | None = None
) -> Capacity:
    """Count hosts from their documents (a Host of the model as JSON), one in memory at a time.

    `clusters` says which one each host is in; one that it does not name is in that of its groups.
    """
    known = clusters or {}
    storage: Storage = {}
    uses = []
    for document in documents:
        host = decode(document)
        use = use_of(host, known.get(host.name) or cluster_name(host.groups), terms)
        uses.append(use)
        add_pools(storage, host, use.cluster)
    groups = by_cluster(uses)
    pools = in_order(storage.values())
    fits = _Fits(size, terms, pools) if size else None
    lines = {name: [_line(host, fits) for host in hosts] for name, hosts in groups.items()}
    return Capacity(
        terms=terms,
        size=size,
        total=_sum("total", "total", list(chain.from_iterable(lines.values())), fits.together(uses) if fits else None),
        clusters=tuple(
            _sum("cluster", name, lines[name], fits.together(hosts) if fits else None) for name, hosts in groups.items()
        ),
        hosts=tuple(chain.from_iterable(lines.values())),
        pools=tuple(pools),
        losses=tuple(loss for hosts in groups.values() for loss in losses(hosts, terms)),
    )


class _Fits:
    """How many more fit where."""

    def __init__(self, size: Size, terms: Terms, pools: Iterable[PoolUse]) -> None:
        self._size = size
        self._terms = terms
        self._pools: dict[str, list[PoolUse]] = {}
        for pool in pools:
            for name in pool.hosts:
                self._pools.setdefault(name, []).append(pool)

    def on(self, host: HostUse) -> Fit:
        return fit_on(host, self._size, self._terms, self._pools.get(host.name, ()))

    def together(self, hosts: Sequence[HostUse]) -> int:
        fits = [(host, fit_without_disk(host, self._size, self._terms).count) for host in hosts]
        pools = {id(pool): pool for host in hosts for pool in self._pools.get(host.name, ())}
        return fit_together(fits, pools.values(), self._size)


def _line(host: HostUse, fits: _Fits | None) -> Line:
    fit = fits.on(host) if fits else None
    return Line(
        kind="host",
        name=host.name,
        cluster=host.cluster,
        status=host.status,
        unread_hosts=int(not host.reachable),
        cores=host.cores,
        cpus=host.cpus,
        vcpus_running=host.vcpus_running,
        vcpus_defined=host.vcpus_defined,
        overcommit=_ratio(host.vcpus_running, host.cpus),
        memory_bytes=host.memory_bytes,
        reserve_bytes=host.reserve_bytes,
        allocated_bytes=host.allocated_bytes,
        defined_bytes=host.defined_bytes,
        free_bytes=host.free_bytes if host.reachable else None,
        guests_running=host.guests_running,
        guests=host.guests,
        unread_guests=host.unread_guests,
        tied_guests=host.tied_guests,
        huge_pages_bytes=host.pages_bytes,
        huge_pages_free_bytes=host.pages_free_bytes if host.reachable else None,
        fit=fit.count if fit else None,
        limit=fit.limit if fit else "",
        huge_pages=host.huge_pages,
        cells=host.cells,
    )


_SUMMED = (
    *("hosts", "unread_hosts", "cores", "cpus", "vcpus_running", "vcpus_defined", "memory_bytes", "reserve_bytes"),
    *("allocated_bytes", "defined_bytes", "free_bytes", "guests_running", "guests", "unread_guests", "tied_guests"),
    *("huge_pages_bytes", "huge_pages_free_bytes"),
)


def _sum(kind: str, name: str, lines: Sequence[Line], fit: int | None) -> Line:
    sums = {field: _total([getattr(line, field) for line in lines]) for field in _SUMMED}
    line = msgspec.structs.replace(Line(kind=kind, name=name), **sums)
    cluster = name if kind == "cluster" else ""
    return msgspec.structs.replace(line, cluster=cluster, overcommit=_ratio(line.vcpus_running, line.cpus), fit=fit)


def _total(values: Sequence[int | None]) -> int | None:
    """Add what was read; null where nothing was."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _ratio(vcpus: int, cpus: int | None) -> float | None:
    return round(vcpus / cpus, 3) if cpus else None
