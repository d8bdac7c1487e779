"""Decides whether another host may begin: closed by Ctrl-C, by too many failures, or by a health check."""

import threading

from omc.templates.batches import Share
from omc.text import plural


class Gate:
    """Thread-safe; whatever is under way when it closes is finished."""

    def __init__(self, most_failures: Share | None, hosts: int, failed: int = 0) -> None:
        self._limit = most_failures.of(hosts) if most_failures else None
        self._failed = 0
        self._lock = threading.Lock()
        self.status = ""
        self.reason = ""
        for _ in range(failed):
            self.count_failure()

    @property
    def is_closed(self) -> bool:
        """Whether no other host may begin."""
        return bool(self.status)

    def close(self, status: str, reason: str) -> None:
        """Let nobody in any more; the first reason stays. `status` is the run's: stopped or interrupted."""
        with self._lock:
            if not self.status:
                self.reason, self.status = reason, status

    def count_failure(self) -> None:
        """Count a host that failed, and close where that is one too many."""
        with self._lock:
            self._failed += 1
            reached = self._limit is not None and self._failed >= self._limit
        if reached:
            self.close("stopped", f"{plural(self._failed, 'host')} failed, and --max-fail is {self._limit}")
