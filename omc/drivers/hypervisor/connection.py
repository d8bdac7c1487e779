"""Connections to libvirt: opened within a deadline, read-only unless asked otherwise, and never prompting.

libvirt has no call timeouts, and its keepalive needs its event loop in a thread, which costs a busy client a sixth of
its time; `omc.drivers.hypervisor.calls` probes a silent connection instead (docs/decisions/0004-probe.md).
"""

import threading
import time
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit

import libvirt

from omc.drivers.hypervisor.faults import connect_error
from omc.errors import DeadlineError, HostError

_AUTHENTICATION = [[libvirt.VIR_CRED_AUTHNAME, libvirt.VIR_CRED_PASSPHRASE], lambda *_: -1, None]
libvirt.registerErrorHandler(lambda *_: None, None)  # else libvirt prints every error on stderr by itself


def with_defaults(uri: str) -> str:
    """Add `no_tty=1` to a URI over ssh that does not set it, so that ssh asks nobody for a password."""
    parts = urlsplit(uri)
    if not parts.scheme.endswith(("+ssh", "+libssh", "+libssh2")):
        return uri
    query = parse_qsl(parts.query, keep_blank_values=True)
    if any(key == "no_tty" for key, _ in query):
        return uri
    return parts._replace(query=urlencode([*query, ("no_tty", "1")], safe="/:~")).geturl()


def connect(uri: str, *, read_write: bool) -> libvirt.virConnect:
    """Open a connection, however long it takes; raise HostError with the reason and a hint."""
    flags = 0 if read_write else libvirt.VIR_CONNECT_RO
    try:
        return libvirt.openAuth(with_defaults(uri), _AUTHENTICATION, flags)
    except libvirt.libvirtError as error:
        raise connect_error(error, uri) from None


def open_connection(uri: str, *, read_write: bool, deadline: float) -> libvirt.virConnect:
    """Open a connection before the deadline (of time.monotonic()); raise HostError with the reason and a hint."""
    box: list[libvirt.virConnect | HostError] = []
    done = threading.Event()

    def attempt() -> None:
        try:
            box.append(connect(uri, read_write=read_write))
        except HostError as error:
            box.append(error)
        except ValueError as error:  # urllib's, of a URI that is none
            box.append(HostError(f"not a URI: {error}", code="uri", hint="mend it: omc site hosts shows it"))
        finally:
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


def keep_open(connections: Iterable[libvirt.virConnect]) -> None:
    """Never close these: closing asks the daemon, and one that stands still would hold up the end of the process.

    Python closes what it frees, at its own end too, so it is told that somebody still needs them.
    """
    from ctypes import py_object, pythonapi  # 10 ms that only a fault costs

    for connection in connections:
        pythonapi.Py_IncRef(py_object(connection))
