"""What the store asks of a database: statements with `?`, transactions, and errors in omc's words.

Two modules implement it, `sqlite` and `postgresql`. The statements are a subset that both understand: INSERT … ON
CONFLICT, RETURNING, no functions of one side. A database may be used from several threads, one at a time.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

from omc.errors import StoreError
from omc.inventory.store.answer import Rows
from omc.inventory.store.query import Statement

Row = tuple[Any, ...]
"""A row as the driver gives it; who runs a statement knows its columns."""


BUSY_SECONDS = 30.0
"""How long a writer waits for another one. A host takes far less than a second: who waits longer waits for a fault."""


class UnfitValueError(StoreError):
    """A value that this database does not take: a number beyond 64 bits, half a character, on PostgreSQL a NUL."""

    def __init__(self) -> None:
        super().__init__("the store takes no half characters, NUL characters or numbers beyond 64 bits")


@contextmanager
def fitting(*refusals: type[Exception]) -> Iterator[None]:
    """Turn what a driver says of a value that does not fit into an UnfitValueError."""
    try:
        yield
    except refusals as error:
        raise UnfitValueError from error


class Session(Protocol):
    """A connection inside a transaction; UnfitValueError for a value that the database does not take."""

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """Run one statement and return its rows."""

    def stream(self, statement: str, values: Sequence[object] = ()) -> Iterator[Row]:
        """As `rows`, a part at a time."""

    def run(self, statement: str, values: Sequence[object] = ()) -> int:
        """Run one statement and return how many rows it touched."""

    def run_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each of the rows."""

    def new_ids(self, table: str, count: int) -> Sequence[int]:
        """Return that many row numbers of a table that nobody else gets."""


class Database(Protocol):
    """One store's database."""

    label: str
    engine_url: str  # for SQLAlchemy, which then connects by `raw_connection`

    def reading(self) -> AbstractContextManager[Session]:
        """Give the store's own connection for a short read, with other threads waiting."""

    def snapshot(self) -> AbstractContextManager[Session]:
        """Open a connection of its own that sees the store as it is now, whatever is written meanwhile."""

    def writing(self, subject: str) -> AbstractContextManager[Session]:
        """Begin a transaction, one at a time for a subject (a host's name); commit it at the end, or take all back."""

    def guarded(self, statement: Statement) -> Rows:
        """Answer a statement that a user wrote, in a way that it can only read the views."""

    def settle(self) -> None:
        """Bring what was committed to the disk, so that it outlives a power cut."""

    def backup(self, target: Path) -> None:
        """Copy the whole store into a new file."""

    def problems(self) -> list[str]:
        """Ask the database to check itself; an empty list means sound."""

    def compact(self) -> None:
        """Give space that is free back to the file system."""

    def size(self) -> int:
        """Return how many bytes it takes."""

    def raw_connection(self) -> Any:
        """Open a connection of the database's own driver, for SQLAlchemy."""

    def close(self) -> None:
        """Close every connection."""
