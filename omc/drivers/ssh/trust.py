"""Decides whether the key that a host shows is the host's: never on faith, and never by asking.

A host is trusted by a line of known_hosts with its key, or by a certificate of an authority that known_hosts names
for it. A revoked key is refused whatever else stands there. Every refusal says what to compare and what to type.
"""

import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from hashlib import sha256

import msgspec

from omc.drivers.ssh.certificates import SUFFIX, Certificate, parse
from omc.drivers.ssh.known_hosts import AUTHORITY, KEY, REVOKED, KnownHosts, lookup_name
from omc.errors import HostError
from omc.text import safe

Verify = Callable[[bytes, bytes, bytes], bool]
"""Whether a public key made a signature over some data: (key, data, signature)."""


class Place(msgspec.Struct, frozen=True):
    """Where a host was reached: `name` as known_hosts would name it, `file` where a line for it would be added."""

    host: str  # its name in the site, for messages
    name: str
    port: int
    file: str


class Trust:
    """What known_hosts says of one host."""

    def __init__(self, known: KnownHosts, place: Place) -> None:
        self._place = place
        self._entries = known.entries(lookup_name(place.name, place.port))
        # ssh takes a key that is known for the name without a port, but never blames a host for it.
        self._portless = known.entries(place.name) if lookup_name(place.name, place.port) != place.name else []

    def kinds(self) -> list[str]:
        """Return the kinds of keys to ask the host for, the known ones; with an authority, certificates first."""
        known = [entry for entry in (*self._entries, *self._portless) if entry.marker == KEY]
        has_authority = any(entry.marker == AUTHORITY for entry in (*self._entries, *self._portless))
        return [*([SUFFIX] if has_authority else []), *dict.fromkeys(entry.kind for entry in known)]

    def check(self, key: bytes, certificate: bytes | None, verify: Verify) -> None:
        """Return where the key is this host's; raise HostError where it is not."""
        reason = ""
        if certificate is not None:
            parsed = _parsed(certificate, self._place)
            self._refuse_revoked(parsed.authority, "authority")
            reason = self._certificate_fault(parsed, key, verify)
            if not reason:
                self._refuse_revoked(key, "key")
                return
        self._refuse_revoked(key, "key")
        if any(entry.marker == KEY and entry.key == key for entry in (*self._entries, *self._portless)):
            return
        raise self._changed(key) or self._unknown(key, reason)

    def _certificate_fault(self, certificate: Certificate, key: bytes, verify: Verify) -> str:
        """Return why the certificate does not prove the host's identity; empty where it does."""
        authorities = [entry for entry in (*self._entries, *self._portless) if entry.marker == AUTHORITY]
        if not any(entry.key == certificate.authority for entry in authorities):
            return f"its certificate is of an unknown authority, {fingerprint(certificate.authority)}"
        # The signature first: until then, everything in it is the host's own word.
        if not verify(certificate.authority, certificate.signed, certificate.signature):
            fault = "its signature is wrong"
        elif certificate.key != key:
            fault = "it is about another key"
        else:
            fault = certificate.fault(self._place.name, time.time())
        return f"its certificate {safe(certificate.name)!r} does not count: {fault}" if fault else ""

    def _refuse_revoked(self, key: bytes, what: str) -> None:
        for entry in (*self._entries, *self._portless):
            if entry.marker == REVOKED and entry.key == key:
                message = f"the host's {what} {fingerprint(key)} is revoked ({entry.where})"
                hint = "give the host a new key, and known_hosts its line"
                raise HostError(message, code="revoked-host-key", where=self._place.host, hint=hint)

    def _changed(self, key: bytes) -> HostError | None:
        """Return the error for a host that had another key; None where none was known."""
        known = [entry for entry in self._entries if entry.marker == KEY]
        if not known:
            return None
        same = [entry for entry in known if entry.kind == kind_of(key)] or known
        shown = ", ".join(f"{fingerprint(entry.key)} ({entry.where})" for entry in same[:3])
        message = f"the host key has CHANGED: the host shows {described(key)}, known is {shown}"
        hint = (
            "somebody may stand between: compare the fingerprint at the host itself, "
            f"then remove the old line ({same[0].where}) and add: {self._line(key)}"
        )
        return HostError(message, code="changed-host-key", where=self._place.host, hint=hint)

    def _unknown(self, key: bytes, reason: str) -> HostError:
        why = f" ({reason})" if reason else ""
        message = f"unknown host key {described(key)}{why}"
        hint = (
            "compare the fingerprint at the host itself (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub), "
            f"then add to {self._place.file}: {self._line(key)}"
        )
        return HostError(message, code="unknown-host-key", where=self._place.host, hint=hint)

    def _line(self, key: bytes) -> str:
        return f"{lookup_name(self._place.name, self._place.port)} {kind_of(key)} {b64encode(key).decode()}"


def kind_of(key: bytes) -> str:
    """Return the kind that a public key names itself."""
    return key[4 : 4 + int.from_bytes(key[:4], "big")].decode("ascii", "backslashreplace")


def fingerprint(key: bytes) -> str:
    """Return a key's fingerprint as ssh-keygen shows it."""
    return f"SHA256:{b64encode(sha256(key).digest()).decode().rstrip('=')}"


def described(key: bytes) -> str:
    """Return the kind and the fingerprint of a key."""
    return f"{kind_of(key)} {fingerprint(key)}"


def preferred(kinds: Sequence[str], algorithms: Sequence[str]) -> list[str]:
    """Return the algorithms for host keys in the order in which to ask for them: the known kinds first.

    Where an authority is known, certificates come before all.
    """
    certificates = [f"{algorithm}{SUFFIX}" for algorithm in algorithms]
    known = [algorithm for kind in kinds for algorithm in algorithms if _kind_for(algorithm) == kind]
    rest = [algorithm for algorithm in algorithms if algorithm not in known]
    return [*(certificates if SUFFIX in kinds else []), *known, *rest]


def _kind_for(algorithm: str) -> str:
    return "ssh-rsa" if algorithm.startswith("rsa-") else algorithm


def _parsed(certificate: bytes, place: Place) -> Certificate:
    try:
        return parse(certificate)
    except ValueError as error:
        message = f"the host's certificate cannot be read: {error}"
        raise HostError(message, code="unknown-host-key", where=place.host) from error
