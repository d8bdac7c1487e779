"""The sockets that the server listens on: an address of its own, or what systemd hands over."""

import os
import re
import socket
from collections.abc import MutableMapping

from omc.errors import OmcError, UsageError

FIRST_HANDED_OVER = 3
_ADDRESS = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+(?:%[^\]]+)?)\]|(?P<host>[^:\[\]]*)):(?P<port>[0-9]{1,5})")


def listening(address: str) -> socket.socket:
    """Return a socket that listens on HOST:PORT, [IPV6]:PORT or :PORT, the last on every address of the machine."""
    match = _ADDRESS.fullmatch(address)
    if match is None or int(match["port"]) > 65_535:
        hint = "--listen :9177, --listen 127.0.0.1:9177 or --listen '[::1]:9177'"
        raise UsageError(f"expected HOST:PORT to listen on, found {address!r}", hint=hint)
    host, port = match["six"] or match["host"], int(match["port"])
    try:
        if not host:
            return _everywhere(port)
        family, *_, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(where[:2], family=family, backlog=1024)
    except OSError as error:
        hint = f"is something else listening there?  ss -ltnp 'sport = :{port}'" if error.errno else ""
        raise OmcError(f"cannot listen: {error.strerror or error}", where=address, hint=hint) from None


def _everywhere(port: int) -> socket.socket:
    if socket.has_dualstack_ipv6():
        return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=1024)
    return socket.create_server(("", port), backlog=1024)


def handed_over(environ: MutableMapping[str, str]) -> list[socket.socket]:
    """Return the sockets that systemd opened for this process (LISTEN_FDS), and none where it did not.

    The variables are removed, so that no child takes the sockets for its own.
    """
    count, pid = environ.pop("LISTEN_FDS", ""), environ.pop("LISTEN_PID", "")
    environ.pop("LISTEN_FDNAMES", None)
    if pid != str(os.getpid()) or not count.isdigit():
        return []
    found = [_taken(descriptor) for descriptor in range(FIRST_HANDED_OVER, FIRST_HANDED_OVER + int(count))]
    if not found:
        raise OmcError("systemd started this by a socket, and handed none over", hint="LISTEN_FDS is 0")
    return found


def _taken(descriptor: int) -> socket.socket:
    try:
        os.set_inheritable(descriptor, False)  # noqa: FBT003 - it takes no names
        taken = socket.socket(fileno=descriptor)
    except OSError as error:
        message = f"what systemd handed over is no socket: {error.strerror}"
        raise OmcError(message, where=f"descriptor {descriptor}") from None
    if taken.type != socket.SOCK_STREAM or not taken.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        hint = "the socket unit needs ListenStream= and Accept=no"
        raise OmcError("what systemd handed over does not listen", where=f"descriptor {descriptor}", hint=hint)
    return taken


def shown(listener: socket.socket) -> str:
    """Return the address of a socket, for a person."""
    name = listener.getsockname()
    if not isinstance(name, tuple):
        return str(name)
    return f"[{name[0]}]:{name[1]}" if ":" in name[0] else f"{name[0]}:{name[1]}"
