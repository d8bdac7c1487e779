"""Reads a manifest's `variables`: what each may be."""

import re
from collections.abc import Callable, Mapping

from yaml.nodes import MappingNode, Node

from omc.site.document import described, entries
from omc.site.mistakes import near
from omc.templates.manifest.arguments import has_marks
from omc.templates.manifest.entities import Value, Variable
from omc.templates.manifest.nodes import Fields, Nodes
from omc.templates.variables import ALIASES, TYPES, check

RESERVED = frozenset(
    {
        *("host", "guests", "hosts", "site", "secret", "item", "loop", "omc_managed", "ansible_managed", "hostvars"),
        *("inventory_hostname", "inventory_hostname_short", "inventory_dir", "inventory_file"),
        *("group_names", "groups"),
    }
)
"""What a template's context has of its own."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MOST_NESTED = 10


def read_variables(nodes: Nodes, node: Node) -> dict[str, Variable]:
    """Return the variables by name; what is wrong is noted and left out."""
    document = nodes.document
    if not isinstance(node, MappingNode):
        document.add(node, f"expected a mapping of variables, found {described(node)}", "NAME: {type: string}")
        return {}
    variables = {}
    for name, (key, value) in entries(document, node).items():
        if not _NAME.fullmatch(name):
            document.add(key, f"expected letters, digits and _ as a variable's name, found {name!r}")
        elif name in RESERVED:
            document.add(key, f"{name!r} is a name that every template has already", "choose another")
        elif (variable := _variable(nodes, name, value)) is not None:
            variables[name] = variable
    return variables


def _variable(nodes: Nodes, name: str, node: Node, depth: int = 0) -> Variable | None:
    fields = nodes.mapping(node, tuple(DECLARATION_KEYS))
    if fields is None or depth > _MOST_NESTED:
        return None
    known = len(nodes.document.mistakes.errors)
    found: dict[str, object] = {"name": name, "where": nodes.document.where(node)}
    for key, (_, value) in fields.items():
        if key in ("items", "values"):
            found[key] = _variable(nodes, name, value, depth + 1)
        elif key == "fields":
            found[key] = _inner_fields(nodes, value, depth)
        elif key == "default":
            found[key] = nodes.value(value)
        else:
            found[key] = _plain(nodes, key, value)
    if len(nodes.document.mistakes.errors) > known:
        return None
    variable = Variable(**found)  # type: ignore[arg-type]
    return variable if _is_consistent(nodes, variable, fields) else None


def _inner_fields(nodes: Nodes, node: Node, depth: int) -> Mapping[str, Variable]:
    if not isinstance(node, MappingNode):
        nodes.document.add(node, f"fields: expected a mapping, found {described(node)}")
        return {}
    made = {key: _variable(nodes, key, value, depth + 1) for key, (_, value) in entries(nodes.document, node).items()}
    return {key: variable for key, variable in made.items() if variable is not None}


def _plain(nodes: Nodes, key: str, node: Node) -> object:
    value = nodes.value(node).raw
    is_sound, expected = DECLARATION_KEYS[key]
    if not is_sound(value):
        hint = near(str(value), (*TYPES, *ALIASES)) if key == "type" else ""
        nodes.document.add(node, f"{key}: expected {expected}, found {described(node)}", hint)
        return None
    if key == "type":
        return ALIASES.get(str(value), value)
    return tuple(value) if isinstance(value, list) else value


def _is_consistent(nodes: Nodes, variable: Variable, fields: Fields) -> bool:
    """Note a default that its own type refuses, and parts that another type has."""
    for key, types in (("items", ("list",)), ("fields", ("mapping",)), ("values", ("mapping",))):
        if key in fields and variable.type not in types:
            nodes.document.add(fields[key][0], f"{variable.name}: only a {types[0]} has {key}, not a {variable.type}")
            return False
    default = variable.default
    if default is None or default.raw is None or _is_rendered(default):
        return True
    try:
        check(variable, default.raw)
    except ValueError as error:
        nodes.document.add(fields["default"][1], f"the default of {error}")
        return False
    return True


def _is_rendered(value: Value) -> bool:
    """Tell whether anything in a value is to be rendered first."""

    def inside(raw: object) -> bool:
        if isinstance(raw, dict):
            return any(map(inside, raw.values()))
        if isinstance(raw, list):
            return any(map(inside, raw))
        return isinstance(raw, str) and has_marks(raw)

    return inside(value.raw)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_pattern(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(re.compile(value))
    except re.error:
        return False


def _anything(_: object) -> bool:
    return True


DECLARATION_KEYS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "type": (
        lambda value: isinstance(value, str) and (value in TYPES or value in ALIASES),
        f"one of {', '.join(TYPES)}",
    ),
    "default": (_anything, ""),
    "description": (_is_text, "text"),
    "required": (lambda value: isinstance(value, bool), "true or false"),
    "secret": (lambda value: isinstance(value, bool), "true or false"),
    "minimum": (_is_number, "a number"),
    "maximum": (_is_number, "a number"),
    "choices": (lambda value: isinstance(value, list) and bool(value), "a list of values"),
    "pattern": (_is_pattern, "a regular expression that the whole text matches"),
    "minimum_length": (_is_count, "a whole number, 0 or more"),
    "maximum_length": (_is_count, "a whole number, 0 or more"),
    "items": (_anything, ""),
    "fields": (_anything, ""),
    "values": (_anything, ""),
}
