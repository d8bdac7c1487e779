"""Guests and their parts as rows of the tables. Pure.

A sum over disks is null where one of them was not read.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from omc.inventory.store.rows import Values, names, total
from omc.model import Address, Guest, Nic

_DISKS = frozenset(("disk", "lun"))
_LOCAL = ("fe80:", "169.254.", "127.", "::1")

GUEST = names(
    "host uuid name state state_reason type title os hostname address vcpus vcpus_maximum memory_bytes "
    "memory_current_bytes memory_rss_bytes arch machine firmware secure_boot tpm cpu_mode cpu_model "
    "autostart persistent managed_save pending_changes agent_connected disks nics host_devices snapshots "
    "checkpoints disk_capacity_bytes disk_allocation_bytes disk_physical_bytes tags"
)

DISK = names(
    "guest position target bus device type format source capacity_bytes allocation_bytes physical_bytes "
    "chain_length cache io discard serial readonly shareable encrypted"
)

NIC = names("guest position mac model type source portgroup target vlan link_state mtu queues filter address")

ADDRESS = names("guest nic position mac address prefix source")

SNAPSHOT = names("guest position name created_at state parent description current memory disks")


def guest_row(guest: Guest) -> Values:
    """Return the row of a guest, without its keys and times."""
    usage, agent, metadata = guest.memory_usage, guest.agent, guest.metadata
    disks = [disk for disk in guest.disks if disk.device in _DISKS]
    return (
        *(guest.host, guest.uuid, guest.name, guest.state, guest.state_reason, guest.type, guest.title),
        (agent and agent.os_name) or metadata.os_id,
        agent.hostname if agent else None,
        first_address(guest.nics),
        *(guest.vcpus, guest.vcpus_maximum, guest.memory_bytes, guest.memory_current_bytes),
        *(
            usage.rss_bytes if usage else None,
            guest.arch,
            guest.machine,
            guest.firmware.type,
            guest.firmware.secure_boot,
        ),
        *((guest.tpm.version or "") if guest.tpm else None, guest.cpu.mode, guest.cpu.model),
        *(guest.autostart, guest.persistent, guest.managed_save, guest.pending_changes, guest.agent_connected),
        *(len(guest.disks), len(guest.nics), len(guest.host_devices)),
        None if guest.snapshots is None else len(guest.snapshots),
        None if guest.checkpoints is None else len(guest.checkpoints),
        total([disk.capacity_bytes for disk in disks]),
        total([disk.allocation_bytes for disk in disks]),
        total([disk.physical_bytes for disk in disks]),
        ",".join(metadata.tags),
    )


def first_address(nics: Iterable[Nic]) -> str | None:
    """Return the first address that other machines can use."""
    for nic in nics:
        for address in nic.addresses:
            if not address.address.startswith(_LOCAL):
                return address.address
    return None


def disk_rows(key: int, guest: Guest) -> Iterator[Values]:
    """Return a row a disk of the guest with that row number."""
    for position, disk in enumerate(guest.disks):
        yield (
            *(key, position, disk.target, disk.bus, disk.device, disk.type, disk.format, disk.source),
            *(disk.capacity_bytes, disk.allocation_bytes, disk.physical_bytes, len(disk.backing_chain)),
            *(disk.cache, disk.io, disk.discard, disk.serial, disk.readonly, disk.shareable, disk.encrypted),
        )


def nic_rows(key: int, guest: Guest) -> Iterator[Values]:
    """Return a row a nic."""
    for position, nic in enumerate(guest.nics):
        vlan = ",".join(map(str, nic.vlan))
        yield (
            *(key, position, nic.mac, nic.model, nic.type, nic.source, nic.portgroup, nic.target, vlan, nic.link_state),
            *(nic.mtu, nic.queues, nic.filter, first_address((nic,)) if nic.addresses else None),
        )


def address_rows(key: int, guest: Guest) -> Iterator[Values]:
    """Return a row an address of each nic."""
    for number, nic in enumerate(guest.nics):
        for position, address in enumerate(nic.addresses):
            yield (key, number, position, nic.mac, address.address, address.prefix, address.source)


def addresses_of(guest: Guest) -> dict[tuple[str, str, str], tuple[int | None]]:
    """Return (MAC, address, source) → (prefix,)."""
    found: Iterable[tuple[Nic, Address]] = ((nic, address) for nic in guest.nics for address in nic.addresses)
    return {(nic.mac, address.address, address.source): (address.prefix,) for nic, address in found}


def snapshot_rows(key: int, guest: Guest) -> Iterator[Values]:
    """Return a row a snapshot."""
    for position, snapshot in enumerate(guest.snapshots or ()):
        disks = ",".join(disk.target for disk in snapshot.disks)
        yield (
            *(key, position, snapshot.name, snapshot.created_at, snapshot.state, snapshot.parent, snapshot.description),
            *(snapshot.current, snapshot.memory, disks),
        )


class Part(NamedTuple):
    """A table of what a guest has several of; `rows` makes them from the guest's row number and the guest."""

    table: str
    columns: list[str]
    rows: Callable[[int, Guest], Iterator[Values]]


PARTS = (
    Part("disk", DISK, disk_rows),
    Part("nic", NIC, nic_rows),
    Part("address", ADDRESS, address_rows),
    Part("snapshot", SNAPSHOT, snapshot_rows),
)
"""Every table of parts of a guest."""
