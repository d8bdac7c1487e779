"""A Markdown table with raw values, for a ticket or a wiki."""

import re
from collections.abc import Iterator, Sequence

from omc.inventory.formats import NUMBERS, Column, Listing, Page, Value
from omc.inventory.formats.cells import Texts, chunks, raw

KIND = "columns"
WIDE = False

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#&$])")


def render(listing: Listing, page: Page) -> Iterator[bytes]:  # noqa: ARG001 - every format has this signature
    """Give the list as a table; what Markdown or HTML would act on is escaped."""
    columns = listing.columns
    yield _line([_escaped(column.name) for column in columns])
    yield _line(["---:" if column.kind in NUMBERS and column.kind != "age" else "---" for column in columns])
    for texts in chunks(listing.rows, columns, _column):
        yield b"".join(map(_line, zip(*texts, strict=True)))


def _column(column: Column, values: Sequence[Value]) -> Texts:
    return [_escaped(text) for text in raw(column, values)]


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _line(cells: Sequence[str]) -> bytes:
    return f"| {' | '.join(cells)} |\n".encode()
