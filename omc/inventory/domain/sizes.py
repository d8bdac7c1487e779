"""Sizes of disks and of the images below them: from block statistics, else from the volumes of the pools.

Statistics (virConnectGetAllDomainStats with BACKING) list each disk's images from the top down, all under the disk's
name: `block.N.name`, `.path` (not of network disks), `.capacity`, `.allocation`, `.physical`. libvirt's last two words
change places: of a running guest "allocation" is the highest offset written and "physical" the space taken on the
host, as in the model; of a guest that does not run, and of a volume, "allocation" is the space taken and "physical" the
length of the file. A test of the lab holds that against `qemu-img info` and `stat`; here they stand where the model has
them.
"""

from collections.abc import Mapping

from msgspec import structs

from omc.inventory.domain.disks import CHAIN_DEPTH
from omc.inventory.domain.surroundings import Surroundings
from omc.inventory.markup import whole
from omc.model import ChainImage, Disk, Volume
from omc.ports import Value

Sizes = tuple[str | None, int | None, int | None, int | None]
"""Path, capacity, allocation, physical of one image; each may be missing."""

MOST_IMAGES = 10_000
"""Entries that are read, whatever the count says."""

NO_SIZES: Sizes = (None, None, None, None)


def complete_disks(
    disks: tuple[Disk, ...], stats: Mapping[str, Value], *, surroundings: Surroundings, active: bool
) -> tuple[Disk, ...]:
    """Give each disk its sizes and its chain.

    A running guest's XML has the whole chain. A defined one's often has none: then the volumes tell what lies below.
    """
    listed = block_sizes(stats, active=active)
    return tuple(
        _complete_disk(disk, listed.get(disk.target, ()), surroundings=surroundings, active=active) for disk in disks
    )


def block_sizes(stats: Mapping[str, Value], *, active: bool) -> dict[str, list[Sizes]]:
    """Gather the block statistics of a guest: disk → its images from the top down."""
    images: dict[str, list[Sizes]] = {}
    offset, space = (".allocation", ".physical") if active else (".physical", ".allocation")
    get = stats.get
    for number in range(min(whole(get("block.count")) or 0, MOST_IMAGES)):
        prefix = f"block.{number}"
        name = get(prefix + ".name")
        if isinstance(name, str):
            path = get(prefix + ".path")
            images.setdefault(name, []).append(
                (
                    path if isinstance(path, str) else None,
                    _size(get(prefix + ".capacity")),
                    _size(get(prefix + offset)),
                    _size(get(prefix + space)),
                )
            )
    return images


def _size(value: Value | None) -> int | None:
    number = whole(value)
    return number if number is not None and number >= 0 else None


def _complete_disk(disk: Disk, images: "list[Sizes] | tuple[()]", *, surroundings: Surroundings, active: bool) -> Disk:
    top = images[0] if images else NO_SIZES
    volume = surroundings.volumes.get(disk.source) if disk.source else None
    capacity, allocation, physical = _sizes(top, volume)
    chain = tuple(image for image in disk.backing_chain if image.origin == "xml")
    if chain:
        chain = _chain_sizes(chain, images[1:], surroundings)
    if not active and disk.source:
        chain += _chain_of_volumes(chain[-1].source if chain else disk.source, surroundings)
    return structs.replace(
        disk,
        capacity_bytes=capacity,
        allocation_bytes=allocation,
        physical_bytes=physical,
        backing_chain=chain,
    )


def _sizes(listed: Sizes, volume: Volume | None) -> tuple[int | None, int | None, int | None]:
    """Take each size from the statistics, else from the volume."""
    _, capacity, allocation, physical = listed
    if volume is not None:
        capacity = volume.capacity_bytes if capacity is None else capacity
        allocation = volume.physical_bytes if allocation is None else allocation
        physical = volume.allocation_bytes if physical is None else physical
    return capacity, allocation, physical


def _chain_sizes(
    chain: tuple[ChainImage, ...], images: "list[Sizes] | tuple[()]", surroundings: Surroundings
) -> tuple[ChainImage, ...]:
    """Match the statistics to the images by position; a path that differs is another image (a copy's target)."""
    return tuple(
        _image(
            image,
            images[index] if index < len(images) and images[index][0] in {None, image.source} else NO_SIZES,
            surroundings.volumes.get(image.source),
        )
        for index, image in enumerate(chain)
    )


def _image(image: ChainImage, listed: Sizes, volume: Volume | None) -> ChainImage:
    capacity, allocation, physical = _sizes(listed, volume)
    return structs.replace(
        image,
        format=image.format or (volume.format if volume is not None else None),
        capacity_bytes=capacity,
        allocation_bytes=allocation,
        physical_bytes=physical,
    )


def _chain_of_volumes(source: str, surroundings: Surroundings) -> tuple[ChainImage, ...]:
    """Follow the backing paths of the volumes from `source` down; a circle or a volume of no pool ends it."""
    images: list[ChainImage] = []
    seen = {source}
    volume = surroundings.volumes.get(source)
    while volume is not None and volume.backing_path and len(images) < CHAIN_DEPTH:
        path = volume.backing_path
        if path in seen:
            break
        seen.add(path)
        below = surroundings.volumes.get(path)
        image = ChainImage(source=path, type=_kind(below, path), format=volume.backing_format, origin="volume")
        images.append(_image(image, NO_SIZES, below))
        volume = below
    return tuple(images)


def _kind(volume: Volume | None, path: str) -> str:
    if volume is not None and volume.type in {"file", "block", "network"}:
        return volume.type
    return "block" if path.startswith("/dev/") else "file"
