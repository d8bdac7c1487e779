"""What a view is: its columns with their types and meaning, and the SQL that both databases understand.

The views are the store's public face: lists, `--where` and `omc inventory sql` read nothing else. A column keeps its
name and type over versions; the tables below may change. One table of text describes a view, a line a column:
`name | type | SQL expression | meaning`, so that the SQL and the reference page cannot tell different stories.
"""

from typing import NamedTuple


class Column(NamedTuple):
    """One column of a view; `type` is text, integer, number or boolean on every database."""

    name: str
    type: str
    expression: str
    meaning: str


class View(NamedTuple):
    """One documented view; `host_column` is what a selection of hosts compares with, `order` how lists are sorted."""

    name: str
    meaning: str
    source: str
    columns: tuple[Column, ...]
    order: tuple[str, ...]
    host_column: str | None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def select(self) -> str:
        """The statement that the view stands for."""
        columns = ", ".join(f"{column.expression} AS {column.name}" for column in self.columns)
        return f"SELECT {columns} FROM {self.source}"

    @property
    def create(self) -> str:
        """The statement that makes the view."""
        return f"CREATE VIEW {self.name} AS {self.select}"


def view(name: str, meaning: str, columns: str, *, source: str, order: str) -> View:
    """Read a view from its table of columns; `source` is what follows FROM."""
    parsed = tuple(_column(line) for line in columns.strip().splitlines())
    names = [column.name for column in parsed]
    host = "host" if "host" in names else "name" if name == "hosts" else None
    return View(name, meaning, " ".join(source.split()), parsed, tuple(order.split()), host)


def _column(line: str) -> Column:
    name, kind, expression, meaning = (part.strip() for part in line.split("|", 3))
    return Column(name, kind, expression, meaning)
