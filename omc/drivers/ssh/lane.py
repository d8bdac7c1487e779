"""The standard streams of one command over one channel of a connection."""

import queue
import threading
from collections.abc import Sequence
from contextlib import suppress

from paramiko import Channel

from omc.errors import HostError

_CHUNK = 1 << 16
_JOINED = 1 << 20


class Lane:
    """One command's streams: `omc.drivers.shell.Pipes` over a channel."""

    def __init__(self, channel: Channel, host: str) -> None:
        self._channel = channel
        self._host = host
        self._came = threading.Event()
        channel.in_buffer.set_event(self._came)
        channel.in_stderr_buffer.set_event(self._came)
        self._queue: queue.SimpleQueue[Sequence[bytes] | None] = queue.SimpleQueue()
        self._has_writer = False

    def send(self, pieces: Sequence[bytes]) -> None:
        """Send; see `omc.drivers.shell.Pipes`. What the host does not take at once is sent by a thread."""
        if not self._has_writer and sum(map(len, pieces)) <= self._channel.out_window_size:
            self._write(pieces)
            return
        if not self._has_writer:
            self._has_writer = True
            threading.Thread(target=self._follow, daemon=True, name="omc-ssh-send").start()
        self._queue.put(pieces)

    def finish(self) -> None:
        """End the input; see `omc.drivers.shell.Pipes`."""
        if self._has_writer:
            self._queue.put(None)
        else:
            self._end()

    def receive(self, seconds: float) -> tuple[bytes, bytes, bool]:
        """Receive; see `omc.drivers.shell.Pipes`."""
        channel = self._channel
        if not (channel.recv_ready() or channel.recv_stderr_ready()):
            self._came.wait(seconds)
        output = channel.recv(_CHUNK) if channel.recv_ready() else b""
        errors = channel.recv_stderr(_CHUNK) if channel.recv_stderr_ready() else b""
        ended = not output and not errors and (bool(channel.eof_received) or channel.closed)
        if ended:  # what came between the looks above
            ended = not (channel.recv_ready() or channel.recv_stderr_ready())
        if ended and not channel.eof_received:  # sshd says that a command has ended; a connection just does
            raise HostError("the connection ended before the script did", code="connection-lost", where=self._host)
        return output, errors, ended

    def close(self) -> None:
        """Let go of the channel; the host's sshd hears of it."""
        with suppress(Exception):  # the connection may be in any state
            self._channel.close()
        if self._has_writer:
            self._queue.put(None)

    def _follow(self) -> None:
        while (pieces := self._queue.get()) is not None:
            self._write(pieces)
        self._end()

    def _write(self, pieces: Sequence[bytes]) -> None:
        if sum(map(len, pieces)) <= _JOINED:
            pieces = [b"".join(pieces)]
        with suppress(OSError, EOFError):  # it reads no more; what it says tells why
            for piece in pieces:
                self._channel.sendall(piece)

    def _end(self) -> None:
        with suppress(OSError, EOFError):
            self._channel.shutdown_write()
