"""Writes the reference pages that follow from the code; Sphinx calls it at each build, so they cannot be out of date.

To add a page: a function that returns its text (in `generators/`, or beside what it describes), and one line in PAGES.
`python docs/generate.py FOLDER` writes them without Sphinx.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from generators import commands, filters, model, page, profiles, rules, runs, templates, workbook

from omc.exporters import reference
from omc.exporters.table import load_tables
from omc.inventory.store import catalogue

PAGES: Mapping[str, Callable[[], str]] = {
    "catalogue.md": templates.page,
    "commands.md": commands.page,
    "filters.md": filters.page,
    "guests.schema.json": model.guests_json,
    "inventory.schema.json": model.inventory_json,
    "metrics.md": lambda: reference.page(load_tables()),
    "model.md": model.page,
    "page.md": page.page,
    "plan.schema.json": runs.plan_json,
    "rules.md": rules.page,
    "run.schema.json": runs.run_json,
    "template-json.md": runs.page,
    "views.md": catalogue.reference,
    "workbook.md": workbook.page,
}


def write_all(folder: Path) -> None:
    """Write every page into `folder`; a page that did not change keeps its time, so Sphinx does not read it again."""
    (folder / "rules").mkdir(parents=True, exist_ok=True)
    texts = {name: render() for name, render in PAGES.items()} | dict(rules.pages()) | dict(profiles.pages())
    for name, text in texts.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
