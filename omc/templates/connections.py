"""The connections of one command: opened when a host is first asked, kept for what comes next, bounded in number.

A connection that is kept saves six round trips; a thousand of them would only cost memory here and there. So at most
`most_kept` stay open between two questions.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic

from omc.errors import OmcError
from omc.ports import Endpoint, Shell, Shells

MOST_KEPT = 256
STALE_SECONDS = 120.0
"""A connection that nobody used for longer is opened anew: a firewall between may have forgotten it."""


class Connections:
    """Thread-safe; one thread at a time uses a host's."""

    def __init__(self, shells: Shells, endpoint: Callable[[str], Endpoint], *, most_kept: int = MOST_KEPT) -> None:
        self._shells = shells
        self._endpoint = endpoint
        self._most_kept = most_kept
        self._kept: dict[str, tuple[Shell, float]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def to(self, host: str, deadline: float, *, keep: bool = False, fresh: bool = False) -> Iterator[Shell]:
        """Give the host's shell; with `keep` it stays open for the next question. `fresh` opens a new one.

        After an error it is never kept. Raises HostError where the host cannot be reached by then.
        """
        shell = self._take(host, fresh=fresh) or self._shells.open(self._endpoint(host), deadline=deadline)
        try:
            yield shell
        except BaseException:
            shell.close()
            raise
        with self._lock:
            if keep := keep and len(self._kept) < self._most_kept:
                self._kept[host] = (shell, monotonic())
        if not keep:
            shell.close()

    def drop(self, host: str) -> None:
        """End the host's connection, where one is kept."""
        with self._lock:
            kept = self._kept.pop(host, None)
        if kept is not None:
            kept[0].close()

    def close(self) -> None:
        """End all of them."""
        with self._lock:
            kept, self._kept = self._kept, {}
        for shell, _ in kept.values():
            with suppress(OmcError, OSError):
                shell.close()
        self._shells.close()

    def _take(self, host: str, *, fresh: bool) -> Shell | None:
        with self._lock:
            kept = self._kept.pop(host, None)
        if kept is None:
            return None
        shell, since = kept
        if fresh or monotonic() - since > STALE_SECONDS:
            shell.close()
            return None
        return shell
