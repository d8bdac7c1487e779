"""Reads known_hosts files once, into a table that answers at once: names as they stand, hashed, with wildcards.

A look-up of a plain name is one look into a dict, however many hosts there are. What the keys and authorities then
mean for a host is decided in `trust`.
"""

import binascii
import hmac
from base64 import b64decode
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from omc.drivers.ssh.patterns import is_plain, matches

KEY, AUTHORITY, REVOKED = "", "@cert-authority", "@revoked"
_MARKERS = (AUTHORITY, REVOKED)
_HASHED = "|1|"
DEFAULT_PORT = 22


class Entry(msgspec.Struct, frozen=True):
    """One line: whose key it is, and what it is worth."""

    marker: str
    kind: str  # as the line names it: ssh-ed25519
    key: bytes
    where: str  # FILE:LINE


class _Hashed(msgspec.Struct, frozen=True):
    salt: bytes
    digest: bytes
    entry: Entry


class _Patterned(msgspec.Struct, frozen=True):
    patterns: Sequence[str]
    entry: Entry


class KnownHosts:
    """What some files say. `faults` are lines that could not be read, each as "FILE:LINE: what is wrong"."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self._plain: dict[str, list[Entry]] = {}
        self._hashed: list[_Hashed] = []
        self._patterned: list[_Patterned] = []

    def add_text(self, text: str, path: str) -> None:
        """Take the lines of one file."""
        for number, line in enumerate(text.splitlines(), 1):
            fields = line.split()
            if not fields or fields[0].startswith("#"):
                continue
            try:
                self._add(fields, f"{path}:{number}")
            except ValueError as error:
                self.faults.append(f"{path}:{number}: {error}")

    def entries(self, name: str) -> list[Entry]:
        """Return every line for a name, as `lookup_name` gives it."""
        name = name.lower()
        found = list(self._plain.get(name, ()))
        found += [one.entry for one in self._patterned if matches(one.patterns, name)]
        text = name.encode()
        found += [one.entry for one in self._hashed if hmac.digest(one.salt, text, "sha1") == one.digest]
        return found

    def _add(self, fields: Sequence[str], where: str) -> None:
        marker = KEY
        if fields[0].startswith("@"):
            marker, fields = fields[0], fields[1:]
            if marker not in _MARKERS:
                raise ValueError(f"expected {' or '.join(_MARKERS)}, found {marker!r}")
        if len(fields) < 3:
            raise ValueError("expected names, a kind of key and a key")
        names, kind, text = fields[:3]
        entry = Entry(marker, kind, _key(kind, text), where)
        if names.startswith(_HASHED):
            self._hashed.append(_hashed(names, entry))
            return
        listed = [name.lower() for name in names.split(",") if name]
        if all(map(is_plain, listed)):
            for name in dict.fromkeys(listed):
                self._plain.setdefault(name, []).append(entry)
        else:
            self._patterned.append(_Patterned(listed, entry))


def read(paths: Iterable[Path]) -> KnownHosts:
    """Read files; one that is not there has no hosts, one that cannot be read is a fault."""
    known = KnownHosts()
    for path in paths:
        try:
            known.add_text(path.read_text(encoding="utf-8", errors="surrogateescape"), str(path))
        except FileNotFoundError:
            continue
        except OSError as error:
            known.faults.append(f"{path}: {error.strerror}")
    return known


def lookup_name(name: str, port: int) -> str:
    """Return a host's name as known_hosts has it: with the port only where that is not 22."""
    return name if port == DEFAULT_PORT else f"[{name}]:{port}"


def _key(kind: str, text: str) -> bytes:
    try:
        key = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("the key is no base64") from None
    length = int.from_bytes(key[:4], "big")
    if len(key) < 4 or key[4 : 4 + length] != kind.encode("utf-8", "surrogateescape"):
        raise ValueError(f"the key is not of the kind {kind!r}")
    return key


def _hashed(names: str, entry: Entry) -> _Hashed:
    salt, _, digest = names.removeprefix(_HASHED).partition("|")
    try:
        return _Hashed(b64decode(salt, validate=True), b64decode(digest, validate=True), entry)
    except (binascii.Error, ValueError):
        raise ValueError("the hashed name is no base64") from None
