"""The part of a fact that somebody configures: what history keeps. Pure.

Each struct of the model names what changes by itself (`OBSERVED`); those fields are left out, nested ones too. The plan
of what to leave out of which struct is made once, from the types.
"""

import typing
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from typing import Any

import msgspec

from omc.model.base import Fact

encode = msgspec.json.Encoder().encode

Plan = tuple[tuple[str, ...], tuple[tuple[str, "Plan"], ...]]
"""Names to drop, and the names below which there is more to drop."""


def digest(document: bytes) -> bytes:
    """Return the short mark by which documents are compared."""
    return blake2b(document, digest_size=16).digest()


def configuration(fact: Fact) -> bytes:
    """Return the fact as JSON without what is only observed."""
    values = msgspec.to_builtins(fact)
    _drop(values, plan_of(type(fact)))
    return encode(values)


@cache
def plan_of(kind: type[Fact]) -> Plan:
    """Return what to leave out of a struct of that type and of those inside it."""
    deeper = []
    for field in msgspec.structs.fields(kind):
        if field.name in kind.OBSERVED:
            continue
        for inner in _facts_in(field.type):
            plan = plan_of(inner)
            if plan != ((), ()):
                deeper.append((field.name, plan))
    return tuple(sorted(kind.OBSERVED)), tuple(deeper)


def _facts_in(annotation: object) -> Iterator[type[Fact]]:
    if isinstance(annotation, type) and issubclass(annotation, Fact):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from _facts_in(inner)


def _drop(values: dict[str, Any], plan: Plan) -> None:
    names, deeper = plan
    for name in names:
        values.pop(name, None)
    for name, inner_plan in deeper:
        inner = values[name]
        if isinstance(inner, dict):
            _drop(inner, inner_plan)
        elif inner:
            for item in inner:
                _drop(item, inner_plan)
