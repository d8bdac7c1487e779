"""The page of the reference model, every struct with its fields, and beside it what `omc schema` prints."""

import inspect
import types
import typing
from collections.abc import Mapping
from typing import Any

import msgspec

import omc.model
from omc.model.base import Fact
from omc.model.document import Inventory
from omc.model.schema import field_comments, guests_schema, inventory_schema

WORDS = {bool: "boolean", float: "number", int: "integer", object: "any value", str: "string", types.NoneType: "null"}
INTRO = """\
What omc says about hosts and guests, and what `-o json` prints. `null` means "not read", and an `Issue` says why; it is
never zero. An empty list means "read, and there is none". Units stand in the names; times are RFC 3339 in UTC.

The same as JSON Schema: [of the whole inventory](inventory.schema.json), which `omc schema` prints, and
[of the list of guests](guests.schema.json), `omc schema --guests`.
"""


def page() -> str:
    """Return the page, hosts and guests first, the rest by name."""
    structs = {thing for thing in vars(omc.model).values() if isinstance(thing, type) and issubclass(thing, Fact)}
    first: list[type[Fact]] = [Inventory, omc.model.Host, omc.model.Guest, omc.model.Issue]
    rest = sorted(structs - {Fact, *first}, key=lambda struct: struct.__name__)
    return "\n".join(["# The reference model", "", INTRO, *(section(struct) for struct in (*first, *rest))])


def inventory_json() -> str:
    """Return the JSON Schema of `omc inventory -o json`."""
    return json_text(inventory_schema())


def guests_json() -> str:
    """Return the JSON Schema of `omc inventory guests -o json`."""
    return json_text(guests_schema())


def json_text(schema: dict[str, Any]) -> str:
    """Return a schema as omc prints it."""
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"


def section(struct: type[msgspec.Struct]) -> str:
    """Return one struct's heading, its sentence and the table of its fields."""
    said = field_comments(struct)
    types_of = typing.get_type_hints(struct)
    rows = [
        f"| `{name}` | {described(types_of[name])} | {escaped(said.get(name, '')) or about(types_of[name])} |"
        for name in struct.__struct_fields__
    ]
    table = "\n".join(["| field | type | |", "|---|---|---|", *rows])
    return f"## {struct.__name__}\n\n{inspect.getdoc(struct)}\n\n{table}\n"


def described(kind: object) -> str:
    """Return a type in JSON's words, with a link to a struct of the page."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
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
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return escaped((inspect.getdoc(kind) or "").partition("\n")[0])
    return next(filter(None, map(about, typing.get_args(kind))), "")


def escaped(text: str) -> str:
    """Return text that may stand in a cell of a Markdown table."""
    return text.replace("|", "\\|").replace("<", "&lt;")
