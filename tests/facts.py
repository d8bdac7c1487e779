"""Hosts and guests to record in tests, with everything that a list shows."""

from collections.abc import Sequence
from typing import Any

import msgspec

from omc.model import (
    Address,
    ChainImage,
    Channel,
    Disk,
    Guest,
    Host,
    Issue,
    Lease,
    MemoryUsage,
    Network,
    Nic,
    Pool,
    Volume,
)
from omc.model import Snapshot as GuestSnapshot

GIB = 1 << 30
NINE, TEN, ELEVEN = "2026-01-01T09:00:00Z", "2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z"
BETWEEN = "2026-01-01T09:30:00Z"


def uuid_of(number: int) -> str:
    """Return the UUID of the guest with that number."""
    return f"{number:08d}-0000-4000-8000-000000000000"


def guest(number: int = 1, *, host: str = "kvm1", **changes: Any) -> Guest:
    """Return guest NUMBER of a host: running, two disks, a nic with an address, a snapshot."""
    facts: dict[str, Any] = {
        "host": host,
        "name": f"web{number}",
        "uuid": uuid_of(number),
        "state": "running",
        "state_reason": "booted",
        "id": number,
        "type": "kvm",
        "vcpus": 2,
        "vcpus_maximum": 4,
        "memory_bytes": 4 * GIB,
        "arch": "x86_64",
        "machine": "pc-q35-7.2",
        "disks": (disk("vda"), disk("vdb")),
        "nics": (nic(number),),
        "channels": (Channel(name="org.qemu.guest_agent.0", connected=True),),
        "snapshots": (GuestSnapshot(name="before upgrade", created_at="2026-01-01T00:00:00Z", current=True),),
        "memory_usage": MemoryUsage(rss_bytes=GIB),
        "autostart": True,
        "persistent": True,
        "managed_save": False,
        "pending_changes": False,
    }
    return Guest(**(facts | changes))


def disk(target: str, **changes: Any) -> Disk:
    """Return a disk of 20 GiB with a backing image."""
    facts: dict[str, Any] = {
        "target": target,
        "bus": "virtio",
        "format": "qcow2",
        "source": f"/images/{target}.qcow2",
        "capacity_bytes": 20 * GIB,
        "allocation_bytes": 3 * GIB,
        "physical_bytes": 4 * GIB,
        "backing_chain": (ChainImage(source="/images/base.qcow2", format="qcow2"),),
    }
    return Disk(**(facts | changes))


def nic(number: int, **changes: Any) -> Nic:
    """Return a nic with one address from a lease."""
    facts: dict[str, Any] = {
        "mac": f"52:54:00:00:00:{number % 256:02x}",
        "model": "virtio",
        "source": "default",
        "target": f"vnet{number}",
        "addresses": (Address(address=f"192.0.2.{number % 256}", prefix=24, source="lease"),),
    }
    return Nic(**(facts | changes))


def host(name: str = "kvm1", guests: Sequence[Guest] | None = None, **changes: Any) -> Host:
    """Return a host that was read well, with a pool, a volume, a network and a lease."""
    facts: dict[str, Any] = {
        "name": name,
        "uri": f"qemu+ssh://root@{name}/system",
        "collected_at": "2026-01-01T00:00:00Z",
        "collect_seconds": 0.5,
        "memory_bytes": 64 * GIB,
        "memory_free_bytes": 8 * GIB,
        "groups": ("prod", "rack1"),
        "driver": "QEMU",
        "guests": tuple(guests) if guests is not None else (guest(1, host=name), guest(2, host=name)),
        "pools": (pool(),),
        "networks": (network(),),
    }
    return Host(**(facts | changes))


def pool(**changes: Any) -> Pool:
    """Return a pool with one volume."""
    volume = Volume(pool="default", name="vda.qcow2", path="/images/vda.qcow2", format="qcow2", capacity_bytes=20 * GIB)
    facts: dict[str, Any] = {
        "name": "default",
        "uuid": "10000000-0000-4000-8000-000000000000",
        "type": "dir",
        "state": "running",
        "path": "/images",
        "capacity_bytes": 100 * GIB,
        "allocation_bytes": 40 * GIB,
        "available_bytes": 60 * GIB,
        "volumes": (volume,),
    }
    return Pool(**(facts | changes))


def network(**changes: Any) -> Network:
    """Return a network with one lease."""
    lease = Lease(mac="52:54:00:00:00:01", address="192.0.2.1", expires_at="2026-01-01T01:00:00Z")
    facts: dict[str, Any] = {
        "name": "default",
        "uuid": "20000000-0000-4000-8000-000000000000",
        "active": True,
        "bridge": "virbr0",
        "forward": "nat",
        "leases": (lease,),
    }
    return Network(**(facts | changes))


def unreachable(name: str = "kvm1", reason: str = "no route to host") -> Host:
    """Return a host that could not be read."""
    issue = Issue(host=name, subject="host", code="unreachable", what="the whole host", why=reason, failed=True)
    return Host(
        name=name, uri=f"qemu+ssh://root@{name}/system", status="unreachable", status_reason=reason, issues=(issue,)
    )


def at(known: Host, time: str, **changes: Any) -> Host:
    """Return the same host as read at another time."""
    return msgspec.structs.replace(known, collected_at=time, **changes)


def digests(known: Host) -> dict[str, str]:
    """Return a digest for the XML of each guest."""
    return {item.uuid: f"{item.uuid[:8]}{'0' * 24}" for item in known.guests}
