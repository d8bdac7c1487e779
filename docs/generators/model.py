"""The page of the reference model: every struct with its fields, as `omc schema` describes them too."""

import ast
import inspect
import tokenize
import types
import typing
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

import omc.model
from omc.model.base import Fact

WORDS = {bool: "boolean", float: "number", int: "integer", object: "any value", str: "string", types.NoneType: "null"}
INTRO = """\
What omc says about hosts and guests, and what `-o json` prints. `null` means "not read", and an `Issue` says why; it is
never zero. An empty list means "read, and there is none". Units stand in the names; times are RFC 3339 in UTC.
"""


def page() -> str:
    """Return the page, hosts and guests first, the rest by name."""
    structs = [thing for thing in vars(omc.model).values() if isinstance(thing, type) and issubclass(thing, Fact)]
    first = ("Host", "Guest", "Issue")
    structs.sort(key=lambda struct: (first.index(struct.__name__) if struct.__name__ in first else 9, struct.__name__))
    return "\n".join(["# The reference model", "", INTRO, *(section(struct) for struct in structs)])


def section(struct: type[Fact]) -> str:
    """Return one struct's heading, its sentence and the table of its fields."""
    said = comments(struct)
    types_of = typing.get_type_hints(struct)
    rows = [
        f"| `{name}` | {described(types_of[name])} | {said.get(name) or about(types_of[name])} |"
        for name in struct.__struct_fields__
    ]
    table = "\n".join(["| field | type | |", "|---|---|---|", *rows])
    return f"## {struct.__name__}\n\n{inspect.getdoc(struct)}\n\n{table}\n"


def described(kind: object) -> str:
    """Return a type in JSON's words, with a link to a struct of the model."""
    if isinstance(kind, type) and issubclass(kind, Fact):
        return f"[{kind.__name__}](#{kind.__name__.lower()})"
    arguments = typing.get_args(kind)
    if typing.get_origin(kind) is tuple:
        return f"list of {described(arguments[0])}"
    if typing.get_origin(kind) in (dict, Mapping):
        return f"object, each a {described(arguments[1])}"
    if arguments:
        return " or ".join(described(argument) for argument in arguments)
    return WORDS[kind]  # type: ignore[index]


def about(kind: object) -> str:
    """Return the first line of the struct that a type holds; empty where it holds none."""
    if isinstance(kind, type) and issubclass(kind, Fact):
        return escaped((inspect.getdoc(kind) or "").partition("\n")[0])
    return next(filter(None, map(about, typing.get_args(kind))), "")


def comments(struct: type[Fact]) -> dict[str, str]:
    """Return the comment behind each field of the struct and of the structs that it builds upon."""
    found: dict[str, str] = {}
    for base in reversed(struct.__mro__[:-1]):
        if issubclass(base, Fact):
            found |= comments_in(base)
    return found


def comments_in(struct: type[Fact]) -> dict[str, str]:
    """Read one struct's source: a comment belongs to the field on whose line it stands."""
    text = Path(inspect.getfile(struct)).read_text(encoding="utf-8")
    tokens = tokenize.generate_tokens(StringIO(text).readline)
    at_line = {token.start[0]: token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT}
    (body,) = (
        node.body
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef) and node.name == struct.__name__
    )
    return {
        node.target.id: escaped(at_line[node.end_lineno])
        for node in body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.end_lineno in at_line
    }


def escaped(text: str) -> str:
    """Return text that may stand in a cell of a Markdown table."""
    return text.replace("|", "\\|").replace("<", "&lt;")
