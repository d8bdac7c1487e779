"""Connections to libvirt: opened within a deadline, read-only unless asked otherwise, and never prompting.

libvirt has no call timeouts. Its keepalive breaks a connection whose daemon stands still, but needs libvirt's event
loop in a thread of its own, which costs a busy client a sixth of its time (docs/decisions/0004-keepalive.md). So the
loop is registered at the start and runs from the moment on which the first connection has been silent for a second.
"""

import threading
import time
from urllib.parse import parse_qsl, urlencode, urlsplit

import libvirt

from omc.drivers.hypervisor.faults import connect_error
from omc.errors import DeadlineError, HostError

KEEPALIVE_INTERVAL_SECONDS = 1
KEEPALIVE_COUNT = 4
_AUTHENTICATION = [[libvirt.VIR_CRED_AUTHNAME, libvirt.VIR_CRED_PASSPHRASE], lambda *_: -1, None]
_lock = threading.Lock()
_loop: list[threading.Thread] = []
_registered: list[bool] = []


def prepare() -> None:
    """Silence libvirt's own printing and register its event loop, once a process and before the first connection."""
    with _lock:
        if not _registered:
            libvirt.registerErrorHandler(lambda *_: None, None)
            libvirt.virEventRegisterDefaultImpl()
            _registered.append(True)


def watch(connection: libvirt.virConnect) -> None:
    """Have a silent connection broken when its daemon does not answer keepalive for about five seconds."""
    with _lock:
        if not _loop:
            _loop.append(threading.Thread(target=_run_loop, daemon=True, name="omc-libvirt-events"))
            _loop[0].start()
    try:
        connection.setKeepAlive(KEEPALIVE_INTERVAL_SECONDS, KEEPALIVE_COUNT)
    except libvirt.libvirtError:
        return  # a driver in this process has no daemon that could stand still


def _run_loop() -> None:
    while True:
        libvirt.virEventRunDefaultImpl()


def with_defaults(uri: str) -> str:
    """Add `no_tty=1` to a URI over ssh that does not set it, so that ssh asks nobody for a password."""
    parts = urlsplit(uri)
    if not parts.scheme.endswith(("+ssh", "+libssh", "+libssh2")):
        return uri
    query = parse_qsl(parts.query, keep_blank_values=True)
    if any(key == "no_tty" for key, _ in query):
        return uri
    return parts._replace(query=urlencode([*query, ("no_tty", "1")], safe="/:~")).geturl()


def open_connection(uri: str, *, read_write: bool, deadline: float) -> libvirt.virConnect:
    """Open a connection before the deadline (of time.monotonic()); raise HostError with the reason and a hint."""
    prepare()
    box: list[libvirt.virConnect | HostError] = []
    done = threading.Event()

    def attempt() -> None:
        flags = 0 if read_write else libvirt.VIR_CONNECT_RO
        try:
            box.append(libvirt.openAuth(with_defaults(uri), _AUTHENTICATION, flags))
        except libvirt.libvirtError as error:
            box.append(connect_error(error, ""))
        done.set()

    started = time.monotonic()
    threading.Thread(target=attempt, daemon=True, name="omc-connect").start()
    if not done.wait(max(0.0, deadline - started)):
        raise DeadlineError(
            f"no connection after {time.monotonic() - started:.1f} s", hint="is the host up and its libvirtd running?"
        )
    if isinstance(box[0], HostError):
        raise box[0]
    return box[0]
