"""The line to a host under SSH's own protocol: a TCP connection without Nagle's and the receiver's delays.

SSH's handshake is many small messages one after the other. With the kernel's defaults each side waits up to 40 ms for
the other several times; NODELAY and an acknowledgement for every read take a connection from 117 to 27 ms.
"""

import socket
import threading
import time
from contextlib import suppress
from typing import Protocol

_CHUNK = 1 << 16
_POLL_SECONDS = 0.5
_QUICKACK = getattr(socket, "TCP_QUICKACK", None)


class Line(Protocol):
    """What paramiko asks of a socket, and what is asked of it here."""

    heard: float
    """When something came over it last (time.monotonic())."""
    _closed: bool

    def send(self, data: bytes) -> int:
        """Send some of the data; return how much."""

    def recv(self, size: int) -> bytes:
        """Return what came, b"" at the end; raise TimeoutError where nothing came for a while."""

    def settimeout(self, seconds: float | None) -> None:
        """Nothing: a line has its own pace."""

    def close(self) -> None:
        """End all reading and writing at once, also of other threads; never waits."""

    def release(self) -> None:
        """Give back what is left of it; nobody may use it any more."""


class SocketLine:
    """A line over a connected socket."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._is_tcp = connected.family in (socket.AF_INET, socket.AF_INET6)
        if self._is_tcp:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connected.settimeout(_POLL_SECONDS)
        self._buffer = b""
        self._sending = threading.Lock()
        self.heard = time.monotonic()
        self._closed = False

    def send(self, data: bytes) -> int:
        """Send; see `Line`."""
        with self._sending:
            return self._socket.send(data)

    def recv(self, size: int) -> bytes:
        """Receive; see `Line`. paramiko asks for a few bytes at a time, the kernel is asked for all there are."""
        if not self._buffer:
            self._buffer = self._socket.recv(_CHUNK)
            self.heard = time.monotonic()
            if self._is_tcp and _QUICKACK is not None and self._buffer:
                # The kernel forgets it again and again.
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data

    def settimeout(self, seconds: float | None) -> None:
        """Nothing; see `Line`."""

    def close(self) -> None:
        """End; see `Line`. The descriptor stays, so that no other connection can get its number under a reader."""
        if self._closed:
            return
        self._closed = True
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Give back the descriptor."""
        with self._sending:
            self._socket.close()
