"""Rows as objects, and JSON made safe to look at: what the formats with structure share."""

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from omc.inventory.formats import Column, Listing, Value
from omc.text import HARMFUL

_HARMFUL = re.compile(f"[{HARMFUL}]")  # JSON itself escapes C0


def documents(listing: Listing) -> Iterator[bytes]:
    """Give the list's things as JSON texts: whole where there are documents, else an object a row."""
    return map(safe_json, listing.documents if listing.documents is not None else _rows(listing))


def safe_json(document: bytes) -> bytes:
    """Return the same JSON value, with everything escaped that a terminal acts on."""
    if document.isascii() and b"\x7f" not in document:
        return document
    return _HARMFUL.sub(lambda match: f"\\u{ord(match[0]):04x}", document.decode("utf-8", "surrogatepass")).encode()


def _rows(listing: Listing) -> Iterator[bytes]:
    names = [column.name for column in listing.columns]
    encode = msgspec.json.Encoder().encode
    for row in _typed(listing.columns, listing.rows):
        yield encode(dict(zip(names, row, strict=True)))


def _typed(columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> Iterator[Sequence[object]]:
    """Give the rows with booleans and JSON texts as what they are; SQLite has no types for them."""
    special = [(index, column.kind) for index, column in enumerate(columns) if column.kind in ("boolean", "json")]
    if not special:
        yield from rows
        return
    for row in rows:
        values: list[object] = list(row)
        for index, kind in special:
            value = row[index]
            if value is not None:
                values[index] = bool(value) if kind == "boolean" else msgspec.Raw(str(value).encode())
        yield values
