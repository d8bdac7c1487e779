"""Holds deadlines: what is still under way when its time is over gets cut off, whatever it waits for.

paramiko waits without a limit in several places. Instead of trusting each, one thread for all hosts closes the line
under a call whose deadline has passed, and every wait on it ends.
"""

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


class _Entry:
    __slots__ = ("action", "done", "fired")

    def __init__(self, action: Callable[[], None]) -> None:
        self.action = action
        self.done = False
        self.fired = False


class Watch:
    """The deadlines of one run. Its thread begins with the first one, and is a daemon."""

    def __init__(self) -> None:
        self._wake = threading.Condition()
        self._waiting: list[tuple[float, int, _Entry]] = []
        self._order = itertools.count()
        self._thread: threading.Thread | None = None

    @contextmanager
    def until(self, deadline: float, action: Callable[[], None]) -> Iterator[Callable[[], bool]]:
        """Call `action`, which must not block, from another thread if the block still runs at `deadline`.

        Gives a function that tells whether that has happened.
        """
        entry = self._add(deadline, action)
        try:
            yield lambda: entry.fired
        finally:
            with self._wake:
                entry.done = True

    def after(self, seconds: float, action: Callable[[], None]) -> Callable[[], bool]:
        """Call `action`, which must not block, from another thread in so many seconds.

        Gives a function that prevents it, and tells whether that was in time.
        """
        entry = self._add(time.monotonic() + seconds, action)

        def prevent() -> bool:
            with self._wake:
                entry.done = True
                return not entry.fired

        return prevent

    def _add(self, deadline: float, action: Callable[[], None]) -> _Entry:
        entry = _Entry(action)
        with self._wake:
            heapq.heappush(self._waiting, (deadline, next(self._order), entry))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="omc-ssh-watch", daemon=True)
                self._thread.start()
            elif self._waiting[0][2] is entry:
                self._wake.notify()
        return entry

    def _run(self) -> None:
        while True:
            with self._wake:
                while self._waiting and self._waiting[0][2].done:
                    heapq.heappop(self._waiting)
                left = self._waiting[0][0] - time.monotonic() if self._waiting else None
                if left is None or left > 0:
                    self._wake.wait(left)
                    continue
                entry = heapq.heappop(self._waiting)[2]
                entry.fired = True
            with suppress(Exception):  # one that fails must not end the deadlines of all
                entry.action()
