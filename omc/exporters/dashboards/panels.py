"""What a dashboard says, without how Grafana spells it: rows of panels, each with its questions to Prometheus."""

from typing import Literal

import msgspec

Kind = Literal["timeseries", "stat", "table", "state-timeline", "bargauge"]


class Query(msgspec.Struct, frozen=True):
    """One question; `legend` names its series, with `{{label}}` for a label's value. `unit` is for a table's column."""

    expression: str
    legend: str = ""
    unit: str = ""


class Panel(msgspec.Struct, frozen=True):
    """One picture. `unit` is Grafana's name of a unit; `width` is of 24 columns."""

    title: str
    queries: tuple[Query, ...]
    unit: str = "short"
    kind: Kind = "timeseries"
    width: int = 12
    height: int = 8
    help: str = ""
    maximum: float | None = None
    stacked: bool = False
    warning: float | None = None  # from here on yellow
    critical: float | None = None  # from here on red


class Row(msgspec.Struct, frozen=True):
    """Panels under a heading, from left to right."""

    title: str
    panels: tuple[Panel, ...]


class Variable(msgspec.Struct, frozen=True):
    """A choice at the top of the dashboard: the values of a label."""

    name: str
    label: str
    series: str
    of: str
    many: bool = False


class Dashboard(msgspec.Struct, frozen=True):
    """A page. `name` is its file's and, behind `omc-`, its address's."""

    name: str
    title: str
    description: str
    rows: tuple[Row, ...]
    variables: tuple[Variable, ...] = ()


def over_time(title: str, unit: str, *queries: tuple[str, str], **look: object) -> Panel:
    """Return a panel of lines; each query is an expression and its legend."""
    return msgspec.convert(
        {
            "title": title,
            "unit": unit,
            "queries": [{"expression": ask, "legend": name} for ask, name in queries],
            **look,
        },
        Panel,
    )


def number(title: str, expression: str, unit: str = "short", **look: object) -> Panel:
    """Return a panel of one big number."""
    plain = {"title": title, "unit": unit, "kind": "stat", "width": 4, "height": 4}
    return msgspec.convert({**plain, "queries": [{"expression": expression}], **look}, Panel)


def table(title: str, *queries: tuple[str, str] | tuple[str, str, str], **look: object) -> Panel:
    """Return a panel of rows; the queries' values stand side by side under their names, with units of their own."""
    asked = [dict(zip(("expression", "legend", "unit"), query, strict=False)) for query in queries]
    return msgspec.convert({"title": title, "kind": "table", "width": 24, "queries": asked, **look}, Panel)
