"""Scrapes targets: one lasting reader each, deadlines kept, and scrapes of one target at a time share one collection.

A target that does not answer is a page with `libvirt_up 0` and the reason, never an exception.
"""

import threading
import time
from collections.abc import Callable, Container, Mapping

import msgspec

from omc.errors import DeadlineError, HostError
from omc.exporters.hosts import ScrapeFacts
from omc.exporters.pages import Memory, Pages, PendingCheck, guest_states
from omc.exporters.reasons import Down
from omc.exporters.request import Page, ScrapeRequest, ScrapeSettings
from omc.exporters.table import Tables
from omc.ports import LiveHost, LiveReading
from omc.site.entities import SiteHost

Reader = Callable[[str], LiveHost]

MOST_CHOICES = 8
"""Choices of collectors and dialect that a target keeps plans for; Prometheus asks one or two."""

_GROUPS = {"balloon": "balloon", "net": "interface"}
_ALSO = {
    "agent": ("agent",),
    "allocation": ("vcpu", "balloon"),
    "compat": ("balloon",),
    "daemon": ("daemon",),
    "node_usage": ("node",),
    "volume": ("volumes",),
}
"""What collectors need beside the groups that their keys name."""

_FIRST = ("perf", "iothread", "memory")
"""Groups that are asked only while some guest's XML says that there is something to ask."""

_SIGNS = {"perf": "<perf>", "iothread": "<iothreads>", "memory": "<monitor "}


class Scraper:
    """All targets of the process; see `omc.exporters.request.PageMaker`."""

    def __init__(
        self, tables: Tables, reader: Reader, settings: ScrapeSettings, *, pending: PendingCheck | None = None
    ) -> None:
        self.collectors: Mapping[str, bool] = {name: collector.on for name, collector in tables.collectors.items()}
        if settings.collectors is not None:
            self.collectors = {name: name in settings.collectors for name in self.collectors}
        self.dialects = frozenset(tables.dialects)
        self.states = guest_states(tables)
        self._tables = tables
        self._reader = reader
        self._settings = settings
        self._check = pending
        self._targets: dict[str, _Target] = {}
        self._lock = threading.Lock()

    def scrape(self, target: SiteHost, request: ScrapeRequest) -> Page:
        """Make a page of the target before the deadline."""
        started = time.monotonic()
        on = request.collectors if request.collectors is not None else self._on
        compat = request.compat or self._settings.compat
        try:
            found = self._target(target)
        except HostError as error:
            return self._down(error, request, _Choice(self, on, compat), started)
        groups = groups_of(self._tables, on | {"compat"} if compat else on)
        return found.scrape(groups, request, _Choice(self, on, compat), started)

    def keep(self, names: Container[str]) -> None:
        """Close the connections to targets of other names, which nobody can ask for any more."""
        with self._lock:
            for name in [name for name in self._targets if name not in names]:
                self._targets.pop(name).close()

    def close(self) -> None:
        """Close every connection, without waiting for what does not answer."""
        with self._lock:
            for target in self._targets.values():
                target.close()
            self._targets.clear()

    @property
    def _on(self) -> frozenset[str]:
        return frozenset(name for name, is_on in self.collectors.items() if is_on)

    def pages(self, on: frozenset[str], compat: str | None) -> Pages:
        """Make the pages of a choice; for `_Choice`."""
        return Pages(self._tables, on=on, compat=compat, budget=self._settings.series_per_guest)

    def _target(self, target: SiteHost) -> "_Target":
        if target.problem:
            raise HostError(target.problem, code="site")
        with self._lock:
            found = self._targets.get(target.name)
            if found is not None and found.uri != target.uri:
                found.close()
                found = None
            if found is None:
                found = self._targets[target.name] = _Target(target.uri, self._reader(target.uri), Memory(self._check))
            return found

    def _down(self, error: HostError, request: ScrapeRequest, choice: "_Choice", started: float) -> Page:
        down = _down(error)
        seconds, limit = time.monotonic() - started, request.deadline - started
        facts = ScrapeFacts(seconds=seconds, now=time.time(), limit=limit, down=down)
        return Page(body=choice.make().page(facts, request, Memory(None)), down=down)


