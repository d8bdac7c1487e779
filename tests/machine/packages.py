"""The packages that a machine has beside this machine's own: downloaded once with all that they need, then kept."""

import fcntl
import hashlib
import tempfile
from pathlib import Path

from tests.lab.process import LabError, run

PROGRAMS = Path(__file__).with_name("programs.txt")
_CACHE = Path("/var/cache/omc-lab")
_SECONDS = 300
_INSTALLED = Path("/var/lib/dpkg/status")


def names() -> list[str]:
    """Return the packages' names."""
    lines = (line.partition("#")[0].strip() for line in PROGRAMS.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def folder() -> Path:
    """Return a folder with all of them as *.deb; the first time they are downloaded, 20 MB.

    Which packages that takes follows from what is installed here, so each state of this machine has its own folder.
    """
    state = hashlib.sha256(PROGRAMS.read_bytes() + _INSTALLED.read_bytes()).hexdigest()[:12]
    kept = _CACHE / f"programs-{state}"
    _CACHE.mkdir(parents=True, exist_ok=True)
    with (_CACHE / "programs.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.is_dir():
            _download(kept)
    return kept


def _download(kept: Path) -> None:
    """Download under another name first: what has its right name is whole."""
    with tempfile.TemporaryDirectory(dir=_CACHE) as making:
        archives = Path(making, "archives")
        (archives / "partial").mkdir(parents=True)
        settings = (f"Dir::Cache::archives={archives}", "Debug::NoLocking=1", "APT::Sandbox::User=root")
        options = [word for setting in settings for word in ("-o", setting)]
        get = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", *options)
        install = (*get, "install", "--download-only", "--no-install-recommends", *names())
        try:
            run(*install, timeout=_SECONDS)
        except LabError:  # a machine whose lists of packages are old, or that has none
            run(*get, "update", timeout=_SECONDS)
            run(*install, timeout=_SECONDS)
        (archives / "partial").rmdir()
        (archives / "lock").unlink(missing_ok=True)
        archives.rename(kept)
