"""Disks: whether the target reaches the same images, or can be given copies of them."""

from collections.abc import Iterator
from shlex import quote

import msgspec

from omc.audit.guests import is_active, pool_of, storage_of
from omc.audit.migrate.move import Check, Checks, Move, fine, first, never, unknown
from omc.model import ChainImage, Disk, Pool
from omc.model.pools import SHARED_POOLS
from omc.text import human_bytes

AREA = "storage"
_DRIVES = frozenset({"cdrom", "floppy"})


def checks(move: Move) -> Checks:
    """Check each medium; copies that are needed are added up, and made by one command."""
    told = [(disk, one) for disk in move.guest.disks if disk.source is not None for one in _disk(move, disk)]
    copied = [disk for disk, one in told if one.copied]
    for _, one in told:
        yield _with_copies(move, one.check, copied) if one.copied and move.live else one.check
    if copied:
        yield from _copies(move, copied)


def _with_copies(move: Move, check: Check, disks: list[Disk]) -> Check:
    """Add what moves the guest and copies these disks: all others are left alone, for they are there already."""
    options = ("--live", "--persistent", "--undefinesource", "--copy-storage-all", "--migrate-disks")
    targets = ",".join(disk.target for disk in disks)
    command = move.here("migrate", *options, targets, move.guest.name, move.target.uri)
    return msgspec.structs.replace(check, fix="; then ".join(filter(None, (check.fix, command))))


class _Told(msgspec.Struct, frozen=True):
    check: Check
    copied: bool = False


def _disk(move: Move, disk: Disk) -> Iterator[_Told]:
    if move.live and disk.mirror:
        fix = move.here("blockjob", move.guest.name, disk.target)
        yield _Told(first(AREA, f"{disk.target}: a copy of it is under way", fix))
    if disk.encrypted:
        told = f"{disk.target} is encrypted: whether its secret is there is not told"
        yield _Told(unknown(AREA, told, move.there("secret-list")))
    if disk.reservations:
        yield _Told(unknown(AREA, f"{disk.target}: its SCSI reservations need qemu-pr-helper there, too"))
    if disk.type in {"nvme", "vhostuser", "vhostvdpa"}:
        told = f"{disk.target} is a device of this host ({disk.type})"
        yield _Told(never(AREA, told, move.here("detach-disk", move.guest.name, disk.target)))
    elif disk.type == "network":
        yield _Told(_remote(move, disk))
    else:
        yield from _image(move, disk)


def _remote(move: Move, disk: Disk) -> Check:
    """Tell of a disk over the network: where a guest of the target has one of the same servers, it is reached."""
    source = disk.source or ""
    server = source.rpartition("/")[0]
    used = (each.source or "" for guest in move.target.guests if is_active(guest) for each in guest.disks)
    if "+unix:" in source:
        return first(AREA, f"{disk.target}: {source} is a socket of this host", "have what serves it there, too")
    if server and any(each.startswith(f"{server}/") for each in used):
        return fine(AREA, f"{disk.target}: a guest there has a disk of {server}, too")
    told = f"{disk.target}: whether {move.target.name} reaches {source}, and has its secret, is not told"
    return unknown(AREA, told, move.there("secret-list"))


def _image(move: Move, disk: Disk) -> Iterator[_Told]:
    """Tell of a file, block device or volume: reached by both hosts, there by chance, or only here."""
    source = disk.source or ""
    pool = storage_of(disk.type, source, move.source)
    if pool is not None and pool.type in SHARED_POOLS:
        yield _Told(_shared(move, disk, pool))
        return
    other = pool_of(disk.type, source, move.target)
    is_there = _has(other, disk)
    if disk.device in _DRIVES and not is_there:
        yield _Told(_medium(move, disk, told=is_there is not None))
    elif disk.type == "block" and other is None:
        told = f"{disk.target}: whether {source} is the same device on {move.target.name} is not told"
        yield _Told(unknown(AREA, told, f"ls -l {quote(source)} there"))
    elif is_there is None:
        where = source.rpartition("/")[0] or source
        told = f"{disk.target}: no active pool of {move.target.name} has {where}: whether it is shared is not told"
        yield _Told(unknown(AREA, told, f"ls {quote(source)} there; or make pools of it, and omc inventory"))
    elif is_there:
        yield _Told(_twice(disk))
    else:
        yield _Told(_only_here(move, disk), copied=True)


