"""The tables as a reference: for `omc exporter metrics`, the page of the documentation, and the check of the mixin."""

from omc.exporters.sound import GUEST_LABELS
from omc.exporters.table import Metric, Tables

INTRO = """\
# Metrics

What `omc exporter` serves of each target. Names, types and units follow Prometheus's conventions; those of the
exporters that were there before are kept where they had one in common. A site's own `exporters/guest.yaml` adds to
these tables, and it and `host.yaml` replace rows of the same name. A collector that is off by default is switched on
with `--collector NAME`; `?collect[]=NAME` gives it alone.
"""

OWN = (
    ("omc_build_info", "gauge", "version", "Always 1; version of omc."),
    ("omc_exporter_requests_total", "counter", "handler code", "Requests answered, by path and status."),
    ("omc_exporter_request_duration_seconds", "histogram", "handler", "Time to the end of the answer."),
    ("omc_exporter_scrapes_total", "counter", "result", "Pages of targets: up, down, or failed."),
    ("omc_exporter_refused_requests_total", "counter", "reason", "Not let in: password, rate, busy, body."),
    ("omc_exporter_connections_cut_total", "counter", "reason", "Ended: slow, full, certificate, garbage."),
    ("omc_exporter_scrapes_in_flight", "gauge", "", "Pages being made."),
    ("omc_exporter_targets", "gauge", "", "Hosts of the site."),
    ("omc_exporter_site_last_reload_successful", "gauge", "", "1 when the site in force is what its files say."),
    ("omc_exporter_web_config_last_reload_successful", "gauge", "", "1 when the one in force is its file's."),
)
"""Name, type, labels and help of what the exporter says of itself; prometheus-client serves it."""


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
    return frozenset((*tables.guest, *tables.host, *aliases, *buckets, *(name for name, *_ in OWN)))


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
    return "\n".join([*sections, *_own(), *_dialects(tables)])


def _own() -> list[str]:
    """Write the section of the exporter's own metrics."""
    return [
        "## The exporter itself",
        "",
        "On its own `/metrics`, with those of its process (`process_…`). No page of `/probe` has them.",
        "",
        "| metric | type | labels | |",
        "|---|---|---|---|",
        *(f"| `{name}` | {kind} | {labels or 'none'} | {_cell(text)} |" for name, kind, labels, text in OWN),
        "",
    ]


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
