"""Cells as text, a column of a thousand rows at a time: a list of 50,000 guests is half a million cells.

Working by columns lets one check (is all of it printable?) stand for a thousand cells.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from omc.inventory.formats import Column, Value
from omc.text import safe

CHUNK = 1000

Texts = list[str]
Convert = Callable[[Column, Sequence[Value]], Texts]


def chunks(rows: Iterable[Sequence[Value]], columns: Sequence[Column], convert: Convert) -> Iterator[list[Texts]]:
    """Give the rows' texts column by column, a thousand rows a time."""
    remaining = iter(rows)
    while chunk := list(islice(remaining, CHUNK)):
        yield [convert(column, values) for column, values in zip(columns, zip(*chunk, strict=True), strict=True)]


def raw(column: Column, values: Sequence[Value]) -> Texts:
    """Return a column's values as programs want them: bare numbers, true and false, nothing for what is missing."""
    if column.kind == "boolean":
        return ["" if value is None else "true" if value else "false" for value in values]
    if column.kind in ("number", "bytes", "seconds"):
        return ["" if value is None else str(value) for value in values]
    return printable(["" if value is None else value if isinstance(value, str) else _text(value) for value in values])


def _text(value: Value) -> str:
    """Return any other value as JSON has it: true and false, bytes in base64."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        from base64 import b64encode

        return b64encode(value).decode()
    return str(value)


def printable(texts: Texts) -> Texts:
    """Return the texts without anything that a terminal acts on."""
    return texts if "".join(texts).isprintable() else [safe(text) for text in texts]
