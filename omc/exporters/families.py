"""The families of a page and the names of its lines: the tables' rows, and where asked another exporter's aliases."""

from collections.abc import Iterable, Iterator, Mapping

from omc.exporters.exposition import Family, Line, joined, labels
from omc.exporters.table import Alias, Metric, Tables

Pairs = tuple[tuple[str, str], ...]
Found = tuple[str, float | None, Pairs]
"""A metric's name, its value (None: not known, no series), and its labels."""


class Families:
    """What one kind of page is made of: the rows of one table whose collector is on, with a dialect's aliases.

    `of_rows` is the table; rows of other tables are not known here.
    """

    def __init__(
        self, tables: Tables, of_rows: Mapping[str, Metric], *, on: frozenset[str], compat: str | None
    ) -> None:
        on = on | {"compat"} if compat else on
        self.compat = compat
        self.rows = {name: row for name, row in of_rows.items() if row.collector in on}
        self.aliases: dict[str, list[Alias]] = {}
        for alias in tables.dialects.get(compat or "", ()):
            if alias.of in self.rows and alias.name not in self.rows:
                self.aliases.setdefault(alias.of, []).append(alias)
        self.families = list(self._families(compat))

    def _families(self, compat: str | None) -> Iterator[Family]:
        for row in self.rows.values():
            yield Family(row.name, row.type, row.help)
            for alias in self.aliases.get(row.name, ()):
                kind = alias.type or ("counter" if alias.name.endswith("_total") else "gauge")
                yield Family(alias.name, kind, f"{row.help} (The name of {compat}; here {row.name}.)")

    def lines(self, name: str, base: Pairs, own: Pairs = (), *, key: str = "", value: float = 0) -> Iterator[Line]:
        """Make the line of a row under each of its names; nothing where its collector is off."""
        row = self.rows.get(name)
        if row is None:
            return
        first = labels(base)
        state_label = row.labels[-1] if row.states else "state"
        line = Line(name, joined(first, labels(own)), key, value, row.divisor, row.multiplier, row.states, state_label)
        yield line
        for alias in self.aliases.get(name, ()):
            renamed = labels((alias.labels.get(label, label), text) for label, text in own)
            other = line._replace(family=alias.name, labels=joined(first, renamed))
            if alias.states:
                other = other._replace(states=alias.states, state_label="state_desc", only_current=True)
            yield other

    def sorted(self, lines: Iterable[Line]) -> list[Line]:
        """Put lines into the page's order, so that a budget leaves out what comes last."""
        order = {family.name: place for place, family in enumerate(self.families)}
        return sorted(lines, key=lambda line: order[line.family])
