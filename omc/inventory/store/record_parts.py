"""Writes the pools with their volumes and the networks with their leases of a host that was read.

What was not read this time (null in the model) keeps the rows that it had.
"""

from collections.abc import Iterable, Sequence

from omc.inventory.store.configuration import configuration, digest
from omc.inventory.store.database import Session
from omc.inventory.store.record_spans import Spans
from omc.inventory.store.rows_hosts import (
    LEASE,
    NETWORK,
    POOL,
    VOLUME,
    lease_row,
    network_row,
    pool_row,
    volume_row,
)
from omc.inventory.store.series import LEASE_SAMPLES, POOL_SAMPLES, Key, Version, follow_versions, insert
from omc.model import Host, Lease, Network, Pool, Volume

_POOL = insert("pool", [*POOL, "configuration_digest"])
_NETWORK = insert("network", [*NETWORK, "configuration_digest"])
_VOLUME = insert("volume", VOLUME)
_LEASE = insert("lease", LEASE)
_POOLS = "SELECT uuid, configuration_digest, name, state, capacity_bytes, allocation_bytes, available_bytes FROM pool"
_NETWORKS = "SELECT uuid, configuration_digest FROM network"
_LEASES = "SELECT network, mac, address, hostname, expires_at FROM lease"


def write_pools(session: Session, host: Host, moment: str) -> None:
    """Write the pools of a host; the volumes of a pool whose volumes were not read stay."""
    if host.pools is None:
        return
    pools = list({pool.uuid: pool for pool in host.pools}.values())
    before = session.rows(f"{_POOLS} WHERE host = ?", (host.name,))
    marks = _write_versions(session, host.name, "pool", pools, dict(_keyed(before)), moment=moment)
    session.run("DELETE FROM pool WHERE host = ?", (host.name,))
    session.run_many(_POOL, [(*pool_row(host.name, pool), mark) for pool, mark in zip(pools, marks, strict=True)])
    sizes: Spans = {
        (host.name, pool.name): (pool.state, pool.capacity_bytes, pool.allocation_bytes, pool.available_bytes)
        for pool in pools
    }
    POOL_SAMPLES.follow(session, {(host.name, row[2]): row[3:] for row in before}, sizes, moment=moment)
    _write_volumes(session, host.name, pools)


def _write_volumes(session: Session, host: str, pools: Sequence[Pool]) -> None:
    unread = {pool.name for pool in pools if pool.volumes is None}
    named = [pool for (pool,) in session.rows("SELECT DISTINCT pool FROM volume WHERE host = ?", (host,))]
    stale = [(host, name) for name in named if name not in unread]
    if stale:
        session.run_many("DELETE FROM volume WHERE host = ? AND pool = ?", stale)
    volumes: dict[tuple[str, str], Volume] = {(v.pool, v.name): v for pool in pools for v in pool.volumes or ()}
    session.run_many(_VOLUME, [volume_row(host, volume) for volume in volumes.values()])


def write_networks(session: Session, host: Host, moment: str) -> None:
    """Write the networks of a host; the leases of a network whose leases were not read stay."""
    if host.networks is None:
        return
    networks = list({network.uuid: network for network in host.networks}.values())
    before = session.rows(f"{_NETWORKS} WHERE host = ?", (host.name,))
    marks = _write_versions(session, host.name, "network", networks, dict(_keyed(before)), moment=moment)
    session.run("DELETE FROM network WHERE host = ?", (host.name,))
    rows = [(*network_row(host.name, network), mark) for network, mark in zip(networks, marks, strict=True)]
    session.run_many(_NETWORK, rows)
    _write_leases(session, host.name, networks, moment)


def _write_leases(session: Session, host: str, networks: Sequence[Network], moment: str) -> None:
    unread = {network.name for network in networks if network.leases is None}
    rows = session.rows(f"{_LEASES} WHERE host = ?", (host,))
    before: Spans = {(host, *row[:3]): row[3:] for row in rows if row[0] not in unread}
    leases: dict[tuple[str, str, str, str], Lease] = {
        (host, network.name, lease.mac, lease.address): lease for network in networks for lease in network.leases or ()
    }
    if before:
        session.run_many("DELETE FROM lease WHERE host = ? AND network = ? AND mac = ? AND address = ?", list(before))
    session.run_many(_LEASE, [lease_row(host, key[1], lease) for key, lease in leases.items()])
    after: Spans = {key: (lease.hostname, lease.expires_at) for key, lease in leases.items()}
    LEASE_SAMPLES.follow(session, before, after, moment=moment)


def _keyed(rows: Iterable[tuple[object, ...]]) -> Iterable[tuple[str, object]]:
    return ((str(row[0]), row[1]) for row in rows)


def _write_versions(  # noqa: PLR0913 - three say whose parts they are
    session: Session, host: str, kind: str, parts: Sequence[Pool | Network], before: dict[str, object], *, moment: str
) -> list[bytes]:
    """Write which configurations are new, other or gone; return the mark of each part."""
    documents = [configuration(part) for part in parts]
    marks = [digest(document) for document in documents]
    ended: set[Key] = {(host, kind, uuid) for uuid in before}
    begun: list[Version] = []
    for part, mark, document in zip(parts, marks, documents, strict=True):
        if before.get(part.uuid) == mark:
            ended.remove((host, kind, part.uuid))
        else:
            begun.append(Version((host, kind, part.uuid), part.name, mark, document))
    follow_versions(session, sorted(ended, key=str), begun, moment=moment)
    return marks
