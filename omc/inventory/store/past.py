"""The store as it was: hosts put together again from spans of time.

What history does not keep (observed values such as memory in use, volumes, issues) is null or empty then.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from omc.inventory.store.database import Row, Session
from omc.model import Guest, Host, Network, Pool

_HOLDS = "s.valid_from <= ? AND s.valid_to > ?"
_HOSTS = f"SELECT s.host, s.status, s.reason, h.uri FROM host_state s JOIN host h ON h.name = s.host WHERE {_HOLDS}"
_COLLECTED = "SELECT host, max(collected_at), max(attempted_at) FROM collect WHERE attempted_at <= ? GROUP BY host"
_VERSIONS = (
    "SELECT s.kind, s.uuid, d.document FROM version s JOIN version_document d ON d.id = s.document "
    f"WHERE s.host = ? AND {_HOLDS}"
)
_OF_GUEST = f"JOIN guest g ON g.id = s.guest WHERE g.host = ? AND {_HOLDS}"
_STATES = (
    f"SELECT g.id, g.uuid, g.name, s.state, s.reason, s.valid_from, g.first_seen_at FROM guest_state s {_OF_GUEST}"
)
_DISKS = (
    f"SELECT s.guest, s.target, s.capacity_bytes, s.allocation_bytes, s.physical_bytes FROM disk_sample s {_OF_GUEST}"
)
_ADDRESSES = f"SELECT s.guest, s.mac, s.address, s.prefix, s.source FROM guest_address s {_OF_GUEST}"
_POOLS = (
    f"SELECT s.pool, s.state, s.allocation_bytes, s.available_bytes FROM pool_sample s WHERE s.host = ? AND {_HOLDS}"
)
_LEASES = (
    f"SELECT s.network, s.mac, s.address, s.hostname, s.expires_at FROM lease_sample s WHERE s.host = ? AND {_HOLDS}"
)


class PastGuest(NamedTuple):
    """A guest as it was, with the store's number of it and since when it was in its state."""

    id: int
    guest: Guest
    state_since: str
    first_seen_at: str


class PastHost(NamedTuple):
    """A host as it was; `host` holds pools and networks, the guests stand beside it."""

    host: Host
    guests: list[PastGuest]
    attempted_at: str | None

    @property
    def whole(self) -> Host:
        """The host with its guests in it."""
        return msgspec.structs.replace(self.host, guests=tuple(item.guest for item in self.guests))


def hosts_at(session: Session, at: str, hosts: Iterable[str] | None) -> Iterator[PastHost]:
    """Return the hosts that the store knew at that time, by name, each as it was."""
    times = {row[0]: row[1:] for row in session.rows(_COLLECTED, (at,))}
    wanted = None if hosts is None else set(hosts)
    for name, status, reason, uri in sorted(session.rows(_HOSTS, (at, at))):
        if wanted is None or name in wanted:
            collected_at, attempted_at = times.get(name, (None, None))
            observed = {"status": status, "status_reason": reason, "collected_at": collected_at}
            yield _host(session, at, {"name": name, "uri": uri, **observed}, attempted_at)


def _host(session: Session, at: str, known: dict[str, Any], attempted_at: str | None) -> PastHost:
    span = (known["name"], at, at)
    documents: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for kind, uuid, document in session.rows(_VERSIONS, span):
        documents[kind][uuid] = msgspec.json.decode(document)
    fields = documents["host"].get("", {}) | known
    if fields["collected_at"] is not None:
        fields["pools"] = _pools(session, span, documents["pool"])
        fields["networks"] = _networks(session, span, documents["network"])
    host = msgspec.convert(fields, Host)
    return PastHost(host, _guests(session, span, documents["guest"]), attempted_at)


def _pools(session: Session, span: Row, documents: dict[str, dict[str, Any]]) -> list[Pool]:
    sizes = {row[0]: row[1:] for row in session.rows(_POOLS, span)}
    pools = []
    for fields in documents.values():
        state, allocation, available = sizes.get(fields["name"], (None, None, None))
        observed = {"state": state or "unknown", "allocation_bytes": allocation, "available_bytes": available}
        pools.append(msgspec.convert(fields | observed, Pool))
    return pools


def _networks(session: Session, span: Row, documents: dict[str, dict[str, Any]]) -> list[Network]:
    leases = defaultdict(list)
    for network, mac, address, hostname, expires_at in session.rows(_LEASES, span):
        leases[network].append({"mac": mac, "address": address, "hostname": hostname, "expires_at": expires_at})
    return [
        msgspec.convert({"active": False} | fields | {"leases": leases.get(fields["name"], [])}, Network)
        for fields in documents.values()
    ]


def _guests(session: Session, span: Row, documents: dict[str, dict[str, Any]]) -> list[PastGuest]:
    disks: dict[tuple[int, str], Row] = {row[:2]: row[2:] for row in session.rows(_DISKS, span)}
    addresses = defaultdict(list)
    for guest, mac, address, prefix, source in session.rows(_ADDRESSES, span):
        addresses[guest, mac].append({"address": address, "prefix": prefix, "source": source})
    found = []
    for key, uuid, name, state, reason, since, first_seen_at in session.rows(_STATES, span):
        fields = documents.get(uuid, {"host": span[0], "name": name, "uuid": uuid})
        fields |= {"state": state, "state_reason": reason}
        for disk in fields.get("disks", ()):
            _, disk["allocation_bytes"], disk["physical_bytes"] = disks.get((key, disk["target"]), (None, None, None))
        for nic in fields.get("nics", ()):
            nic["addresses"] = addresses.get((key, nic["mac"]), [])
        found.append(PastGuest(key, msgspec.convert(fields, Guest), since, first_seen_at))
    return sorted(found, key=lambda item: (item.guest.name, item.guest.uuid))
