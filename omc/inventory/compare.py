"""Compares two JSON documents of the model: which values differ, by dotted path ("disks.vda.cache"). Pure.

Items of a list are told apart by what names them (a disk by its target, a nic by its MAC), not by their place.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

_NAMES = ("target", "mac", "name", "uuid", "id", "what", "address", "locator", "path", "source")
_UNREAD = frozenset(
    (
        *("snapshots", "checkpoints", "autostart", "persistent", "managed_save", "pending_changes", "devices"),
        *("pools", "networks", "domain_capabilities", "hardware", "architectures"),
    )
)
"""Null here means "not read", so from null or to null nothing changed."""
_IGNORED = frozenset(("host", "collect_seconds", "read_only"))
_MAPPINGS = frozenset(("attributes", "ksm", "distances", "blocked_models"))
"""Fields whose keys are data: a missing key was removed. Elsewhere it is a field that an older omc did not have."""

_MISSING = object()


class Change(NamedTuple):
    """One value that differs; `whole`: an item of a list that came (before is None) or went (after is None)."""

    path: str
    before: object
    after: object
    whole: bool = False


def compare(before: bytes, after: bytes) -> list[Change]:
    """Return what differs between two documents, in the order of the fields."""
    return list(_mappings("", msgspec.json.decode(before), msgspec.json.decode(after)))


def _mappings(path: str, before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[Change]:
    is_data = path.rpartition(".")[2] in _MAPPINGS
    for name in {**before, **after}:
        old, new = before.get(name, _MISSING), after.get(name, _MISSING)
        if _MISSING in (old, new) and not is_data:
            continue
        if path == "" and (name in _IGNORED or (name in _UNREAD and None in (old, new))):
            continue
        if old != new:
            inner = f"{path}.{name}" if path else name
            yield from _values(inner, None if old is _MISSING else old, None if new is _MISSING else new)


def _values(path: str, before: object, after: object) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _mappings(path, before, after)
    elif _is_items(before) and _is_items(after):
        yield from _items(path, _keyed(before), _keyed(after))
    else:
        yield Change(path, _brief(before), _brief(after), whole=isinstance(before, dict) or isinstance(after, dict))


def _is_items(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _items(path: str, before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[Change]:
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            yield Change(f"{path}.{name}", _brief(old), _brief(new), whole=True)
        elif old != new:
            yield from _values(f"{path}.{name}", old, new)


def _keyed(items: object) -> dict[str, object]:
    """Give each item of a list the name it is known by; a second one of the same name gets a number."""
    found: dict[str, object] = {}
    if isinstance(items, list):
        for number, item in enumerate(items):
            name = next((str(item[key]) for key in _NAMES if item.get(key) is not None), str(number))
            found[name if name not in found else f"{name}#{number}"] = item
    return found


def _brief(value: object) -> object:
    """Say an item that came or went in one word, where it has one."""
    if isinstance(value, dict):
        return next((value[key] for key in ("source", "model", "name", "target", "type") if value.get(key)), True)
    return value
