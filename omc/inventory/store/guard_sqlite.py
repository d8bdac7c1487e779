"""Runs SQL that a user wrote on an SQLite store, so that it can read the views and do nothing else.

A statement is first compiled where there are views and no tables. The connection is opened read-only; an authorizer
allows SELECT, the columns that the views themselves read and harmless functions; lengths, depth, memory, rows and time
have bounds. What passes can only read what the views show.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from time import monotonic

from omc.errors import OmcError, UsageError
from omc.inventory.store.answer import Result, Rows
from omc.inventory.store.catalogue import VIEWS
from omc.inventory.store.guard_sqlite_views import views_alone
from omc.inventory.store.query import Statement, unknown_column
from omc.inventory.store.rows import names
from omc.inventory.store.sqlite_errors import in_words

SECONDS = 10.0
LARGEST_VALUE = 4_000_000  # bytes of one text or row
MEMORY_BYTES = 1 << 30
MOST_ROWS = 2_000_000
_STEPS = 20_000  # of SQLite's machine, between two looks at the clock: about a millisecond
_PORTION = 256

FUNCTIONS = frozenset(
    names(
        "-> ->> abs avg ceil ceiling char coalesce count cume_dist date datetime dense_rank exp first_value "
        "floor format glob group_concat hex ifnull iif instr json json_array json_array_length "
        "json_extract json_group_array json_group_object json_object json_quote json_type json_valid "
        "julianday lag last_value lead length like likelihood likely ln log lower ltrim max min mod nth_value "
        "ntile nullif percent_rank pow power printf quote rank replace round row_number rtrim sign sqrt "
        "strftime string_agg substr substring sum time total trim trunc typeof unicode unixepoch unlikely "
        "upper"
    )
)

_BROUGHT_ALONG = (
    "sqlite_",
    "pragma_",
    "json_",
    "fts",
    "rtree",
    "dbstat",
    "dbpage",
    "bytecode",
    "tables_used",
    "generate_",
)
"""Beginnings of the names of tables that SQLite has without anybody making them."""

_LIMITS = (
    (sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_VALUE),
    (sqlite3.SQLITE_LIMIT_SQL_LENGTH, 2_000_000),
    (sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 200),
    (sqlite3.SQLITE_LIMIT_COMPOUND_SELECT, 50),
    (sqlite3.SQLITE_LIMIT_COLUMN, 500),
    (sqlite3.SQLITE_LIMIT_VDBE_OP, 250_000),
    (sqlite3.SQLITE_LIMIT_FUNCTION_ARG, 100),
    (sqlite3.SQLITE_LIMIT_ATTACHED, 0),
    (sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 500),
    (sqlite3.SQLITE_LIMIT_WORKER_THREADS, 0),
)


class Guard:
    """One guarded connection for one statement."""

    def __init__(self, connection: sqlite3.Connection, label: str) -> None:
        self._connection = connection
        self._label = label
        self._refused = ""
        self._deadline = 0.0
        self._left = SECONDS
        self._reads = _reads_of_views(connection)
        self._tables = frozenset(name for (name,) in connection.execute("SELECT name FROM sqlite_master"))
        for setting in (
            f"hard_heap_limit = {MEMORY_BYTES}",
            "temp_store = memory",
            "trusted_schema = off",
            "query_only = on",
        ):
            connection.execute(f"PRAGMA {setting}").fetchall()
        self._confine(connection)
        connection.set_progress_handler(self._is_late, _STEPS)

    def _confine(self, connection: sqlite3.Connection) -> None:
        for category, limit in _LIMITS:
            connection.setlimit(category, limit)
        connection.set_authorizer(self._authorize)

    def run(self, statement: Statement) -> Rows:
        """Run the statement; its rows come as they are asked for, and the connection ends with the last one."""
        try:
            if statement.expression:
                self._compile_apart(statement)
            self._start()
            cursor = self._connection.execute(statement.text, statement.values)
            self._stop()
        except (sqlite3.Error, sqlite3.Warning, UnicodeEncodeError) as error:
            self._connection.close()
            raise self._told(error, statement) from error
        if cursor.description is None:
            self._connection.close()
            raise UsageError("this is not a question", where=statement.where, hint="write SELECT …")
        return Rows(tuple(item[0] for item in cursor.description), self._portions(cursor, statement))

    def _compile_apart(self, statement: Statement) -> None:
        with closing(views_alone()) as connection:
            self._confine(connection)
            connection.execute(f"EXPLAIN {statement.text}", statement.values).close()

    def _portions(self, cursor: sqlite3.Cursor, statement: Statement) -> Iterator[Result]:
        count = 0
        try:
            while True:
                self._start()
                rows = cursor.fetchmany(_PORTION)
                self._stop()
                if not rows:
                    return
                count += len(rows)
                if count > MOST_ROWS:
                    raise UsageError(
                        f"the answer has more than {MOST_ROWS} rows",
                        where=statement.where,
                        hint="narrow it down, or add LIMIT",
                    )
                yield from rows
        except sqlite3.Error as error:
            raise self._told(error, statement) from error
        finally:
            self._connection.close()

    def _start(self) -> None:
        self._deadline = monotonic() + self._left

    def _stop(self) -> None:
        self._left = self._deadline - monotonic()

    def _is_late(self) -> int:
        return monotonic() > self._deadline

    def _authorize(self, action: int, one: str | None, two: str | None, _: str | None, source: str | None) -> int:
        if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ and (
            one in VIEWS or (source, one, two) in self._reads or self._is_rows(one, two) or self._is_own(one, two)
        ):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION and (two or "").lower() in FUNCTIONS:
            return sqlite3.SQLITE_OK
        self._refused = self._refused or _named(action, one, two)
        return sqlite3.SQLITE_DENY

    def _is_rows(self, table: str | None, column: str | None) -> bool:
        """No column of a table: what is left of a view in `SELECT count(*)`; by its own name it was refused apart."""
        return not column and table in self._tables

    def _is_own(self, table: str | None, column: str | None) -> bool:
        """A name of the statement itself (WITH n AS …): neither the store nor SQLite itself has such a table."""
        return not column and table not in self._tables and not (table or "").lower().startswith(_BROUGHT_ALONG)

    def _told(self, error: Exception, statement: Statement) -> OmcError:
        words, where = str(error), statement.where
        if isinstance(error, UnicodeEncodeError):
            return UsageError("there is half a character in it", where=where, hint="write it as UTF-8")
        if words.removeprefix("no such table: ").removeprefix("main.") in self._tables:
            self._refused = f"the table {words.removeprefix('no such table: ')} cannot be read"
        if words.startswith("no such column: "):
            return unknown_column(words.removeprefix("no such column: "), statement)
        if "interrupted" in words:
            return UsageError(f"the question takes longer than {SECONDS:.0f} s", where=where, hint="narrow it down")
        if self._refused:
            return UsageError(self._refused, where=where, hint=_hint(self._refused))
        if isinstance(error, MemoryError) or "too big" in words or "out of memory" in words:
            return UsageError("the question takes too much memory", where=where, hint="narrow it down")
        if isinstance(error, sqlite3.OperationalError | sqlite3.DatabaseError) and _is_fault(words):
            return in_words(error, self._label)
        return UsageError(f"the database does not understand: {words}", where=where, hint=_hint(words))


def _reads_of_views(connection: sqlite3.Connection) -> frozenset[tuple[str | None, str | None, str | None]]:
    """Ask SQLite itself which columns each view reads: (view, table, column)."""
    reads = set()

    def note(action: int, one: str | None, two: str | None, _: str | None, source: str | None) -> int:
        if action == sqlite3.SQLITE_READ:
            reads.add((source, one, two))
        return sqlite3.SQLITE_OK

    connection.set_authorizer(note)
    for name in VIEWS:
        connection.execute(f"EXPLAIN SELECT * FROM {name}").close()
    connection.set_authorizer(None)
    return frozenset(read for read in reads if read[0] is not None)


def _named(action: int, one: str | None, two: str | None) -> str:
    if action == sqlite3.SQLITE_READ:
        return f"the table {one} cannot be read"
    if action == sqlite3.SQLITE_FUNCTION:
        return f"the function {two} is not allowed"
    return "this would do more than read"


def _is_fault(words: str) -> bool:
    return any(word in words for word in ("malformed", "i/o", "locked", "not a database", "unable to open"))


def _hint(words: str) -> str:
    """Return what to do about it, where the words tell."""
    if "function" in words:
        return f"functions that are allowed: {', '.join(sorted(FUNCTIONS))}"
    if any(word in words for word in ("table", "more than read", "modify")):
        return f"only the views can be read: {', '.join(VIEWS)}"
    if "unrecognized token" in words:
        return "text stands in single quotes: state = 'running'"
    return ""
