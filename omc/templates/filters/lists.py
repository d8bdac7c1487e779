"""Lists and mappings taken apart and put together, as Ansible's filters of these names do."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from jinja2 import Environment, pass_environment
from jinja2.exceptions import UndefinedError

_MERGES: Mapping[str, Callable[[list[Any], list[Any]], list[Any]]] = {
    "replace": lambda _, other: other,
    "keep": lambda first, _: first,
    "append": lambda first, other: first + other,
    "prepend": lambda first, other: other + first,
    "append_rp": lambda first, other: [item for item in first if item not in other] + other,
    "prepend_rp": lambda first, other: other + [item for item in first if item not in other],
}


def combine(*terms: Any, recursive: bool = False, list_merge: str = "replace") -> dict[Any, Any]:
    """Merge mappings, a later one over an earlier one; `recursive` merges mappings inside, `list_merge` says how lists.

    `list_merge` is replace, keep, append, prepend, append_rp or prepend_rp (without what is in both).
    """
    if list_merge not in _MERGES:
        raise ValueError(f"list_merge: expected one of {', '.join(_MERGES)}, found {list_merge!r}")
    merged: dict[Any, Any] = {}
    for term in _mappings(terms):
        merged = _merged(merged, term, recursive=recursive, list_merge=list_merge)
    return merged


def _mappings(terms: Iterable[Any]) -> Iterable[Mapping[Any, Any]]:
    for term in terms:
        if isinstance(term, Mapping):
            yield term
        elif isinstance(term, list | tuple):
            yield from _mappings(term)
        else:
            raise TypeError(f"combine: expected mappings, found {type(term).__name__}")


def _merged(first: Mapping[Any, Any], other: Mapping[Any, Any], *, recursive: bool, list_merge: str) -> dict[Any, Any]:
    result = dict(first)
    for key, value in other.items():
        old = result.get(key)
        if recursive and isinstance(old, Mapping) and isinstance(value, Mapping):
            result[key] = _merged(old, value, recursive=recursive, list_merge=list_merge)
        elif isinstance(old, list) and isinstance(value, list):
            result[key] = _MERGES[list_merge](old, value)
        else:
            result[key] = value
    return result


def dict2items(mapping: Mapping[Any, Any], key_name: str = "key", value_name: str = "value") -> list[dict[str, Any]]:
    """Make a list of `{key: …, value: …}` of a mapping."""
    if not isinstance(mapping, Mapping):
        raise TypeError(f"dict2items: expected a mapping, found {type(mapping).__name__}")
    return [{key_name: key, value_name: value} for key, value in mapping.items()]


def items2dict(items: Sequence[Mapping[str, Any]], key_name: str = "key", value_name: str = "value") -> dict[Any, Any]:
    """Make a mapping of a list of `{key: …, value: …}`."""
    return {item[key_name]: item[value_name] for item in items}


def flatten(items: Sequence[Any], levels: int | None = None, skip_nulls: bool = True) -> list[Any]:
    """Make one list of lists inside lists, `levels` deep or all; empty values are left out."""
    flat: list[Any] = []
    for item in items:
        if skip_nulls and item in (None, "None", "null"):
            continue
        if isinstance(item, list | tuple) and (levels is None or levels >= 1):
            flat.extend(flatten(item, None if levels is None else levels - 1, skip_nulls))
        else:
            flat.append(item)
    return flat


def subelements(items: Any, key: str | Sequence[str], skip_missing: bool = False) -> list[tuple[Any, Any]]:
    """Pair each item with each entry of the list that it has at a key: users with each of their keys."""
    path = key.split(".") if isinstance(key, str) else list(key)
    pairs = []
    for item in items.values() if isinstance(items, Mapping) else items:
        inner = item
        for part in path:
            if skip_missing and part not in inner:
                inner = []
                break
            inner = inner[part]
        pairs += [(item, entry) for entry in inner]
    return pairs


@pass_environment
def extract(environment: Environment, key: Any, container: Any, morekeys: Any = None) -> Any:
    """Take an entry out of a container; with `map`: `names | map("extract", hostvars, "ansible_host")`."""
    keys = [key, *(morekeys if isinstance(morekeys, list) else [] if morekeys is None else [morekeys])]
    for part in keys:
        container = environment.getitem(container, part)
    return container


def zipped(first: Iterable[Any], *others: Iterable[Any]) -> list[tuple[Any, ...]]:
    """Pair the items of lists, as many as the shortest has."""
    return list(zip(first, *others, strict=False))


def zip_longest(first: Iterable[Any], *others: Iterable[Any], fillvalue: Any = None) -> list[tuple[Any, ...]]:
    """Pair the items of lists, as many as the longest has; what is missing is `fillvalue`."""
    return list(itertools.zip_longest(first, *others, fillvalue=fillvalue))


def product(first: Sequence[Any], *others: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Pair every item of a list with every item of the others."""
    return list(itertools.product(first, *others))


def ternary(condition: Any, true_value: Any, false_value: Any, none_value: Any = None) -> Any:
    """Choose one of two values by whether a third holds; a fourth is for nothing."""
    if condition is None and none_value is not None:
        return none_value
    return true_value if condition else false_value


def mandatory(value: Any, msg: str | None = None) -> Any:
    """Insist that a value is defined; `msg` is said where it is not."""
    from jinja2 import Undefined

    if isinstance(value, Undefined):
        if msg is not None:
            raise UndefinedError(str(msg))
        str(value)
    return value


def to_boolean(value: Any) -> bool:
    """Take yes, on, true and 1 for true, and no, off, false and 0 for false."""
    word = str(value).lower()
    if word in ("yes", "on", "true", "1"):
        return True
    if word in ("no", "off", "false", "0"):
        return False
    raise ValueError(f"bool: expected a truth value, found {word!r}")
