"""What libvirt knows about this machine's QEMU, kept between labs: finding it out takes each new libvirtd 1.5 s.

libvirt itself notices when what it is given does not fit its QEMU any more; the folder's name changes then too.
"""

import shutil
from pathlib import Path

from tests.lab.host import Host

_CACHE = Path("/var/cache/omc-lab")
_BINARIES = ("libvirtd", "qemu-system-x86_64")


def give(host: Host) -> None:
    """Put what is kept where the host's libvirt looks for it; nothing happens if nothing is kept yet."""
    if _kept().is_dir():
        shutil.copytree(_kept(), _own(host), copy_function=shutil.copy2)


def keep(host: Host) -> None:
    """Let the host find out, unless it is kept already, and keep it for all hosts to come."""
    if _kept().is_dir():
        return
    with host.connect() as connection:
        connection.getCapabilities()
    if _own(host).is_dir():
        _kept().parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(_own(host), _kept(), dirs_exist_ok=True)


def _own(host: Host) -> Path:
    return host.folder / "cache" / "qemu" / "capabilities"


def _kept() -> Path:
    changed = [Path(path).stat().st_ctime_ns for name in _BINARIES if (path := shutil.which(name))]
    return _CACHE / "capabilities" / "-".join(str(time) for time in changed)
