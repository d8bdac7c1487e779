"""JSON Schema of what omc prints as JSON, from the structs: types from the annotations, descriptions from the comments.

The sentence behind a field in the source is its description here and in the reference page, so there is one of it.
"""

import ast
import inspect
import tokenize
from collections.abc import Iterable
from functools import cache
from io import StringIO
from types import ModuleType
from typing import Any

import msgspec

from omc.model import SCHEMA_VERSION, Guest
from omc.model.document import Inventory

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def inventory_schema() -> dict[str, Any]:
    """Describe the one document of `omc inventory -o json`."""
    return schema_of(Inventory, "The inventory of omc")


def guests_schema() -> dict[str, Any]:
    """Describe the array of `omc inventory guests -o json`."""
    return schema_of(Guest, "Guests, as omc lists them", array=True)


def field_comments(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Give the comment behind each field of a struct; a field that needs none has none."""
    module = inspect.getmodule(struct)
    return {} if module is None else _module_comments(module).get(struct.__name__, {})


@cache
def _module_comments(module: ModuleType) -> dict[str, dict[str, str]]:
    """Give class → field → comment of one module, read from its source."""
    source = inspect.getsource(module)
    tokens = tokenize.generate_tokens(StringIO(source).readline)
    comments = {token.start[0]: token.string.removeprefix("#").strip() for token in tokens if _is_comment(token)}
    return {
        node.name: {
            item.target.id: comments[item.lineno]
            for item in node.body
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and item.lineno in comments
        }
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef)
    }


def _is_comment(token: tokenize.TokenInfo) -> bool:
    return token.type == tokenize.COMMENT


def schema_of(
    root: type[msgspec.Struct], title: str, *, array: bool = False, version: str = SCHEMA_VERSION
) -> dict[str, Any]:
    """Put a schema together with everything that it refers to under `$defs`; with `array` of a list of such."""
    (reference,), components = msgspec.json.schema_components(
        (root,), ref_template="#/$defs/{name}", schema_hook=_any_value
    )
    structs = {struct.__name__: struct for struct in _structs(root)}
    for name, struct in structs.items():
        _describe(components[name], struct)
    head = {"$schema": DIALECT, "$id": f"urn:omc:schema:{version}:{root.__name__.lower()}", "title": title}
    body = {"type": "array", "items": reference} if array else dict(reference)
    return {**head, **body, "$defs": dict(sorted(components.items()))}


def _any_value(kind: type) -> dict[str, Any]:
    """Describe `object`, the one type of the model that is no type of JSON: any value."""
    if kind is not object:
        raise NotImplementedError
    return {"type": ["null", "boolean", "number", "string", "array", "object"]}


def _describe(component: dict[str, Any], struct: type[msgspec.Struct]) -> None:
    """Add the struct's own words.

    Only what has no default is required: a guest that an older omc stored lacks the fields that came later.
    """
    comments = field_comments(struct)
    component["description"] = inspect.getdoc(struct) or ""
    for name, field in component["properties"].items():
        if name in comments:
            field["description"] = comments[name]


def _structs(root: type[msgspec.Struct]) -> Iterable[type[msgspec.Struct]]:
    """Find every struct that a struct holds, at whatever depth, itself first."""
    found: dict[type[msgspec.Struct], None] = {}
    waiting: list[Any] = [msgspec.inspect.type_info(root)]
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, msgspec.inspect.StructType):
            if kind.cls in found:
                continue
            found[kind.cls] = None
            waiting.extend(field.type for field in kind.fields)
        waiting.extend(_inner(kind))
    return found


def _inner(kind: object) -> Iterable[Any]:
    """Give the types inside a list, a mapping or a union."""
    if isinstance(kind, msgspec.inspect.VarTupleType):
        return (kind.item_type,)
    if isinstance(kind, msgspec.inspect.DictType):
        return (kind.key_type, kind.value_type)
    return kind.types if isinstance(kind, msgspec.inspect.UnionType) else ()
