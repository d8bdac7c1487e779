"""Output formats: a list in, bytes out, one file a format.

To add one: a file here with `render(listing, page)` and its name in BUILT_IN and in setup.cfg. A format of another
package comes in through the entry point group `omc.formats`: the name after `-o`, and an object that is such a
function. The built-in ones are declared there too, and known here by name because reading all entry points takes long.
What a format gives is safe to print: names of guests and answers of agents are escaped by it (`omc.text.safe`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from typing import NamedTuple, cast

from omc.errors import UsageError

Value = object
"""A cell: text, a number, a boolean or None, as the database gives it. What is of another kind is shown as text."""

BUILT_IN = ("table", "wide", "json", "ndjson", "yaml", "csv", "tsv", "markdown")
"""In the order in which help names them."""

NUMBERS = ("number", "bytes", "age", "seconds")
"""Kinds of columns that are aligned to the right in a table."""


class Column(NamedTuple):
    """One column.

    `kind` is text, number, bytes, seconds, boolean (0 and 1), status (text with a colour), time or age (both RFC 3339,
    shown in a table as local time and as a time span), os (an operating system), json (a JSON text), or value (whatever
    comes). `title` heads it in a table; every other format uses `name`. `wide` leaves it out of the narrow table.
    """

    name: str
    kind: str = "text"
    title: str = ""
    wide: bool = False


class Listing(NamedTuple):
    """A list to print; `rows` hold one value a column and are read once.

    `documents` gives the whole things as JSON texts, for the formats that show structure; None: there is no more than
    the rows.
    """

    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    documents: Iterable[bytes] | None = None


class Page(NamedTuple):
    """The place to print on: a terminal's width, or None for a pipe or file; whether it shows colours; the time."""

    width: int | None = None
    color: bool = False
    now: float = 0.0


Render = Callable[[Listing, Page], Iterator[bytes]]


def render(listing: Listing, name: str, page: Page) -> Iterator[bytes]:
    """Give the list in the format of that name. Raise UsageError where there is none."""
    return find(name)(listing, page)


def find(name: str) -> Render:
    """Return the format of that name. Raise UsageError where there is none."""
    if name in BUILT_IN:
        return cast(Render, import_module(f"{__name__}.{name}").render)
    return _foreign(name)


def _foreign(name: str) -> Render:
    from importlib.metadata import entry_points

    found = entry_points(group="omc.formats")
    if name not in found.names:
        names = ", ".join([*BUILT_IN, *sorted(found.names - set(BUILT_IN))])
        raise UsageError(f"there is no output format {name!r}", hint=f"one of {names}")
    return cast(Render, found[name].load())
