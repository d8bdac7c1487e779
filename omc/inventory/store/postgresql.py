"""A store on PostgreSQL, for a team: one database, several machines that collect, everybody else reads.

Statements go out as they are for SQLite, with the marks of psycopg. A connection that broke is made anew at the next
transaction, so a restart of the server costs the host that was being written and no other.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock

import psycopg

from omc.errors import StoreError
from omc.inventory.store.answer import Rows
from omc.inventory.store.database import Row, fitting
from omc.inventory.store.guard_postgresql import run_guarded
from omc.inventory.store.location import Location
from omc.inventory.store.postgresql_errors import told
from omc.inventory.store.postgresql_lock import hold
from omc.inventory.store.query import Statement
from omc.inventory.store.version import demand_current

CONNECT_SECONDS = 5
_PORTION = 500
_REFUSALS = (psycopg.DataError, UnicodeEncodeError)


class PostgresqlSession:
    """A connection inside a transaction."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """Run one statement and return its rows."""
        with fitting(*_REFUSALS):
            return self._connection.execute(_marked(statement), values).fetchall()

    def stream(self, statement: str, values: Sequence[object] = ()) -> Iterator[Row]:
        """As `rows`, a part at a time, from a cursor of the server."""
        with self._connection.cursor(name="omc_stream") as cursor:
            cursor.itersize = _PORTION
            with fitting(*_REFUSALS):
                cursor.execute(_marked(statement), values)
            yield from cursor

    def run(self, statement: str, values: Sequence[object] = ()) -> int:
        """Run one statement and return how many rows it touched."""
        with fitting(*_REFUSALS):
            return self._connection.execute(_marked(statement), values).rowcount

    def run_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each of the rows, many on the way at a time."""
        with fitting(*_REFUSALS), self._connection.cursor() as cursor:
            cursor.executemany(_marked(statement), rows)

    def new_ids(self, table: str, count: int) -> Sequence[int]:
        """Return the next numbers of the table's sequence."""
        return [key for (key,) in self.rows(f"SELECT nextval('{table}_id_seq') FROM generate_series(1, ?)", (count,))]


class PostgresqlDatabase:
    """One database of a PostgreSQL server."""

    engine_url = "postgresql+psycopg://"

    def __init__(self, location: Location, *, create: bool = True, reader_url: str | None = None) -> None:
        self.label = location.label
        self._url = location.url
        self._reader_url = reader_url
        self._lock = RLock()
        with told(self.label):
            self._connection = connect(self._url)
            try:
                self._demand_schema(create=create)
            except BaseException:
                self._connection.close()
                raise

    def _demand_schema(self, *, create: bool) -> None:
        found = version_of(self._connection)
        if found is None and create:
            from omc.inventory.store.upgrade import upgrade_postgresql

            upgrade_postgresql(self._url, self.label)
            found = version_of(self._connection)
        if found is None:
            raise StoreError("there is no store yet", where=self.label, hint="run `omc inventory`, which makes it")
        demand_current(found, self.label)

    @contextmanager
    def reading(self) -> Iterator[PostgresqlSession]:
        """Give the store's own connection, with other threads waiting."""
        with self._lock, told(self.label), self._alive().transaction():
            yield PostgresqlSession(self._connection)

    @contextmanager
    def snapshot(self) -> Iterator[PostgresqlSession]:
        """Open a connection of its own, in one transaction that sees one state of the store."""
        with told(self.label), connect(self._url) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            with connection.transaction():
                yield PostgresqlSession(connection)

    @contextmanager
    def writing(self, subject: str) -> Iterator[PostgresqlSession]:
        """Begin a transaction; another one for the same subject, of whatever process, waits for its end."""
        with self._lock, told(self.label), self._alive().transaction():
            session = PostgresqlSession(self._connection)
            for statement in hold(subject):
                session.run(statement)
            yield session

    def _alive(self) -> psycopg.Connection:
        if self._connection.closed:
            self._connection = connect(self._url)
        return self._connection

    def guarded(self, statement: Statement) -> Rows:
        """Answer a statement that a user wrote, as a login that can only read."""
        with told(self.label):
            connection = connect(self._reader_url or self._url)
        return run_guarded(connection, statement, self.label)

    def settle(self) -> None:
        """Nothing to do: a transaction is on the server's disk when it is committed."""

    def backup(self, target: Path) -> None:  # noqa: ARG002 - the database's own tool does it
        """Refuse: PostgreSQL has its own tools for that."""
        raise StoreError(
            "a store on PostgreSQL is backed up with PostgreSQL's own tools",
            where=self.label,
            hint="pg_dump --format=custom --file=FILE DATABASE",
        )

    def problems(self) -> list[str]:
        """Nothing: the server watches over its own files."""
        return []

    def compact(self) -> None:
        """Let the server take the free space back."""
        with self._lock, told(self.label):
            self._alive().execute("VACUUM ANALYZE")

    def size(self) -> int:
        """Return the bytes of the database."""
        with self.reading() as session:
            ((size,),) = session.rows("SELECT pg_database_size(current_database())")
        return int(size)

    def raw_connection(self) -> psycopg.Connection:
        """Open a connection, for SQLAlchemy."""
        return connect(self._url, autocommit=False)

    def close(self) -> None:
        """Close the connection."""
        with self._lock, suppress(psycopg.Error):
            self._connection.close()


def connect(url: str, *, autocommit: bool = True) -> psycopg.Connection:
    """Connect; the password comes from the URL, PGPASSWORD or ~/.pgpass, as libpq does it."""
    return psycopg.connect(url, autocommit=autocommit, connect_timeout=CONNECT_SECONDS, application_name="omc")


def version_of(connection: psycopg.Connection) -> str | None:
    """Return the schema's version; None where the database has no store yet."""
    if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def _marked(statement: str) -> str:
    return statement.replace("%", "%%").replace("?", "%s")
