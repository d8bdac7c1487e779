"""A table for people: aligned, sizes and ages in words, cut to the terminal's width and nowhere else."""

from collections.abc import Iterable, Iterator, Sequence

from omc.inventory.formats import Column, Listing, Page, Value
from omc.inventory.formats.cells import Texts, chunks
from omc.inventory.formats.layout import GAP, MORE, fit, padded, widths
from omc.inventory.formats.words import Words
from omc.text import wrapped

KIND = "people"
WIDE = False

_COLORS = {
    **dict.fromkeys(("ok", "running", "active"), "32"),
    **dict.fromkeys(("partial", "paused", "degraded", "pmsuspended"), "33"),
    **dict.fromkeys(("unreachable", "crashed", "inaccessible"), "31"),
}
_BOLD = "1"
_INDENT = "    "
_NOTHING = ("", "-")


def render(listing: Listing, page: Page) -> Iterator[bytes]:
    """Give the list's narrow columns as a table."""
    narrow = [index for index, column in enumerate(listing.columns) if not column.wide]
    if len(narrow) == len(listing.columns):
        return table(listing.columns, listing.rows, page)
    rows = ([row[index] for index in narrow] for row in listing.rows)
    return table([listing.columns[index] for index in narrow], rows, page)


def table(columns: Sequence[Column], rows: Iterable[Sequence[Value]], page: Page) -> Iterator[bytes]:
    """Give the table of these columns. All rows are held, because the widest decides the width."""
    texts = [[(column.title or _title(column.name)).upper()] for column in columns]
    for chunk in chunks(rows, columns, Words(page.now).column):
        for cells, more in zip(texts, chunk, strict=True):
            cells.extend(more)
    wanted = [widths(cells) for cells in texts]
    fitted = fit(columns, wanted, page.width)
    below = next((at for at, column in enumerate(columns) if column.below and fitted[at] < wanted[at]), None)
    if below is None:
        yield from _lines(columns, texts, fitted, page)
    else:
        yield from _with_below(columns, texts, below, page)


def _with_below(columns: Sequence[Column], texts: Sequence[Texts], below: int, page: Page) -> Iterator[bytes]:
    """Give the table without one column, each of whose cells follows its row."""
    others = [each for at, each in enumerate(columns) if at != below]
    cells = [each for at, each in enumerate(texts) if at != below]
    lines = _lines(others, cells, fit(others, [widths(each) for each in cells], page.width), page)
    yield next(lines)
    for line, told in zip(lines, texts[below][1:], strict=True):
        yield line
        if told not in _NOTHING:
            yield f"{wrapped(told, page.width, indent=_INDENT)}\n".encode()


def _lines(columns: Sequence[Column], texts: Sequence[Texts], fitted: Sequence[int], page: Page) -> Iterator[bytes]:
    kept = [(column, cells, width) for column, cells, width in zip(columns, texts, fitted, strict=True) if width]
    shown = [padded(column, cells, width) for column, cells, width in kept]
    if page.color:
        shown = [_colored(column, cells) for (column, _, _), cells in zip(kept, shown, strict=True)]
    lines = map(str.rstrip, map(GAP.join, zip(*shown, strict=True)))
    yield (next(lines, "") + (MORE if len(shown) < len(columns) else "") + "\n").encode()
    for line in lines:
        yield line.encode() + b"\n"


def _title(name: str) -> str:
    for suffix in ("_bytes", "_at", "_seconds"):
        name = name.removesuffix(suffix)
    return name.replace("_", " ")


def _colored(column: Column, cells: Texts) -> Texts:
    heading = _painted(cells[0], _BOLD)
    if column.kind != "status":
        return [heading, *cells[1:]]
    return [heading, *(_painted(cell, _COLORS.get(cell.rstrip(), "")) for cell in cells[1:])]


def _painted(cell: str, color: str) -> str:
    return f"\x1b[{color}m{cell}\x1b[0m" if color else cell
