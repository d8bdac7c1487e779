"""Opens connections to one host, however long one takes: an attempt that does not answer is not repeated at once.

A caller waits no longer than its deadline; the attempt goes on, and the next caller gets what came of it.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

import libvirt

from omc.drivers.hypervisor.connection import connect
from omc.errors import DeadlineError, HostError

MOST_ATTEMPTS = 3
PATIENCE_SECONDS = 20.0
"""An attempt that is silent for so long may have been lost with the line: another one is made beside it."""


Connect = Callable[[str], libvirt.virConnect]
"""Opens a connection, however long it takes; raises HostError with the reason."""

Close = Callable[[libvirt.virConnect], None]
"""Closes a connection, without waiting."""


def connect_read_only(uri: str) -> libvirt.virConnect:
    """Open a connection that can change nothing."""
    return connect(uri, read_write=False)


class Door:
    """The way to one host; `connect_with` decides on the kind of connection, `close_with` closes what nobody took."""

    def __init__(self, uri: str, connect_with: Connect = connect_read_only, close_with: Close | None = None) -> None:
        self.uri = uri
        self._connect_with = connect_with
        self._close_with = close_with or close_behind
        self._changed = threading.Condition()
        self._attempts: list[float] = []
        self._ready: list[libvirt.virConnect] = []
        self._refused: HostError | None = None
        self._closed = False

    def open(self, deadline: float) -> libvirt.virConnect:
        """Give a connection before the deadline; raise HostError with the reason, also once this is closed."""
        with self._changed:
            self._refused = None
            started = time.monotonic()
            while not self._ready:
                if self._closed:
                    raise HostError("this host is no longer asked", code="closed")
                if self._refused is not None:
                    raise self._refused
                self._attempt()
                left = deadline - time.monotonic()
                if left <= 0:
                    seconds = time.monotonic() - started
                    hint = "is the host up and its libvirtd running?"
                    raise DeadlineError(f"no connection after {seconds:.1f} s", hint=hint)
                self._changed.wait(left)
            return self._ready.pop()

    def close(self) -> None:
        """Close what nobody took; an attempt that is still out there closes itself."""
        with self._changed:
            self._closed = True
            for connection in self._ready:
                self._close_with(connection)
            self._ready.clear()
            self._changed.notify_all()

    def _attempt(self) -> None:
        now = time.monotonic()
        if self._attempts and (now - self._attempts[-1] < PATIENCE_SECONDS or len(self._attempts) >= MOST_ATTEMPTS):
            return
        self._attempts.append(now)
        threading.Thread(target=self._connect, args=(now,), daemon=True, name="omc-connect").start()

    def _connect(self, began: float) -> None:
        connection, refused = None, None
        try:
            connection = self._connect_with(self.uri)
        except HostError as error:
            refused = error
        except ValueError as error:  # urllib's, of a URI that is none
            refused = HostError(f"not a URI: {error}", code="uri", hint="mend it: omc site hosts shows it")
        except Exception as error:  # a defect must not use up the attempts for ever
            refused = HostError(f"{type(error).__name__}: {error}", hint="run with --debug and report this")
        with self._changed:
            self._attempts.remove(began)
            self._refused = refused
            if connection is not None and (self._closed or self._ready):
                self._close_with(connection)
            elif connection is not None:
                self._ready.append(connection)
            self._changed.notify_all()


def close_behind(connection: libvirt.virConnect) -> None:
    """Close a connection in the background: a daemon that stands still would not answer the farewell."""

    def close() -> None:
        with suppress(libvirt.libvirtError):
            connection.close()

    threading.Thread(target=close, daemon=True, name="omc-close").start()
