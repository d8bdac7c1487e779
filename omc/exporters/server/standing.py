"""How each target stood when it was last asked: for the page for people and the log, which tells of changes only."""

import logging
import threading
import time
from collections.abc import Mapping

import msgspec

from omc.exporters.reasons import Down
from omc.exporters.request import Page
from omc.text import human_age, safe

_log = logging.getLogger(__name__)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One target at its last scrape; `down` None means that it was read. Times are time.time()."""

    down: Down | None
    since: float  # when it came up, or went down
    asked_at: float
    seconds: float  # that the scrape took
    page_bytes: int


class Standings:
    """All targets that were asked since the process began. Any method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Standing] = {}

    def notice(self, name: str, page: Page, seconds: float) -> None:
        """Remember a scrape, and log it where the target went down, came back, or is down for another reason."""
        now = time.time()
        with self._lock:
            before = self._known.get(name)
            same = before is not None and (before.down is None) == page.up
            since = before.since if before is not None and same else now
            found = Standing(down=page.down, since=since, asked_at=now, seconds=seconds, page_bytes=len(page.body))
            self._known[name] = found
        _tell(name, before, found)

    def keep(self, names: Mapping[str, object]) -> None:
        """Forget targets that the site has no more."""
        with self._lock:
            self._known = {name: found for name, found in self._known.items() if name in names}

    def of(self, name: str) -> Standing | None:
        """Give a target's last scrape; None where it was not asked yet."""
        with self._lock:
            return self._known.get(name)


def _tell(name: str, before: Standing | None, now: Standing) -> None:
    was = before.down if before is not None else None
    if now.down is not None and (was is None or was.code != now.down.code):
        _log.warning("%s", safe(f"{name}: down: {now.down}"))
    elif now.down is None and before is not None and was is not None:
        _log.warning("%s", safe(f"{name}: up again after {human_age(now.since - before.since)}"))
