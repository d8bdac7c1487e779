"""Reads two points of time, or all of them, for `omc.inventory.changes` to say what changed."""

from collections.abc import Iterable
from itertools import pairwise

from msgspec import structs

from omc.inventory.changes import (
    Difference,
    Key,
    Part,
    Snapshot,
    configuration_changes,
    part_changes,
    subject_of,
)
from omc.inventory.started import STOPPED
from omc.inventory.store.database import Row, Session
from omc.inventory.store.times import FOREVER

_HOLDS = "s.valid_from <= ? AND s.valid_to > ?"
_VERSIONS = f"SELECT s.host, s.kind, s.uuid, s.name, s.digest, s.valid_from, s.document FROM version s WHERE {_HOLDS}"
_STATES = (
    "SELECT g.host, g.uuid, g.name, s.state, s.reason, s.valid_from FROM guest_state s JOIN guest g ON g.id = s.guest "
    f"WHERE {_HOLDS}"
)
_UNREACHABLE = f"SELECT s.host, s.reason FROM host_state s WHERE s.status = 'unreachable' AND {_HOLDS}"
_LAST_STATE = (
    "(SELECT e.state FROM guest_state e JOIN guest g ON g.id = e.guest WHERE s.kind = 'guest' AND g.host = s.host "
    "AND g.uuid = s.uuid AND e.valid_from < s.valid_to AND e.valid_to >= s.valid_to)"
)
"""A start or stop renews the form of the version in force, so a document is of the last state of its span."""
_FORM = f"d.document, {_LAST_STATE} FROM version s JOIN version_document d ON d.id = s.document"
_CHAIN = (
    f"SELECT s.name, s.digest, s.valid_from, s.valid_to, {_FORM} "
    "WHERE s.host = ? AND s.kind = ? AND s.uuid = ? ORDER BY s.valid_from"
)
_DOCUMENT = f"SELECT {_FORM} WHERE s.host = ? AND s.kind = ? AND s.uuid = ? AND s.document = ?"
_GUEST_STATES = (
    "SELECT g.name, s.state, s.reason, s.valid_from FROM guest_state s JOIN guest g ON g.id = s.guest "
    "WHERE g.host = ? AND g.uuid = ? ORDER BY s.valid_from"
)


def two_snapshots(session: Session, since: str, until: str) -> tuple[Snapshot, Snapshot]:
    """Return what was known at two times, with the documents of what differs."""
    before, after = _rows_at(session, since), _rows_at(session, until)
    digests = {key: row[4] for key, row in before.items()}
    changed = {key for key, row in after.items() if key in digests and digests[key] != row[4]}
    changed |= _moved(before, after)
    return _snapshot(session, since, before, changed), _snapshot(session, until, after, changed)


def _rows_at(session: Session, time: str) -> dict[Key, Row]:
    return {row[:3]: row for row in session.stream(_VERSIONS, (time, time))}


def _moved(before: dict[Key, Row], after: dict[Key, Row]) -> set[Key]:
    """Guests that are gone here and there elsewhere: their documents are compared too."""
    gone = {key[2]: key for key in before.keys() - after.keys() if key[1] == "guest"}
    come = {key[2]: key for key in after.keys() - before.keys() if key[1] == "guest"}
    return {key for uuid in gone.keys() & come.keys() for key in (gone[uuid], come[uuid])}


def _snapshot(session: Session, time: str, rows: dict[Key, Row], changed: set[Key]) -> Snapshot:
    states = {(host, uuid): rest for host, uuid, *rest in session.stream(_STATES, (time, time))}
    parts: dict[Key, Part] = {}
    for (host, uuid), (name, state, reason, since) in states.items():
        key = (host, "guest", uuid)
        part = _part(session, rows[key], changed) if key in rows else Part(name, since=since)
        parts[key] = structs.replace(part, state=state, state_reason=reason, state_since=since)
    for key, row in rows.items():
        if key[1] != "guest":
            parts[key] = _part(session, row, changed)
    return Snapshot(parts, dict(session.rows(_UNREACHABLE, (time, time))))


def _part(session: Session, row: Row, changed: set[Key]) -> Part:
    part = Part(row[3], row[4], row[5])
    if row[:3] not in changed:
        return part
    ((document, state),) = session.rows(_DOCUMENT, (*row[:3], row[6]))
    return structs.replace(part, document=bytes(document), runs=_runs(state))


def _runs(state: str | None) -> bool | None:
    return None if state is None else state not in STOPPED


def guest_history(session: Session, uuid: str) -> list[Difference]:
    """Return all that happened to a guest, on whichever host, the oldest first."""
    hosts = [host for (host,) in session.rows("SELECT host FROM guest WHERE uuid = ? ORDER BY host", (uuid,))]
    found: list[Difference] = []
    for host in hosts:
        found += _chain((host, "guest", uuid), session.rows(_CHAIN, (host, "guest", uuid)))
        found += _states((host, "guest", uuid), session.rows(_GUEST_STATES, (host, uuid)))
    return _with_moves(sorted(found, key=lambda item: item.seen_at))


def host_history(session: Session, host: str) -> list[Difference]:
    """Return all that happened to a host itself, the oldest first."""
    found = _chain((host, "host", ""), session.rows(_CHAIN, (host, "host", "")))
    statement = "SELECT status, reason, valid_from FROM host_state WHERE host = ? ORDER BY valid_from"
    states = [(host, status, reason, since) for status, reason, since in session.rows(statement, (host,))]
    key = (host, "host", "")
    for old, new in pairwise(states):
        kind = {"unreachable": "unreachable"}.get(new[1], "reachable" if old[1] == "unreachable" else "state")
        found.append(_event(kind, key, new[0], new[3], before=old[1], after=new[1]))
    return sorted(found, key=lambda item: item.seen_at)


def _chain(key: Key, rows: Iterable[Row]) -> list[Difference]:
    found: list[Difference] = []
    last: Part | None = None
    end = ""
    for name, mark, since, valid_to, document, state in rows:
        part = Part(name, mark, since, bytes(document), _runs(state))
        if last is None or end != since:
            found += _ended(key, last, end)
            found.append(_event("added" if key[1] == "host" else "created", key, name, since, after=name))
        else:
            found += configuration_changes(key, last, part)
        last, end = part, valid_to
    return found + _ended(key, last, end)


def _ended(key: Key, last: Part | None, end: str) -> list[Difference]:
    if last is None or end == FOREVER:
        return []
    return [_event("removed", key, last.name, end, before=last.name)]


def _states(key: Key, rows: list[Row]) -> list[Difference]:
    parts = [Part(name, state=state, state_reason=reason, state_since=since) for name, state, reason, since in rows]
    return [item for old, new in pairwise(parts) for item in part_changes(key, old, new)]


def _event(  # noqa: PLR0913 - the fields of a Difference
    kind: str, key: Key, name: str, at: str, *, before: object = None, after: object = None
) -> Difference:
    subject = subject_of(key, Part(name))
    return Difference(kind=kind, host=key[0], subject=subject, uuid=key[2], before=before, after=after, seen_at=at)


def _with_moves(events: list[Difference]) -> list[Difference]:
    """Take a guest that went from one host and came to another, in either order, for one that moved."""
    removed = [event for event in events if event.kind == "removed"]
    created = [event for event in events if event.kind == "created"][1:]
    for new in created:
        old = next((event for event in removed if event.host != new.host), None)
        if old is not None:
            removed.remove(old)
            events[events.index(new)] = _event(
                "moved", (new.host, "guest", new.uuid), str(new.after), new.seen_at, before=old.host, after=new.host
            )
            events.remove(old)
    return events
