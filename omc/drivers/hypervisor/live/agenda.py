"""When each part of a host is to be read again: all of it by the timer, and sooner what is said to have changed.

What changes in quick succession is gathered and read once; nothing is read over and over, however often it changes.
"""

import threading
import time
from collections.abc import Iterable

import msgspec

GATHER_SECONDS = 0.2
"""So long a first change waits for others: a guest's start is a dozen events."""

GUESTS_SECONDS = 1.0
"""Some guests are read again at the most so often."""

WHOLE_SECONDS = 5.0
"""A whole part is read again at the most so often."""

MOST_CHANGED = 50
"""With more changed guests than that all are read: the difference is small."""

_NEVER_YET = float("-inf")


class Wanted(msgspec.Struct, frozen=True):
    """What to read of a part: all of it, or the guests with these UUIDs."""

    whole: bool
    guests: frozenset[str] = frozenset()


class _Part:
    """What is known of one part's readings, and what changed since; times by time.monotonic()."""

    def __init__(self) -> None:
        self.whole_at = _NEVER_YET
        self.some_at = _NEVER_YET
        self.whole_changed: float | None = None
        self.some_changed: float | None = None
        self.guests: set[str] = set()

    def note(self, guest: str) -> None:
        now = time.monotonic()
        if guest:
            self.guests.add(guest)
            self.some_changed = self.some_changed or now
        if not guest or len(self.guests) > MOST_CHANGED:
            self.whole_changed = self.whole_changed or now

    def whole_due(self, refresh: float) -> float:
        if self.whole_changed is None:
            return self.whole_at + refresh
        soonest = max(self.whole_changed + GATHER_SECONDS, self.whole_at + WHOLE_SECONDS)
        return min(self.whole_at + refresh, soonest)

    def some_due(self) -> float:
        if self.some_changed is None:
            return float("inf")
        return max(self.some_changed + GATHER_SECONDS, self.some_at + GUESTS_SECONDS)

    def take(self, now: float, refresh: float) -> Wanted | None:
        """Give what is due, and take it as read."""
        whole = now >= self.whole_due(refresh)
        if not whole and now < self.some_due():
            return None
        wanted = Wanted(whole, frozenset() if whole else frozenset(self.guests))
        if whole:
            self.whole_at, self.whole_changed = now, None
        self.some_at, self.some_changed, self.guests = now, None, set()
        return wanted


class Agenda:
    """The agenda of one host. Thread-safe."""

    def __init__(self, parts: Iterable[str], refresh_seconds: float) -> None:
        self._parts = {name: _Part() for name in parts}
        self._refresh = refresh_seconds
        self._news = threading.Condition()
        self._closed = False

    def note(self, name: str, guest: str = "") -> None:
        """Note that a part changed, or one guest of it; the name "" is every part."""
        with self._news:
            for part in self._parts.values() if not name else [self._parts[name]]:
                part.note(guest)
            self._news.notify_all()

    def take(self, names: Iterable[str]) -> dict[str, Wanted]:
        """Give those of these parts that are due; whoever takes them reads them."""
        now = time.monotonic()
        with self._news:
            taken = {name: self._parts[name].take(now, self._refresh) for name in names}
        return {name: wanted for name, wanted in taken.items() if wanted is not None}

    def wait(self, names: Iterable[str]) -> None:
        """Wait until one of these parts may be due, or something changes."""
        with self._news:
            parts = [self._parts[name] for name in names]
            due = min((min(part.whole_due(self._refresh), part.some_due()) for part in parts), default=float("inf"))
            seconds = min(due - time.monotonic(), self._refresh)
            if seconds > 0 and not self._closed:
                self._news.wait(seconds)

    def close(self) -> None:
        """Let nobody wait any longer."""
        with self._news:
            self._closed = True
            self._news.notify_all()
