"""Structs of the model as lines for people: every field that says something, under its name in the model.

`omc inventory show` prints with it what has no table of its own, so that a new field of the model is shown without a
line of code here.
"""

from collections.abc import Iterator, Mapping

import msgspec

from omc.inventory.formats.words import local_time
from omc.text import human_bytes

MOST = 40

Fact = tuple[str, str]


def facts(thing: msgspec.Struct, *, without: frozenset[str] = frozenset(), prefix: str = "") -> Iterator[Fact]:
    """Give (name, value in words) of each field that is set; fields of nested structs as `cpu.model`."""
    for field in msgspec.structs.fields(thing):
        value = getattr(thing, field.name)
        if field.name in without or value is None or value in ((), {}, []) or value == field.default:
            continue
        name = prefix + field.name
        if isinstance(value, msgspec.Struct):
            yield from facts(value, prefix=f"{name}.")
        elif isinstance(value, tuple) and isinstance(value[0], msgspec.Struct):
            yield from _several(name, value)
        elif value is not False:
            yield name, in_words(field.name, value)


def in_words(name: str, value: object) -> str:
    """Return one value for a person; the field's name tells its unit."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and name.endswith("_bytes"):
        return human_bytes(value)
    if isinstance(value, str) and name.endswith("_at"):
        return local_time(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={in_words(name, item)}" for key, item in value.items())
    if isinstance(value, tuple | list):
        return ", ".join(in_words(name, item) for item in value)
    return str(value)


def _several(name: str, things: tuple[msgspec.Struct, ...]) -> Iterator[Fact]:
    for thing in things[:MOST]:
        yield name, "  ".join(f"{key}={text}" for key, text in facts(thing))
    if len(things) > MOST:
        yield name, f"and {len(things) - MOST} more: -o yaml shows all"
