"""libvirt's event loop, for those connections alone that are to hear events.

A connection that is opened while an event loop is registered tells it of every call that it makes, which costs a busy
client a third of its time. So this loop admits a connection only where its opener asks for that: `add_handle` refuses
all others, and libvirt then treats them as if there were no loop. One thread a process serves all that are admitted.
"""

import atexit
import functools
import itertools
import os
import select
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

import libvirt

from omc.drivers.hypervisor.connection import connect, keep_open
from omc.errors import HostError

_TO_POLL = {
    libvirt.VIR_EVENT_HANDLE_READABLE: select.POLLIN,
    libvirt.VIR_EVENT_HANDLE_WRITABLE: select.POLLOUT,
    libvirt.VIR_EVENT_HANDLE_ERROR: select.POLLERR,
    libvirt.VIR_EVENT_HANDLE_HANGUP: select.POLLHUP,
}
_REFUSED = -1
_NEVER = float("inf")
_END_SECONDS = 1.0
"""So long the end of the process waits for calls: on a daemon that stands still they do not call back either."""


def connect_with_events(uri: str) -> libvirt.virConnect:
    """Open a read-only connection that hears events, however long it takes; raise HostError with the reason."""
    loop = event_loop()
    with loop.using():
        loop.opening.admitted = True
        try:
            connection = connect(uri, read_write=False)
        finally:
            loop.opening.admitted = False
        keep_open([connection])  # Python would close it at its own end, and be called back by that
        return connection


def close_with_events(connection: libvirt.virConnect, first: Iterable[Callable[[], object]] = ()) -> None:
    """Close such a connection in the background; `first` is called before, to undo what was registered for it."""

    def close() -> None:
        with suppress(HostError), event_loop().using():
            for call in (*first, connection.close):
                with suppress(libvirt.libvirtError):
                    call()

    threading.Thread(target=close, daemon=True, name="omc-close").start()


@functools.cache
def event_loop() -> "EventLoop":
    """Give the loop of the process: libvirt takes one, once, for good."""
    loop = EventLoop()
    libvirt.virEventRegisterImpl(
        loop.add_handle, loop.update_handle, loop.remove_handle, loop.add_timer, loop.update_timer, loop.remove_timer
    )
    threading.Thread(target=loop.run, daemon=True, name="omc-events").start()
    atexit.register(loop.end)
    return loop


class _Handle:
    """A file that libvirt wants to hear of; `events` in libvirt's bits, 0 none for now."""

    def __init__(self, file: int, events: int, callback: Callable[..., None], opaque: object) -> None:
        self.file = file
        self.events = events
        self.callback = callback
        self.opaque = opaque


class _Timer:
    """A moment that libvirt wants to hear of, every `milliseconds`; a negative number never."""

    def __init__(self, milliseconds: int, callback: Callable[..., None], opaque: object) -> None:
        self.callback = callback
        self.opaque = opaque
        self.set(milliseconds)

    def set(self, milliseconds: int) -> None:
        self.milliseconds = milliseconds
        self.due = time.monotonic() + milliseconds / 1000 if milliseconds >= 0 else _NEVER


