"""The site that is served, read again when its files change; a broken one leaves the last good one in force."""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path

from omc.errors import OmcError
from omc.site import Site

CHECK_SECONDS = 5.0
_log = logging.getLogger(__name__)


class Targets:
    """The only hosts that the exporter connects to: nobody can name another one."""

    def __init__(self, load: Callable[[], Site], folder: Path | None = None) -> None:
        """Load the site, and watch the files in `folder`; None never reads it again."""
        self._load = load
        self._folder = folder
        self._seen = self._signature()
        self._site = load()
        self._checked = time.monotonic()
        self._lock = asyncio.Lock()
        self.reload_successful = True

    @property
    def last(self) -> Site:
        """The site as it was last read."""
        return self._site

    async def site(self) -> Site:
        """Return the site; its files are looked at when that was not done for some seconds."""
        if self._folder is not None and time.monotonic() - self._checked >= CHECK_SECONDS:
            async with self._lock:
                if time.monotonic() - self._checked >= CHECK_SECONDS:
                    await asyncio.get_running_loop().run_in_executor(None, self.refresh)
                    self._checked = time.monotonic()
        return self._site

    def refresh(self) -> None:
        """Read the site again where a file of it has changed."""
        signature = self._signature()
        if signature == self._seen:
            return
        self._seen = signature
        try:
            self._site = self._load()
        except OmcError as error:
            self.reload_successful = False
            _log.error("%s; the last good site stays in force", error)
            return
        self.reload_successful = True
        _log.info("%s: read again, %d hosts", self._folder, len(self._site.hosts))

    def _signature(self) -> frozenset[tuple[str, int, int]]:
        if self._folder is None:
            return frozenset()
        return frozenset(filter(None, map(_stamp, self._folder.rglob("*"))))


def _stamp(path: Path) -> tuple[str, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return str(path), found.st_mtime_ns, found.st_size
