"""Lists as sets, in the order in which their items come, as Ansible's filters of these names do."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from jinja2 import Environment, pass_environment
from jinja2.filters import make_attrgetter


def _once(items: Iterable[Any], key: Callable[[Any], Any] = lambda item: item) -> list[Any]:
    once: list[Any] = []
    known: set[Any] = set()
    odd: list[Any] = []  # mappings and lists have no hash
    for item in items:
        found = key(item)
        try:
            if found not in known:
                known.add(found)
                once.append(item)
        except TypeError:
            if found not in odd:
                odd.append(found)
                once.append(item)
    return once


@pass_environment
def unique(
    environment: Environment, items: Iterable[Any], case_sensitive: bool = False, attribute: Any = None
) -> list[Any]:
    """Return each item once; as in Ansible, texts that differ in case alone are one, unless `case_sensitive` is true.

    `attribute` compares only that entry of each item.
    """
    take = make_attrgetter(environment, attribute) if attribute is not None else lambda item: item

    def key(item: Any) -> Any:
        found = take(item)
        return found.lower() if not case_sensitive and isinstance(found, str) else found

    return _once(items, key)


def union(first: Sequence[Any], other: Sequence[Any]) -> list[Any]:
    """Return what is in either of two lists."""
    return _once([*first, *other])


def intersect(first: Sequence[Any], other: Sequence[Any]) -> list[Any]:
    """Return what is in both of two lists."""
    return _once([item for item in first if item in other])


def difference(first: Sequence[Any], other: Sequence[Any]) -> list[Any]:
    """Return what is in a list and not in another."""
    return _once([item for item in first if item not in other])


def symmetric_difference(first: Sequence[Any], other: Sequence[Any]) -> list[Any]:
    """Return what is in one of two lists and not in the other."""
    return union(difference(first, other), difference(other, first))
