"""Hears from one host what changed there: guests, pools, networks, devices. Over a connection of its own.

On it nothing else is ever asked, so no guest or pool that hangs is in its way, and libvirt's keepalive can watch it. A
connection that is lost is replaced, and then everything counts as changed: nobody knows what was missed.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import libvirt

from omc.drivers.hypervisor.faults import fault
from omc.drivers.hypervisor.live.door import Door
from omc.drivers.hypervisor.live.events import close_with_events, connect_with_events, event_loop
from omc.errors import HostError

Notice = Callable[[str, str], None]
"""Called with a part (guests, pools, networks, node) and a guest's UUID; the part "" is all of the host."""

KEEPALIVE_SECONDS = 5
KEEPALIVE_COUNT = 3
OPEN_SECONDS = 30.0
PAUSES_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Waited before each further connection, the last one again and again while they fail."""

_GUEST_EVENTS = (
    "LIFECYCLE",
    "DEVICE_ADDED",
    "DEVICE_REMOVED",
    "AGENT_LIFECYCLE",
    "METADATA_CHANGE",
    "TUNABLE",
    "BLOCK_JOB_2",
    "DISK_CHANGE",
    "TRAY_CHANGE",
    "MEMORY_DEVICE_SIZE_CHANGE",
)
_OTHER_EVENTS = (
    ("pools", "storagePool", ("VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE", "VIR_STORAGE_POOL_EVENT_ID_REFRESH")),
    ("networks", "network", ("VIR_NETWORK_EVENT_ID_LIFECYCLE", "VIR_NETWORK_EVENT_ID_METADATA_CHANGE")),
    ("node", "nodeDevice", ("VIR_NODE_DEVICE_EVENT_ID_LIFECYCLE", "VIR_NODE_DEVICE_EVENT_ID_UPDATE")),
)


class Watch:
    """The events of one host, heard in a thread of their own from `start` on."""

    def __init__(self, uri: str, notice: Notice) -> None:
        self._notice = notice
        self._door = Door(uri, connect_with_events, close_with_events)
        self._thread: threading.Thread | None = None
        self._lost = threading.Event()
        self._closed = threading.Event()
        self.listening = False

    def start(self) -> None:
        """Begin; later calls do nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True, name="omc-watch")
            self._thread.start()

    def close(self) -> None:
        """End, without waiting."""
        self._closed.set()
        self._lost.set()
        self._door.close()

    def _run(self) -> None:
        failures = 0
        while not self._closed.is_set():
            heard = self._once()
            if heard is None:
                return  # this driver has no events
            failures = 0 if heard else failures + 1
            self._closed.wait(PAUSES_SECONDS[min(failures, len(PAUSES_SECONDS) - 1)])

    def _once(self) -> bool | None:
        """Connect and listen until that is over; tell whether it came to listening, None where there is nothing."""
        try:
            connection = self._door.open(time.monotonic() + OPEN_SECONDS)
        except HostError:
            return False
        self._lost.clear()
        undo: list[Callable[[], object]] = []
        try:
            return self._listen(connection, undo)
        except (HostError, libvirt.libvirtError):
            return False
        finally:
            self.listening = False
            close_with_events(connection, undo)

    def _listen(self, connection: libvirt.virConnect, undo: list[Callable[[], object]]) -> bool | None:
        with event_loop().using():
            with suppress(libvirt.libvirtError):  # a driver in this process has no connection to keep alive
                connection.setKeepAlive(KEEPALIVE_SECONDS, KEEPALIVE_COUNT)
            self._register(connection, undo)
            if not undo:
                return None
            connection.registerCloseCallback(lambda *_: self._lost.set(), None)
            undo.append(connection.unregisterCloseCallback)
        if not self._closed.is_set():
            self.listening = True
            self._notice("", "")
            self._lost.wait()
        return True

    def _register(self, connection: libvirt.virConnect, undo: list[Callable[[], object]]) -> None:
        """Register for all that this library and this driver have, and note what undoes each."""
        wanted = [("domain", f"VIR_DOMAIN_EVENT_ID_{name}", self._guest) for name in _GUEST_EVENTS]
        wanted += [(kind, name, partial(self._other, part)) for part, kind, names in _OTHER_EVENTS for name in names]
        for kind, name, callback in wanted:
            number = getattr(libvirt, name, None)
            if number is None:
                continue
            try:
                identity = getattr(connection, f"{kind}EventRegisterAny")(None, number, callback, None)
            except libvirt.libvirtError as error:
                if fault(error, "host", name).failed:
                    raise
                continue
            undo.append(partial(getattr(connection, f"{kind}EventDeregisterAny"), identity))

    def _guest(self, _: libvirt.virConnect, domain: libvirt.virDomain, *__: object) -> None:
        self._notice("guests", domain.UUIDString())

    def _other(self, part: str, *_: object) -> None:
        self._notice(part, "")
