"""For hosts that say what no database takes: numbers beyond 64 bits become null, NUL and half characters a mark.

Looking at every value costs time, so a host is written without it first. The documents keep what was said.
"""

from collections.abc import Iterable, Iterator, Sequence

from omc.inventory.store.database import Row, Session


class CleanSession:
    """A session that makes every value fit."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """Run one statement and return its rows."""
        return self._session.rows(statement, clean(values))

    def stream(self, statement: str, values: Sequence[object] = ()) -> Iterator[Row]:
        """As `rows`, a part at a time."""
        return self._session.stream(statement, clean(values))

    def run(self, statement: str, values: Sequence[object] = ()) -> int:
        """Run one statement and return how many rows it touched."""
        return self._session.run(statement, clean(values))

    def run_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each of the rows."""
        self._session.run_many(statement, [clean(row) for row in rows])

    def new_ids(self, table: str, count: int) -> Sequence[int]:
        """Return that many row numbers of a table that nobody else gets."""
        return self._session.new_ids(table, count)


def clean(row: Iterable[object]) -> tuple[object, ...]:
    """Return the row with every value made to fit."""
    return tuple(_fitting(value) for value in row)


def _fitting(value: object) -> object:
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return None
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    return value
