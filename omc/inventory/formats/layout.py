"""How a table fits its page: which columns, how wide, cells cut and padded to it."""

from collections.abc import Iterator, Sequence

from omc.inventory.formats import NUMBERS, Column
from omc.inventory.formats.cells import Texts
from omc.text import cell_width, cut

GAP = "  "
MORE = f"{GAP}…"
_NARROW = 16
_NARROWEST = 8
_WHOLE = (*NUMBERS, "time", "key")
"""Kinds of columns that are shown whole or not at all."""


def widths(cells: Texts) -> int:
    """Return the width of the widest of the cells."""
    return max(map(len if "".join(cells).isascii() else cell_width, cells), default=0)


def fit(columns: Sequence[Column], wanted: Sequence[int], page_width: int | None) -> list[int]:
    """Return the widths of the columns on the page; 0 leaves a column out, which the table must then say.

    Text gives way first, the widest most, down to sixteen; numbers, times and keys are never cut. Then columns go, from
    the end. Where some are prose, which says most of all, text goes down to eight and times go first.
    """
    if page_width is None:
        return list(wanted)
    for chosen in _choices(columns):
        picked = [columns[index] for index in chosen]
        room = page_width - len(GAP) * (len(chosen) - 1) - (len(MORE) if len(chosen) < len(columns) else 0)
        fitted = _shrunk(picked, [wanted[index] for index in chosen], room, _floor(columns))
        if sum(fitted) <= room:
            found = dict(zip(chosen, fitted, strict=True))
            return [found.get(index, 0) for index in range(len(columns))]
    return [min(wanted[0], max(page_width - len(MORE), 1)), *[0] * (len(columns) - 1)] if wanted else []


def _choices(columns: Sequence[Column]) -> Iterator[list[int]]:
    """Give the columns to try, the most first."""
    everything = list(range(len(columns)))
    if _floor(columns) == _NARROWEST:
        yield everything
        everything = [index for index in everything if columns[index].kind != "time"]
    for count in range(len(everything), 1, -1):
        yield everything[:count]


def _floor(columns: Sequence[Column]) -> int:
    return _NARROWEST if any(column.kind == "prose" for column in columns) else _NARROW


def _shrunk(columns: Sequence[Column], wanted: Sequence[int], room: int, floor: int) -> list[int]:
    """Return the widths with the text columns held below one common limit, as high a limit as the room allows."""
    text = [width for column, width in zip(columns, wanted, strict=True) if column.kind not in _WHOLE]
    fixed = sum(wanted) - sum(text)
    limit = max(text, default=0)
    while limit > floor and fixed + sum(min(width, limit) for width in text) > room:
        limit -= 1
    return [
        width if column.kind in _WHOLE else min(width, limit) for column, width in zip(columns, wanted, strict=True)
    ]


def padded(column: Column, cells: Texts, width: int) -> Texts:
    """Return the cells cut and filled to the width, numbers to the right."""
    if "".join(cells).isascii() and max(map(len, cells)) <= width:
        return (
            [cell.rjust(width) for cell in cells] if column.kind in NUMBERS else [cell.ljust(width) for cell in cells]
        )
    return [_padded(column, cut(cell, width), width) for cell in cells]


def _padded(column: Column, cell: str, width: int) -> str:
    space = " " * (width - cell_width(cell))
    return space + cell if column.kind in NUMBERS else cell + space
