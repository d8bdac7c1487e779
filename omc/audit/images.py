"""Which images and files the guests of all hosts refer to, and of which guests that is not wholly known.

For whoever looks for what nobody needs: each doubt here is for the image. So names count as well as paths (a link, a
mount elsewhere), all hosts count for each (storage may be shared without anybody saying so), and a chain of images that
cannot be followed to its end is a doubt.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from posixpath import dirname, join, normpath

import msgspec

from omc.audit.fleet import Fleet, FleetDisk, FleetGuest, FleetHost, FleetImage, FleetVolume

LOCAL_TYPES = frozenset({"file", "block", "volume", "dir"})
"""Types of sources that are files or devices of the host."""

_MADE_OF_FILES = ("/dev/loop", "/dev/nbd")
"""Devices behind which there is a file."""

_ALONE = ("/usr/", "/var/lib/libvirt/qemu/")
_SCHEME = re.compile(r"[a-z0-9+]+://")

_TELLS_CHAINS = frozenset({"kvm", "qemu"})
"""Types of guests whose live XML has the whole chain."""

_IMAGE_SUFFIXES = (".qcow2", ".qcow", ".qed", ".img", ".vmdk", ".vdi", ".vhd", ".vhdx", ".snap")


class Use(msgspec.Struct, frozen=True, gc=False):
    """Somebody refers to `path`: a guest, or a volume that lies above it."""

    path: str
    host: str
    by: str  # "guest web", "volume web.qcow2"


class Images:
    """What all guests of a fleet refer to."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self.uses: Mapping[str, list[Use]] = defaultdict(list)  # by the last part of the path
        self.doubts: Mapping[str, list[str]] = defaultdict(list)  # by host: what is not known of it
        self.strays: dict[int | None, Use] = {}  # by size, one of each: images that no pool of their host lists
        for host in fleet.hosts:
            self._read(host)

    def doubts_of(self, hosts: Iterable[FleetHost]) -> list[str]:
        """Return what is not known of these hosts."""
        return [f"{host.name}: {doubt}" for host in hosts for doubt in self.doubts.get(host.name, ())]

    @cached_property
    def oldest(self) -> str | None:
        """The time of the oldest facts; what was written later may have a user that nobody saw yet."""
        return min((host.collected_at for host in self._fleet.hosts if host.collected_at), default=None)

    def uses_of(self, path: str) -> list[Use]:
        """Return the uses of what has the same name, wherever it lies."""
        return self.uses.get(last_part(path), [])

    def _read(self, host: FleetHost) -> None:
        if not host.read:
            self.doubts[host.name].append("it was never read")
            return
        if host.status != "ok":
            self.doubts[host.name].append("it was not wholly read the last time")
        if host.pools is None:
            self.doubts[host.name].append("its pools were not read")
        volumes = Volumes(host)
        unfollowed = dict(self._read_volumes(host, volumes))
        for guest in host.guests:
            self._read_guest(host, guest, volumes)
            if unfollowed and guest.active and guest.type in _TELLS_CHAINS:
                for source in (source for disk in guest.disks for source, _ in chain_of(disk)):
                    unfollowed.pop(tidy(source), None)
        for path, name in unfollowed.items():
            self.doubts[host.name].append(f"what lies below {path}, itself below volume {name}, is not known")

    def _read_volumes(self, host: FleetHost, volumes: "Volumes") -> Iterator[tuple[str, str]]:
        """Note what lies below volumes; give the images below which nobody knows what lies, and the volume above."""
        for volume in volumes.by_path.values():
            if not volume.backing_path or not volume.path:
                continue
            if _SCHEME.match(volume.backing_path):
                self._use(volume.backing_path, host, f"volume {volume.name}")
                continue
            below = normpath(join(dirname(volume.path), volume.backing_path))
            self._use(below, host, f"volume {volume.name}")
            if volume.backing_format != "raw" and volumes.of(below) is None and not volumes.lacks(below):
                yield below, volume.name

    def _read_guest(self, host: FleetHost, guest: FleetGuest, volumes: "Volumes") -> None:
        doubts = self.doubts[host.name]
        if guest.type is None or guest.files is None:
            doubts.append(f"not all files of guest {guest.name} are known: omc inventory")
        if guest.managed_save is not False:
            doubts.append(f"guest {guest.name} has saved memory, with disks of that time, or may have")
        held = guest.active and guest.type in _TELLS_CHAINS
        for path in references(guest):
            self._use(volumes.path_of(path), host, f"guest {guest.name}")
        for disk in guest.disks:
            self._stray(host, guest, disk, volumes)
            if not held and not ends_known(disk, volumes):
                doubts.append(f"what lies below {disk.source} of guest {guest.name} is not known")
        for path in sorted({*_of_snapshots(guest), *_mirrors(guest), *_like_images(guest)}):
            if volumes.of(path) is None and not (held and _is_held(path, guest)):
                doubts.append(f"what lies below {path} of guest {guest.name} is not known")

    def _use(self, path: str, host: FleetHost, by: str) -> None:
        self.uses[last_part(path)].append(Use(path, host.name, by))

    def _stray(self, host: FleetHost, guest: FleetGuest, disk: FleetDisk, volumes: "Volumes") -> None:
        """Remember the sizes of what no pool lists: both, for one whose format is said wrongly has the other's."""
        images: tuple[FleetDisk | FleetImage, ...] = (disk, *disk.backing_chain)
        for image in images:
            if not image.source or image.type not in LOCAL_TYPES or volumes.of(image.source) is not None:
                continue
            for size in {image.capacity_bytes, image.allocation_bytes} - {None}:
                self.strays.setdefault(size, Use(image.source, host.name, f"guest {guest.name}"))
            if image.capacity_bytes is None and disk.device in {"disk", "lun"} and _may_lead(image.source, volumes):
                why = f"the size of {image.source} of guest {guest.name}, in no pool, was not read"
                self.doubts[host.name].append(why)


