"""The page of all shipped templates, from their manifests: what each manages, what it runs, what may be set."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from omc.cli.template.described import as_object
from omc.templates import catalogue
from omc.templates.catalogue import Template
from omc.templates.manifest import Value
from omc.templates.manifest.read import NAME as MANIFEST

INTRO = """\
The templates that come with omc. A host gets those that its variable `omc_templates` names; `omc template plan HOST
NAME` tries one that it does not. A folder of the same name in a site's `templates/` takes the place of a shipped one,
whole: copy it there to change it.

Variables are set like any other, in `group_vars/` and `host_vars/` of the inventory. Each file's comments say why a
setting is as it is; what a template makes for a host is shown by `omc template render NAME HOST`.
"""
LIMITS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minimum_length": "{} or more entries",
    "maximum_length": "at most {} entries",
    "pattern": "matches `{}`",
}
"""How a constraint of a variable reads."""


def page() -> str:
    """Return the page: a table of all, then one section each."""
    templates = catalogue.load().templates.values()
    rows = [f"| [`{one.name}`](#template-{one.name}) | {escaped(one.manifest.description)} |" for one in templates]
    table = "\n".join(["| template | what it is for |", "|---|---|", *rows])
    return "\n".join(["# Shipped templates", "", INTRO, f"{table}\n", *map(section, templates)])


def section(template: Template) -> str:
    """Return one template's heading, files, commands and variables."""
    found = as_object(template)
    parts = [f"(template-{template.name})=\n## {template.name}", found["description"] + ".", *remarks(template)]
    if found["hosts"]["when"]:
        parts.append(f"For hosts where `{'` and `'.join(map(str, found['hosts']['when']))}`.")
    parts.append(table(("file", "owner", "mode", "tried by", "when"), map(file_row, found["files"])))
    checks = [line(check.command) for check in template.manifest.checks]
    handlers = [line(handler.command) for handler in template.manifest.handlers]
    for title, commands in (("Before any of it is put in place", checks), ("After a change, in this order", handlers)):
        if commands:
            parts.append(f"{title}:\n\n" + "\n".join(f"- {command}" for command in commands))
    if found["variables"]:
        parts.append(table(("variable", "type", "default", ""), variable_rows("", found["variables"])))
    return "\n\n".join(parts) + "\n"


def remarks(template: Template) -> list[str]:
    """Return the comments between a manifest's description and its first key, as one paragraph."""
    said = []
    for line in (template.folder / MANIFEST).read_text(encoding="utf-8").splitlines()[1:]:
        if not line.startswith("#"):
            break
        said.append(line.lstrip("# "))
    return [" ".join(said)] if said else []


def file_row(file: dict[str, Any]) -> Sequence[str]:
    """Return the cells of one file."""
    conditions = [code(condition) for condition in file["when"]]
    if file["loop"] is not None:
        conditions.append(f"for each of {code(file['loop'])}")
    owner = f"{file['owner']}:{file['group']}"
    return (code(file["path"]), owner, str(file["mode"]), code(file["validate"]), ", ".join(conditions))


def variable_rows(before: str, variables: dict[str, dict[str, Any]]) -> Iterator[Sequence[str]]:
    """Yield the cells of variables, each followed by what is inside it."""
    for name, variable in variables.items():
        default = code(json.dumps(variable["default"], ensure_ascii=False)) if "default" in variable else "must be set"
        limits = [words.format(variable[key]) for key, words in LIMITS.items() if key in variable]
        choices = [f"one of {', '.join(map(str, variable['choices']))}"] if "choices" in variable else []
        limited = f"({', '.join([*choices, *limits])})" if choices or limits else ""
        said = " ".join(part for part in (variable["description"], limited) if part)
        yield (code(before + name), variable["type"], default, escaped(said))
        for key, mark in (("items", "[]"), ("values", ".*")):
            if key in variable:
                yield from inner_rows(f"{before}{name}{mark}", variable[key])
        yield from variable_rows(f"{before}{name}.", variable.get("fields", {}))


def inner_rows(name: str, inner: dict[str, Any]) -> Iterator[Sequence[str]]:
    """Yield the cells of what a list or a mapping holds: of its fields, or of itself where it has none."""
    if "fields" in inner:
        yield from variable_rows(f"{name}.", inner["fields"])
        return
    for row in variable_rows("", {name: inner}):
        yield (row[0], row[1], "" if row[2] == "must be set" else row[2], row[3])


def table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    """Return a Markdown table without the columns that are empty in every row."""
    cells = [list(row) for row in rows]
    kept = [number for number in range(len(head)) if any(row[number] for row in cells)]
    lines = [
        [head[number] for number in kept],
        ["---"] * len(kept),
        *([row[number] for number in kept] for row in cells),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def line(command: Sequence[Value]) -> str:
    """Return a command as it would be typed, as code."""
    words = [str(word.raw) for word in command]
    return f"`` {' '.join(word if ' ' not in word else repr(word) for word in words)} ``"


def code(text: object) -> str:
    """Return text as code that may stand in a cell; "" for nothing."""
    return f"`` {escaped(str(text))} ``" if text else ""


def escaped(text: str) -> str:
    """Return text that may stand in a cell of a Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ")
