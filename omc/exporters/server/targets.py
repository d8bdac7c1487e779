"""The site that is served, read again when its files change; a broken one leaves the last good one in force."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from omc.errors import OmcError
from omc.exporters.server.workers import Unserved, Workers
from omc.site import Site

CHECK_SECONDS = 5.0
READ_SECONDS = 2.0
"""So long a request waits for the files of the site; what takes longer is in force when it is there."""

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
        self._reader = Workers("omc-site", 1)
        self.reload_successful = True

    @property
    def last(self) -> Site:
        """The site as it was last read."""
        return self._site

    async def site(self) -> Site:
        """Return the site; its files are looked at when that was not done for some seconds.

        Meanwhile, and for as long as their file system hangs, the last good one is served.
        """
        due = self._folder is not None and time.monotonic() - self._checked >= CHECK_SECONDS
        if due and not self._reader.busy:
            try:
                await self._reader.run(self.refresh, time.monotonic() + READ_SECONDS)
            except Unserved as error:
                _log.warning("%s: not read again: %s; the last good site stays in force", self._folder, error)
            self._checked = time.monotonic()
        return self._site

    def refresh(self) -> None:
        """Read the site again where a file of it has changed."""
        try:
            signature = self._signature()
            if signature == self._seen:
                return
            self._seen = signature
            self._site = self._load()
        except (OmcError, OSError) as error:
            if isinstance(error, OSError):
                self._seen = frozenset()  # so that it is read again once it can be, changed or not
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
