"""One connection of a client, held to its limits: a slow head, a slow reader and one connection too many are cut off.

Only an idle connection makes room for a new one, the one that waited longest first: however many clients connect and
say nothing, the one that asks is heard.
"""

import asyncio
import ssl
import time
from collections.abc import Callable
from typing import Any

import msgspec
from uvicorn.protocols.http.h11_impl import H11Protocol

from omc.exporters.webconfig import WebFile
from omc.exporters.webconfig.tls import names_of

MOST_HEAD_BYTES = 16 * 1024


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one client may take."""

    connections: int = 512
    handshake_seconds: float = 5.0
    head_seconds: float = 10.0  # from the first byte, or from the connection, to the end of the request's head
    idle_seconds: float = (
        75.0  # between two requests; above a usual scrape interval, so that connections are used again
    )
    reading_seconds: float = 30.0  # for taking the answer once it is there


class Connection(H11Protocol):
    """uvicorn's protocol with limits. `cut` is told why a connection was ended: slow, full, certificate, garbage."""

    def __init__(self, limits: Limits, web: WebFile, cut: Callable[[str], None], **settings: Any) -> None:
        super().__init__(**settings)
        self._limits = limits
        self._web = web
        self._tell = cut
        self._head_timer: asyncio.TimerHandle | None = None
        self._unread_timer: asyncio.TimerHandle | None = None
        self.waiting_since = time.monotonic()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Let a client in, where its certificate and the number of connections allow."""
        super().connection_made(transport)
        if not self._has_allowed_name(transport):
            self.cut("certificate")
            return
        self._make_room()
        self._head_timer = self.loop.call_later(self._limits.head_seconds, self._cut_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client."""
        for timer in (self._head_timer, self._unread_timer):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes of the client; until they are a whole head, the clock runs."""
        super().data_received(data)
        self._watch_head(begun=bool(self.conn.trailing_data[0]))

    def pause_writing(self) -> None:
        """Wait for a client that does not take what is there, as long as it may take for all of it."""
        super().pause_writing()
        if self._unread_timer is None:
            self._unread_timer = self.loop.call_later(self._limits.reading_seconds, self._cut_unread)

    def on_response_complete(self) -> None:
        """Give the client time to take the answer, and then to ask again."""
        super().on_response_complete()
        self.waiting_since = time.monotonic()
        if self._unread_timer is not None:
            self._unread_timer.cancel()
        self._unread_timer = self.loop.call_later(self._limits.reading_seconds, self._cut_unread)
        self._watch_head(begun=bool(self.conn.trailing_data[0]))

    @property
    def is_answering(self) -> bool:
        """Tell whether a request is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def cut(self, reason: str) -> None:
        """End the connection at once: it counts no more, although the loop closes it only after all that waits."""
        if self in self.connections:
            self.connections.discard(self)
            self._tell(reason)
            self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request, and count it."""
        self._tell("garbage")
        super().send_400_response(msg)

    def _make_room(self) -> None:
        if len(self.connections) <= self._limits.connections:
            return
        others = (other for other in self.connections if isinstance(other, Connection) and not other.is_answering)
        min(others, key=lambda other: other.waiting_since).cut("full")

    def _has_allowed_name(self, transport: asyncio.Transport) -> bool:
        tls = self._web.current().config.tls
        if tls is None or not tls.allowed_names:
            return True
        channel = transport.get_extra_info("ssl_object")
        certificate = channel.getpeercert() if isinstance(channel, ssl.SSLObject) else None
        return bool(names_of(certificate or {}) & tls.allowed_names)

    def _watch_head(self, *, begun: bool) -> None:
        """Let the clock run while a request's head has begun and is not whole."""
        waits = not self.is_answering and begun and not self.transport.is_closing()
        if waits and self._head_timer is None:
            self._head_timer = self.loop.call_later(self._limits.head_seconds, self._cut_slow)
        elif not waits and self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _cut_slow(self) -> None:
        self._head_timer = None
        self.cut("slow")

    def _cut_unread(self) -> None:
        self._unread_timer = None
        if self.transport.get_write_buffer_size():
            self.cut("slow")
