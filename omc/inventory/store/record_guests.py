"""Writes the guests of a host that was read: rows for what changed, spans of time for what was, else nothing."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from omc.inventory.store.configuration import configuration, digest, encode
from omc.inventory.store.database import Session
from omc.inventory.store.rows_guests import (
    ADDRESS,
    DISK,
    GUEST,
    NIC,
    SNAPSHOT,
    address_rows,
    addresses_of,
    disk_rows,
    guest_row,
    nic_rows,
    snapshot_rows,
)
from omc.inventory.store.series import (
    DISK_SAMPLES,
    GUEST_ADDRESSES,
    GUEST_STATES,
    Key,
    Version,
    follow_versions,
    insert,
    upsert,
)
from omc.model import Guest, Host

Spans = dict[Key, tuple[object, ...]]

_PARTS = ("disk", "nic", "address", "snapshot")
_TIMES = ["state_since", "first_seen_at", "removed_at", "xml_digest", "document_digest", "configuration_digest"]
_UPSERT = upsert("guest", ["id", *GUEST, *_TIMES], key="id", keep=["host", "uuid", "first_seen_at"])
_DOCUMENT = upsert("guest_document", ["guest", "document"], key="guest")
_INSERTS = {"disk": DISK, "nic": NIC, "address": ADDRESS, "snapshot": SNAPSHOT}
_STORED = (
    "SELECT id, uuid, state, state_reason, state_since, first_seen_at, removed_at, xml_digest, document_digest, "
    "configuration_digest FROM guest WHERE host = ?"
)
_REMOVE = "UPDATE guest SET removed_at = ?, document_digest = NULL, configuration_digest = NULL WHERE id = ?"


class Stored(NamedTuple):
    """What the store knows of a guest; all null for a new one."""

    id: int
    uuid: str
    state: str | None = None
    state_reason: str | None = None
    state_since: str | None = None
    first_seen_at: str | None = None
    removed_at: str | None = None
    xml_digest: str | None = None
    document_digest: bytes | None = None
    configuration_digest: bytes | None = None


class Written(NamedTuple):
    """A guest that differs from what the store knows."""

    guest: Guest
    before: Stored
    document: bytes
    document_digest: bytes
    configuration: bytes
    configuration_digest: bytes | None
    xml_digest: str | None


def write_guests(session: Session, host: Host, digests: Mapping[str, str], moment: str) -> None:
    """Write every guest that changed, and end those that are gone from the host."""
    stored = {str(row[1]): Stored(*row) for row in session.rows(_STORED, (host.name,))}
    changed = _changed(session, host, digests, stored)
    gone = _gone(host, stored)
    if not changed and not gone:
        return
    old_disks, old_addresses = _parts_before(session, host.name) if stored else ({}, {})
    touched = {item.before.id for item in changed} | {item.id for item in gone}
    old_disks = {key: sizes for key, sizes in old_disks.items() if key[0] in touched}
    old_addresses = {key: prefix for key, prefix in old_addresses.items() if key[0] in touched}
    _write_rows(session, changed, gone, moment)
    _write_spans(session, host.name, changed, gone, moment)
    DISK_SAMPLES.follow(session, old_disks, _disks_of(changed), moment=moment)
    GUEST_ADDRESSES.follow(session, old_addresses, _addresses_of(changed), moment=moment)


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
    """Guests that are not on the host any more; where the list itself could not be read, nothing is said to be gone."""
    if any(issue.failed and issue.subject == "host" and "guests" in issue.what for issue in host.issues):
        return []
    present = {guest.uuid for guest in host.guests}
    return [item for uuid, item in stored.items() if uuid not in present and item.removed_at is None]


def _parts_before(session: Session, host: str) -> tuple[Spans, Spans]:
    of_host = "JOIN guest g ON g.id = p.guest WHERE g.host = ?"
    disks = session.rows(
        f"SELECT p.guest, p.target, p.capacity_bytes, p.allocation_bytes, p.physical_bytes FROM disk p {of_host}",
        (host,),
    )
    addresses = session.rows(
        f"SELECT p.guest, p.mac, p.address, p.source, p.prefix FROM address p {of_host}",
        (host,),
    )
    return {(row[0], row[1]): row[2:] for row in disks}, {row[:4]: row[4:] for row in addresses}


def _disks_of(changed: Iterable[Written]) -> Spans:
    return {
        (item.before.id, disk.target): (disk.capacity_bytes, disk.allocation_bytes, disk.physical_bytes)
        for item in changed
        for disk in item.guest.disks
    }


def _addresses_of(changed: Iterable[Written]) -> Spans:
    return {(item.before.id, *key): prefix for item in changed for key, prefix in addresses_of(item.guest).items()}


def _write_rows(session: Session, changed: Sequence[Written], gone: Sequence[Stored], moment: str) -> None:
    session.run_many(_UPSERT, [_row(item, moment) for item in changed])
    session.run_many(_DOCUMENT, [(item.before.id, item.document) for item in changed])
    old = [(item.before.id,) for item in changed if item.before.state] + [(item.id,) for item in gone]
    for part in _PARTS:
        if old:
            session.run_many(f"DELETE FROM {part} WHERE guest = ?", old)
    for part, rows in _new_parts(changed):
        if rows:
            session.run_many(insert(part, _INSERTS[part]), rows)
    if gone:
        session.run_many(_REMOVE, [(moment, item.id) for item in gone])
        session.run_many("DELETE FROM guest_document WHERE guest = ?", [(item.id,) for item in gone])


def _row(item: Written, moment: str) -> tuple[object, ...]:
    before, guest = item.before, item.guest
    since = before.state_since if before.state == guest.state and not before.removed_at else moment
    times = (since, before.first_seen_at or moment, None)
    return (before.id, *guest_row(guest), *times, item.xml_digest, item.document_digest, item.configuration_digest)


def _new_parts(changed: Sequence[Written]) -> Iterable[tuple[str, list[tuple[object, ...]]]]:
    yield "disk", [row for item in changed for row in disk_rows(item.before.id, item.guest.disks)]
    yield "nic", [row for item in changed for row in nic_rows(item.before.id, item.guest.nics)]
    yield "address", [row for item in changed for row in address_rows(item.before.id, item.guest.nics)]
    yield "snapshot", [row for item in changed for row in snapshot_rows(item.before.id, item.guest)]


def _write_spans(session: Session, host: str, changed: Sequence[Written], gone: Sequence[Stored], moment: str) -> None:
    """Configurations and states; of a guest that was gone and came back no span is open."""
    ended: list[Key] = [(host, "guest", item.uuid) for item in gone if item.configuration_digest]
    begun: list[Version] = []
    old_states: Spans = {(item.id,): () for item in gone}
    new_states: Spans = {}
    for item in changed:
        before, mark, key = item.before, item.configuration_digest, (host, "guest", item.guest.uuid)
        if before.state and not before.removed_at:
            old_states[before.id,] = (before.state, before.state_reason)
        new_states[before.id,] = (item.guest.state, item.guest.state_reason)
        if mark and mark != before.configuration_digest:
            begun.append(Version(key, item.guest.name, mark, item.configuration))
            ended += [key] if before.configuration_digest else []
    follow_versions(session, ended, begun, moment=moment)
    GUEST_STATES.follow(session, old_states, new_states, moment=moment)
