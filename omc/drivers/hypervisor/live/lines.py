"""The connections of one host, and what is still unanswered on each.

libvirtd has 20 workers. A call that met a guest whose QEMU stands still keeps one until that goes on. The connection
that carries it is set aside for so long, and another one is opened: beside a call that waits, the client library may
forget to send another one (libvirt before 10.0, a lost wake-up between its threads), and the daemon serves five
requests of a client at a time.
"""

import time
from typing import Protocol

import libvirt

from omc.drivers.hypervisor.live.door import Door, close_behind
from omc.errors import DeadlineError

MOST_LEFT_IN_ALL = 16
"""With so many of the daemon's 20 workers taken by guests that hang, no guest is asked that may be another one."""

MOST_WORKERS = 17
"""With so many no monitor is asked at all, not even of a guest that answered in the last scrape."""

SILENT_SECONDS = 10.0
"""After so long without the answer to a list a connection counts as lost."""

LOST_SECONDS = 300.0
"""So long the calls on a lost connection count as the daemon's: it has noticed by then that its client is gone."""


class Pending(Protocol):
    """Calls that may be unanswered."""

    @property
    def outstanding(self) -> int:
        """Count those that the daemon has not answered yet."""


class Line:
    """One connection, and the calls on it that nobody waits for any more."""

    def __init__(self, connection: libvirt.virConnect) -> None:
        self.connection = connection
        self.left: list[Pending] = []
        self.silent_since: float | None = None
        self.lost_since: float | None = None

    @property
    def outstanding(self) -> int:
        """Count the calls that the daemon has not answered yet."""
        self.left = [calls for calls in self.left if calls.outstanding]
        return sum(calls.outstanding for calls in self.left)

    @property
    def is_given_up(self) -> bool:
        """Whether no answer is to come: of a host that lost its power, the client library may wait for ever."""
        return self.lost_since is not None and time.monotonic() - self.lost_since >= LOST_SECONDS


class Lines:
    """The connection to use, and those that are set aside."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._line: Line | None = None
        self._aside: list[Line] = []
        self._lost = False
        self.reconnects = 0

    @property
    def outstanding(self) -> int:
        """Count the calls on all connections that may keep a worker of the daemon."""
        own = self._line.outstanding if self._line is not None else 0
        return own + sum(line.outstanding for line in self._aside if not line.is_given_up)

    def take(self, deadline: float) -> Line:
        """Give the connection to use; raise HostError, or DeadlineError while the daemon owes the answer to a list."""
        line = self._line
        if line is not None and line.outstanding:
            silent = time.monotonic() - (line.silent_since or float("-inf"))
            if silent < SILENT_SECONDS:
                raise DeadlineError(f"the daemon has answered nothing for {silent:.1f} s", hint="is it stopped?")
            self.set_aside(lost=line.silent_since is not None)
        if self._line is None:
            self._line = Line(self._door.open(deadline))
            self.reconnects += self._lost
            self._lost = False
        return self._line

    def set_aside(self, *, lost: bool) -> None:
        """Use another connection from now on: this one is lost, or only waits for somebody."""
        self._lost = self._lost or lost
        if self._line is not None:
            self._line.lost_since = time.monotonic() if lost else None
            self._aside.append(self._line)
            self._line = None

    def sweep(self) -> None:
        """Close connections that were set aside and owe nothing any more."""
        for line in self._aside:
            if not line.outstanding:
                close_behind(line.connection)
        self._aside = [line for line in self._aside if line.outstanding]

    def end(self) -> None:
        """Open no more, from any thread; whoever uses the connections closes them."""
        self._door.close()

    def close(self) -> None:
        """Close all, without waiting, once nobody uses them: libvirt frees what a call in another thread still needs.

        A connection that is owed an answer closes when the thread that waits for it ends.
        """
        self._door.close()
        self.set_aside(lost=False)
        self.sweep()
