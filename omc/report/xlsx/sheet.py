"""One tab in the workbook: header, rows, filter; it goes on in another where a spreadsheet has no more rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from omc.report.tab import Column, Kind, Row
from omc.text import cut, safe

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_576
"""Of a sheet, the header included: what Excel and LibreOffice read."""

MOST_CHARACTERS = 32_767
"""Of a cell; a longer text ends in an ellipsis."""

NUMBERS: Mapping[Kind, str] = {
    "number": "#,##0",
    "mib": "#,##0",
    "percent": "0.0",
    "decimal": "0.00",
    "time": "yyyy-mm-dd hh:mm:ss",
}
_WIDTHS: Mapping[Kind, int] = {"text": 18, "long": 40, "time": 19, "boolean": 9}
_LIKE_A_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # the last four: full width
_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_DAY = 86_400
_A4 = 9


class Formats(NamedTuple):
    """The formats of one workbook."""

    header: "Format"
    quoted: "Format"
    by_kind: "Mapping[Kind, Format]"

    @classmethod
    def of(cls, book: "Workbook") -> "Formats":
        """Make them."""
        header = book.add_format({"bold": True, "bg_color": "#DDE6F0", "bottom": 1})
        quoted = book.add_format({"quote_prefix": True})
        return cls(header, quoted, {kind: book.add_format({"num_format": form}) for kind, form in NUMBERS.items()})


class Sheet:
    """Writes one tab, its rows in turn; `rows` is how many it has."""

    def __init__(
        self, book: "Workbook", name: str, columns: Sequence[Column], formats: Formats, *, most_rows: int = MOST_ROWS
    ) -> None:
        self.name = name
        self.rows = 0
        self._book, self._columns, self._formats, self._most = book, columns, formats, most_rows
        self._by_column = [formats.by_kind.get(column.kind) for column in columns]
        self._sheets = 0
        self._begin()

    def add(self, rows: Iterable[Row]) -> None:
        """Write rows below those that are there."""
        for row in rows:
            if self._next == self._most:
                self.finish()
                self._begin()
            self._write(row)
            self._next += 1
            self.rows += 1

    def finish(self) -> None:
        """Put the filter over all rows that were written."""
        self._sheet.autofilter(0, 0, self._next - 1, len(self._columns) - 1)

    def _begin(self) -> None:
        self._sheets += 1
        name = self.name if self._sheets == 1 else f"{self.name} ({self._sheets})"
        self._sheet: Worksheet = self._book.add_worksheet(name)
        self._sheet.freeze_panes(1, 1)
        self._sheet.repeat_rows(0)
        self._sheet.set_landscape()
        self._sheet.set_paper(_A4)
        self._sheet.fit_to_pages(1, 0)  # as wide as a sheet of paper, as long as it is
        for position, column in enumerate(self._columns):
            width = max(_WIDTHS.get(column.kind, 10), min(len(column.name) + 3, 30))
            self._sheet.set_column(position, position, width)
            self._sheet.write_string(0, position, column.name, self._formats.header)
        self._next = 1

    def _write(self, row: Row) -> None:
        """Write one row; this is the innermost loop."""
        sheet, line, by_column = self._sheet, self._next, self._by_column
        write_string, write_number = sheet.write_string, sheet.write_number
        for position, value in enumerate(row):
            if value is None:
                continue
            if isinstance(value, str):
                text, is_like_a_formula = prepared(value)
                write_string(line, position, text, self._formats.quoted if is_like_a_formula else None)
            elif isinstance(value, bool):
                sheet.write_boolean(line, position, value)
            elif isinstance(value, datetime):
                write_number(line, position, serial(value), by_column[position])
            else:
                write_number(line, position, value, by_column[position])


@lru_cache(1 << 14)
def prepared(value: str) -> tuple[str, bool]:
    """Return a text as a cell may have it, and whether a spreadsheet would take it for a formula when it is typed."""
    text = as_text(value)
    return text, text.startswith(_LIKE_A_FORMULA)


def serial(moment: datetime) -> float:
    """Return a time as a spreadsheet counts it: days, of which number 2 is the first of January 1900."""
    return (moment - _EPOCH).total_seconds() / _DAY


def as_text(value: str) -> str:
    """Return a text as a cell may have it: on one line, without control characters, not too long.

    XlsxWriter takes what looks like its own rich text, `<r>…</r>`, for XML that is already right; a space at the end
    keeps it text.
    """
    text = safe(value)
    if len(text) > MOST_CHARACTERS // 2:
        text = cut(text, MOST_CHARACTERS // 2)
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text
