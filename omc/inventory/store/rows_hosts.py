"""Hosts, pools, networks and issues as rows of the tables. Pure."""

from collections.abc import Iterator

from omc.inventory.store.rows import Values, names, total
from omc.model import Guest, Host, Issue, Lease, Network, Pool, Volume

HOST = names(
    "name uri status status_reason attempted_at collected_at collect_seconds uuid hostname driver "
    "libvirt_version hypervisor_version site_groups read_only arch cpu_model cpus cpu_mhz sockets "
    "cores_per_socket threads_per_core numa_cells memory_bytes memory_free_bytes manufacturer product "
    "serial bios_version guests guests_running vcpus vcpus_running guest_memory_bytes "
    "guest_memory_running_bytes pools pool_capacity_bytes pool_allocation_bytes networks issues"
)

POOL = names(
    "host uuid name type state autostart persistent path source capacity_bytes allocation_bytes available_bytes volumes"
)

VOLUME = names(
    "host pool name path type format capacity_bytes allocation_bytes physical_bytes backing_path "
    "backing_format encrypted modified_at"
)

NETWORK = names(
    "host uuid name active autostart persistent bridge forward forward_devices domain mtu vlan addresses leases"
)

LEASE = names("host network mac address prefix hostname client_id expires_at")

ISSUE = names("host position subject code what why hint failed")


def host_row(host: Host, attempted_at: str, collected_at: str) -> Values:
    """Return the row of a host that was read."""
    return (
        *(host.name, host.uri, host.status, host.status_reason, attempted_at, collected_at, host.collect_seconds),
        *(host.uuid, host.hostname, host.driver, host.libvirt_version, host.hypervisor_version),
        *(",".join(host.groups), host.read_only),
        *_machine(host),
        *_guest_totals(host.guests),
        *_pool_totals(host.pools),
        *(None if host.networks is None else len(host.networks), len(host.issues)),
    )


def _machine(host: Host) -> Values:
    cpu, hardware = host.cpu, host.hardware
    system = hardware.system if hardware else None
    bios = hardware.bios if hardware else None
    return (
        *(cpu.arch, cpu.model, cpu.count, cpu.mhz, cpu.sockets, cpu.cores_per_socket, cpu.threads_per_core),
        *(len(host.cells), host.memory_bytes, host.memory_free_bytes),
        *((system.manufacturer, system.product, system.serial) if system else (None, None, None)),
        bios.version if bios else None,
    )


def _guest_totals(guests: tuple[Guest, ...]) -> Values:
    running = [guest for guest in guests if guest.active]
    return (
        *(len(guests), len(running)),
        *(total(guest.vcpus for guest in group) for group in (guests, running)),
        *(total(guest.memory_bytes for guest in group) for group in (guests, running)),
    )


def _pool_totals(pools: tuple[Pool, ...] | None) -> Values:
    if pools is None:
        return (None, None, None)
    active = [pool for pool in pools if pool.state != "inactive"]
    capacity, allocation = (pool.capacity_bytes for pool in active), (pool.allocation_bytes for pool in active)
    return (len(pools), total(capacity), total(allocation))


def pool_row(host: str, pool: Pool) -> Values:
    """Return the row of a pool."""
    return (
        *(host, pool.uuid, pool.name, pool.type, pool.state, pool.autostart, pool.persistent, pool.path, pool.source),
        *(pool.capacity_bytes, pool.allocation_bytes, pool.available_bytes),
        None if pool.volumes is None else len(pool.volumes),
    )


def volume_row(host: str, volume: Volume) -> Values:
    """Return the row of a volume."""
    return (
        *(host, volume.pool, volume.name, volume.path, volume.type, volume.format),
        *(volume.capacity_bytes, volume.allocation_bytes, volume.physical_bytes),
        *(volume.backing_path, volume.backing_format, volume.encrypted, volume.modified_at),
    )


def network_row(host: str, network: Network) -> Values:
    """Return the row of a network."""
    addresses = (f"{route.address}/{route.prefix}" if route.prefix else route.address for route in network.addresses)
    return (
        *(host, network.uuid, network.name, network.active, network.autostart, network.persistent, network.bridge),
        *(network.forward, ",".join(network.forward_devices), network.domain, network.mtu),
        *(",".join(map(str, network.vlan)), ",".join(addresses)),
        None if network.leases is None else len(network.leases),
    )


def lease_row(host: str, network: str, lease: Lease) -> Values:
    """Return the row of a lease."""
    return (
        *(host, network, lease.mac, lease.address, lease.prefix),
        *(lease.hostname, lease.client_id, lease.expires_at),
    )


def issue_rows(host: str, issues: tuple[Issue, ...]) -> Iterator[Values]:
    """Return a row an issue."""
    for position, issue in enumerate(issues):
        yield (
            *(host, position, issue.subject, issue.code, issue.what, issue.why),
            *(issue.hint, issue.failed),
        )
