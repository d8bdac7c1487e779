"""All guests of one host, each read as far as its raw answers go.

A guest whose XML has the digest that the last run knew is not parsed again; only what changes by itself is renewed.
The digest is of the reader too: another version of omc reads every guest anew.
"""

import hashlib
from collections.abc import Iterable, Mapping
from functools import partial

import msgspec
from msgspec import structs

import omc
from omc.errors import OmcError
from omc.inventory.domain import GuestParser, Surroundings, complete_guest
from omc.inventory.domain.states import state_words
from omc.inventory.issues import Issues
from omc.inventory.known import KnownGuest
from omc.model import SCHEMA_VERSION, Guest
from omc.ports import RawGuest

_DECODER = msgspec.json.Decoder(Guest)


def digest(guest: RawGuest) -> str:
    """Give the digest of a guest's live and inactive XML, and of who reads it."""
    text = f"{omc.__version__}\0{SCHEMA_VERSION}\0{guest.xml}\0{guest.inactive_xml or ''}"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class Guests:
    """Reads the guests of one host; what cannot be read is added to the host's issues."""

    def __init__(self, issues: Issues, known: Mapping[str, KnownGuest], surroundings: Surroundings) -> None:
        self.issues = issues
        self.known = known
        self.surroundings = surroundings
        self.parser = GuestParser(issues.host)

    def read_all(self, raw: Iterable[RawGuest]) -> tuple[tuple[Guest, ...], dict[str, str]]:
        """Give the guests, and the digest of each by UUID; of two with one UUID the first."""
        guests: dict[str, Guest] = {}
        digests: dict[str, str] = {}
        names: set[str] = set()
        for guest in raw:
            subject = f"guest/{guest.name}"
            if guest.uuid in guests:
                why = f"{guests[guest.uuid].name} has the UUID {guest.uuid} too"
                self.issues.add(subject, "duplicate-uuid", "the guest", why, failed=True)
                continue
            if guest.name in names:
                why = "another guest of this host has the same name"
                self.issues.add(subject, "duplicate-name", "which guest is meant", why)
            names.add(guest.name)
            guests[guest.uuid], digests[guest.uuid] = self._read(guest, subject)
        return tuple(guests.values()), digests

    def _read(self, raw: RawGuest, subject: str) -> tuple[Guest, str]:
        """Read one guest; without usable XML it is as the last run knew it, or has name, UUID and state alone."""
        if raw.hung and not self.issues.said(subject, "hung"):
            why = "its monitor does not answer: QEMU stands still, or a long job holds it"
            self.issues.add(subject, "hung", "what only its QEMU knows", why, failed=True)
        if not raw.xml:
            if not (self.issues.about(subject) or self.issues.lost):
                self.issues.add(subject, "failed", "the configuration", "it could not be read", failed=True)
            return self._without_xml(raw)
        mark = digest(raw)
        known = self.known.get(raw.uuid)
        if known is not None and known.digest == mark and (parsed := _decode(known)) is not None:
            return self._complete(parsed, raw, None), mark
        live = self.issues.attempt(subject, "the configuration", partial(self.parser.parse, raw.xml))
        return self._without_xml(raw) if live is None else (self._parsed(live, raw, subject), mark)

    def _parsed(self, live: Guest, raw: RawGuest, subject: str) -> Guest:
        """Complete a guest whose XML was parsed; a persistent configuration of the same bytes is not parsed again."""
        text = raw.inactive_xml
        if text is None or text == raw.xml:
            return self._complete(live, raw, None)
        inactive = self.issues.attempt(subject, "the persistent configuration", partial(self.parser.parse, text))
        if inactive is None:
            raw = structs.replace(raw, inactive_xml=None)
        return self._complete(live, raw, inactive)

    def _complete(self, parsed: Guest, raw: RawGuest, inactive: Guest | None) -> Guest:
        """Complete a guest; snapshots whose XML is none are left out, and an issue."""
        try:
            return complete_guest(parsed, raw, inactive=inactive, surroundings=self.surroundings)
        except OmcError as error:
            what = "snapshots and checkpoints"
            self.issues.add(f"guest/{raw.name}", "invalid", what, error.message, failed=True)
            bare = structs.replace(raw, snapshots=None, checkpoints=None)
            return complete_guest(parsed, bare, inactive=inactive, surroundings=self.surroundings)

    def _without_xml(self, raw: RawGuest) -> tuple[Guest, str]:
        known = self.known.get(raw.uuid)
        parsed = None if known is None else _decode(known)
        if known is not None and parsed is not None:
            return self._complete(parsed, structs.replace(raw, inactive_xml=None), None), known.digest
        state, reason = state_words(raw.state)
        guest = Guest(
            host=self.issues.host,
            name=raw.name,
            uuid=raw.uuid,
            state=state,
            state_reason=reason,
            id=raw.id,
            autostart=raw.autostart,
            persistent=raw.persistent,
            managed_save=raw.managed_save,
        )
        return guest, ""


def _decode(known: KnownGuest) -> Guest | None:
    """Read the last run's document; None where it is of another version of the model."""
    try:
        return _DECODER.decode(known.doc)
    except (msgspec.ValidationError, msgspec.DecodeError):
        return None
