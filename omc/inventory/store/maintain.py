"""Looks after a store: forgets what is old, and checks that what is there holds together."""

from pathlib import Path
from typing import NamedTuple

from omc.errors import StoreError
from omc.inventory.store.database import Database, Session
from omc.inventory.store.series import ALL
from omc.inventory.store.times import FOREVER, days_before

_GUEST_PARTS = ("disk_sample", "guest_state", "guest_address", "guest_document", "disk", "nic", "address", "snapshot")
_HOST_PARTS = (
    *("version", "host_state", "pool_sample", "lease_sample", "collect", "pool", "volume", "network", "lease", "issue"),
    "guest",
)

INVARIANTS = {
    "guests without a state in force": (
        "SELECT count(*) FROM guest g WHERE g.removed_at IS NULL AND NOT EXISTS "
        f"(SELECT 1 FROM guest_state s WHERE s.guest = g.id AND s.valid_to = '{FOREVER}')"
    ),
    "guests that are gone and still have a state in force": (
        f"SELECT count(*) FROM guest g JOIN guest_state s ON s.guest = g.id AND s.valid_to = '{FOREVER}' "
        "WHERE g.removed_at IS NOT NULL"
    ),
    "guests without their document": (
        "SELECT count(*) FROM guest g LEFT JOIN guest_document d ON d.guest = g.id "
        "WHERE g.removed_at IS NULL AND d.guest IS NULL"
    ),
    "guests without their host": (
        "SELECT count(*) FROM guest g LEFT JOIN host h ON h.name = g.host WHERE h.id IS NULL"
    ),
    "hosts that were read and have no document": (
        "SELECT count(*) FROM host h LEFT JOIN host_document d ON d.host = h.id "
        "WHERE h.collected_at IS NOT NULL AND d.host IS NULL"
    ),
    "spans of a configuration without their document": (
        "SELECT count(*) FROM version v LEFT JOIN version_document d ON d.id = v.document WHERE d.id IS NULL"
    ),
    "spans that end before they begin": " UNION ALL ".join(
        f"SELECT count(*) FROM {series.table} WHERE valid_to < valid_from" for series in ALL
    ),
}
"""What must hold in every store: what it would be called, and the statement that counts it."""


class Pruned(NamedTuple):
    """What was forgotten, and how many bytes that gave back."""

    spans: int
    runs: int
    guests: int
    hosts: int
    freed_bytes: int


def broken_invariants(session: Session) -> list[str]:
    """Return a sentence for each rule that does not hold."""
    found = []
    for name, statement in INVARIANTS.items():
        count = sum(int(number) for (number,) in session.rows(statement))
        if count:
            found.append(f"{count} {name}")
    return found


def copy_whole(database: Database, path: Path) -> None:
    """Copy the store beside `path`, then give the copy its name: a copy that was cut short never bears it."""
    part = path.with_name(f"{path.name}.part")
    if path.exists():
        raise StoreError("this file exists already", where=str(path), hint="give the copy another name")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o640)
        database.backup(part)
        part.rename(path)
    except OSError as error:
        raise StoreError(f"the copy cannot be written: {error.strerror}", where=str(path)) from error
    finally:
        part.unlink(missing_ok=True)


def prune(database: Database, keep_days: float) -> Pruned:
    """Forget what ended more than `keep_days` ago: spans, runs, guests that are gone, hosts that nobody asks."""
    before, cutoff = database.size(), days_before(keep_days)
    with database.writing("run") as session:
        hosts = _forget_hosts(session, cutoff)
        spans = sum(session.run(f"DELETE FROM {series.table} WHERE valid_to < ?", (cutoff,)) for series in ALL)
        guests = _forget_guests(session, "removed_at < ?", cutoff)
        session.run("DELETE FROM version_document WHERE id NOT IN (SELECT document FROM version)")
        session.run(
            "DELETE FROM collect WHERE attempted_at < ? AND run NOT IN (SELECT max(run) FROM collect GROUP BY host)",
            (cutoff,),
        )
        runs = session.run("DELETE FROM run WHERE started_at < ? AND id NOT IN (SELECT run FROM collect)", (cutoff,))
        runs += _forget_template_runs(session, cutoff)
    database.compact()
    return Pruned(spans, runs, guests, hosts, max(0, before - database.size()))


def _forget_guests(session: Session, which: str, value: str) -> int:
    for table in _GUEST_PARTS:
        session.run(f"DELETE FROM {table} WHERE guest IN (SELECT id FROM guest WHERE {which})", (value,))
    return session.run(f"DELETE FROM guest WHERE {which}", (value,))


def _forget_hosts(session: Session, cutoff: str) -> int:
    """A host that was not even tried since then, while others were, is not in the site any more."""
    names = [
        name
        for (name,) in session.rows(
            "SELECT name FROM host WHERE attempted_at < ? AND EXISTS (SELECT 1 FROM host WHERE attempted_at >= ?)",
            (cutoff, cutoff),
        )
    ]
    for name in names:
        _forget_guests(session, "host = ?", name)
        for table in _HOST_PARTS:
            session.run(f"DELETE FROM {table} WHERE host = ?", (name,))
        session.run("DELETE FROM host_document WHERE host IN (SELECT id FROM host WHERE name = ?)", (name,))
        session.run("DELETE FROM host WHERE name = ?", (name,))
    return len(names)


def _forget_template_runs(session: Session, cutoff: str) -> int:
    """Forget runs of templates, except those that say what a host has now, and what is not finished."""
    last = "SELECT max(run) FROM template_file WHERE applied = ? GROUP BY host, path"
    old = f"SELECT run FROM template_run WHERE started_at < ? AND finished_at IS NOT NULL AND run NOT IN ({last})"
    gone = [run for (run,) in session.rows(old, (cutoff, True))]
    for run in gone:
        for table in ("template_file", "template_host", "template_run"):
            session.run(f"DELETE FROM {table} WHERE run = ?", (run,))
    return len(gone)
