"""Writes the cells of a file of `workbook_rows` with XlsxWriter in constant memory and nothing else.

`python workbook_peer.py FILE WORKBOOK`: the least that the same workbook can cost whoever writes it with XlsxWriter.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from xlsxwriter import Workbook

OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


def main(cells: str, workbook: str) -> None:
    """Read and write."""
    book = Workbook(workbook, OPTIONS)
    values = read(Path(cells))
    sheets, formats = [], []
    known: dict[str | None, Any] = {None: None}
    for name, header, forms in next(values):
        sheet = book.add_worksheet(name)
        for column, text in enumerate(header):
            sheet.write_string(0, column, text)
        sheets.append(sheet)
        formats.append([known.setdefault(form, form and book.add_format({"num_format": form})) for form in forms])
    lines = [1] * len(sheets)
    for number, rows in values:
        for row in rows:
            write(sheets[number], lines[number], row, formats[number])
            lines[number] += 1
    book.close()


def write(sheet: Any, line: int, row: list[Any], formats: list[Any]) -> None:
    """Write one row, each cell as what it is."""
    for column, value in enumerate(row):
        if value is None:
            continue
        if isinstance(value, str):
            sheet.write_string(line, column, value)
        elif isinstance(value, bool):
            sheet.write_boolean(line, column, value)
        else:
            sheet.write_number(line, column, value, formats[column])


def read(path: Path) -> Iterator[Any]:
    """Give the values of the file, one in memory at a time."""
    with path.open("rb") as file:
        while length := file.read(4):
            yield msgspec.msgpack.decode(file.read(int.from_bytes(length, "big")))


if __name__ == "__main__":
    main(*sys.argv[1:])
