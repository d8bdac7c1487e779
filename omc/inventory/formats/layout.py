"""How a table fits its page: which columns, how wide, cells cut and padded to it."""

from collections.abc import Sequence

from omc.inventory.formats import NUMBERS, Column
from omc.inventory.formats.cells import Texts
from omc.text import cell_width, cut

GAP = "  "
MORE = f"{GAP}…"
_NARROW = 16


def widths(cells: Texts) -> int:
    """Return the width of the widest of the cells."""
    return max(map(len if "".join(cells).isascii() else cell_width, cells), default=0)


def fit(columns: Sequence[Column], wanted: Sequence[int], page_width: int | None) -> list[int]:
    """Return the widths of the columns that fit the page, fewer than there are where they cannot all fit.

    Text gives way first, the widest most, down to sixteen; numbers are never cut. Then columns go, from the end.
    """
    if page_width is None:
        return list(wanted)
    for count in range(len(columns), 1, -1):
        room = page_width - len(GAP) * (count - 1) - (len(MORE) if count < len(columns) else 0)
        fitted = _shrunk(columns[:count], wanted[:count], room)
        if sum(fitted) <= room:
            return fitted
    return [min(wanted[0], max(page_width - len(MORE), 1))] if wanted else []


def _shrunk(columns: Sequence[Column], wanted: Sequence[int], room: int) -> list[int]:
    """Return the widths with the text columns held below one common limit, as high a limit as the room allows."""
    text = [width for column, width in zip(columns, wanted, strict=True) if column.kind not in NUMBERS]
    fixed = sum(wanted) - sum(text)
    limit = max(text, default=0)
    while limit > _NARROW and fixed + sum(min(width, limit) for width in text) > room:
        limit -= 1
    return [
        width if column.kind in NUMBERS else min(width, limit) for column, width in zip(columns, wanted, strict=True)
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
