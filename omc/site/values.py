"""Turns YAML nodes into plain values: text, numbers, lists, mappings, and what ansible-vault sealed.

The types are YAML 1.1's, as Ansible reads them (`yes` is true); strict JSON keeps JSON's. Aliases share one value, so
a file that multiplies itself costs no memory here, and is refused past MAX_VALUES, because a printer would expand it.
"""

import json
from typing import TYPE_CHECKING, Any

from omc.site.document import MAX_DEPTH, Document, described
from omc.site.entities import Sealed, Unsafe

if TYPE_CHECKING:
    from yaml.nodes import MappingNode, Node

MAX_VALUES = 1_000_000
_PREFIX = "tag:yaml.org,2002:"
_SEALED_TAGS = ("!vault", "!vault-encrypted")
_SCALARS = ("int", "float", "bool", "timestamp", "binary")


class _Refused(Exception):
    """A value that cannot be read; it is noted already."""


class Values:
    """Makes the values of one document; each `of` is a value of its own, and the limits hold for all of them."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._made: dict[int, tuple[Node, object, int]] = {}
        self._open: set[int] = set()
        self._count = 0

    def of(self, node: "Node") -> object:
        """Return the node's value; a mistake in it is noted, and the value is None."""
        try:
            return self._value(node)
        except _Refused:
            self._open.clear()
            return None

    def _value(self, node: "Node") -> object:
        self._count += 1
        if node.id == "scalar":
            return node.value if node.tag == f"{_PREFIX}str" else self._scalar(node)
        known = self._made.get(id(node))
        if known:
            self._count += known[2]
            self._bound(node)
            return known[1]
        return self._collection(node)

    def _collection(self, node: "Node") -> object:
        if id(node) in self._open:
            self._refuse(node, "a value contains itself through an alias")
        if len(self._open) >= MAX_DEPTH:
            self._refuse(node, f"values are nested deeper than {MAX_DEPTH} levels")
        self._bound(node)
        before = self._count
        self._open.add(id(node))
        value = self._unsafe_collection(node) if node.tag == "!unsafe" else self._plain_collection(node)
        self._open.discard(id(node))
        # The node is kept beside its value, so that its id stays its own.
        self._made[id(node)] = (node, value, self._count - before)
        return value

    def _plain_collection(self, node: "Node") -> object:
        if node.id == "sequence" and node.tag == f"{_PREFIX}seq":
            return [self._value(item) for item in node.value]
        if node.id == "mapping" and node.tag == f"{_PREFIX}map":
            return self._mapping(node)
        return self._refuse(node, f"the tag {_short(node.tag)} is not known here", "expected !vault, !unsafe or no tag")

    def _unsafe_collection(self, node: "Node") -> object:
        value = [self._value(item) for item in node.value] if node.id == "sequence" else self._mapping(node)
        return _marked_unsafe(value)

    def _mapping(self, node: "MappingNode") -> dict[object, object]:
        merged: dict[object, object] = {}
        own: dict[object, object] = {}
        for key_node, value_node in node.value:
            if key_node.tag == f"{_PREFIX}merge":
                merged = {**self._merged(value_node), **merged}
                continue
            key = self._key(key_node)
            if key in own:
                self._refuse(key_node, f"the key {key!r} comes twice", "keep one of them")
            own[key] = self._value(value_node)
        return {**merged, **own} if merged else own

    def _merged(self, node: "Node") -> dict[object, object]:
        """Return what `<<` brings in: one mapping or a list of them, of which an earlier one wins."""
        sources = node.value if node.id == "sequence" else [node]
        result: dict[object, object] = {}
        for source in reversed(sources):
            value = self._value(source)
            if not isinstance(value, dict):
                self._refuse(source, f"expected a mapping after <<, found {described(source)}")
            result.update(value)  # type: ignore[arg-type]
        return result

    def _key(self, node: "Node") -> object:
        if node.id != "scalar":
            self._refuse(node, f"expected text as a key, found {described(node)}", "put quotes around it")
        key = self._value(node)
        return str(key) if isinstance(key, Sealed) else key

    def _scalar(self, node: "Node") -> object:
        kind = node.tag.removeprefix(_PREFIX)
        if node.tag in _SEALED_TAGS:
            return Sealed(node.value)
        if node.tag == "!unsafe":
            return self._unsafe_scalar(node)
        try:
            if self._document.is_json and kind != "null":
                return json.loads(node.value)
            return _construct(kind, node)
        except (ValueError, KeyError, OverflowError, _yaml_error()):
            return self._refuse_scalar(node, kind)

    def _refuse_scalar(self, node: "Node", kind: str) -> object:
        if kind in (*_SCALARS, "str", "null"):
            return self._refuse(node, f"expected a value of the type {kind}, found {node.value!r}", "quote it for text")
        return self._refuse(node, f"the tag {_short(node.tag)} is not known here", "expected !vault, !unsafe or no tag")

    def _unsafe_scalar(self, node: "Node") -> object:
        from yaml.resolver import Resolver

        if node.style is not None:
            return Unsafe(node.value)
        tag = Resolver().resolve(type(node), node.value, (True, False))  # type: ignore[no-untyped-call]
        if tag == f"{_PREFIX}str":
            return Unsafe(node.value)
        return _construct(tag.removeprefix(_PREFIX), node)

    def _bound(self, node: "Node") -> None:
        if self._count > MAX_VALUES:
            self._refuse(node, f"aliases multiply to more than {MAX_VALUES} values", "write fewer, smaller anchors")

    def _refuse(self, node: "Node", message: str, hint: str = "") -> object:
        self._document.add(node, message, hint)
        raise _Refused


def plain(value: object) -> Any:
    """Return a variable's value as JSON has it: sealed values as "(sealed)", keys as text, dates as they are written."""
    if isinstance(value, dict):
        return {
            key if isinstance(key, str) else json.dumps(plain(key)).strip('"'): plain(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return str(value)


def _construct(kind: str, node: "Node") -> object:
    from yaml.constructor import SafeConstructor

    if kind == "str" or kind in ("value", "merge"):
        return str(node.value)
    if kind == "null":
        return None
    if kind not in _SCALARS:
        raise KeyError(kind)
    return getattr(SafeConstructor(), f"construct_yaml_{kind}")(node)


def _marked_unsafe(value: object) -> object:
    if isinstance(value, str):
        return Unsafe(value)
    if isinstance(value, list):
        return [_marked_unsafe(item) for item in value]
    if isinstance(value, dict):
        return {key: _marked_unsafe(item) for key, item in value.items()}
    return value


def _short(tag: str) -> str:
    return "!!" + tag.removeprefix(_PREFIX) if tag.startswith(_PREFIX) else tag


def _yaml_error() -> type[Exception]:
    from yaml import YAMLError

    return YAMLError
