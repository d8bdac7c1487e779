"""Writes the guests of a host that was read: a row, a document and their parts for what changed."""

from collections.abc import Mapping, Sequence

from omc.inventory.store.configuration import configuration, digest, encode
from omc.inventory.store.database import Session
from omc.inventory.store.record_spans import (
    PartsBefore,
    Stored,
    Written,
    parts_before,
    write_samples,
    write_spans,
)
from omc.inventory.store.rows_guests import GUEST, PARTS, guest_row
from omc.inventory.store.series import insert, upsert
from omc.model import Guest, Host

_TIMES = ["state_since", "first_seen_at", "removed_at", "xml_digest", "document_digest", "configuration_digest"]
_UPSERT = upsert("guest", ["id", *GUEST, *_TIMES], key="id", keep=["host", "uuid", "first_seen_at"])
_DOCUMENT = upsert("guest_document", ["guest", "document"], key="guest")
_STORED = (
    "SELECT id, uuid, state, state_reason, state_since, first_seen_at, removed_at, xml_digest, document_digest, "
    "configuration_digest FROM guest WHERE host = ?"
)
_REMOVE = "UPDATE guest SET removed_at = ?, document_digest = NULL, configuration_digest = NULL WHERE id = ?"


def write_guests(session: Session, host: Host, digests: Mapping[str, str], moment: str) -> None:
    """Write every guest that changed, and end those that are gone from the host."""
    stored = {str(row[1]): Stored(*row) for row in session.rows(_STORED, (host.name,))}
    changed = _changed(session, host, digests, stored)
    gone = _gone(host, stored)
    if not changed and not gone:
        return
    parts = parts_before(session, host.name) if stored else PartsBefore({}, {})
    _write_rows(session, changed, gone, moment)
    write_spans(session, host.name, changed, gone, moment=moment)
    write_samples(session, parts, changed, gone, moment=moment)


def _changed(session: Session, host: Host, digests: Mapping[str, str], stored: Mapping[str, Stored]) -> list[Written]:
    found: dict[str, tuple[Guest, bytes, bytes]] = {}
    for guest in host.guests:
        document = encode(guest)
        mark = digest(document)
        known = stored.get(guest.uuid)
        if (
            known is not None
            and known.document_digest == mark
            and known.xml_digest == (digests.get(guest.uuid) or None)
        ):
            continue
        found.setdefault(guest.uuid, (guest, document, mark))
    ids = iter(session.new_ids("guest", sum(uuid not in stored for uuid in found)))
    return [
        _written(guest, document, mark, stored.get(uuid) or Stored(next(ids), uuid), digests)
        for uuid, (guest, document, mark) in found.items()
    ]


def _written(guest: Guest, document: bytes, mark: bytes, before: Stored, digests: Mapping[str, str]) -> Written:
    settings = configuration(guest)
    settings_mark = before.configuration_digest if is_unread(guest) else digest(settings)
    return Written(guest, before, document, mark, settings, settings_mark, digests.get(guest.uuid) or None)


def is_unread(guest: Guest) -> bool:
    """Tell whether only the list of guests told of it: every configuration that was read has a type."""
    return guest.type is None and guest.vcpus is None and guest.memory_bytes is None


def _gone(host: Host, stored: Mapping[str, Stored]) -> list[Stored]:
    """Guests that are not on the host any more: a host that was read has told all of its guests, whatever it lacks."""
    present = {guest.uuid for guest in host.guests}
    return [item for uuid, item in stored.items() if uuid not in present and item.removed_at is None]


def _write_rows(session: Session, changed: Sequence[Written], gone: Sequence[Stored], moment: str) -> None:
    session.run_many(_UPSERT, [_row(item, moment) for item in changed])
    session.run_many(_DOCUMENT, [(item.before.id, item.document) for item in changed])
    old = [(item.before.id,) for item in changed if item.before.state] + [(item.id,) for item in gone]
    for part in PARTS:
        if old:
            session.run_many(f"DELETE FROM {part.table} WHERE guest = ?", old)
        if rows := [row for item in changed for row in part.rows(item.before.id, item.guest)]:
            session.run_many(insert(part.table, part.columns), rows)
    if gone:
        session.run_many(_REMOVE, [(moment, item.id) for item in gone])
        session.run_many("DELETE FROM guest_document WHERE guest = ?", [(item.id,) for item in gone])


def _row(item: Written, moment: str) -> tuple[object, ...]:
    before, guest = item.before, item.guest
    since = before.state_since if before.state == guest.state and not before.removed_at else moment
    times = (since, before.first_seen_at or moment, None)
    return (before.id, *guest_row(guest), *times, item.xml_digest, item.document_digest, item.configuration_digest)