def _has(pool: Pool | None, disk: Disk) -> bool | None:
    """Tell whether a pool has the image; None where no pool has its folder, or its volumes were not read."""
    if pool is None or pool.volumes is None:
        return None
    source = disk.source or ""
    name = source.partition("/")[2] if disk.type == "volume" else None
    return any(source == volume.path or name == volume.name for volume in pool.volumes)


def _shared(move: Move, disk: Disk, pool: Pool) -> Check:
    there = [one for one in move.target.pools or () if (one.type, one.source) == (pool.type, pool.source)]
    if move.target.pools is None:
        return unknown(AREA, f"{disk.target}: the pools of {move.target.name} were not read", "omc inventory")
    if not there:
        fix = f"{move.here('pool-dumpxml', pool.name)} >pool.xml; {move.there('pool-define', 'pool.xml')}"
        return first(AREA, f"{disk.target}: {move.target.name} has no pool of {pool.source or pool.name}", fix)
    if not any(one.state == "running" for one in there):
        return first(AREA, f"{disk.target}: pool {there[0].name} is not active there", _started(move, there[0]))
    if disk.type == "file" and all(one.path != pool.path for one in there):
        told = f"{disk.target}: pool {pool.name} is {pool.path} here and {there[0].path} there"
        return first(AREA, told, f"mount it at {pool.path} there, or migrate with --xml")
    if disk.type == "volume" and all(one.name != pool.name for one in there):
        return first(AREA, f"{disk.target}: pool {pool.name} is called {there[0].name} there", "migrate with --xml")
    return fine(AREA, f"{disk.target}: pool {pool.name} is shared")


def _started(move: Move, pool: Pool) -> str:
    return move.there("pool-start", pool.name)


def _medium(move: Move, disk: Disk, *, told: bool) -> Check:
    fix = move.here("change-media", move.guest.name, disk.target, "--eject", "--live" if move.live else "--config")
    if not told:
        return unknown(AREA, f"{disk.target}: whether {disk.source} is there is not told", f"{fix}, if not")
    return first(AREA, f"{disk.target}: {disk.source} is not there", fix)


def _twice(disk: Disk) -> Check:
    told = f"{disk.target}: both hosts have {disk.source}: whether it is one file or two is not told"
    return unknown(AREA, told, f"ls -i {quote(disk.source or '')} on both; if two, never --copy-storage-all over it")


def _only_here(move: Move, disk: Disk) -> Check:
    told = f"{disk.target}: {disk.source} is on {move.source.name} alone"
    if not move.live:
        return first(AREA, told, f"copy it to the same path on {move.target.name}")
    if disk.backing_chain:
        fix = move.here("blockpull", move.guest.name, disk.target, "--wait")
        return first(AREA, f"{told}, and has {_below(disk.backing_chain)} below it", fix)
    return first(AREA, f"{told}, and is copied on the way", "")


def _below(chain: tuple[ChainImage, ...]) -> str:
    return "one image" if len(chain) == 1 else f"{len(chain)} images"


def _copies(move: Move, disks: list[Disk]) -> Checks:
    """Check the space that copies take, pool by pool; what a disk may grow to counts."""
    needed: dict[str, int] = {}
    for disk in disks:
        pool = pool_of(disk.type, disk.source or "", move.target)
        if pool is not None:
            needed[pool.name] = needed.get(pool.name, 0) + (disk.capacity_bytes or disk.physical_bytes or 0)
    for pool in move.target.pools or ():
        wanted, free = needed.get(pool.name, 0), pool.available_bytes
        if free is not None and wanted > free:
            told = f"the copies take {human_bytes(wanted)}, pool {pool.name} has {human_bytes(free)} free there"
            yield never(AREA, told, f"make room in pool {pool.name} on {move.target.name}")
