"""Builds the statement of a list: a view, some of its columns, a selection of hosts, an expression, an order. Pure."""

from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from omc.errors import UsageError
from omc.inventory.store.catalogue import VIEWS
from omc.inventory.store.expression import check_expression, tokens
from omc.inventory.store.views import View


class Query(NamedTuple):
    """What a list asks for; no `columns` means all, no `sort` the view's own order, `hosts` None every host."""

    view: str
    columns: Sequence[str] = ()
    hosts: Collection[str] | None = None
    where: str | None = None
    sort: Sequence[str] = ()
    limit: int | None = None


class Statement(NamedTuple):
    """A statement, partly of a user: `?` marks and their values, columns to name in an error; who asks."""

    text: str
    values: tuple[object, ...] = ()
    columns: tuple[str, ...] = ()
    where: str = "sql"
    expression: str = ""


def build(query: Query) -> Statement:
    """Return the statement for a query; UsageError names what does not exist and what does."""
    view = view_named(query.view)
    columns = [known_column(name, view, "--columns") for name in query.columns] or list(view.names)
    tests, values = _tests(query, view)
    text = f"SELECT {', '.join(columns)} FROM {view.name}"
    if tests:
        text += f" WHERE {' AND '.join(tests)}"
    text += f" ORDER BY {', '.join(_order(query.sort, view))}"
    if query.limit is not None:
        text += f" LIMIT {int(query.limit)}"
    return Statement(text, tuple(values), view.names, "--where", query.where or "")


def view_named(name: str) -> View:
    """Return a view by name."""
    if name not in VIEWS:
        raise UsageError(f"there is no view {name}", hint=f"views: {', '.join(VIEWS)}")
    return VIEWS[name]


def _tests(query: Query, view: View) -> tuple[list[str], list[object]]:
    tests: list[str] = []
    values: list[object] = []
    if query.hosts is not None and view.host_column:
        marks = ", ".join("?" * len(query.hosts)) or "NULL"
        tests.append(f"{view.host_column} IN ({marks})")
        values.extend(query.hosts)
    if query.where is not None:
        check_expression(query.where, view)
        tests.append(f"({query.where}\n)")
    return tests, values


def _order(sort: Sequence[str], view: View) -> list[str]:
    wanted = [(name.removeprefix("-"), name.startswith("-")) for name in sort]
    parts = [f"{known_column(name, view, '--sort')}{' DESC' if down else ''} NULLS LAST" for name, down in wanted]
    given = {name for name, _ in wanted}
    return parts + [name for name in view.order if name not in given]


def known_column(name: str, view: View, where: str) -> str:
    """Return the name. Raise UsageError with the nearest one, and all, where the view has no such column."""
    if name in view.names:
        return name
    if not name:
        raise UsageError("the name of a column is missing", where=where, hint=f"columns: {', '.join(view.names)}")
    raise UsageError(f"there is no column {name}", where=where, hint=_meant(name, view.names))


def _meant(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"{f'did you mean {near[0]}? ' if near else ''}columns: {', '.join(known)}"


def unknown_column(name: str, statement: Statement) -> UsageError:
    """Return the error for a column that does not exist: where it stands, the nearest name, and all of them."""
    known = statement.columns or _columns_of_named_views(statement.text)
    place = ""
    if statement.expression:
        starts = [token.start for token in tokens(statement.expression) if token.text.lower() == name.lower()]
        place = f", at character {starts[0] + 1}" if starts else ""
    hint = _meant(name, known) if known else f"views: {', '.join(VIEWS)}"
    if name.isidentifier() and not hint.startswith("did you mean"):
        hint = f"text stands in single quotes: '{name}'; {hint}"
    return UsageError(f"there is no column {name}{place}", where=statement.where, hint=hint)


def _columns_of_named_views(text: str) -> tuple[str, ...]:
    named = [VIEWS[token.text.lower()] for token in tokens(text) if token.text.lower() in VIEWS]
    return tuple(dict.fromkeys(name for view in named for name in view.names))
