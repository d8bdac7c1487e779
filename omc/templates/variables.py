"""Holds a value to what a manifest declares of its variable: the type, the limits, the choices, and what is inside.

Texts that spell a whole number or a truth value exactly are taken for one, because an INI inventory and `-e NAME=VALUE`
have nothing else; all other types must fit. What is inside a list or a mapping is checked too, and the defaults of
`fields` filled in.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from omc.templates.kinds import KINDS
from omc.templates.manifest.entities import Variable
from omc.templates.manifest.words import Unfit

ALIASES: Mapping[str, str] = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "dict": "mapping",
    "raw": "any",
}
"""Ansible's names of the same types."""

_TRUE, _FALSE = ("true", "yes", "on"), ("false", "no", "off")
_SHOWN = 60


def check(variable: Variable, value: object) -> object:
    """Return the value as the templates get it; raise Unfit "NAME: expected …, found …" where it does not fit."""
    return _checked(variable, value, variable.name)


def _checked(variable: Variable, value: object, place: str) -> object:
    if value is None and variable.default is not None and variable.default.raw is None:
        return None
    try:
        value = TYPES[variable.type](value)
    except ValueError as error:
        raise _wrong(variable, place, str(error), value) from None
    _limited(variable, value, place)
    if isinstance(value, list) and variable.items is not None:
        inner = variable.items
        return [_checked(inner, item, f"{place}[{number}]") for number, item in enumerate(value)]
    if isinstance(value, dict):
        return _mapping(variable, value, place)
    return value


def _limited(variable: Variable, value: object, place: str) -> None:
    if variable.choices and value not in variable.choices:
        choices = ", ".join(map(str, variable.choices))
        raise _wrong(variable, place, f"one of {choices}", value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        _between(variable, value, (variable.minimum, variable.maximum), place)
    if isinstance(value, str) and variable.pattern and not _pattern(variable.pattern).fullmatch(value):
        raise _wrong(variable, place, f"text that matches {variable.pattern}", value)
    if isinstance(value, str | list | dict):
        limits = (variable.minimum_length, variable.maximum_length)
        if not _fits(len(value), limits):
            last = next(limit for limit in reversed(limits) if limit is not None)
            one, many = ("character", "characters") if isinstance(value, str) else ("entry", "entries")
            what = f"{_range(limits).removeprefix('of ')} {one if last == 1 else many}"
            raise Unfit(f"{place}: expected {what}, found {len(value)}")


def _between(variable: Variable, value: float, limits: tuple[float | None, float | None], place: str) -> None:
    if not _fits(value, limits):
        raise _wrong(variable, place, f"a number {_range(limits)}", value)


def _fits(value: float, limits: tuple[float | None, float | None]) -> bool:
    least, most = limits
    return (least is None or value >= least) and (most is None or value <= most)


def _range(limits: tuple[float | None, float | None]) -> str:
    least, most = ("" if limit is None else f"{limit:g}" if limit < 1e6 else str(limit) for limit in limits)
    if least and most:
        return f"from {least} to {most}"
    return f"of at least {least}" if least else f"of at most {most}"


def _mapping(variable: Variable, value: dict[object, object], place: str) -> dict[object, object]:
    if variable.values is not None:
        inner = variable.values
        return {key: _checked(inner, item, f"{place}.{key}") for key, item in value.items()}
    if not variable.fields:
        return value
    unknown = [str(key) for key in value if key not in variable.fields]
    if unknown:
        known = ", ".join(variable.fields)
        raise Unfit(f"{place}: unknown key {unknown[0]!r}, known are {known}")
    made: dict[object, object] = {}
    for name, field in variable.fields.items():
        if name in value:
            made[name] = _checked(field, value[name], f"{place}.{name}")
        elif field.default is not None:
            made[name] = field.default.raw
        elif field.required:
            raise Unfit(f"{place}: expected {name} in it, found {', '.join(map(str, value)) or 'nothing'}")
    return made


def _wrong(variable: Variable, place: str, expected: str, value: object) -> Unfit:
    return Unfit(f"{place}: expected {expected}, found {'(secret)' if variable.secret else described(value)}")


def described(value: object) -> str:
    """Return a value in words for "found …"."""
    if value is None:
        return "nothing"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return "a mapping"
    shown = str(value) if len(str(value)) <= _SHOWN else str(value)[: _SHOWN - 1] + "…"
    if isinstance(value, bool):
        return f"the truth value {shown.lower()}"
    return f"the number {shown}" if isinstance(value, int | float) else f"the text {shown!r}"


@lru_cache(256)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise Unfit("text (put quotes around it)" if isinstance(value, bool | int | float) else "text")
    return value


def _integer(value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"-?(?:0|[1-9][0-9]{0,18})", value):
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unfit("a whole number")
    return value


def _number(value: object) -> float:
    if isinstance(value, str) and re.fullmatch(r"-?(?:0|[1-9][0-9]{0,18})(?:\.[0-9]{1,18})?", value):
        return float(value) if "." in value else int(value)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Unfit("a number")
    return value


def _boolean(value: object) -> bool:
    if isinstance(value, str) and value.lower() in (*_TRUE, *_FALSE):
        return value.lower() in _TRUE
    if not isinstance(value, bool):
        raise Unfit("true or false")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list | tuple):
        raise Unfit("a list")
    return list(value)


def _dict(value: object) -> dict[object, object]:
    if not isinstance(value, dict):
        raise Unfit("a mapping")
    return value


TYPES: Mapping[str, Callable[[object], object]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "list": _list,
    "mapping": _dict,
    **KINDS,
    "any": lambda value: value,
}
"""What each type takes; a value is returned as the templates get it, else ValueError says what was expected."""
