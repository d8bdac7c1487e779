"""How a line to a host comes about: by TCP, through the connection of a bastion, or by a command of the user's."""

import os
import queue
import signal
import socket
import subprocess
import threading
import time
from contextlib import suppress
from ipaddress import ip_address

from paramiko import Channel, ChannelException, SSHException

from omc.drivers.ssh.faults import connect_fault
from omc.drivers.ssh.line import SocketLine
from omc.drivers.ssh.session import Session
from omc.drivers.ssh.settings import Settings
from omc.errors import DeadlineError, HostError
from omc.text import safe

Address = tuple[int, tuple[object, ...]]


def by_tcp(settings: Settings, seconds: float) -> SocketLine:
    """Connect to a host's port within so many seconds; each of its addresses is tried in turn."""
    until = time.monotonic() + seconds
    error: OSError = TimeoutError()
    for family, address in _resolved(settings, seconds):
        left = until - time.monotonic()
        if left <= 0:
            break
        connecting = socket.socket(family, socket.SOCK_STREAM)
        try:
            connecting.settimeout(left)
            connecting.connect(address)
        except OSError as fault:
            connecting.close()
            error = fault
            continue
        return SocketLine(connecting)
    raise connect_fault(error, settings) from error


def through(bastion: Session, settings: Settings, seconds: float) -> "ChannelLine":
    """Let a bastion connect to a host's port."""
    try:
        target = (settings.address, settings.port)
        channel = bastion.open_channel("direct-tcpip", target, ("127.0.0.1", 0), timeout=seconds)
    except ChannelException as error:
        message = f"the bastion does not reach {settings.address} port {settings.port}: {safe(error.text)}"
        hint = "is the host up, and does the bastion's AllowTcpForwarding let connections through?"
        raise HostError(message, code="unreachable", where=settings.name, hint=hint) from error
    except (SSHException, EOFError, OSError) as error:
        message = f"the bastion does not answer when asked for {settings.address} port {settings.port}"
        hint = "is the bastion up, and its sshd?"
        raise HostError(message, code="unreachable", where=settings.name, hint=hint) from error
    return ChannelLine(channel)


def by_command(settings: Settings) -> SocketLine:
    """Start the user's proxy command, whose standard streams are the line; it ends with the line."""
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            process = subprocess.Popen(
                [os.environ.get("SHELL", "/bin/sh"), "-c", f"exec {settings.proxy_command}"],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            message = f"the proxy command does not start: {error.strerror}"
            raise HostError(message, code="unreachable", where=settings.name) from error
    return CommandLine(ours, process)


class ChannelLine:
    """A line over a channel of another connection."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        channel.settimeout(1.0)
        self.heard = time.monotonic()
        self._closed = False

    def send(self, data: bytes) -> int:
        """Send; see `omc.drivers.ssh.line.Line`."""
        return self._channel.send(data)

    def recv(self, size: int) -> bytes:
        """Receive; see `omc.drivers.ssh.line.Line`."""
        data = self._channel.recv(size)
        self.heard = time.monotonic()
        return data

    def settimeout(self, seconds: float | None) -> None:
        """Nothing; see `omc.drivers.ssh.line.Line`."""

    def close(self) -> None:
        """End; see `omc.drivers.ssh.line.Line`. The bastion may have fallen silent, so a thread tells it."""
        self._closed = True
        threading.Thread(target=self._tell, daemon=True, name="omc-ssh-close").start()

    def release(self) -> None:
        """Nothing is left of it."""

    def _tell(self) -> None:
        with suppress(Exception):  # whatever state the bastion's connection is in
            self._channel.close()


class CommandLine(SocketLine):
    """A line over the standard streams of a process."""

    def __init__(self, connected: socket.socket, process: subprocess.Popen[bytes]) -> None:
        super().__init__(connected)
        self._process = process

    def release(self) -> None:
        """Give back the descriptor, and end the command and what it started."""
        super().release()
        with suppress(OSError):
            os.killpg(self._process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)


def _resolved(settings: Settings, seconds: float) -> list[Address]:
    """Return the addresses of a host's name; the resolver has no time limit of its own, so a thread asks it."""
    with suppress(ValueError):
        ip = ip_address(settings.address)
        if ip.version == 4:
            return [(socket.AF_INET, (settings.address, settings.port))]
    answers: queue.SimpleQueue[list[Address] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(settings.address, settings.port, settings.family, socket.SOCK_STREAM)
            answers.put([(family, address) for family, _, _, _, address in found])
        except OSError as error:
            answers.put(error)
        except UnicodeError:
            answers.put(socket.gaierror(socket.EAI_NONAME, "no name can look like this"))

    threading.Thread(target=ask, daemon=True, name="omc-ssh-resolve").start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        message = f"the name {settings.address} was not resolved in time"
        raise DeadlineError(message, where=settings.name, hint="check the name servers, or set ansible_host") from None
    if isinstance(answer, OSError):
        raise connect_fault(answer, settings) from answer
    return answer
