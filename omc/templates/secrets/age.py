"""Secrets in files that age encrypted, which may lie in the site's own version control.

`path` is a folder of NAME.age, or one FILE.age that holds names and values in YAML. The package pyrage opens them where
it is installed (`pip install omc[age]`), else the program age or rage. Only its owner may be able to read the identity.
"""

import shutil
from pathlib import Path
from typing import Any

from omc.errors import OmcError
from omc.templates.secrets.command import run
from omc.templates.secrets.files import located, named, read_private
from omc.templates.secrets.settings import ProviderSettings

MOST_BYTES = 4 << 20


def value(provider: ProviderSettings, root: Path, name: str) -> str:
    """Return one secret; raise OmcError where it is not there, or the identity does not open it."""
    path = located(provider.path, root)
    if path.is_dir():
        return _opened(provider, root, path / f"{name}.age")
    return named(_opened(provider, root, path).encode(), name, path)


def _opened(provider: ProviderSettings, root: Path, path: Path) -> str:
    identity = located(provider.identity, root)
    keys = read_private(identity)
    if not path.is_file():
        raise OmcError(f"there is no file {path}")
    if path.stat().st_size > MOST_BYTES:
        raise OmcError(f"{path} has more than {MOST_BYTES} bytes")
    try:
        import pyrage
    except ImportError:
        return _by_program(provider, identity, path)
    return _by_package(pyrage, keys, path)


def _by_package(package: Any, keys: bytes, path: Path) -> str:
    lines = [line.strip() for line in keys.decode("utf-8", "replace").splitlines()]
    try:
        if b"-----BEGIN" in keys:
            identities = [package.ssh.Identity.from_buffer(keys)]
        else:
            identities = [package.x25519.Identity.from_str(line) for line in lines if line and line[0] != "#"]
        return str(package.decrypt(path.read_bytes(), identities).decode("utf-8"))
    except (package.IdentityError, package.DecryptError, UnicodeDecodeError):
        # Without the package's own words: they are not known to hold nothing of what it read.
        raise OmcError(f"the identity does not open {path}") from None


def _by_program(provider: ProviderSettings, identity: Path, path: Path) -> str:
    program = shutil.which("age") or shutil.which("rage")
    if program is None:
        raise OmcError("neither pyrage nor the program age is installed", hint="pip install 'omc[age]'")
    return run([program, "--decrypt", "--identity", str(identity), str(path)], path.parent, provider.timeout_seconds)