class EventLoop:
    """What `virEventRegisterImpl` wants: files and timers that libvirt adds, changes and removes from any thread."""

    def __init__(self) -> None:
        self.opening = threading.local()
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._handles: dict[int, _Handle] = {}
        self._timers: dict[int, _Timer] = {}
        self._removed: list[object] = []
        self._users = 0
        self._unused = threading.Condition()
        self._ending = False
        self._ear, self._bell = os.pipe()
        os.set_blocking(self._ear, False)
        os.set_blocking(self._bell, False)

    @property
    def handles(self) -> int:
        """Count the files that are watched: one an admitted connection."""
        with self._lock:
            return len(self._handles)

    @contextmanager
    def using(self) -> Iterator[None]:
        """Make calls on an admitted connection; raises HostError when the process ends."""
        with self._unused:
            if self._ending:
                raise HostError("omc is ending", code="ending")
            self._users += 1
        try:
            yield
        finally:
            with self._unused:
                self._users -= 1
                self._unused.notify_all()

    def end(self) -> None:
        """Let nobody make calls any more, and wait a moment for those who do."""
        with self._unused:
            self._ending = True
            self._unused.wait_for(lambda: not self._users, _END_SECONDS)

    def add_handle(self, file: int, events: int, callback: Callable[..., None], opaque: object) -> int:
        """Watch a file of a connection that is admitted; refuse any other."""
        if not getattr(self.opening, "admitted", False):
            return _REFUSED
        with self._lock:
            number = next(self._numbers)
            self._handles[number] = _Handle(file, events, callback, opaque)
        self._ring()
        return number

    def update_handle(self, number: int, events: int) -> None:
        """Watch for something else."""
        with self._lock:
            if number in self._handles:
                self._handles[number].events = events
        self._ring()

    def remove_handle(self, number: int) -> int:
        """Watch no longer."""
        return self._remove(self._handles, number)

    def add_timer(self, milliseconds: int, callback: Callable[..., None], opaque: object) -> int:
        """Set a timer, for whom ever: it costs nothing while it is off."""
        with self._lock:
            number = next(self._numbers)
            self._timers[number] = _Timer(milliseconds, callback, opaque)
        self._ring()
        return number

    def update_timer(self, number: int, milliseconds: int) -> None:
        """Set a timer anew."""
        with self._lock:
            if number in self._timers:
                self._timers[number].set(milliseconds)
        self._ring()

    def remove_timer(self, number: int) -> int:
        """Forget a timer."""
        return self._remove(self._timers, number)

    def run(self) -> None:
        """Call back for ever."""
        while True:
            self._step()

    def _step(self) -> None:
        poll = select.poll()
        poll.register(self._ear, select.POLLIN)
        with self._lock:
            watched = {number: handle for number, handle in self._handles.items() if handle.events}
            due = min((timer.due for timer in self._timers.values()), default=_NEVER)
        wanted: dict[int, int] = {}
        for handle in watched.values():
            wanted[handle.file] = wanted.get(handle.file, 0) | _poll_bits(handle.events)
        for file, bits in wanted.items():
            poll.register(file, bits)
        ready = dict(poll.poll(None if due == _NEVER else max(0.0, due - time.monotonic()) * 1000))
        if ready.pop(self._ear, 0):
            with suppress(BlockingIOError):
                os.read(self._ear, 4096)
        self._call_back(watched, {file: _libvirt_bits(bits) for file, bits in ready.items()})
        self._free()

    def _call_back(self, watched: dict[int, _Handle], ready: dict[int, int]) -> None:
        for number, handle in watched.items():
            if handle.file in ready and number in self._handles:
                handle.callback(number, handle.file, ready[handle.file], handle.opaque)
        now = time.monotonic()
        with self._lock:
            late = [(number, timer) for number, timer in self._timers.items() if timer.due <= now]
            for _, timer in late:
                timer.set(timer.milliseconds)
        for number, timer in late:
            if number in self._timers:
                timer.callback(number, timer.opaque)

    def _remove(self, things: "dict[int, _Handle] | dict[int, _Timer]", number: int) -> int:
        with self._lock:
            thing = things.pop(number, None)
            if thing is None:
                return _REFUSED
            self._removed.append(thing.opaque)
        self._ring()
        return 0

    def _free(self) -> None:
        """Free what was removed: not in the callback that removed it, which may still be under way."""
        with self._lock:
            removed, self._removed = self._removed, []
        for opaque in removed:
            libvirt.virEventInvokeFreeCallback(opaque)

    def _ring(self) -> None:
        with suppress(BlockingIOError):  # full: it rings already
            os.write(self._bell, b"!")


@functools.cache
def _poll_bits(events: int) -> int:
    return sum(bit for own, bit in _TO_POLL.items() if events & own)


def _libvirt_bits(bits: int) -> int:
    found: int = sum(own for own, bit in _TO_POLL.items() if bits & bit)
    if bits & select.POLLNVAL:
        found |= libvirt.VIR_EVENT_HANDLE_ERROR
    return found
