"""The page of the store's views: what lists, `--where` and `omc inventory sql` read."""

from omc.inventory.store.catalogue import VIEWS
from omc.inventory.store.views import View

INTRO = """\
`omc inventory sql "SELECT …"` asks these views, read-only; `--where` on a list is an expression over the columns of its view.
Names and types are the same on SQLite and PostgreSQL, and stay over versions; the tables below the views may change.
Times are RFC 3339 in UTC, as text; `null` means "not read".
"""


def page() -> str:
    """Return the page, one section a view."""
    return "\n".join(["# SQL views", "", INTRO, *(section(view) for view in VIEWS.values())])


def section(view: View) -> str:
    """Return one view's heading, what a row is, and the table of its columns."""
    rows = [f"| `{column.name}` | {column.type} | {column.meaning.replace('|', '/')} |" for column in view.columns]
    table = "\n".join(["| column | type | |", "|---|---|---|", *rows])
    return f"## {view.name}\n\n{view.meaning}\n\n{table}\n"
