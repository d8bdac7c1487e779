"""Figures of storage pools that everybody who counts them shares: what is taken, what is promised, whose it is."""

from collections.abc import Iterable

SHARED_POOLS = frozenset(("netfs", "rbd", "gluster", "iscsi", "iscsi-direct", "sheepdog", "vstorage"))
"""Types of pools whose storage other hosts reach over the network: the same source is the same storage."""

_LOCAL = frozenset(("file", "block", "dir"))


def shared_storage(kind: str, source: str | None) -> tuple[str, str] | None:
    """Return what makes pools of several hosts one storage: their type and source; None where it is a host's own."""
    return (kind, source) if source and kind in SHARED_POOLS else None


def lies_in(name: str, path: str | None, kind: str, source: str) -> bool:
    """Tell whether an image is on a pool's storage: a volume by its pool's name, a file at any depth below its folder.

    What a pool lists as its volumes lies right in the folder; what is deeper is lost with the pool all the same.
    """
    if kind == "volume":
        return source.partition("/")[0] == name
    return path is not None and kind in _LOCAL and source.startswith(f"{path.rstrip('/')}/")


def taken_bytes(capacity: int | None, allocation: int | None, available: int | None) -> int | None:
    """Return what is not available any more, by whomever it was taken; else what libvirt counts as allocated."""
    return allocation if capacity is None or available is None else capacity - available


def promised_bytes(capacities: Iterable[int | None] | None) -> int | None:
    """Return what all volumes may grow to, with those that cannot grow; None where a volume was not read."""
    sizes = None if capacities is None else tuple(capacities)
    return None if sizes is None or None in sizes else sum(size for size in sizes if size is not None)


def telling(state: str, available: int | None, collected_at: str | None) -> tuple[bool, str]:
    """Order hosts' views of one storage: where the pool runs tells most, then whoever read it last."""
    return state == "running" and available is not None, collected_at or ""
