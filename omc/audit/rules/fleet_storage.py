"""Rules on storage of several hosts: images that two guests write, pools that should be one and are not."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from omc.audit.abreast import doubled, left_out, machines
from omc.audit.fleet import Cluster, FleetDisk, FleetGuest, FleetHost, FleetPool
from omc.audit.guests import listed
from omc.audit.images import LOCAL_TYPES, Volumes, chain_of
from omc.audit.rule import Found, Missing, Seen, Verdicts, fleet_rule, typed
from omc.audit.rules.host_cluster import counted, unread
from omc.model.pools import shared_storage

_ON_ONE_HOST = "host"


class _Part(msgspec.Struct, frozen=True, gc=False):
    """An image in the hands of a guest; `place` is where it lies, the host's name where others may not reach it."""

    place: tuple[str, str, str]  # kind, whose, path
    host: FleetHost
    guest: FleetGuest
    disk: FleetDisk
    writes: bool


@fleet_rule(
    "G19",
    severity="critical",
    title="Two guests use an image that one of them may write",
    reason="Each has its own idea of the file system on it: it is destroyed in minutes. What lies below other images "
    "may not be written at all.",
    source="libvirt, formatdomain: shareable; Virtual machine lock manager",
    fix="stop {guest}, and give it an image of its own; a template's disk is to be <readonly/>; <shareable/>, and a "
    "cluster file system, where both are meant",
    reads=("Guest.disks", "Guest.state", "Host.pools"),
)
def written_twice(seen: Seen) -> Verdicts:
    """Found for each guest whose image another writes; as a warning where they do not run at the same time."""
    yield from left_out(seen)
    yield from doubled(seen.fleet)
    parts: dict[tuple[str, str, str], list[_Part]] = defaultdict(list)
    for host in machines(seen.fleet):
        for part in _parts(host, seen):
            parts[part.place].append(part)
    for group in parts.values():
        yield from _in_conflict(group)
    yield from _maybe_shared(parts, seen)


def _parts(host: FleetHost, seen: Seen) -> Iterator[_Part]:
    volumes = Volumes(host)
    shared = [pool for pool in host.pools or () if shared_storage(pool.type, pool.source) and pool.path]
    for guest in host.guests:
        for disk in guest.disks:
            if disk.device not in {"disk", "lun"}:
                continue
            for index, (source, _) in enumerate(chain_of(disk)):
                kind = disk.backing_chain[index - 1].type if index else disk.type
                path = volumes.path_of(source) if kind in LOCAL_TYPES else source
                writes = index == 0 and not disk.readonly and not disk.transient
                yield _Part(_place(kind, path, host, shared, seen), host, guest, disk, writes)


def _place(kind: str, path: str, host: FleetHost, shared: Sequence[FleetPool], seen: Seen) -> tuple[str, str, str]:
    if kind == "network":
        named, socket = ":///" not in path, "?socket=" in path
        whose = host.name if socket else ("" if named else seen.fleet.cluster_of(host.name).name)
        return (_ON_ONE_HOST if socket else "network", whose, path)
    if path.startswith("/dev/disk/by-id/"):
        return ("lun", "", path)
    for pool in shared:
        folder = f"{(pool.path or '').rstrip('/')}/"
        if kind in LOCAL_TYPES and path.startswith(folder):
            return ("pool", f"{pool.type} {pool.source}", path.removeprefix(folder))
    return (_ON_ONE_HOST, host.name, path)


def _in_conflict(group: Sequence[_Part]) -> Verdicts:
    """Find each guest that may write the image of another one, unless both say that it is shared.

    Those that have it below their own do no harm: what is wrong, and is to be mended, is the one that may write it.
    """
    for part in (part for part in group if part.writes):
        others = [
            other
            for other in group
            if other.guest.uuid != part.guest.uuid and not (other.disk.shareable and part.disk.shareable)
        ]
        if others:
            base = not any(other.writes for other in others)
            name = typed(part.guest.name)
            at_once = part.guest.active and any(other.guest.active for other in others)
            yield Found(
                message=f"{part.disk.target}: {part.place[2]} is {listed([_told(other) for other in others], 3)}",
                host=part.host.name,
                subject=f"guest/{part.guest.name}",
                severity="" if at_once else "warning",
                fix=f"keep {name} off, and make that disk <readonly/>: virsh edit {name}" if base else "",
            )


