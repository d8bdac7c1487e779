"""What rules ask of a guest: which kind it is, who looks after it, where its disks lie. Pure, over the model."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from omc.audit.fleet import FleetGuest
from omc.audit.rule import Missing, Seen
from omc.model import Disk, Guest, Host, Pool, Snapshot, Volume
from omc.model.pools import SHARED_POOLS, lies_in

_PRODUCTION = frozenset({"prod", "production"})
_FOREIGN = ("ovirt.org", "kubevirt", "openstack.org")


def is_machine(guest: Guest) -> bool:
    """Tell whether QEMU gives the guest a whole machine: no container, no other hypervisor's, no test driver's."""
    return guest.type in {"kvm", "qemu"} and guest.os_type in {None, "hvm"}


def is_x86(guest: Guest) -> bool:
    """Tell whether it is a PC."""
    return guest.arch in {"x86_64", "i686"}


def is_active(guest: Guest) -> bool:
    """Tell whether it runs, is paused, or crashed and is kept."""
    return guest.active


def is_production(guest: Guest) -> bool:
    """Tell whether people say that it is: the tag prod or production, or such an attribute environment."""
    stage = guest.metadata.attributes.get("environment", guest.metadata.attributes.get("env", ""))
    return not _PRODUCTION.isdisjoint(tag.lower() for tag in (*guest.metadata.tags, stage))


def is_managed(guest: Guest) -> bool:
    """Tell whether another manager (oVirt, KubeVirt, OpenStack) starts it and decides what it has."""
    return any(name in namespace for namespace in guest.metadata.namespaces for name in _FOREIGN)


def is_template(guest: Guest) -> bool:
    """Tell whether people say that other guests are made of it: the tag template."""
    return "template" in {tag.lower() for tag in guest.metadata.tags}


def can_move(seen: Seen) -> bool:
    """Tell whether the cluster has another host to move to."""
    return len(seen.cluster.hosts) > 1


def writable_disks(guest: Guest) -> Iterator[Disk]:
    """Give the disks that the guest writes: no drives, nothing read-only."""
    return (disk for disk in guest.disks if disk.device in {"disk", "lun"} and not disk.readonly)


def is_in_files(snapshot: Snapshot) -> bool:
    """Tell whether a snapshot lies in files of its own, which libvirt before 9.9 does not merge."""
    return snapshot.memory == "external" or any(disk.snapshot == "external" for disk in snapshot.disks)


def keeping(guest: Guest | FleetGuest) -> tuple[str, ...]:
    """Return the options without which virsh undefines no guest that is off, or not all of its files stay."""
    nvram = ("--keep-nvram",) if guest.firmware.nvram else ()
    tpm = ("--keep-tpm",) if guest.tpm is not None and guest.tpm.backend == "emulator" else ()
    snapshots = ("--snapshots-metadata",) if guest.snapshots else ()
    return nvram + tpm + snapshots


def undefine(guest: Guest | FleetGuest) -> str:
    """Return what takes the definition of a guest that is off away, and leaves all of its files."""
    return " ".join(("virsh undefine {guest}", *keeping(guest)))


def scope(guest: Guest) -> str:
    """Return virsh's options for a change that is to be there now and after the next start, as far as there is one."""
    now = "--live" if is_active(guest) else ""
    later = "" if guest.persistent is False else "--config"
    return f"{later} {now}".strip()


def listed(names: Sequence[str], most: int = 5) -> str:
    """Write names with commas, the first few of many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def age_days(moment: str | None, now: str) -> float | None:
    """Return how many days ago something was; None where nobody knows."""
    if moment is None:
        return None
    try:
        return (datetime.fromisoformat(now) - datetime.fromisoformat(moment)).total_seconds() / 86_400
    except (ValueError, TypeError):
        return None


CHAIN_UNTOLD = "what lies below images in no pool is not told while their guests are off"
"""What rules on chains say of a host where some cannot be followed."""


def of_host(why: str) -> Missing:
    """Make a Missing that is the same for all guests of a host, and so is said once."""
    return Missing(why=why, subject="host")


class Place(msgspec.Struct, frozen=True):
    """Where an image lies; `pool` is None where no pool of the host holds it."""

    pool: Pool | None
    shared: bool | None  # other hosts reach it too; None: nobody knows


def place_of(kind: str, source: str, host: Host) -> Place:
    """Find the pool of an image, and whether other hosts reach it."""
    pool = storage_of(kind, source, host)
    if kind == "network" or (pool is not None and pool.type in SHARED_POOLS):
        return Place(pool, shared=True)
    return Place(pool, shared=None if pool is None else False)


def storage_of(kind: str, source: str, host: Host) -> Pool | None:
    """Return the pool on whose storage an image lies, at whatever depth below its folder: the innermost."""
    holding = [pool for pool in host.pools or () if lies_in(pool.name, pool.path, kind, source)]
    return max(holding, key=lambda pool: len(pool.path or ""), default=None)


def pool_of(kind: str, source: str, host: Host) -> Pool | None:
    """Return the pool that lists an image as its volume: the named one, or the one whose folder it lies right in."""
    pools = host.pools or ()
    if kind == "volume":
        name = source.partition("/")[0]
        return next((pool for pool in pools if pool.name == name), None)
    if kind not in {"file", "block"}:
        return None
    folder = source.rpartition("/")[0]
    return next((pool for pool in pools if pool.path and pool.path.rstrip("/") == folder), None)


def is_chain_told(disk: Disk, guest: Guest, host: Host) -> bool:
    """Tell whether it is known what lies below a disk: of a guest that is off its pool tells it, and nobody else."""
    if is_active(guest) or disk.backing_chain or disk.format in {"raw", None} or disk.type == "network":
        return True
    return not disk.source or volume_of(disk.type, disk.source, host) is not None


def volume_of(kind: str, source: str, host: Host) -> Volume | None:
    """Return the volume that an image is; None where no pool lists it."""
    pool = pool_of(kind, source, host)
    name = source.partition("/")[2] if kind == "volume" else None
    volumes = (pool.volumes if pool is not None else None) or ()
    return next((volume for volume in volumes if source == volume.path or name == volume.name), None)


def has_others(image: str, mine: Iterable[str], seen: Seen) -> bool:
    """Tell whether other guests or volumes than `mine` (UUIDs, paths) have an image, or lie upon it."""
    return not seen.fleet.holders.get(image, frozenset()).issubset(mine)


def is_seen_elsewhere(source: str, seen: Seen) -> bool:
    """Tell whether another host of the cluster has a volume of the same path: then it is shared storage."""
    others = seen.fleet.hosts_with_volume.get(source, ())
    return any(seen.fleet.cluster_of(name) is seen.cluster for name in others if name != seen.host.name)
