"""Columns and cells of the page's tables: how a value is shown, what it is sorted by, and what colour says of it."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from omc.report.html.findings import Worst, rank
from omc.text import human_bytes

Kind = Literal["text", "number", "bytes", "decimal", "percent", "time", "state", "worst", "command"]
Tone = Literal["", "good", "warn", "bad", "calm"]

NOT_READ = "—"
FULL, NEARLY = 100.0, 80.0
_DIGITS = 18
_NUMBERS = re.compile("([0-9]+)")
_MANY = 1_000_000
LEAST = -1e18
"""What is not there comes before all else."""

_TONES: Mapping[str, Tone] = {
    **dict.fromkeys(("ok", "running", "idle", "fits"), "good"),
    **dict.fromkeys(
        ("partial", "paused", "pmsuspended", "in shutdown", "not found", "not read", "degraded", "room"), "warn"
    ),
    **dict.fromkeys(("unreachable", "crashed", "does not fit", "inaccessible", "critical"), "bad"),
    **dict.fromkeys(("shut off", "inactive", "info", "one host"), "calm"),
    "warning": "warn",
}


class Cell(NamedTuple):
    """What stands in a cell. `key` is what it is sorted by, None where that is the text; `share` draws a bar."""

    text: str
    kind: Kind = "text"
    key: float | None = None
    share: float | None = None
    tone: Tone = ""


class Column(NamedTuple):
    """One column; `about` says what stands in it."""

    name: str
    kind: Kind
    value: Callable[[Any], Any]
    about: str


class Line(NamedTuple):
    """One row, with its anchor where something leads to it."""

    cells: Sequence[Cell]
    anchor: str = ""


class Table(NamedTuple):
    """One table; `left_out` rows are not on the page, and `note` says so."""

    name: str
    caption: str
    columns: Sequence[Column]
    lines: Sequence[Line]
    note: str = ""


def cells(columns: Iterable[Column], row: object) -> list[Cell]:
    """Return the cells of one row."""
    return [_cell(column, row) for column in columns]


def counted(count: int, word: str) -> str:
    """Return `1 host`, `1,200 hosts`."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def natural(text: str) -> list[tuple[int, str]]:
    """Sort key by which row2 comes before row10."""
    return [(int(part[:_DIGITS]), "") if part.isdecimal() else (-1, part) for part in _NUMBERS.split(text)]


def tone(word: str) -> Tone:
    """Return what colour a state has."""
    return _TONES.get(word.partition(",")[0], "")


def fullness(percent: float) -> Tone:
    """Return what colour a share of what there is has."""
    return "bad" if percent > FULL else "warn" if percent >= NEARLY else "good"


def _cell(column: Column, row: object) -> Cell:
    value = column.value(row)
    if value is None:
        return Cell("" if column.kind == "worst" else NOT_READ, column.kind, LEAST)
    return _SHOWN[column.kind](value)


def _worst(worst: Worst) -> Cell:
    text = worst.severity if worst.total == 1 else f"{worst.severity} · {worst.total:,}"
    key = -_MANY * rank(worst.severity) + min(worst.total, _MANY - 1)
    return Cell(text, "worst", key, None, tone(worst.severity))


_SHOWN: Mapping[Kind, Callable[[Any], Cell]] = {
    "text": lambda value: Cell(str(value)),
    "number": lambda value: Cell(f"{value:,}", "number", value),
    "bytes": lambda value: Cell(human_bytes(value), "bytes", value),
    "decimal": lambda value: Cell(f"{value:.2f}", "decimal", value),
    "percent": lambda value: Cell(f"{value:.0f} %", "percent", round(value, 2), min(value, FULL), fullness(value)),
    "time": lambda value: Cell(str(value)[:16].replace("T", " "), "time"),
    "state": lambda value: Cell(str(value), "state", None, None, tone(str(value))),
    "worst": _worst,
    "command": lambda value: Cell(str(value), "command"),
}
