"""The rule on volumes that nobody needs: found only where nothing at all speaks for them.

A finding here ends in somebody's deleted data where it is wrong. So whatever is not certain is said to be not checked.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import PurePosixPath

import msgspec

from omc.audit.abreast import absent
from omc.audit.fleet import FleetHost, FleetPool, FleetVolume
from omc.audit.guests import listed
from omc.audit.images import Images, Volumes, tidy
from omc.audit.rule import Found, Missing, Seen, Verdicts, fleet_rule
from omc.text import human_bytes, plural

_FOLDERS = frozenset({"dir", "fs", "netfs"})
"""Types of pools that are folders of files; in others lie the host's own file systems, and those of other machines."""

_SHARED = frozenset({"netfs"})
_LIBVIRTS_OWN = ("/libvirt/qemu/", "/libvirt/swtpm/", "/libvirt/lxc/", "/libvirt/libxl/", "/libvirt/ch/")
_SEEDS = ("seed", "cidata", "cloud-init", "cloudinit", "user-data", "nocloud", "config-2", "configdrive")
_BACKUPS = ("backup", "bak.", ".bak")
_COPY_ON_WRITE = frozenset({"qcow2", "qcow", "qed"})
_RAW_SUFFIXES = (".img", ".raw", ".bin", ".disk")
_METADATA_BYTES = 2 << 20


class _Place(msgspec.Struct, frozen=True, dict=True):
    """A pool of a host, and all that is known of images."""

    host: FleetHost
    pool: FleetPool
    images: Images
    doubts: Sequence[str]
    youngest: str  # what was written later is too young

    @cached_property
    def volumes(self) -> Volumes:
        """All volumes of the host."""
        return Volumes(self.host)

    def used(self, volume: FleetVolume) -> bool:
        """Tell whether somebody certainly refers to it: by its path on this host, or on another of shared storage."""
        path = tidy(volume.path or "")
        shared = self.pool.type in _SHARED
        return any(use.path == path and (shared or use.host == self.host.name) for use in self.images.uses_of(path))


@fleet_rule(
    "F01",
    severity="warning",
    title="Volume that no guest refers to",
    reason="It takes room, and may hold data of a guest that is gone. Only what libvirt's guests on the hosts of the "
    "site refer to is known: not what runs without libvirt, in another user's session, or on hosts of no site.",
    source="RVTools, vHealth: zombie disks; cv4pve-diag WS0002; libvirt, Backing chain management",
    fix="virsh pool-refresh {pool}, omc inventory, and look again; virsh vol-dumpxml {volume} --pool {pool}; is it a "
    "template or a backup: waive it; else move it out of the pool's folder, and delete it weeks later",
    reads=("Host.pools", "Guest.disks", "Guest.firmware", "Guest.snapshots", "Guest.files", "Guest.managed_save"),
    limits={"days": 7, "clusters_apart": 0},
)
def orphaned(seen: Seen) -> Verdicts:
    """Found for images in folders; not where anything has its name, or is not known well enough to be sure."""
    fleet = seen.fleet
    if not fleet.whole:
        yield from absent(fleet)
        return
    images = Images(fleet)
    doubts = _doubts(images, seen)
    youngest = _youngest(images.oldest, seen.limits["days"])
    told: set[tuple[str, str]] = set()
    for host in fleet.hosts:
        if not host.read or host.pools is None:
            why = "its pools were not read" if host.read else "the host was never read"
            yield Missing(why=why, host=host.name, subject="host")
            continue
        cluster = seen.fleet.cluster_of(host.name)
        for pool in host.pools:
            yield from _of_pool(_Place(host, pool, images, doubts[cluster.name], youngest), told)


def _youngest(oldest: str | None, days: float) -> str:
    if oldest is None:
        return ""
    return (datetime.fromisoformat(oldest) - timedelta(days=days)).isoformat()


def _doubts(images: Images, seen: Seen) -> Mapping[str, Sequence[str]]:
    """Return by cluster what is not known of the hosts that may use its pools: all, if the site does not say less."""
    clusters = seen.fleet.clusters
    if seen.limits["clusters_apart"] > 0:
        return {cluster.name: images.doubts_of(cluster.hosts) for cluster in clusters}
    every = images.doubts_of(seen.fleet.hosts)
    return {cluster.name: every for cluster in clusters}


