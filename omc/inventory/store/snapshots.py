"""Reads two points of time for `omc.inventory.changes` to say what changed between them.

A host that was first read in between is compared with what it was then: of it, the store knows nothing older.
"""

from collections.abc import Iterator, Mapping

from msgspec import structs

from omc.inventory.changes import Key, Part, Snapshot
from omc.inventory.store.database import Row, Session
from omc.model.states import was_active

_HOLDS = "s.valid_from <= ? AND s.valid_to > ?"
_VERSIONS = f"SELECT s.host, s.kind, s.uuid, s.name, s.digest, s.valid_from, s.document FROM version s WHERE {_HOLDS}"
_STATES = (
    "SELECT g.host, g.uuid, g.name, s.state, s.reason, s.valid_from FROM guest_state s JOIN guest g ON g.id = s.guest "
    f"WHERE {_HOLDS}"
)
_UNREACHABLE = f"SELECT s.host, s.reason FROM host_state s WHERE s.status = 'unreachable' AND {_HOLDS}"
_STATUSES = "SELECT host, status, valid_from FROM host_state WHERE valid_from <= ? ORDER BY host, valid_from"
_FIRST_READ = (
    "SELECT host, min(valid_from) FROM "
    "(SELECT host, valid_from FROM version UNION ALL SELECT host, valid_from FROM host_state WHERE status <> "
    "'unreachable') AS spans GROUP BY host HAVING min(valid_from) > ? AND min(valid_from) <= ?"
)
_BEGINNING = (
    "SELECT min(first) FROM (SELECT min(valid_from) AS first FROM version UNION ALL "
    "SELECT min(valid_from) FROM host_state) AS spans"
)
_ENDED = (
    "SELECT host, kind, uuid, max(valid_to) FROM (SELECT host, kind, uuid, valid_to FROM version UNION ALL "
    "SELECT g.host, 'guest', g.uuid, s.valid_to FROM guest_state s JOIN guest g ON g.id = s.guest) AS spans "
    "WHERE valid_to > ? AND valid_to <= ? GROUP BY host, kind, uuid"
)
_LAST_STATE = (
    "(SELECT e.state FROM guest_state e JOIN guest g ON g.id = e.guest WHERE s.kind = 'guest' AND g.host = s.host "
    "AND g.uuid = s.uuid AND e.valid_from < s.valid_to AND e.valid_to >= s.valid_to)"
)
"""A start or stop renews the form of the version in force, so a document is of the last state of its span."""
FORM = f"d.document, {_LAST_STATE} FROM version s JOIN version_document d ON d.id = s.document"
"""What follows SELECT for the document of a span `s` and the state that the document is in the form of."""
_DOCUMENT = f"SELECT {FORM} WHERE s.host = ? AND s.kind = ? AND s.uuid = ? AND s.document = ?"


def beginning(session: Session) -> str | None:
    """Return the time before which the store knows nothing; None where it knows nothing at all."""
    ((first,),) = session.rows(_BEGINNING)
    return None if first is None else str(first)


def two_snapshots(session: Session, since: str, until: str) -> tuple[Snapshot, Snapshot]:
    """Return what was known at two times, with the documents of what differs."""
    first = {str(host): str(moment) for host, moment in session.rows(_FIRST_READ, (since, until))}
    before, after = _versions(session, since, first), _versions(session, until, {})
    changed = {key for key, row in after.items() if key in before and before[key][4] != row[4]}
    changed |= _moved(before, after, first)
    old, new = _parts(session, since, before, changed, first), _parts(session, until, after, changed, {})
    ends = {row[:3]: row[3] for row in session.rows(_ENDED, (since, until))}
    old |= {key: structs.replace(old[key], until=ends[key]) for key in old.keys() & ends.keys() if key not in new}
    return (
        Snapshot(old, dict(session.rows(_UNREACHABLE, (since, since))), first_read=first),
        Snapshot(new, dict(session.rows(_UNREACHABLE, (until, until))), status_since=_status_since(session, until)),
    )


def _versions(session: Session, time: str, first: Mapping[str, str]) -> dict[Key, Row]:
    return {row[:3]: row for row in _holding(session, _VERSIONS, "s.host", time, first)}


def _holding(session: Session, statement: str, host_column: str, time: str, first: Mapping[str, str]) -> Iterator[Row]:
    """Give what holds at `time`, and of the hosts that were first read later what held then."""
    yield from session.stream(statement, (time, time))
    for host, moment in first.items():
        yield from session.rows(f"{statement} AND {host_column} = ?", (moment, moment, host))


def _moved(before: Mapping[Key, Row], after: Mapping[Key, Row], first: Mapping[str, str]) -> set[Key]:
    """Guests that are gone here and there elsewhere: their documents are compared too."""
    gone = {key[2]: key for key in before.keys() - after.keys() if key[1] == "guest"}
    come = {key[2]: key for key in after if key[1] == "guest" and (key not in before or key[0] in first)}
    return {key for uuid in gone.keys() & come.keys() for key in (gone[uuid], come[uuid])}


def _parts(
    session: Session, time: str, rows: Mapping[Key, Row], changed: set[Key], first: Mapping[str, str]
) -> dict[Key, Part]:
    parts = {key: _part(session, row, changed) for key, row in rows.items() if key[1] != "guest"}
    for host, uuid, name, state, reason, since in _holding(session, _STATES, "g.host", time, first):
        key = (host, "guest", uuid)
        part = _part(session, rows[key], changed) if key in rows else Part(name, since=since)
        parts[key] = structs.replace(part, state=state, state_reason=reason, state_since=since)
    return parts


def _part(session: Session, row: Row, changed: set[Key]) -> Part:
    part = Part(row[3], row[4], row[5])
    if row[:3] not in changed:
        return part
    ((document, state),) = session.rows(_DOCUMENT, (*row[:3], row[6]))
    return structs.replace(part, document=bytes(document), runs=runs_in(state))


def runs_in(state: str | None) -> bool | None:
    """Tell whether a document of that state is in the form of a guest that runs; None is of no guest."""
    return None if state is None else was_active(state)


def _status_since(session: Session, until: str) -> dict[str, str]:
    """Return since when each host could be read, or could not; a status may have changed without changing that."""
    found: dict[str, tuple[bool, str]] = {}
    for host, status, since in session.rows(_STATUSES, (until,)):
        dark = status == "unreachable"
        if host not in found or found[host][0] != dark:
            found[host] = (dark, since)
    return {host: since for host, (_, since) in found.items()}
