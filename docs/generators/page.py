"""The page of the columns of `omc report html`, from its tables themselves."""

from generators.workbook import escaped
from omc.report.html.tables import COLUMNS

KINDS = {
    "bytes": "size",
    "percent": "percent, with a bar",
    "decimal": "number",
    "time": "time, UTC",
    "state": "word, coloured",
    "worst": "severity · number",
}
INTRO = """\
What the tables of `omc report html` ([how to](../../how-to/report-html.md)) have, in their order. `—` is "not read".
Sizes are binary: 1 GiB is 1024 MiB.
"""


def page() -> str:
    """Return the page, one section a table."""
    sections = []
    for name, columns in COLUMNS.items():
        rows = [f"| {one.name} | {KINDS.get(one.kind, one.kind)} | {escaped(one.about)} |" for one in columns]
        sections.append("\n".join([f"## {name}", "", "| column | | |", "|---|---|---|", *rows, ""]))
    return "\n".join(["# The page", "", INTRO, *sections])
