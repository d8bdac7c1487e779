"""Reads OpenSSH's host certificates and checks what they claim; the format is OpenSSH's PROTOCOL.certkeys.

paramiko checks that the host holds the key inside a certificate, and nothing that the certificate says. The rest is
here: the authority's signature, the time, the names, and that it is a host's and asks for nothing that we do not know.
"""

import struct
from collections.abc import Sequence

import msgspec

from omc.drivers.ssh.patterns import matches

SUFFIX = "-cert-v01@openssh.com"
_HOST = 2
# Kind of key → how many strings the key itself has.
_FIELDS = {
    "ssh-ed25519": 1,
    "ssh-rsa": 2,
    "ecdsa-sha2-nistp256": 2,
    "ecdsa-sha2-nistp384": 2,
    "ecdsa-sha2-nistp521": 2,
}
_SIGNATURES = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-256",
    "rsa-sha2-512",
)


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """What a certificate says. `key` is the host's own key as a plain one, `signed` what `signature` is about."""

    key: bytes
    serial: int
    kind: int
    name: str
    principals: Sequence[str]
    valid_after: int  # seconds since 1970, included
    valid_before: int  # not included
    critical_options: Sequence[str]
    authority: bytes
    signed: bytes
    signature: bytes

    def fault(self, host: str, now: float) -> str:
        """Return why this certificate does not speak for a host now; empty where it does."""
        if self.kind != _HOST:
            return "it is a user's certificate"
        if self.critical_options:
            return f"it has the critical option {self.critical_options[0]!r}"
        if now < self.valid_after:
            return "it is not valid yet"
        if now >= self.valid_before:
            return "it has expired"
        if not self.principals:
            return "it names no host"
        if not matches([name for name in self.principals if not name.startswith("!")], host):
            return f"it is for {', '.join(self.principals[:5])}"
        if self.signature_kind not in _SIGNATURES:
            return f"it is signed with {self.signature_kind}"
        return ""

    @property
    def signature_kind(self) -> str:
        """The algorithm of the authority's signature."""
        return _Fields(self.signature).text()


def parse(blob: bytes) -> Certificate:
    """Read a certificate; raise ValueError where it is none."""
    fields = _Fields(blob)
    kind = fields.text().removesuffix(SUFFIX)
    if kind not in _FIELDS:
        raise ValueError(f"unknown kind of certificate {kind!r}")
    fields.string()  # the nonce
    key = _string(kind.encode()) + b"".join(_string(fields.string()) for _ in range(_FIELDS[kind]))
    certificate = Certificate(
        key=key,
        serial=fields.number(8),
        kind=fields.number(4),
        name=fields.text(),
        principals=[_text(name) for name in _Fields(fields.string()).strings()],
        valid_after=fields.number(8),
        valid_before=fields.number(8),
        critical_options=[_text(name) for name in _Fields(fields.string()).strings()[::2]],
        authority=(fields.string(), fields.string(), fields.string())[2],  # after the extensions and what is reserved
        signed=fields.taken(),
        signature=fields.string(),
    )
    if fields.strings() or len(_Fields(certificate.signature).strings()) != 2:
        raise ValueError("it is longer than it says")
    return certificate


class _Fields:
    """Takes one field after the other from SSH's binary form."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self, size: int) -> int:
        return int.from_bytes(self._take(size), "big")

    def string(self) -> bytes:
        return self._take(self.number(4))

    def text(self) -> str:
        return _text(self.string())

    def strings(self) -> list[bytes]:
        found = []
        while self._at < len(self._data):
            found.append(self.string())
        return found

    def taken(self) -> bytes:
        return self._data[: self._at]

    def _take(self, size: int) -> bytes:
        data = self._data[self._at : self._at + size]
        if len(data) < size:
            raise ValueError("it is cut short")
        self._at += size
        return data


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")
