"""Prints a list from omc's store with the sqlite3 module and nothing else: the least that such a list can cost.

`python list_peer.py STORE FORMAT COLUMNS`: the rows of the view `guests` in omc's order, FORMAT is tsv, csv or table.
Values are printed as SQLite gives them.
"""

import csv
import sqlite3
import sys
from collections.abc import Iterable, Sequence


def print_tsv(names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print tab-separated values."""
    write = sys.stdout.write
    write("\t".join(names) + "\n")
    for row in rows:
        write("\t".join(["" if value is None else str(value) for value in row]) + "\n")


def print_csv(names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print CSV."""
    writer = csv.writer(sys.stdout)
    writer.writerow(names)
    writer.writerows(rows)


def print_table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table with aligned columns."""
    texts = [list(names), *(["" if value is None else str(value) for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for row in texts:
        print("  ".join([cell.ljust(width) for cell, width in zip(row, widths, strict=True)]))


FORMATS = {"tsv": print_tsv, "csv": print_csv, "table": print_table}


def main(store: str, name: str, columns: str) -> None:
    """Ask and print."""
    database = sqlite3.connect(store)
    rows = database.execute(f"SELECT {columns} FROM guests ORDER BY host, name")
    FORMATS[name](columns.split(","), rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
