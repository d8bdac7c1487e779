"""Output formats: a list in, bytes out, one file a format.

A format is a module with

- `render(listing, page)`, which gives a list as bytes;
- `KIND`: "people" (sizes and times in words), "columns" (raw values, a line a row) or "structure" (things with all that
  is in them);
- `WIDE`: whether it shows the columns that the narrow table leaves out;
- for "structure" also `one(document)`, one thing by itself, and `inventory(head, hosts, issues)`, the whole inventory.

To add one: a file here, its name in BUILT_IN and in setup.cfg. A format of another package comes in through the entry
point group `omc.formats`: the name after `-o`, and such a module. The built-in ones are declared there too, and known
here by name because reading all entry points takes long. What a format gives is safe to print: names of guests and
answers of agents are escaped by it (`omc.text.safe`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Literal, NamedTuple, Protocol, cast

from omc.errors import OmcError, UsageError

Value = object
"""A cell: text, a number, a boolean or None, as the database gives it. What is of another kind is shown as text."""

BUILT_IN = ("table", "wide", "json", "ndjson", "yaml", "csv", "tsv", "markdown")
"""In the order in which help names them."""

NUMBERS = ("number", "bytes", "age", "seconds")
"""Kinds of columns that are aligned to the right in a table."""


class Column(NamedTuple):
    """One column.

    `kind` is text, key (text that is typed again, so it is never cut), number, bytes, seconds, boolean (0 and 1),
    status (text with a colour), time or age (both RFC 3339, shown in a table as local time and as a time span), prose
    (text that a narrow table cuts rather than leaves out), os (an operating system), json (a JSON text), or value
    (whatever comes). `title` heads it in a table; every other format uses `name`. `wide` leaves it out of the narrow
    table. `below`: where the page has no room for all of it, it stands wrapped below its row.
    """

    name: str
    kind: str = "text"
    title: str = ""
    wide: bool = False
    below: bool = False


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


class Format(Protocol):
    """What the module of a format has."""

    KIND: Literal["people", "columns", "structure"]
    WIDE: bool

    def render(self, listing: Listing, page: Page) -> Iterator[bytes]:
        """Give the list, safe to print."""


class Structure(Format, Protocol):
    """What the module of a format of the kind "structure" has."""

    def one(self, document: bytes) -> bytes:
        """Give one thing by itself; `document` is its JSON."""

    def inventory(self, head: Mapping[str, object], hosts: Iterator[bytes], issues: Iterator[bytes]) -> Iterator[bytes]:
        """Give the whole inventory: what holds for all of it, then each host and issue, as JSON safe to print."""


def render(listing: Listing, name: str, page: Page) -> Iterator[bytes]:
    """Give the list in the format of that name. Raise UsageError where there is none."""
    return find(name).render(listing, page)


def structure(name: str) -> Structure | None:
    """Return the format of that name where it is of the kind "structure". Raise UsageError where there is none."""
    found = find(name)
    return cast(Structure, found) if found.KIND == "structure" else None


def find(name: str) -> Format:
    """Return the format of that name. Raise UsageError where there is none."""
    return cast(Format, import_module(f"{__name__}.{name}") if name in BUILT_IN else _foreign(name))


def _foreign(name: str) -> object:
    from importlib.metadata import entry_points

    found = entry_points(group="omc.formats")
    if name not in found.names:
        names = ", ".join([*BUILT_IN, *sorted(found.names - set(BUILT_IN))])
        raise UsageError(f"there is no output format {name!r}", hint=f"one of {names}")
    module = found[name].load()
    needed = ["KIND", "WIDE", "render", *(("one", "inventory") if getattr(module, "KIND", "") == "structure" else ())]
    lacking = [part for part in needed if not hasattr(module, part)]
    if lacking:
        hint = "see docs/how-to/extend.md, or leave the package out"
        raise OmcError(f"the output format {name!r} lacks {', '.join(lacking)}", where=found[name].value, hint=hint)
    return cast(object, module)
