"""The tests that stand behind `is`, as Ansible's of these names."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    **dict.fromkeys(("==", "=", "eq"), operator.eq),
    **dict.fromkeys(("!=", "<>", "ne"), operator.ne),
    **dict.fromkeys((">", "gt"), operator.gt),
    **dict.fromkeys((">=", "ge"), operator.ge),
    **dict.fromkeys(("<", "lt"), operator.lt),
    **dict.fromkeys(("<=", "le"), operator.le),
}


def match(value: str, pattern: str = "", *, ignorecase: bool = False, multiline: bool = False) -> bool:
    """Tell whether a pattern matches at a text's beginning."""
    return bool(re.match(pattern, value, _flags(ignorecase=ignorecase, multiline=multiline)))


def search(value: str, pattern: str = "", *, ignorecase: bool = False, multiline: bool = False) -> bool:
    """Tell whether a pattern matches anywhere in a text."""
    return bool(re.search(pattern, value, _flags(ignorecase=ignorecase, multiline=multiline)))


def contains(value: Any, item: Any) -> bool:
    """Tell whether an item is in a list or a text."""
    return item in value


def subset(value: Sequence[Any], other: Sequence[Any]) -> bool:
    """Tell whether all items of a list are in another."""
    return all(item in other for item in value)


def superset(value: Sequence[Any], other: Sequence[Any]) -> bool:
    """Tell whether a list has all items of another."""
    return subset(other, value)


def version(value: Any, other: Any, comparison: str = "==") -> bool:
    """Compare two versions number by number: "10.2" is above "9.0"; `comparison` is one of ==, !=, <, <=, >, >=."""
    if comparison not in _OPERATORS:
        raise ValueError(f"version: expected one of {', '.join(_OPERATORS)}, found {comparison!r}")
    pairs = zip_longest(_version(value), _version(other), fillvalue=(0, 0, ""))
    first, second = zip(*pairs, strict=True)
    return _OPERATORS[comparison](first, second)


def _version(value: Any) -> list[tuple[int, int, str]]:
    """Return numbers and words that compare; a number is above a word, so that 1.0 is above 1.0rc1."""
    parts = re.findall(r"\d+|[a-z]+", str(value).lower())
    return [(0, int(part), "") if part.isdigit() else (-1, 0, part) for part in parts]


def _flags(*, ignorecase: bool, multiline: bool) -> re.RegexFlag:
    return (re.IGNORECASE if ignorecase else re.NOFLAG) | (re.MULTILINE if multiline else re.NOFLAG)
