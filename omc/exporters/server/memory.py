"""Keeps the process small: pages of megabytes are made in many threads, and malloc would keep room for each of them.

glibc gives every thread an arena of its own and, once it has freed a big piece, keeps pieces of that size for later.
Here most memory is Python's own and of big pages; both are given back to the system when they are not needed.
"""

import ctypes

_BIGGEST_KEPT = -3  # M_MMAP_THRESHOLD; to set it also keeps malloc from raising it
_ARENAS = -8  # M_ARENA_MAX
_BIG_BYTES = 256 * 1024


def keep_small() -> None:
    """Tell malloc, before threads start; a C library without such settings (musl) is left as it is."""
    tell = getattr(ctypes.CDLL(None), "mallopt", None)
    if tell is not None:
        tell(_ARENAS, 1)
        tell(_BIGGEST_KEPT, _BIG_BYTES)
