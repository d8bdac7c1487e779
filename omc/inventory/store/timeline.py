"""Reads all that ever happened to one guest or host, for `omc.inventory.changes` to say what changed."""

from collections.abc import Iterable
from itertools import pairwise

from omc.inventory.changes import (
    Difference,
    Key,
    Part,
    configuration_changes,
    part_changes,
    subject_of,
)
from omc.inventory.store.database import Row, Session
from omc.inventory.store.snapshots import FORM, runs_in
from omc.inventory.store.times import FOREVER

_CHAIN = (
    f"SELECT s.name, s.digest, s.valid_from, s.valid_to, {FORM} "
    "WHERE s.host = ? AND s.kind = ? AND s.uuid = ? ORDER BY s.valid_from"
)
_GUEST_STATES = (
    "SELECT g.name, s.state, s.reason, s.valid_from FROM guest_state s JOIN guest g ON g.id = s.guest "
    "WHERE g.host = ? AND g.uuid = ? ORDER BY s.valid_from"
)


def guest_history(session: Session, uuid: str) -> list[Difference]:
    """Return all that happened to a guest, on whichever host, the oldest first."""
    statement = "SELECT host, first_seen_at FROM guest WHERE uuid = ? ORDER BY host"
    found: list[Difference] = []
    for host, seen_at in session.rows(statement, (uuid,)):
        first = "added" if _was_there(session, host, seen_at) else "created"
        found += _chain((host, "guest", uuid), session.rows(_CHAIN, (host, "guest", uuid)), first)
        found += _states((host, "guest", uuid), session.rows(_GUEST_STATES, (host, uuid)))
    return _with_moves(sorted(found, key=lambda item: item.seen_at))


def _was_there(session: Session, host: str, seen_at: str) -> bool:
    """Tell whether a guest was there when its host was first read, as far as the store remembers."""
    statement = "SELECT min(valid_from) FROM version WHERE host = ? AND kind = 'host'"
    ((first,),) = session.rows(statement, (host,))
    return first is None or str(seen_at) <= str(first)


def host_history(session: Session, host: str) -> list[Difference]:
    """Return all that happened to a host itself, the oldest first."""
    found = _chain((host, "host", ""), session.rows(_CHAIN, (host, "host", "")), "added")
    statement = "SELECT status, reason, valid_from FROM host_state WHERE host = ? ORDER BY valid_from"
    states = [(host, status, reason, since) for status, reason, since in session.rows(statement, (host,))]
    key = (host, "host", "")
    for old, new in pairwise(states):
        kind = {"unreachable": "unreachable"}.get(new[1], "reachable" if old[1] == "unreachable" else "state")
        found.append(_event(kind, key, new[0], new[3], before=old[1], after=new[1]))
    return sorted(found, key=lambda item: item.seen_at)


def _chain(key: Key, rows: Iterable[Row], first: str) -> list[Difference]:
    """Follow the versions of one thing; `first` is the word for its first appearance."""
    found: list[Difference] = []
    last: Part | None = None
    end = ""
    for name, mark, since, valid_to, document, state in rows:
        part = Part(name, mark, since, bytes(document), runs_in(state))
        if last is None or end != since:
            found += _ended(key, last, end)
            found.append(_event(first if last is None else "created", key, name, since, after=name))
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
    created = [event for event in events if event.kind in ("added", "created")][1:]
    for new in created:
        old = next((event for event in removed if event.host != new.host), None)
        if old is not None:
            removed.remove(old)
            events[events.index(new)] = _event(
                "moved", (new.host, "guest", new.uuid), str(new.after), new.seen_at, before=old.host, after=new.host
            )
            events.remove(old)
    return events
