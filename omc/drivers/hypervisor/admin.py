"""Workers and clients of libvirt's daemons on this machine, asked over their administration sockets.

libvirt-python has no binding for it, and libvirt-admin ends a process that has a connection of libvirt open (its own
copy of libvirt's types registers them twice). So this speaks the little that it needs of the protocol: libvirt's
src/admin/admin_protocol.x in the frame of src/rpc/virnetprotocol.x; only calls that read. The daemon lets in nobody but
its own user, which is root for qemu:///system, and there is no way to it over the network.
"""

import os
import socket
import struct
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

from omc.ports import Fault, RawServer

DAEMONS = ("libvirt", "virtqemud", "virtnetworkd", "virtstoraged", "virtnodedevd", "virtinterfaced", "virtlxcd")
"""Whose sockets are looked for, NAME-admin-sock: daemons that a scrape asks anyway, so that none is woken by this."""

Item = TypeVar("Item")

CALL = "virAdmServerGetThreadPoolParameters"
ANSWER_SECONDS = 5.0
_MOST_BYTES = 1 << 20
_PROGRAM, _VERSION = 0x06900690, 1
_OPEN, _CLOSE, _SERVERS, _WORKERS, _CLIENTS = 1, 2, 4, 6, 12
_CALL, _REPLY = 0, 1
_NUMBERS = {1: ">i", 2: ">I", 3: ">q", 4: ">Q", 5: ">d", 6: ">i"}  # virTypedParameterType
_TEXT = 7


class AdminError(Exception):
    """A daemon does not answer as it should; the text says why."""


def read_servers(uri: str) -> tuple[tuple[RawServer, ...], tuple[Fault, ...]]:
    """Read the servers of every daemon that the host of this URI, which must be this machine, has; and what failed."""
    servers: list[RawServer] = []
    faults: list[Fault] = []
    places = sockets(uri)
    if not places:
        why = "only on the host itself, where its libvirt has an administration socket"
        faults.append(Fault("daemon", CALL, "unsupported", why, failed=False))
    for daemon, path in places:
        try:
            servers += ask(daemon, path)
        except PermissionError:
            faults.append(Fault(f"daemon/{daemon}", CALL, "needs-root", f"{path} lets in nobody but the daemon's user"))
        except TimeoutError:
            faults.append(Fault(f"daemon/{daemon}", CALL, "deadline", f"no answer after {ANSWER_SECONDS:.1f} s"))
        except (AdminError, OSError) as error:
            faults.append(Fault(f"daemon/{daemon}", CALL, "failed", str(error)))
    return tuple(servers), tuple(faults)


def sockets(uri: str) -> list[tuple[str, Path]]:
    """Find the administration sockets of a local URI's daemons, by daemon; none for one that leads elsewhere."""
    parts = urlsplit(uri)
    driver, _, transport = parts.scheme.partition("+")
    if parts.hostname or transport not in ("", "unix") or driver == "test":
        return []
    given = parse_qs(parts.query).get("socket")
    if given:
        folder = Path(given[0]).parent
    elif parts.path == "/session":
        folder = Path(os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")) / "libvirt"
    else:
        folder = Path("/run/libvirt")
    found = ((name, folder / f"{name}-admin-sock") for name in DAEMONS)
    return [
        ("libvirtd" if name == "libvirt" else name, path)
        for name, path in found
        if os.path.exists(path)  # noqa: PTH110 - no error, whatever the folder's mode
    ]


def ask(daemon: str, path: Path) -> list[RawServer]:
    """Ask one daemon for its servers; raise OSError, or AdminError where it refuses."""
    deadline = time.monotonic() + ANSWER_SECONDS
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as channel:
        channel.settimeout(ANSWER_SECONDS)
        channel.connect(str(path))
        talk = _Talk(channel, deadline)
        talk.call(_OPEN, struct.pack(">I", 0))
        names = talk.call(_SERVERS, struct.pack(">II", 1, 0)).sequence(_Answer.text)
        servers = [
            RawServer(
                daemon=daemon,
                name=name,
                workers=talk.parameters(_WORKERS, name),
                clients=talk.parameters(_CLIENTS, name),
            )
            for name in sorted(names)
        ]
        talk.call(_CLOSE, b"")  # else the daemon logs that a client broke off
        return servers


class _Talk:
    """One connection to a daemon: a question, then its answer."""

    def __init__(self, channel: socket.socket, deadline: float) -> None:
        self._channel = channel
        self._deadline = deadline
        self._serial = 0

    def parameters(self, procedure: int, server: str) -> Mapping[str, int]:
        """Ask for a server's fields, those that are whole numbers."""
        name = server.encode()
        padded = struct.pack(">I", len(name)) + name + bytes(-len(name) % 4)
        pairs = self.call(procedure, padded + struct.pack(">I", 0)).sequence(_Answer.field)
        return {field: value for field, value in pairs if isinstance(value, int)}

    def call(self, procedure: int, arguments: bytes) -> "_Answer":
        """Send a question and give the answer; raise AdminError where the daemon refuses."""
        self._serial += 1
        head = struct.pack(">IIIIII", _PROGRAM, _VERSION, procedure, _CALL, self._serial, 0)
        self._channel.sendall(struct.pack(">I", 4 + len(head) + len(arguments)) + head + arguments)
        while True:
            program, _, _, kind, serial, status = struct.unpack(">IIIIII", (body := self._packet())[:24])
            if (program, kind, serial) == (_PROGRAM, _REPLY, self._serial):
                break
        answer = _Answer(body[24:])
        if status:
            raise AdminError(answer.refusal())
        return answer

    def _packet(self) -> bytes:
        (size,) = struct.unpack(">I", self._take(4))
        if not 28 <= size <= _MOST_BYTES:
            raise AdminError(f"expected a packet of libvirt's protocol, found one of {size} bytes")
        return self._take(size - 4)

    def _take(self, size: int) -> bytes:
        taken = bytearray()
        while len(taken) < size:
            self._channel.settimeout(max(0.001, self._deadline - time.monotonic()))
            piece = self._channel.recv(size - len(taken))
            if not piece:
                raise AdminError("the daemon closed the connection")
            taken += piece
        return bytes(taken)


class _Answer:
    """The answer's bytes in XDR, taken from the front."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def sequence(self, take: Callable[["_Answer"], Item]) -> list[Item]:
        """Take a number and so many things."""
        return [take(self) for _ in range(self.number(">I"))]

    def number(self, form: str) -> int:
        """Take a number of this form; raise AdminError where the answer ends before."""
        try:
            (found,) = struct.unpack_from(form, self._body, self._at)
        except struct.error:
            raise AdminError("the daemon's answer ends too early") from None
        self._at += struct.calcsize(form)
        return int(found)

    def text(self) -> str:
        """Take a text."""
        size = self.number(">I")
        found = self._body[self._at : self._at + size]
        self._at += size + -size % 4
        return found.decode(errors="replace")

    def field(self) -> tuple[str, int | str]:
        """Take one typed parameter."""
        name = self.text()
        kind = self.number(">I")
        if kind == _TEXT:
            return name, self.text()
        if kind not in _NUMBERS:
            raise AdminError(f"{name}: a parameter of the unknown type {kind}")
        return name, self.number(_NUMBERS[kind])

    def refusal(self) -> str:
        """Take libvirt's message from the answer of a call that failed."""
        self._at = 8  # code and domain
        return " ".join(self.text().split()) if self.number(">I") else "no reason given"
