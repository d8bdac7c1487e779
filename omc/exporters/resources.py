"""What the host has for guests: storage pools, their volumes, networks; and the daemons that serve it all. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from ipaddress import ip_address

from omc.exporters import markup
from omc.exporters.families import Found
from omc.ports import RawHost, RawNetwork, RawPool

FAMILIES = ("ipv4", "ipv6")
LIST_CALL = "virConnectListAllStoragePools"
WORKERS = {
    "nWorkers": "workers",
    "freeWorkers": "workers_free",
    "maxWorkers": "workers_max",
    "prioWorkers": "workers_priority",
    "jobQueueDepth": "job_queue_depth",
}
CLIENTS = {
    "nclients": "clients",
    "nclients_max": "clients_max",
    "nclients_unauth": "clients_unauthenticated",
    "nclients_unauth_max": "clients_unauthenticated_max",
}
"""Fields of libvirt's administration interface → the ends of metrics' names."""


def pools(host: RawHost) -> Iterator[Found]:
    """Give state and sizes of the pools; one that does not answer is marked, and keeps its last sizes.

    While a pool's storage hangs under some client's call, libvirt lists no pools at all: then all are marked.
    """
    slow = [fault for fault in host.faults if fault.code == "deadline"]
    parts = (fault.subject.partition("/") for fault in slow)
    late = {name for kind, _, name in parts if kind in ("pool", "volume") and name}
    if any(fault.call.startswith(LIST_CALL) for fault in slow):
        late |= {pool.name for pool in host.pools or ()}
    for pool_name in sorted(late - {pool.name for pool in host.pools or ()}):
        yield "libvirt_storage_pool_timed_out", 1, (("storage_pool", pool_name),)
    for pool in host.pools or ():
        name = ("storage_pool", pool.name)
        for metric, value in _pool(pool).items():
            yield f"libvirt_storage_pool_{metric}", value, (name,)
        yield "libvirt_storage_pool_timed_out", pool.name in late, (name,)
        root = markup.parse(pool.xml)
        if root is not None:
            own = (name, ("pool_type", root.get("type", "")), ("target", root.findtext("target/path", "")))
            yield "libvirt_storage_pool_info", 1, own


def volumes(host: RawHost) -> Iterator[Found]:
    """Give the sizes of volumes, and how many of a pool are not served."""
    for pool in host.pools or ():
        if pool.sizes is None:
            continue
        name = ("storage_pool", pool.name)
        for volume in pool.sizes:
            own = (name, ("volume", volume.name))
            yield "libvirt_storage_volume_capacity_bytes", volume.capacity_bytes, own
            yield "libvirt_storage_volume_allocation_bytes", volume.allocation_bytes, own
        if pool.volume_count is not None:
            yield "libvirt_storage_pool_volumes_dropped", max(0, pool.volume_count - len(pool.sizes)), (name,)


def networks(host: RawHost) -> Iterator[Found]:
    """Give state and leases of the networks."""
    for network in host.networks or ():
        name = ("network", network.name)
        for metric, value in _network(network).items():
            yield f"libvirt_network_{metric}", value, (name,)
        yield from _dhcp(network, name)
        root = markup.parse(network.xml)
        if root is not None:
            yield "libvirt_network_info", 1, (name, *_network_pairs(root))


def daemons(host: RawHost) -> Iterator[Found]:
    """Give workers and clients of the daemons' servers."""
    for server in host.servers or ():
        own = (("daemon", server.daemon), ("server", server.name))
        for names, fields in ((WORKERS, server.workers), (CLIENTS, server.clients)):
            for field, metric in names.items():
                yield f"libvirt_daemon_{metric}", fields.get(field), own


def _pool(pool: RawPool) -> Mapping[str, int | None]:
    return {
        "state": pool.state,
        "capacity_bytes": pool.capacity_bytes,
        "allocation_bytes": pool.allocation_bytes,
        "available_bytes": pool.available_bytes,
        "autostart": pool.autostart,
        "persistent": pool.persistent,
        "volumes": pool.volume_count,
    }


def _network(network: RawNetwork) -> Mapping[str, int | None]:
    return {
        "active": network.active,
        "autostart": network.autostart,
        "persistent": network.persistent,
    }


def _dhcp(network: RawNetwork, name: tuple[str, str]) -> Iterator[Found]:
    """Give leases and addresses by family, where the network has any: a sum with those of IPv6 would say nothing."""
    addresses = _addresses(network.xml)
    leases = Counter(_family(lease.address) for lease in network.leases or ())
    for family in FAMILIES:
        if addresses[family] or leases[family]:
            own = (name, ("family", family))
            yield "libvirt_network_dhcp_leases", None if network.leases is None else leases[family], own
            yield "libvirt_network_dhcp_addresses", addresses[family] or None, own


def _addresses(xml: str) -> Counter[str]:
    """Count the addresses of the network's DHCP ranges by family; what is no range counts nothing."""
    root = markup.parse(xml)
    found: Counter[str] = Counter()
    for one in root.findall("ip/dhcp/range") if root is not None else ():
        start, end = one.get("start", ""), one.get("end", "")
        if _family(start) and _family(start) == _family(end):
            found[_family(start)] += max(0, int(ip_address(end)) - int(ip_address(start)) + 1)
    return found


def _family(address: str) -> str:
    """Say of which family an address is; empty where it is none."""
    try:
        return f"ipv{ip_address(address).version}"
    except ValueError:
        return ""


def _network_pairs(root: markup.Element) -> tuple[tuple[str, str], ...]:
    bridge, forward = root.find("bridge"), root.find("forward")
    return (
        ("bridge", bridge.get("name", "") if bridge is not None else ""),
        ("forward_mode", forward.get("mode", "nat") if forward is not None else ""),
    )
