"""The tables as a reference: for `omc exporter metrics`, the page of the documentation, and the check of the mixin."""

from omc.exporters.sound import GUEST_LABELS
from omc.exporters.table import Metric, Tables

INTRO = """\
# Metrics

What `omc exporter` serves of each target. Names, types and units follow Prometheus's conventions; those of the
exporters that were there before are kept where they had one in common. A site's own `exporters/guest.yaml` and
`host.yaml` add to these tables and replace rows of the same name. A collector that is off by default is switched on
with `--collector NAME`, or for one scrape with `?collect[]=NAME`.
"""


def described(tables: Tables) -> list[tuple[str, str, str, str, str, str]]:
    """Give name, type, labels, collector (with * where it is off), source and help of every metric, in page order."""
    rows = [(metric, ()) for metric in tables.host.values()]
    rows += [(metric, GUEST_LABELS) for metric in tables.guest.values()]  # type: ignore[misc]
    return [_row(tables, metric, first) for metric, first in rows]


def names(tables: Tables) -> frozenset[str]:
    """Give every name that a query may ask for, those of other exporters' dialects included."""
    aliases = (alias.name for dialect in tables.dialects.values() for alias in dialect)
    rows = (*tables.guest.values(), *tables.host.values())
    buckets = (f"{row.name}_bucket" for row in rows if row.type == "histogram")
    return frozenset((*tables.guest, *tables.host, *aliases, *buckets))


def page(tables: Tables) -> str:
    """Write the reference page in Markdown, a section a collector."""
    sections = [INTRO]
    for name, collector in tables.collectors.items():
        state = "" if collector.on else " (off by default)"
        rows = [row for row in described(tables) if row[3].removesuffix("*") == name]
        cells = [(_series(row), row[1], row[2] or "none", _cell(row[5]), _cell(row[4])) for row in rows]
        lines = [f"| {' | '.join(row)} |" for row in cells]
        head = ["| metric | type | labels | | from |", "|---|---|---|---|---|"]
        sections.append("\n".join([f"## {name}{state}", "", collector.help, "", *head, *lines, ""]))
    return "\n".join([*sections, *_dialects(tables)])


def _series(row: tuple[str, ...]) -> str:
    return f"`{row[0]}` `{row[0]}_bucket`" if row[1] == "histogram" else f"`{row[0]}`"


def _row(tables: Tables, metric: Metric, first: tuple[str, ...]) -> tuple[str, str, str, str, str, str]:
    collector = tables.collectors[metric.collector]
    mark = "" if collector.on else "*"
    source = " of ".join(filter(None, (metric.key, metric.source)))
    return (metric.name, metric.type, " ".join((*first, *metric.labels)), metric.collector + mark, source, metric.help)


def _dialects(tables: Tables) -> list[str]:
    found = [
        "## Names of other exporters",
        "",
        "Served beside omc's own with `--compat DIALECT` or `?compat=DIALECT`.",
        "",
    ]
    for dialect, aliases in tables.dialects.items():
        found += [f"### {dialect}", "", "| its name | here |", "|---|---|"]
        found += [f"| `{alias.name}` | `{alias.of}` |" for alias in aliases]
        found.append("")
    return found


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")
