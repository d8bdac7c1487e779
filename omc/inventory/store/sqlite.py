"""A store in an SQLite file: write-ahead log, one writer at a time, made from `schema.sql` at first use.

`synchronous=NORMAL` with the log: a killed process loses nothing that was committed, a power cut at most the hosts of
a run that had not finished, and neither damages the file. The statements of `schema.sql` follow from `tables` and
`views`; importing those libraries at the first run of every new user would cost more than the collect.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock

from omc.errors import StoreError
from omc.inventory.store.answer import Rows
from omc.inventory.store.database import BUSY_SECONDS, Row, fitting
from omc.inventory.store.guard_sqlite import Guard
from omc.inventory.store.location import state_folder
from omc.inventory.store.query import Statement
from omc.inventory.store.sqlite_errors import told
from omc.inventory.store.sqlite_schema import make_schema
from omc.inventory.store.version import demand_current

_REFUSALS = (OverflowError, UnicodeEncodeError)


class SqliteSession:
    """A connection inside a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """Run one statement and return its rows."""
        with fitting(*_REFUSALS):
            return self._connection.execute(statement, values).fetchall()

    def stream(self, statement: str, values: Sequence[object] = ()) -> Iterator[Row]:
        """As `rows`, a part at a time."""
        with fitting(*_REFUSALS):
            return iter(self._connection.execute(statement, values))

    def run(self, statement: str, values: Sequence[object] = ()) -> int:
        """Run one statement and return how many rows it touched."""
        with fitting(*_REFUSALS):
            return self._connection.execute(statement, values).rowcount

    def run_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each of the rows."""
        with fitting(*_REFUSALS):
            self._connection.executemany(statement, rows)

    def new_ids(self, table: str, count: int) -> Sequence[int]:
        """Return the next row numbers; the transaction holds the only pen, so nobody else gets them."""
        (last,) = self._connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()
        return range(last + 1, last + 1 + count)


class SqliteDatabase:
    """One SQLite file."""

    engine_url = "sqlite://"

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self.label = str(path)
        self.path = path
        self._lock = RLock()
        with told(self.label):
            self._connection, self.read_only = _open(path, create=create)

    @contextmanager
    def reading(self) -> Iterator[SqliteSession]:
        """Give the store's own connection, with other threads waiting."""
        with self._lock, told(self.label):
            yield SqliteSession(self._connection)

    @contextmanager
    def snapshot(self) -> Iterator[SqliteSession]:
        """Open a connection of its own, in one read transaction."""
        with told(self.label):
            connection = connect_read_only(self.path)
            try:
                connection.execute("BEGIN")
                yield SqliteSession(connection)
            finally:
                connection.close()

    @contextmanager
    def writing(self, subject: str) -> Iterator[SqliteSession]:  # noqa: ARG002 - SQLite has one writer for all subjects
        """Begin a transaction that nobody else can write beside."""
        if self.read_only:
            raise StoreError(
                "the store cannot be written",
                where=self.label,
                hint="check the owner and mode of the file and its folder",
            )
        with self._lock, told(self.label):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield SqliteSession(self._connection)
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # the first fault is the one to tell
                    self._connection.execute("ROLLBACK")
                raise

    def guarded(self, statement: Statement) -> Rows:
        """Answer a statement that a user wrote, on a connection of its own that can do nothing else."""
        with told(self.label):
            connection = connect_read_only(self.path)
            return Guard(connection, self.label).run(statement)

    def settle(self) -> None:
        """Bring the log into the file, and both to the disk; a reader in the way only puts it off."""
        with self._lock, told(self.label):
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def backup(self, target: Path) -> None:
        """Copy the whole store into a new file, while others go on reading and writing."""
        with told(str(target)):
            copy = sqlite3.connect(target)
        try:
            with self._lock, told(str(target)):
                self._connection.backup(copy)
        finally:
            copy.close()

    def problems(self) -> list[str]:
        """Ask SQLite to check its pages and indexes."""
        with self.reading() as session:
            found = [str(text) for (text,) in session.rows("PRAGMA integrity_check(20)")]
        return [] if found == ["ok"] else found

    def compact(self) -> None:
        """Write the file anew without the free space."""
        with self._lock, told(self.label):
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def size(self) -> int:
        """Return the bytes of the file and of its log."""
        names = (self.path, self.path.with_name(self.path.name + "-wal"))
        return sum(name.stat().st_size for name in names if name.exists())

    def raw_connection(self) -> sqlite3.Connection:
        """Open a connection that cannot write, for SQLAlchemy."""
        return connect_read_only(self.path)

    def close(self) -> None:
        """Close the connection; the last one of all processes folds the log into the file."""
        with self._lock:
            self._connection.close()


def connect_read_only(path: Path) -> sqlite3.Connection:
    """Connect so that nothing can be written.

    In a folder that this user may not write, SQLite cannot make the log's index; without a log the file is whole.
    """
    uri = path.absolute().as_uri()
    connection = _connect(f"{uri}?mode=ro")
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        if path.with_name(path.name + "-wal").exists() or not path.exists():
            raise
        connection = _connect(f"{uri}?mode=ro&immutable=1")
    return connection


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(
        uri,
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
        detect_types=sqlite3.PARSE_DECLTYPES,
    )


def _open(path: Path, *, create: bool) -> tuple[sqlite3.Connection, bool]:
    """Return a connection to a store of the current version, and whether it can only be read."""
    if not path.exists():
        if not create:
            raise StoreError("there is no store yet", where=str(path), hint="run `omc inventory`, which makes it")
        _make_file(path)
    read_only = not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))
    connection = connect_read_only(path) if read_only else _connect(f"{path.absolute().as_uri()}?mode=rw")
    try:
        _prepare(connection, path, read_only=read_only)
    except BaseException:
        connection.close()
        raise
    return connection, read_only


def _make_file(path: Path) -> None:
    """Make the empty file, not readable for everybody: an inventory is worth hiding.

    Folders are made in the user's own state folder; elsewhere only the last one, so that a slip makes no tree.
    """
    try:
        path.parent.mkdir(mode=0o750, parents=path.is_relative_to(state_folder()), exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o640))
    except FileNotFoundError as error:
        raise StoreError(
            f"the folder {path.parent.parent} is missing", where=str(path), hint="make it, or mend the store's URL"
        ) from error
    except OSError as error:
        raise StoreError(
            f"the store cannot be made: {error.strerror}",
            where=str(path),
            hint="check the folder, or set `store` in inventory/site.yaml or XDG_STATE_HOME",
        ) from error


def _prepare(connection: sqlite3.Connection, path: Path, *, read_only: bool) -> None:
    if not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        if read_only:
            raise StoreError("the store is empty", where=str(path), hint="run `omc inventory` as its owner")
        make_schema(connection)
    demand_current(_version(connection, str(path)), str(path))
    if not read_only:
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.execute("PRAGMA synchronous = NORMAL")


def _version(connection: sqlite3.Connection, where: str) -> str:
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise
        row = None
    if row is None:
        raise StoreError(
            "this is an SQLite file, but not a store of omc", where=where, hint="give omc a file of its own"
        )
    return str(row[0])
