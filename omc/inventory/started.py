"""Compares the configuration of a guest that ran with that of the same guest when it did not. Pure.

What libvirt fills in at a start (the expanded CPU, what a nic takes from its network …) is no change: the rules
are those of pending changes, which compare the same two forms.
"""

from typing import Any

import msgspec

from omc.inventory.compare import Change
from omc.model import Guest

_BESIDE = ("autostart", "persistent", "managed_save", "snapshots", "checkpoints")
"""What stands beside the configuration's XML, and is the same in both forms."""


def compare_over_start(before: bytes, after: bytes, *, runs: bool) -> list[Change]:
    """Return what differs between two documents of which one is of a running guest; `runs`: the later one is."""
    from omc.inventory.domain.pending import pending_changes  # not before it is needed: it brings the readers of XML

    old, new = _guest(before), _guest(after)
    found = pending_changes(new, old) if runs else pending_changes(old, new)
    changes = [(item.path, item.after, item.before) if runs else (item.path, item.before, item.after) for item in found]
    return [*_beside(old, new), *(_change(*change) for change in changes)]


def _guest(document: bytes) -> Guest:
    return msgspec.convert(msgspec.json.decode(document) | {"state": ""}, Guest)


def _beside(old: Guest, new: Guest) -> list[Change]:
    found = []
    for name in _BESIDE:
        values: list[Any] = [getattr(guest, name) for guest in (old, new)]
        if None in values or values[0] == values[1]:
            continue
        if isinstance(values[0], tuple):
            values = [[item.name for item in value] for value in values]
        found.append(Change(name, *values))
    return found


def _change(path: str, before: object, after: object) -> Change:
    is_item = path.count(".") == 1 and None in (before, after)
    return Change(path, before, after, whole=is_item)
