"""CSV after RFC 4180: a header, CRLF, quotes where needed, raw values.

A spreadsheet runs what starts like a formula, and a guest's name is anybody's text: such a text gets an apostrophe
in front, which spreadsheets take as "this is text". Numbers stay numbers.
"""

import re
from collections.abc import Iterator, Sequence

from omc.inventory.formats import Column, Listing, Page, Value
from omc.inventory.formats.cells import Texts, chunks, printable, raw

KIND = "columns"
WIDE = True

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # the last four: full width
# What makes a look at each cell necessary, in a column's cells joined by NUL: quote, comma, line end, space, formula.
_SUSPECT = re.compile('[",\r\n]|(?:^|\0)[ =+\\-@\t\uff1d\uff0b\uff0d\uff20]| (?:\0|$)')
_QUOTED = re.compile('[",\r\n]|^ | $')


def render(listing: Listing, page: Page) -> Iterator[bytes]:  # noqa: ARG001 - every format has this signature
    """Give the list as CSV."""
    header = [_cell(column.name) for column in listing.columns]
    yield (",".join(printable(header)) + "\r\n").encode()
    for texts in chunks(listing.rows, listing.columns, _column):
        yield ("\r\n".join(map(",".join, zip(*texts, strict=True))) + "\r\n").encode()


def _column(column: Column, values: Sequence[Value]) -> Texts:
    texts = raw(column, values)
    if not _SUSPECT.search("\0".join(texts)):
        return texts
    return [_cell(text, value) for text, value in zip(texts, values, strict=True)]


def _cell(text: str, value: Value = "") -> str:
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
