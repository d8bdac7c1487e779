"""What PostgreSQL's errors mean for a user."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from omc.errors import StoreError

_WAIT = "wait for it, or look for a process that hangs"
_MEANINGS: tuple[tuple[type[psycopg.Error], str, str], ...] = (
    (errors.LockNotAvailable, "another omc has been writing for too long", _WAIT),
    (errors.DeadlockDetected, "another omc has been writing at the same time", "try it again"),
    (errors.InsufficientPrivilege, "this login may not do that", "GRANT it, or use the owner's login"),
    (errors.DiskFull, "the server's disk is full", "make room; what was there before is whole"),
    (errors.ReadOnlySqlTransaction, "the server is read-only", "is it a standby? use the primary's address"),
)
_REFUSALS = (
    ("password", "the server wants another password", "check the store's URL, PGPASSWORD or ~/.pgpass"),
    ("pg_hba.conf", "the server does not let this user in", "check pg_hba.conf and the URL"),
    ("role", "there is no such login", "make it: createuser NAME"),
    ("database", "there is no such database", "make it: createdb NAME"),
)
"""A server that refuses a connection tells why only in words, behind FATAL:"""


@contextmanager
def told(where: str) -> Iterator[None]:
    """Turn an error of psycopg into a StoreError that says what to do."""
    try:
        yield
    except psycopg.Error as error:
        raise in_words(error, where) from error


def in_words(error: psycopg.Error, where: str) -> StoreError:
    """Return the StoreError that stands for an error of psycopg; the server's words never hold a password."""
    words = error.diag.message_primary or str(error).strip().split("\n")[0]
    for kind, message, hint in _MEANINGS:
        if isinstance(error, kind):
            return StoreError(f"{message} ({words})", where=where, hint=hint)
    if isinstance(error, psycopg.ProgrammingError) and error.sqlstate is None:
        return StoreError("the store's URL cannot be read", where=where, hint="postgresql://user@host:port/database")
    if isinstance(error, psycopg.OperationalError):
        refusal = words.partition("FATAL:")[2]
        for key, message, hint in _REFUSALS:
            if key in refusal:
                return StoreError(f"{message} ({refusal.strip()})", where=where, hint=hint)
        hint = "is the server up, and does its address fit? what was recorded before is whole"
        return StoreError(f"the database does not answer: {words}", where=where, hint=hint)
    return StoreError(f"the database refuses: {words}", where=where)
