"""The page of the workbook's tabs and columns, from the tabs themselves."""

from omc.report.tab import OWN, Column, Tab
from omc.report.tabs import TABS

KINDS = {"mib": "MiB", "long": "text", "percent": "percent", "decimal": "number", "time": "time, UTC"}
INTRO = """\
What `omc report xlsx` writes ([how to](../../how-to/report.md)): every tab with its columns, in their order. Tabs and
columns are named as RVTools names them where they mean the same; those that begin with `omc` are omc's own. An empty
cell is "not read" or "none"; the tab [omcIssues](#omcissues) says what could not be read and why. Sizes are whole MiB.
Tabs without rows have their header all the same.
"""


def page() -> str:
    """Return the page, one section a tab."""
    contents = " · ".join(f"[{tab.name}](#{tab.name.lower()})" for tab in TABS)
    return "\n".join(["# The workbook", "", INTRO, contents, "", *map(section, TABS)])


def section(tab: Tab) -> str:
    """Return one tab's heading, what a row of it is, and the table of its columns."""
    rows = [
        f"| {name(column)} | {KINDS.get(column.kind, column.kind)} | {escaped(column.about)} |"
        for column in tab.columns
    ]
    table = "\n".join(["| column | | |", "|---|---|---|", *rows])
    return f"## {tab.name}\n\nA row a {tab.about}.\n\n{table}\n"


def name(column: Column) -> str:
    """Return a column's name; one of omc's own stands out."""
    shown = escaped(column.name)
    return f"*{shown}*" if column.name.startswith(OWN) else shown


def escaped(text: str) -> str:
    """Return text that may stand in a cell of a Markdown table."""
    code = text.split("`")
    plain = [part.replace("<", "&lt;").replace("#", "\\#") for part in code[::2]]
    kept = [part for pair in zip(plain, [*code[1::2], ""], strict=False) for part in pair]
    return "".join(f"`{part}`" if index % 2 and part else part for index, part in enumerate(kept)).replace("|", "\\|")
