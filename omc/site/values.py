"""Turns YAML nodes into plain values: text, numbers, lists, mappings, and what ansible-vault sealed.

The types are YAML 1.1's, as Ansible reads them (`yes` is true); strict JSON keeps JSON's. Aliases share one value, so
a file that multiplies itself costs no memory here, and is refused past MAX_VALUES, because a printer would expand it.
"""

import json
from typing import Any, NoReturn

from yaml import YAMLError
from yaml.constructor import SafeConstructor
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.resolver import Resolver

from omc.site.document import MAX_DEPTH, SEALED_TAGS, Document, described, entries
from omc.site.entities import Sealed, Unsafe
from omc.site.placed import Variables

MAX_VALUES = 1_000_000
_PREFIX = "tag:yaml.org,2002:"
_TEXT = f"{_PREFIX}str"
_SCALARS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "a truth value",
    "timestamp": "a date or time",
    "binary": "base64",
}


class _Refused(Exception):
    """A value that cannot be read; it is noted already."""


class Values:
    """Makes the values of one document; each `of` is a value of its own, and the limits hold for all of them."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._made: dict[int, tuple[Node, object, int]] = {}
        self._open: set[int] = set()
        self._count = 0

    def of(self, node: Node) -> object:
        """Return the node's value; a mistake in it is noted, and the value is None."""
        try:
            return self._value(node)
        except _Refused:
            self._open.clear()
            return None

    def of_mapping(self, node: MappingNode) -> Variables:
        """Return a mapping of variables, each with its place."""
        variables = Variables()
        for name, (key, value) in entries(self._document, node).items():
            variables.set(name, self.of(value), self._document.where(key))
        return variables

    def _value(self, node: Node) -> object:
        self._count += 1
        if isinstance(node, ScalarNode):
            is_text = node.tag == _TEXT and (node.style or not self._document.is_json)
            return node.value if is_text else self._scalar(node)
        known = self._made.get(id(node))
        if known:
            self._count += known[2]
            self._bound(node)
            return known[1]
        return self._collection(node)

    def _collection(self, node: Node) -> object:
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

    def _plain_collection(self, node: Node) -> object:
        if node.tag not in (f"{_PREFIX}seq", f"{_PREFIX}map"):
            self._refuse_tag(node)
        if isinstance(node, MappingNode):
            return self._mapping(node)
        return [self._value(item) for item in node.value]

    def _unsafe_collection(self, node: Node) -> object:
        if isinstance(node, MappingNode):
            return _marked_unsafe(self._mapping(node))
        return _marked_unsafe([self._value(item) for item in node.value])

    def _mapping(self, node: MappingNode) -> dict[object, object]:
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

    def _merged(self, node: Node) -> dict[object, object]:
        """Return what `<<` brings in: one mapping or a list of them, of which an earlier one wins."""
        sources = node.value if isinstance(node, SequenceNode) else [node]
        result: dict[object, object] = {}
        for source in reversed(sources):
            value = self._value(source)
            if not isinstance(value, dict):
                self._refuse(source, f"expected a mapping after <<, found {described(source)}")
            result.update(value)
        return result

    def _key(self, node: Node) -> object:
        if not isinstance(node, ScalarNode):
            self._refuse(node, f"expected text as a key, found {described(node)}", "put quotes around it")
        key = self._value(node)
        return str(key) if isinstance(key, Sealed) else key

    def _scalar(self, node: ScalarNode) -> object:
        kind = node.tag.removeprefix(_PREFIX)
        if node.tag in SEALED_TAGS:
            return Sealed(node.value)
        try:
            if node.tag == "!unsafe":
                return _unsafe_scalar(node)
            if self._document.is_json and kind != "null":
                return json.loads(node.value)
            return _construct(kind, node)
        # What PyYAML raises for text that does not fit an explicit tag (`!!int ""`, `!!timestamp x`).
        except (ValueError, LookupError, ArithmeticError, AttributeError, TypeError, YAMLError):
            if kind in _SCALARS:
                self._refuse(node, f"expected {_SCALARS[kind]}, found {node.value!r}", "quote it for text")
            self._refuse_tag(node)

    def _bound(self, node: Node) -> None:
        if self._count > MAX_VALUES:
            self._refuse(node, f"aliases multiply to more than {MAX_VALUES} values", "write fewer, smaller anchors")

    def _refuse_tag(self, node: Node) -> NoReturn:
        tag = node.tag.replace(_PREFIX, "!!", 1)
        self._refuse(node, f"the tag {tag} is not known here", "expected !vault, !unsafe or no tag")

    def _refuse(self, node: Node, message: str, hint: str = "") -> NoReturn:
        self._document.add(node, message, hint)
        raise _Refused


def plain(value: object) -> Any:
    """Return a variable's value as JSON has it: keys and dates as text, a sealed value as "(sealed)"."""
    if isinstance(value, dict):
        return {_plain_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return str(value)


def _plain_key(key: object) -> str:
    return key if isinstance(key, str) else json.dumps(plain(key)).strip('"')


def _construct(kind: str, node: Node) -> object:
    if kind == "str" or kind in ("value", "merge"):
        return str(node.value)
    if kind == "null":
        return None
    if kind not in _SCALARS:
        raise KeyError(kind)
    return getattr(SafeConstructor(), f"construct_yaml_{kind}")(node)


def _unsafe_scalar(node: ScalarNode) -> object:
    tag = _TEXT if node.style else Resolver().resolve(ScalarNode, node.value, (True, False))  # type: ignore[no-untyped-call]
    return Unsafe(node.value) if tag == _TEXT else _construct(tag.removeprefix(_PREFIX), node)


def _marked_unsafe(value: object) -> object:
    if isinstance(value, str):
        return Unsafe(value)
    if isinstance(value, list):
        return [_marked_unsafe(item) for item in value]
    if isinstance(value, dict):
        return {key: _marked_unsafe(item) for key, item in value.items()}
    return value