def _of_pool(place: _Place, told: set[tuple[str, str]]) -> Verdicts:
    host, pool = place.host, place.pool
    subject = f"pool/{pool.name}"
    if pool.type not in _FOLDERS:
        why = f"volumes of a pool of type {pool.type} may be the host's own, or another machine's"
        yield Missing(why=why, host=host.name, subject=subject)
    elif pool.volumes is None:
        yield Missing(why=f"its volumes were not read: it is {pool.state}", host=host.name, subject=subject)
    else:
        unclear: Mapping[str, list[str]] = defaultdict(list)
        for volume in pool.volumes:
            storage = f"{pool.type} {pool.source}" if pool.type in _SHARED and pool.source else host.name
            key = (storage, volume.name if storage != host.name else tidy(volume.path or volume.name))
            if key in told or _is_other(volume) or place.used(volume):
                continue
            told.add(key)
            reason = next(filter(None, (check(volume, place) for check in _CHECKS)), None)
            if reason is None:
                yield _found(volume, place)
            else:
                unclear[reason].append(volume.name)
        for reason, names in unclear.items():
            what = f"{plural(len(names), 'volume')} ({listed(names)})"
            yield Missing(why=f"{what}: {reason}", host=host.name, subject=subject)


def _found(volume: FleetVolume, place: _Place) -> Found:
    size = volume.allocation_bytes if volume.allocation_bytes is not None else volume.capacity_bytes
    takes = "" if size is None else f"{human_bytes(size)}, "
    return Found(
        message=f"nothing on the site refers to it; {takes}last written {(volume.modified_at or '')[:10]}",
        host=place.host.name,
        subject=f"volume/{place.pool.name}/{volume.name}",
    )


def _is_other(volume: FleetVolume) -> bool:
    """Tell whether it is no disk that a guest would be missed by: a folder, a medium, a file that libvirt keeps."""
    name, path = volume.name.lower(), volume.path or ""
    return (
        volume.type not in {None, "file"}
        or volume.format in {"iso", "dir"}
        or name.endswith(".iso")
        or any(folder in path for folder in _LIBVIRTS_OWN)
    )


def _same_name(volume: FleetVolume, place: _Place) -> str | None:
    uses = place.images.uses_of(volume.path or volume.name)
    if not uses:
        return None
    elsewhere = [f"{use.by} on {use.host}: {use.path}" for use in uses[:2]]
    return f"something of that name is in use, maybe the same file ({'; '.join(elsewhere)})"


def _in_folder(volume: FleetVolume, place: _Place) -> str | None:
    """Name a guest that is given the folder in which a volume lies."""
    for folder in PurePosixPath(tidy(volume.path or "")).parents:
        for use in place.images.uses_of(str(folder)):
            if use.path == str(folder):
                return f"{use.by} on {use.host} is given the folder {use.path}"
    return None


def _not_sure(_: FleetVolume, place: _Place) -> str | None:
    return f"who uses them is not known for sure ({listed(place.doubts, 2)})" if place.doubts else None


def _no_image(volume: FleetVolume, _: _Place) -> str | None:
    name = volume.name.lower()
    if any(word in (volume.path or name).lower() for word in _BACKUPS):
        return "backups, by their names"
    if any(word in name for word in _SEEDS):
        return "seeds of cloud-init, by their names"
    if volume.format in _COPY_ON_WRITE or (volume.format == "raw" and name.endswith(_RAW_SUFFIXES)):
        return None
    return "not known to be disks of guests"


def _data_file(volume: FleetVolume, place: _Place) -> str | None:
    """Name a qcow2 image in use that holds next to no data: its data may be in a raw file beside it."""
    if volume.format != "raw":
        return None
    for other in place.volumes.by_path.values():
        if other.format in _COPY_ON_WRITE and other.capacity_bytes == volume.capacity_bytes and place.used(other):
            room = (volume.capacity_bytes or 0) // 1000 + _METADATA_BYTES
            if other.allocation_bytes is None or other.allocation_bytes <= room:
                return f"maybe the data of {other.name}, which holds next to none itself"
    return None


def _link(volume: FleetVolume, place: _Place) -> str | None:
    """Name an image in use that may be the same file: one of the same sizes and time, or of a place nobody lists."""
    for other in place.volumes.by_path.values():
        if other.capacity_bytes != volume.capacity_bytes:
            continue
        if other is not volume and _marks(other) == _marks(volume) and place.used(other):
            return f"maybe the same file as {other.name}: sizes and time are the same"
    for size in {volume.capacity_bytes, volume.physical_bytes} - {None}:
        if stray := place.images.strays.get(size):
            return f"maybe what {stray.path} of {stray.by} on {stray.host} leads to: the size is the same"
    return None


def _marks(volume: FleetVolume) -> tuple[object, ...]:
    return volume.capacity_bytes, volume.allocation_bytes, volume.physical_bytes, volume.modified_at


def _young(volume: FleetVolume, place: _Place) -> str | None:
    if volume.modified_at is None:
        return "when they were last written is not known"
    if datetime.fromisoformat(volume.modified_at) > datetime.fromisoformat(place.youngest):
        return "written lately: whoever made them may not be done"
    return None


_CHECKS: Sequence[Callable[[FleetVolume, _Place], str | None]] = (
    _same_name, _in_folder, _not_sure, _no_image, _data_file, _link, _young,
)  # fmt: skip
"""Each says why it is not certain that nobody needs a volume, or nothing."""
