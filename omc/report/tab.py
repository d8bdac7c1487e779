"""What a tab is: its columns, and the rows that each host gives.

A column is named as RVTools names it where it means the same; what RVTools does not have begins with `omc `. Its
`value` reads one cell from what the row is about (a guest, a disk of it, a host …); None is "not read".
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol

from omc.model import Host
from omc.report.source import Source

Cell = str | int | float | bool | datetime | None
Row = Sequence[Cell]
Kind = Literal["text", "number", "mib", "percent", "decimal", "boolean", "time", "long"]
"""How a cell is shown: `long` is text in a wide column, `mib` a number of MiB, `time` is UTC."""

OWN = "omc "
"""Begins the name of a column that RVTools does not have; a tab that it does not have begins with `omc`."""


class Column(NamedTuple):
    """One column; `about` says what stands in it, for the reference."""

    name: str
    kind: Kind
    value: Callable[[Any], Cell]
    about: str = ""


class HostScene(NamedTuple):
    """A host, and what all its rows repeat."""

    host: Host
    datacenter: str
    cluster: str


class Rows(Protocol):
    """The rows of one tab, while a report is made: those of each host in turn, then those of all together."""

    def of(self, scene: HostScene) -> Iterable[Row]:
        """Give the rows that this host makes."""

    def rest(self) -> Iterable[Row]:
        """Give the rows that need all hosts."""


class Tab(NamedTuple):
    """One tab. `begin` starts its rows anew for a report; `about` says what a row is."""

    name: str
    about: str
    columns: Sequence[Column]
    begin: Callable[[Source], Rows]


class PerHost:
    """Rows that need no other host: `rows` gives those of one."""

    def __init__(self, rows: Callable[[HostScene], Iterable[Row]]) -> None:
        self.of = rows

    def rest(self) -> Iterable[Row]:
        """Nothing is left."""
        return ()
