"""Names a file's content without telling it: what plan files and the store keep in place of text.

A digest of a file that holds a short secret is as good as the secret itself to whoever can guess: for such files the
digest is keyed (HMAC-SHA-256) with a key that never leaves this user's state folder. Both forms say which they are,
and the keyed one which key it is, for nobody can compare it with another: `sha256:DIGEST`, `hmac-sha256:KEY:DIGEST`.
"""

import hashlib
import hmac
import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from omc.errors import OmcError

PLAIN, KEYED = "sha256:", "hmac-sha256:"
_KEY_BYTES = 32


class Fingerprints:
    """Makes and compares fingerprints with one key, which is asked for when it is first needed."""

    def __init__(self, key: Callable[[], bytes]) -> None:
        self._make_key = key

    @cached_property
    def _key(self) -> bytes:
        return self._make_key()

    @cached_property
    def name(self) -> str:
        """A name of the key that tells nothing of it."""
        return self._keyed("name of the key")[:12]

    def of(self, digest: str, *, secret: bool) -> str:
        """Return the fingerprint of content with that SHA-256 (in hex); `secret`: it may hold a secret."""
        return f"{KEYED}{self.name}:{self._keyed(digest)}" if secret else PLAIN + digest

    def of_content(self, content: bytes, *, secret: bool) -> str:
        """Return the fingerprint of this content."""
        return self.of(hashlib.sha256(content).hexdigest(), secret=secret)

    def fits(self, fingerprint: str, digest: str) -> bool:
        """Tell whether content with that digest has this fingerprint."""
        return hmac.compare_digest(fingerprint, self.of(digest, secret=fingerprint.startswith(KEYED)))

    def is_foreign(self, fingerprint: str | None) -> bool:
        """Tell whether it was made with another key, so that nobody here knows what content it has."""
        if fingerprint is None or not fingerprint.startswith(KEYED):
            return False
        return not fingerprint.startswith(f"{KEYED}{self.name}:")

    def _keyed(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), "sha256").hexdigest()


def holds_secret(*fingerprints: str | None) -> bool:
    """Tell whether one of these is of content that may hold a secret."""
    return any(one is not None and one.startswith(KEYED) for one in fingerprints)


def own_key(path: Path) -> bytes:
    """Return the key in that file, made where there is none; a file that others can read is refused."""
    try:
        return _read(path) if path.exists() else _make(path)
    except OSError as error:
        raise OmcError(f"the key of fingerprints cannot be had: {error.strerror}", where=str(path)) from error


def _read(path: Path) -> bytes:
    mode = path.stat().st_mode
    if mode & 0o077:
        raise OmcError(
            f"others can use the key of fingerprints (its mode is {mode & 0o777:04o})",
            where=str(path),
            hint=f"chmod 600 {path}",
        )
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise OmcError(
            f"the key of fingerprints has {len(key)} bytes, not {_KEY_BYTES}",
            where=str(path),
            hint="remove the file: a new key is made, and saved plans that hold secrets must be made anew",
        )
    return key


def _make(path: Path) -> bytes:
    """Make the key beside its place and link it there: of two who do it at once, both use the first one's."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        os.write(handle, os.urandom(_KEY_BYTES))
        os.fsync(handle)
        path.hardlink_to(part)
    except FileExistsError:
        pass
    finally:
        os.close(handle)
        part.unlink()
    return _read(path)
