"""The Linux guest of the lab: kernel and initramfs, made once from the distribution's packages, then kept."""

import hashlib
import shutil
import tempfile
from pathlib import Path

import msgspec

from tests.lab.process import run

_CACHE = Path("/var/cache/omc-lab")
_SCRIPT = Path(__file__).with_name("linux-guest.sh")
_MAKE_SECONDS = 300


class Image(msgspec.Struct, frozen=True):
    """Paths of kernel and initramfs, the same on this machine and on the hosts."""

    kernel: str
    initrd: str


def image() -> Image:
    """The image; making it the first time downloads 30 MB of packages and takes 10 s or so."""
    version = hashlib.sha256(_SCRIPT.read_bytes()).hexdigest()[:12]
    folder = _CACHE / f"linux-guest-{version}"
    if not folder.is_dir():
        _make(folder)
    return Image(str(folder / "vmlinuz"), str(folder / "initrd.gz"))


def _make(folder: Path) -> None:
    """Make it under another name first: what has its right name is whole, also when two labs make it at once."""
    _CACHE.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=_CACHE))
    try:
        run(str(_SCRIPT), str(making), timeout=_MAKE_SECONDS)
        if not folder.is_dir():
            making.rename(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)