def last_part(path: str) -> str:
    """Return a path's last part; of a tidy one it is never empty."""
    return path.rpartition("/")[2]


def tidy(path: str) -> str:
    """Return a path without what changes nothing in it; most have none, and cost no more than a look."""
    return normpath(path) if "//" in path or "/." in path or path.endswith("/") else path


class Volumes:
    """The volumes of a host's pools, to be found by path and by POOL/NAME."""

    def __init__(self, host: FleetHost) -> None:
        self.by_path: dict[str, FleetVolume] = {}
        self._by_name: dict[str, FleetVolume] = {}
        self._folders = {pool.name: pool.path for pool in host.pools or ()}
        self._listed = {tidy(pool.path) for pool in host.pools or () if pool.path and pool.volumes is not None}
        for pool in host.pools or ():
            for volume in pool.volumes or ():
                self._by_name[f"{pool.name}/{volume.name}"] = volume
                if volume.path:
                    self.by_path.setdefault(tidy(volume.path), volume)

    def of(self, source: str) -> FleetVolume | None:
        """Return the volume that a source is."""
        return self.by_path.get(tidy(source)) if source.startswith("/") else self._by_name.get(source)

    def lacks(self, path: str) -> bool:
        """Tell whether a path is not there: a pool lists its folder, and not it."""
        return dirname(path) in self._listed and self.of(path) is None

    def path_of(self, source: str) -> str:
        """Return the path of a source: that of its volume, of where the volume would lie, or what it says itself."""
        volume = self.of(source)
        if volume is not None and volume.path:
            return tidy(volume.path)
        if source.startswith("/"):
            return tidy(source)
        pool, _, name = source.partition("/")
        folder = self._folders.get(pool)
        return join(folder, name) if folder else tidy(source.partition("?")[0])


def _may_lead(source: str, volumes: Volumes) -> bool:
    """Tell whether a source that no pool lists may be a link to a file: no device is, nor what its folder lacks."""
    is_device = source.startswith("/dev/") and not source.startswith(_MADE_OF_FILES)
    return not is_device and not volumes.lacks(source)


def references(guest: FleetGuest) -> Iterator[str]:
    """Give everything that a guest refers to: paths, POOL/VOLUMEs, URLs."""
    firmware = guest.firmware
    yield from (path for path in (firmware.loader, firmware.nvram, *(guest.files or ())) if path)
    yield from _of_snapshots(guest)
    for disk in guest.disks:
        yield from (source for source, _ in chain_of(disk))
        if disk.mirror:
            yield disk.mirror


def chain_of(disk: FleetDisk) -> Iterator[tuple[str, str | None]]:
    """Give source and format of a disk's images from the top down."""
    if disk.source:
        yield disk.source, disk.format
    yield from ((image.source, image.format) for image in disk.backing_chain if image.source)


def ends_known(disk: FleetDisk, volumes: Volumes) -> bool:
    """Tell whether the chain of a disk that nothing holds open ends where it says: at a raw image, or at a volume."""
    *_, (source, form) = (("", "raw"), *chain_of(disk))
    last = disk.backing_chain[-1].type if disk.backing_chain else disk.type
    is_raw = form == "raw" or (form is None and disk.device in {"cdrom", "floppy"})
    return is_raw or last not in LOCAL_TYPES or not source or volumes.of(source) is not None


def _is_held(path: str, guest: FleetGuest) -> bool:
    return any(path == source for disk in guest.disks for source, _ in chain_of(disk))


def _of_snapshots(guest: FleetGuest) -> Iterator[str]:
    for snapshot in guest.snapshots or ():
        yield from (disk.source for disk in snapshot.disks if disk.source)


def _mirrors(guest: FleetGuest) -> Iterator[str]:
    return (disk.mirror for disk in guest.disks if disk.mirror and not _SCHEME.match(disk.mirror))


def _like_images(guest: FleetGuest) -> Iterator[str]:
    """Give what may be an image with others below it; what libvirt and the distribution made has none."""
    named = (guest.firmware.loader, guest.firmware.nvram, *(guest.files or ()))
    for path in named:
        if path and (path.endswith(_IMAGE_SUFFIXES) or not path.startswith("/")) and not path.startswith(_ALONE):
            yield path
