"""The web configuration that is in force: read again when its file or a file that it names has changed.

New connections and new requests get the new one, without a restart. A changed file with a mistake in it leaves the
last good one in force, is logged once, and shows in
`reload_successful`: a typo must not lock Prometheus out, nor open
what was closed. Turning TLS on or off takes a restart, as with exporter-toolkit.
"""

import logging
import ssl
import time
from pathlib import Path
from typing import NamedTuple

from omc.errors import SiteError
from omc.exporters.webconfig.entities import Material, WebConfig
from omc.exporters.webconfig.passwords import Passwords
from omc.exporters.webconfig.read import read_web_config
from omc.exporters.webconfig.tls import server_context

_log = logging.getLogger(__name__)
RETRY_SECONDS = 5.0
Signature = tuple[tuple[int, int, int] | None, ...]


class Loaded(NamedTuple):
    """One good configuration, and what was made of it."""

    config: WebConfig
    context: ssl.SSLContext | None
    passwords: Passwords


class WebFile:
    """The configuration of one server. For one thread: that of the event loop."""

    def __init__(self, path: Path | None) -> None:
        """Read the file; raise SiteError where it is wrong. None is plain HTTP for everybody."""
        self._path = path
        self._loaded = _load(path)
        self._seen = self._signature()
        self._refused = ""
        self._retry_at = 0.0

    @property
    def reload_successful(self) -> bool:
        """Tell whether the configuration in force is what the file says."""
        return not self._refused

    def current(self) -> Loaded:
        """Return the configuration in force."""
        if self._path is None:
            return self._loaded
        signature = self._signature()
        # A refused file may name others, which are not watched: it is tried again by the clock.
        if signature != self._seen or (self._refused and time.monotonic() >= self._retry_at):
            self._seen = signature
            self._reload()
        return self._loaded

    def rotating_context(self) -> ssl.SSLContext | None:
        """Return a context whose every new connection uses the certificates of that moment; None without TLS."""
        return None if self._loaded.context is None else _Rotating(self)

    def _reload(self) -> None:
        try:
            loaded = self._load_alike()
        except SiteError as error:
            if str(error) != self._refused:
                _log.error("%s; the last good web configuration stays in force", error)
            self._refused = str(error)
            self._retry_at = time.monotonic() + RETRY_SECONDS
            return
        others = _files(loaded.config) != _files(self._loaded.config)
        self._loaded = loaded
        self._refused = ""
        if others:  # else the stamps from before the reading stand: what changed meanwhile is seen the next time
            self._seen = self._signature()
        _log.info("%s: read again", self._path)

    def _load_alike(self) -> Loaded:
        loaded = _load(self._path)
        if (loaded.context is None) != (self._loaded.context is None):
            raise SiteError("turning TLS on or off needs a restart", where=str(self._path))
        return loaded

    def _signature(self) -> Signature:
        """Tell versions of the files apart, the same path with other content included."""
        return tuple(map(_stamp, (self._path, *_files(self._loaded.config)))) if self._path else ()


class _Rotating(ssl.SSLContext):
    """Stands for the context of the moment: asyncio asks for one object a connection, and nothing else of it."""

    _file: WebFile

    def __new__(cls, _file: WebFile) -> "_Rotating":
        return super().__new__(cls, ssl.PROTOCOL_TLS_SERVER)

    def __init__(self, file: WebFile) -> None:
        self._file = file

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,  # noqa: FBT001, FBT002 - the signature of ssl
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Make the TLS half of one connection."""
        context = self._file.current().context
        assert context is not None  # a reload neither turns TLS on nor off
        return context.wrap_bio(incoming, outgoing, server_side, server_hostname, session)


def _load(path: Path | None) -> Loaded:
    config = read_web_config(path) if path is not None else WebConfig()
    context = server_context(config.tls) if config.tls is not None else None
    return Loaded(config, context, Passwords(config.users))


def _files(config: WebConfig) -> list[Path]:
    if config.tls is None:
        return []
    materials: tuple[Material | None, ...] = (config.tls.certificate, config.tls.key, config.tls.client_ca)
    return [material.path for material in materials if material is not None and material.path is not None]


def _stamp(path: Path | None) -> tuple[int, int, int] | None:
    try:
        found = path.stat() if path is not None else None
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino) if found else None
