"""To wait in a test: for what is seen, never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

SECONDS = 30.0
LOOK_SECONDS = 0.02
T = TypeVar("T")


def until(look: Callable[[], T], *, seconds: float = SECONDS, saying: Callable[[], object] = str) -> T:
    """Return what `look` finds, as soon as it is something; AssertionError with what `saying` tells if it never is."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"not seen within {seconds:g} s {saying()}".rstrip()
        time.sleep(LOOK_SECONDS)
    return found
