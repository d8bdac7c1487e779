"""Sizes of disks are what `qemu-img info` and `stat` say of the same files, whether their guest runs or not."""

import json
from pathlib import Path
from typing import NamedTuple

import libvirt
import pytest

from omc.inventory.domain.sizes import Sizes, block_sizes
from tests.lab.disks import INSIDE
from tests.lab.host import Host

pytestmark = pytest.mark.lab


class File(NamedTuple):
    """What qemu-img and the file system say of one file."""

    capacity: int
    taken: int
    length: int


def file_of(host: Host, name: str) -> File:
    path = INSIDE / name
    info = json.loads(host.run("qemu-img", "info", "--force-share", "--output=json", str(path)))
    status = (host.images / name).stat()
    assert info["actual-size"] == status.st_blocks * 512
    return File(info["virtual-size"], status.st_blocks * 512, status.st_size)


def images_of(host: Host, guest: str) -> dict[str, Sizes]:
    """File → what libvirt's statistics say of it, as omc reads them."""
    with host.connect() as connection:
        domain = connection.lookupByName(guest)
        flags = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_BACKING
        ((_, stats),) = connection.domainListGetStats([domain], libvirt.VIR_DOMAIN_STATS_BLOCK, flags)
        disks = block_sizes(stats, active=bool(domain.isActive()))
    return {Path(str(image[0])).name: image for images in disks.values() for image in images}


@pytest.mark.parametrize(("guest", "count"), [("web1", 2), ("overlay1", 3)])
def test_a_running_guests_disk_has_its_virtual_size_the_end_of_what_was_written_and_the_space_taken(
    furnished: Host, guest: str, count: int
) -> None:
    images = images_of(furnished, guest)
    assert count == len(images)
    for name, (_, capacity, allocation, physical) in images.items():
        file = file_of(furnished, name)
        assert (file.capacity, file.taken) == (capacity, physical)
        assert allocation is not None
        assert 0 <= allocation <= file.length


@pytest.mark.parametrize("guest", ["chain1", "rewind1"])
def test_the_disk_of_a_guest_that_is_off_has_its_virtual_size_the_length_and_the_space_taken(
    furnished: Host, guest: str
) -> None:
    images = images_of(furnished, guest)
    assert images
    for name, (_, capacity, allocation, physical) in images.items():
        assert file_of(furnished, name) == (capacity, physical, allocation)


def test_a_volume_calls_the_space_taken_its_allocation_and_the_length_its_physical_size(furnished: Host) -> None:
    with furnished.connect() as connection:
        volume = connection.storagePoolLookupByName("images").storageVolLookupByName("golden.qcow2")
        _, capacity, allocation = volume.info()
        _, _, physical = volume.infoFlags(libvirt.VIR_STORAGE_VOL_GET_PHYSICAL)
    assert file_of(furnished, "golden.qcow2") == (capacity, allocation, physical)
