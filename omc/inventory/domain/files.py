"""Every file of the host that a guest needs, as far as libvirt names it.

They are searched for in the text, so that no element is forgotten that omc does not read: a snapshot's memory, a
TPM's state, a folder that is shared, the disks of a snapshot's own configuration. What a file is for is not known; it
is enough that somebody asks for it.
"""

import re
from collections.abc import Iterable, Iterator
from html import unescape

from omc.model import Disk, Guest
from omc.ports import RawGuest

MOST_FILES = 10_000
"""A guest that names more tells nothing: then the files count as not read."""

_NAMED = re.compile(
    r"""='(/[^'<]+)'|="(/[^"<]+)"|>\s*(/[^<]+)<"""
    r"""|=(/[^'"<,]+)|&quot;(/[^&'<]+)&quot;"""  # inside of an argument for QEMU: file=/a,format=raw; {"filename":"/a"}
    r"""|\spool='([^'<]+)' volume='([^'<]+)'"""
)
_ENVIRONMENT = re.compile(r"<qemu:env [^>]*>")  # may hold secrets
_PARTITION = "/machine"  # the control group that guests are in where nobody says another
_OF_THE_SYSTEM = ("/usr/", "/dev/", "/run/", "/var/run/", "/sys/", "/proc/", "/var/lib/libvirt/qemu/channel/")


def named_files(parsed: Guest, raw: RawGuest, *, active: bool) -> tuple[str, ...] | None:
    """Return the paths, and POOL/VOLUME, that no field of the guest has; None where not all of its XML was read."""
    if not raw.xml or raw.snapshots is None or raw.checkpoints is None:
        return None
    if raw.inactive_xml is None and active and raw.persistent is not False:
        return None
    found: set[str] = set()
    for text in (raw.xml, raw.inactive_xml or "", *raw.snapshots, *raw.checkpoints):
        found.update(_paths(text))
        if len(found) > MOST_FILES:
            return None
    return tuple(sorted(found.difference(_known(parsed))))


def _paths(text: str) -> Iterator[str]:
    for *paths, pool, volume in _NAMED.findall(_ENVIRONMENT.sub("", text)):
        name = "".join(paths).strip() or f"{pool}/{volume}"
        if name != _PARTITION and not name.startswith(_OF_THE_SYSTEM):
            yield unescape(name) if "&" in name else name


def _known(guest: Guest) -> Iterable[str | None]:
    yield guest.firmware.nvram
    for disk in guest.disks:
        yield from _of_disk(disk)


def _of_disk(disk: Disk) -> Iterable[str | None]:
    yield disk.source
    yield disk.mirror
    yield from (image.source for image in disk.backing_chain)