class _Choice:
    """What a page is made for, and how to make the pages of it."""

    def __init__(self, scraper: Scraper, on: frozenset[str], compat: str | None) -> None:
        self.key = (on, compat)
        self._scraper = scraper

    def make(self) -> Pages:
        return self._scraper.pages(*self.key)


class _Collection:
    """One reading of a target, which several scrapes may wait for."""

    def __init__(self, groups: frozenset[str]) -> None:
        self.groups = groups
        self.done = threading.Event()
        self.reading: LiveReading | None = None
        self.error: HostError | None = None

    def run(self, host: LiveHost, deadline: float) -> None:
        try:
            self.reading = host.read(self.groups, deadline)
        except HostError as error:
            self.error = error
        except Exception as error:
            self.error = HostError(f"{type(error).__name__}: {error}", hint="run with --debug and report this")
            self.error.__cause__ = error
        finally:
            self.done.set()


class _Target:
    """One host: its reader, the collection that is under way, and the pages by choice."""

    def __init__(self, uri: str, host: LiveHost, memory: Memory) -> None:
        self.uri = uri
        self._host = host
        self._memory = memory
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._running: _Collection | None = None
        self._last: LiveReading | None = None  # without its guests: the next reading has theirs
        self._pages: dict[object, Pages] = {}

    def scrape(self, groups: frozenset[str], request: ScrapeRequest, choice: _Choice, started: float) -> Page:
        """Collect, or wait for who does, and write the page."""
        collection = self._collect(self._needed(groups), request.deadline)
        error = collection.error
        if not collection.done.is_set():
            error = DeadlineError("an earlier scrape of this target still waits for it")
        reading = collection.reading if error is None else None
        with self._writing:
            now = time.time()
            if reading is not None:
                self._last = msgspec.structs.replace(reading, guests=())
                self._memory.notice(reading, now)
            reconnects = self._last.reconnects if self._last is not None else 0
            down = _down(error) if error is not None else None
            facts = ScrapeFacts(
                seconds=time.monotonic() - started,
                now=now,
                limit=request.deadline - started,
                reading=reading,
                down=down,
                reconnects=reconnects,
            )
            body = self._pages_of(choice).page(facts, request, self._memory)
        return Page(body=body, down=down)

    def close(self) -> None:
        """Close the connection."""
        self._host.close()

    def _collect(self, groups: frozenset[str], deadline: float) -> _Collection:
        while True:
            with self._lock:
                running = self._running
                if running is None:
                    mine = self._running = _Collection(groups)
                    break
            running.done.wait(max(0.0, deadline - time.monotonic()))
            if groups <= running.groups or time.monotonic() >= deadline:
                return running
        try:
            mine.run(self._host, deadline - reserve(deadline - time.monotonic()))
        finally:
            with self._lock:
                self._running = None
        return mine

    def _needed(self, groups: frozenset[str]) -> frozenset[str]:
        """Leave out groups of which no guest has anything."""
        facts = self._last.facts if self._last is not None else None
        if facts is None:
            return groups
        idle = {group for group in _FIRST if not any(_SIGNS[group] in guest.xml for guest in facts.host.guests)}
        return groups - idle

    def _pages_of(self, choice: _Choice) -> Pages:
        if choice.key not in self._pages:
            while len(self._pages) >= MOST_CHOICES:
                del self._pages[next(iter(self._pages))]
            self._pages[choice.key] = choice.make()
        return self._pages[choice.key]


def _down(error: HostError) -> Down:
    return Down(code=error.code, message=error.message, hint=error.hint)


def reserve(seconds: float) -> float:
    """Give what of the time until the deadline is kept for writing the page."""
    return min(0.5, max(0.0, seconds) * 0.1)


def groups_of(tables: Tables, on: frozenset[str]) -> frozenset[str]:
    """Give the groups of statistics that the collectors need."""
    keys = [row.key for row in tables.guest.values() if row.collector in on and row.key]
    groups = {_GROUPS.get(prefix, prefix) for prefix in (key.partition(".")[0] for key in keys)} - {"omc"}
    groups.update(*(also for collector, also in _ALSO.items() if collector in on))
    return frozenset(groups | {"state"})