def _told(part: _Part) -> str:
    how = "written as" if part.writes else "below"
    return f"{how} {part.disk.target} of {part.guest.name} on {part.host.name}"


def _maybe_shared(parts: Mapping[tuple[str, str, str], Sequence[_Part]], seen: Seen) -> Iterator[Missing]:
    """Say where hosts of a cluster have images of one path, and nothing tells whether their storage is the same."""
    paths: dict[tuple[str, str], list[_Part]] = defaultdict(list)
    for (kind, whose, path), group in parts.items():
        if kind == _ON_ONE_HOST and path.startswith("/"):
            cluster = seen.fleet.cluster_of(whose).name
            paths[cluster, path].extend(part for part in group if part.writes)
    for (_, path), group in paths.items():
        if len({part.host.name for part in group}) > 1 and len({part.guest.uuid for part in group}) > 1:
            names = listed(sorted({f"{part.guest.name} on {part.host.name}" for part in group}), 3)
            why = f"{path} is a disk of {names}: whether it is one file is not known"
            yield Missing(why=why, host=group[0].host.name, subject=f"guest/{group[0].guest.name}")


@fleet_rule(
    "F07",
    severity="warning",
    title="A pool is not the same on all hosts of a cluster",
    reason="A guest that is moved finds other storage under the name of its pool, or none.",
    source="cv4pve-diag WC0005; libvirt, Storage management; Guest migration",
    fix="pool-dumpxml on a host where it is right, and pool-define with its answer where it is not",
    reads=("Host.pools", "cluster"),
)
def different_pools(seen: Seen) -> Verdicts:
    """Found once a cluster and name with two definitions, and for each host that lacks a pool of shared storage."""
    for cluster in seen.fleet.clusters:
        if len(cluster.hosts) < 2:
            continue
        yield from unread(cluster)
        hosts = [host for host in cluster.hosts if host.read and host.pools is not None]
        for host in cluster.hosts:
            if host.read and host.pools is None:
                yield Missing(why="its pools were not read", host=host.name, subject="host")
        yield from _two_definitions(cluster, hosts)
        yield from _lacking(hosts)


def _two_definitions(cluster: Cluster, hosts: Sequence[FleetHost]) -> Verdicts:
    names: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for host in hosts:
        for pool in host.pools or ():
            # Of a host's own storage the source is a disk of that host: another one on each, and so it should be.
            source = pool.source if shared_storage(pool.type, pool.source) or not pool.path else None
            where = " at ".join(part for part in (source, pool.path) if part)
            names[pool.name][f"{pool.type} {where}".strip()].append(host.name)
    for name, definitions in sorted(names.items()):
        if len(definitions) > 1:
            fix = f"pool-dumpxml {typed(name)} on a host where it is right, and pool-define where it is not"
            yield Found(message=f"pool {name}: {counted(definitions)}", subject=f"cluster/{cluster.name}", fix=fix)


def _lacking(hosts: Sequence[FleetHost]) -> Verdicts:
    owners: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for host in hosts:
        for pool in host.pools or ():
            if (storage := shared_storage(pool.type, pool.source)) is not None:
                owners[storage][host.name] = pool.name
    for (kind, source), names in sorted(owners.items()):
        owner = min(hosts, key=lambda host: (host.name not in names, host.name))
        name, uri = names[owner.name], f"-c {typed(owner.uri)} " if owner.uri else ""
        dump = f"virsh {uri}pool-dumpxml --inactive {typed(name)} >pool.xml"
        for host in hosts:
            if host.name not in names:
                message = f"it has no pool of {kind} {source}, as {listed(sorted(names), 3)}"
                fix = f"{dump}; virsh pool-define pool.xml; virsh pool-start {typed(name)}"
                yield Found(message=message, host=host.name, subject=f"pool/{name}", fix=fix)
