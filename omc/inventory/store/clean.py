"""For hosts that say what no database takes: numbers beyond 64 bits become null, NUL and half characters a mark.

Looking at every value costs time, so a host is written without it first. The documents keep what was said, except for
half characters, which JSON cannot hold.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from omc.inventory.store.database import Row, Session
from omc.model import Host


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
        return _whole(value.replace("\0", "\ufffd"))
    return value


def clean_host(host: Host) -> Host:
    """Return the host with a mark for every half character in it."""
    return msgspec.convert(_whole_texts(msgspec.to_builtins(host)), Host)


def _whole_texts(value: Any) -> Any:
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, dict):
        return {_whole_texts(key): _whole_texts(item) for key, item in value.items()}
    return [_whole_texts(item) for item in value] if isinstance(value, list | tuple) else value


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
