"""A small SQLite store in memory that holds what the views showed at a time: `--at` reads it with the same views.

It is the same for a store on PostgreSQL: with `--at`, SQL is SQLite's. The long series (runs, measurements, history)
are copied only for statements that name them.
"""

import sqlite3
from collections.abc import Iterable

from omc.inventory.store.database import Session
from omc.inventory.store.expression import tokens
from omc.inventory.store.past import PastHost, hosts_at
from omc.inventory.store.rows_guests import GUEST, PARTS, guest_row
from omc.inventory.store.rows_hosts import HOST, LEASE, NETWORK, POOL, host_row, lease_row, network_row, pool_row
from omc.inventory.store.series import ALL, insert
from omc.inventory.store.sqlite_schema import make_schema
from omc.inventory.store.times import FOREVER

_GUEST = insert("guest", ["id", *GUEST, "state_since", "first_seen_at"])
_GONE = insert("guest", ["id", "host", "uuid", "name", "state", "removed_at"])
_SERIES = frozenset(("runs", "measurements", "history"))


def replica(session: Session, at: str, hosts: Iterable[str] | None, statement: str) -> sqlite3.Connection:
    """Return a store in memory with the current facts as they were at that time."""
    connection = sqlite3.connect(
        ":memory:", isolation_level=None, check_same_thread=False, detect_types=sqlite3.PARSE_DECLTYPES
    )
    make_schema(connection)
    connection.execute("BEGIN")
    for past in hosts_at(session, at, hosts):
        _add_host(connection, past)
        _add_guests(connection, past)
    if _SERIES & {token.text.lower().strip('"') for token in tokens(statement)}:
        _add_series(connection, session, at)
    connection.execute("COMMIT")
    return connection


def _add_host(connection: sqlite3.Connection, past: PastHost) -> None:
    host = past.whole
    row = list(host_row(host, past.attempted_at or "", host.collected_at or ""))
    for name in ("issues", "memory_free_bytes"):
        row[HOST.index(name)] = None
    connection.execute(insert("host", HOST), row)
    connection.executemany(insert("pool", POOL), [pool_row(host.name, pool) for pool in host.pools or ()])
    active = NETWORK.index("active")
    networks = [network_row(host.name, network) for network in host.networks or ()]
    connection.executemany(insert("network", NETWORK), [(*row[:active], None, *row[active + 1 :]) for row in networks])
    leases = [
        lease_row(host.name, network.name, lease) for network in host.networks or () for lease in network.leases or ()
    ]
    connection.executemany(insert("lease", LEASE), leases)


def _add_guests(connection: sqlite3.Connection, past: PastHost) -> None:
    guests = past.guests
    rows = [(item.id, *guest_row(item.guest), item.state_since, item.first_seen_at) for item in guests]
    connection.executemany(_GUEST, rows)
    for part in PARTS:
        part_rows = [row for item in guests for row in part.rows(item.id, item.guest)]
        connection.executemany(insert(part.table, part.columns), part_rows)


def _add_series(connection: sqlite3.Connection, session: Session, at: str) -> None:
    """Copy the series up to that time; a span that ended later still held then."""
    present = {key for (key,) in connection.execute("SELECT id FROM guest")}
    gone = session.rows("SELECT id, host, uuid, name, state FROM guest WHERE first_seen_at <= ?", (at,))
    connection.executemany(_GONE, [(*row, at) for row in gone if row[0] not in present])
    for table, time in (("run", "started_at"), ("collect", "attempted_at")):
        _copy(connection, table, session.stream(f"SELECT * FROM {table} WHERE {time} <= ?", (at,)))
    for series in ALL:
        names = ", ".join([*series.keys, "valid_to", "valid_from", *series.values])
        rows = session.stream(f"SELECT {names} FROM {series.table} WHERE valid_from <= ?", (at,))
        end = len(series.keys)
        cut = ((*row[:end], FOREVER if row[end] > at else row[end], *row[end + 1 :]) for row in rows)
        connection.executemany(series.opening, cut)


def _copy(connection: sqlite3.Connection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    for row in rows:
        marks = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)
