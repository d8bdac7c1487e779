"""What SQLite's errors mean for a user."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from omc.errors import StoreError

_MEANINGS = (
    ("locked", "another omc has been writing for too long", "wait for it, or look for a process that hangs"),
    ("full", "the disk is full", "make room; what was there before is whole"),
    ("readonly", "the store cannot be written", "check the owner and mode of the file and its folder"),
    ("malformed", "the file is damaged", "put a backup in its place (`omc store backup` makes them)"),
    ("not a database", "this is not an SQLite file", "check the path of the store"),
    ("unable to open", "the file cannot be opened", "check that it exists, and its owner and mode"),
    ("disk i/o", "the disk refuses to read or write", "look at the kernel's log, and whether the disk is full"),
    ("closed database", "the store is closed", ""),
)


@contextmanager
def told(where: str) -> Iterator[None]:
    """Turn an error of SQLite into a StoreError that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise in_words(error, where) from error


def in_words(error: sqlite3.Error, where: str) -> StoreError:
    """Return the StoreError that stands for an error of SQLite."""
    words = str(error)
    for key, message, hint in _MEANINGS:
        if key in words.lower():
            return StoreError(f"{message} ({words})", where=where, hint=hint)
    return StoreError(f"the database refuses: {words}", where=where)
