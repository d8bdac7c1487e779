"""The page of the filters and tests that templates have, from the functions themselves."""

import inspect
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from omc.templates.filters import addresses, asking, cpus, lists, sets, sizes, texts, writing
from omc.templates.filters.registry import FILTERS, OWN, TESTS

MODULES = (writing, lists, sets, texts, addresses, cpus, sizes)
INTRO = """\
What templates have beside [Jinja2's own filters and tests](https://jinja.palletsprojects.com/templates/#list-of-builtin-filters),
of which only `random` is left out. They carry Ansible's names and do what Ansible's do ({own} are omc's own). None
reads a file, asks a network, knows the time or draws a random number.
"""


def page() -> str:
    """Return the page: one table for each kind of values, then the tests."""
    own = ", ".join(f"`{name}`" for name in OWN)
    sections = [section(module, FILTERS) for module in MODULES]
    tests = section(asking, TESTS)
    return "\n".join(["# Filters and tests of templates", "", INTRO.format(own=own), *sections, tests])


def section(module: ModuleType, functions: Mapping[str, Callable[..., Any]]) -> str:
    """Return what one module has, with its own first sentence."""
    rows = [
        f"| `{name}` | {arguments(function)} | {described(function)} |"
        for name, function in sorted(functions.items())
        if function.__module__ == module.__name__
    ]
    intro = (inspect.getdoc(module) or "").partition(": ")[0].partition(", as Ansible")[0].rstrip(".")
    return "\n".join([f"## {intro}", "", "| name | arguments | |", "|---|---|---|", *rows, ""])


def arguments(function: Callable[..., Any]) -> str:
    """Return what a filter takes beside the value before the bar; "" for nothing."""
    parameters = list(inspect.signature(function).parameters.values())
    first = 2 if hasattr(function, "jinja_pass_arg") else 1
    more = [parameter for parameter in parameters[:first] if parameter.kind is parameter.VAR_POSITIONAL]
    shown = [str(parameter.replace(annotation=parameter.empty)) for parameter in (*more, *parameters[first:])]
    return f"`{', '.join(shown)}`".replace("|", "\\|") if shown else ""


def described(function: Callable[..., Any]) -> str:
    """Return a function's docstring as one cell."""
    return " ".join((inspect.getdoc(function) or "").split()).replace("|", "\\|").replace("<", "&lt;")
