"""Runs SQL that a user wrote on a PostgreSQL store, so that it can read the views and do nothing else.

What holds it: the reading role, or a login that has no more (others are refused); a list of functions; a read-only
transaction that is always taken back; one statement (the extended protocol takes no second one); a limit of time. A
list without anything that a user wrote needs no reading role.
"""

from collections.abc import Iterator
from itertools import islice
from typing import cast

import psycopg
from psycopg import errors

from omc.errors import OmcError, UsageError
from omc.inventory.store.answer import Result, Rows
from omc.inventory.store.catalogue import VIEWS
from omc.inventory.store.expression import Token, check_question, tokens
from omc.inventory.store.guard_postgresql_role import READER_ROLE, become_reader
from omc.inventory.store.guard_postgresql_words import check_words
from omc.inventory.store.postgresql_errors import in_words
from omc.inventory.store.query import Statement, unknown_column

SECONDS = 10
MOST_ROWS = 2_000_000


def run_guarded(connection: psycopg.Connection, statement: Statement, label: str) -> Rows:
    """Run the statement and return its rows; the connection ends with the last of them."""
    rows = _rows(connection, statement, label)
    try:
        columns = cast(tuple[str, ...], next(rows))
    except BaseException:
        connection.close()
        raise
    return Rows(columns, rows)


def _rows(connection: psycopg.Connection, statement: Statement, label: str) -> Iterator[Result]:
    """Give the names of the columns first, and then the rows."""
    check_question(statement.text, statement.where)
    if statement.expression:
        check_words(statement.text, statement.where)
    text, moved = widened(statement.text)
    marks = len(statement.values)  # they stand before what the user wrote, which may have some of its own
    marked = text.replace("%", "%%").replace("?", "%s", marks) if marks else text
    try:
        _begin(connection)
        if statement.expression:
            become_reader(connection, statement.where)
        with connection.cursor() as cursor:
            stream = cursor.stream(marked, statement.values or None)
            first = list(islice(stream, 1))
            if not first:  # only an answer with a row has told its columns
                cursor.execute(marked, statement.values or None, prepare=True)
            yield tuple(column.name for column in cursor.description or ())
            yield from first
            for count, row in enumerate(stream):
                if count > MOST_ROWS:
                    raise UsageError(
                        f"the answer has more than {MOST_ROWS} rows", where=statement.where, hint="add LIMIT"
                    )
                yield row
    except UnicodeEncodeError as error:
        hint = "write it as UTF-8"
        raise UsageError("there is half a character in it", where=statement.where, hint=hint) from error
    except psycopg.Error as error:
        raise _told(error, statement, moved, label) from error
    finally:
        connection.close()


def _begin(connection: psycopg.Connection) -> None:
    """The connection ends without COMMIT, so nothing that a function did inside the transaction stays."""
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    connection.execute(f"SET LOCAL statement_timeout = '{SECONDS}s'")
    connection.execute("SET LOCAL lock_timeout = '2s'")
    connection.execute("SET LOCAL standard_conforming_strings = on")


def widened(text: str) -> tuple[str, list[int]]:
    """Give whole numbers that are multiplied 64 bits, as SQLite has them: 8*1024*1024*1024 is no error then.

    The list holds where text was put in, to find the place of a mistake.
    """
    pieces = list(tokens(text))
    parts, moved, last = [], [], 0
    for position, token in enumerate(pieces):
        if token.kind == "number" and token.text.isdigit() and _is_factor(pieces, position):
            end = token.start + len(token.text)
            parts += [text[last:end], "::bigint"]
            moved.append(end)
            last = end
    return "".join([*parts, text[last:]]), moved


def _is_factor(pieces: list[Token], position: int) -> bool:
    beside = pieces[max(0, position - 1) : position] + pieces[position + 1 : position + 2]
    return any(token.text == "*" for token in beside)


def _told(error: psycopg.Error, statement: Statement, moved: list[int], label: str) -> OmcError:
    words, where = error.diag.message_primary or str(error), statement.where
    if isinstance(error, errors.UndefinedColumn):
        return unknown_column(words.split('"')[1] if '"' in words else words, statement)
    if isinstance(error, errors.QueryCanceled):
        return UsageError(f"the question takes longer than {SECONDS} s", where=where, hint="narrow it down")
    if isinstance(error, errors.ReadOnlySqlTransaction):
        return UsageError(
            "this would do more than read", where=where, hint=f"only the views can be read: {', '.join(VIEWS)}"
        )
    if isinstance(error, psycopg.OperationalError):
        return in_words(error, label)
    if isinstance(error, errors.InsufficientPrivilege) and "view" in words:
        hint = f"`omc store upgrade`, run by the store's owner, lets {READER_ROLE} read the views"
        return UsageError(words, where=where, hint=hint)
    place = _place(error, statement, moved)
    if isinstance(error, errors.InsufficientPrivilege | errors.UndefinedTable):
        return UsageError(f"{words}{place}", where=where, hint=f"views: {', '.join(VIEWS)}")
    return UsageError(f"the database does not understand: {words}{place}", where=where)


def _place(error: psycopg.Error, statement: Statement, moved: list[int]) -> str:
    """Return where in the user's own text the mistake is, where the server tells."""
    if not error.diag.statement_position or statement.text != statement.expression:
        return ""
    position = int(error.diag.statement_position)
    shift = sum(1 for number, place in enumerate(moved) if place + number * len("::bigint") < position - 1)
    return f", at character {position - shift * len('::bigint')}"
