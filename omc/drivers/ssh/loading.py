"""Loads a library without what it would only use elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def lacking(name: str) -> Iterator[None]:
    """Let the block's imports find no package of this name, as where it is not installed; one that is loaded stays."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]  # import's own sign of "not there"
    try:
        yield
    finally:
        del sys.modules[name]
