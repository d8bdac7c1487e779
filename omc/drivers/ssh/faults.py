"""What paramiko, the resolver and the kernel raise, as errors that say what to do."""

import errno
import socket

from paramiko import AuthenticationException, BadAuthenticationType, ChannelException, SSHException
from paramiko.ssh_exception import IncompatiblePeer

from omc.drivers.ssh.settings import Settings
from omc.errors import HostError
from omc.text import safe

_UNREACHABLE = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.ENETDOWN)


class Dropped(HostError):
    """The host ended the connection before it said who it is: too many knock at the same time, or it is refused."""


def connect_fault(error: OSError, settings: Settings) -> HostError:
    """Say why there is no connection to a host's port."""
    host, place = settings.name, f"{settings.address} port {settings.port}"
    if isinstance(error, socket.gaierror):
        message = f"the name {settings.address} cannot be resolved: {error.strerror}"
        return HostError(message, code="resolve", where=host, hint="check the name, or set ansible_host")
    if isinstance(error, ConnectionRefusedError):
        hint = "is sshd running there, on this port?"
        return HostError(f"{place}: connection refused", code="refused", where=host, hint=hint)
    if isinstance(error, TimeoutError) or error.errno in _UNREACHABLE:
        words = "no answer" if isinstance(error, TimeoutError) else error.strerror
        hint = f"is the host up? ping {settings.address}"
        return HostError(f"{place}: {words}", code="unreachable", where=host, hint=hint)
    return HostError(f"{place}: {error.strerror or error}", code="unreachable", where=host)


def session_fault(error: Exception, settings: Settings, *, greeted: bool) -> HostError:
    """Say why a handshake or a login failed; `greeted` tells whether the host had said that it speaks SSH."""
    host, text = settings.name, safe(str(error)) or type(error).__name__
    if isinstance(error, IncompatiblePeer):
        hint = "the host's sshd is older than OpenSSH 6.5, or its lists of algorithms are: see docs/reference/ssh.md"
        return HostError(f"no algorithm in common: {text}", code="unsupported", where=host, hint=hint)
    if not greeted:
        message = f"{settings.address} port {settings.port} ends connections before it says anything"
        hint = "does sshd run there, and not refuse this machine? see its MaxStartups and PerSourcePenalties"
        return Dropped(message, code="refused", where=host, hint=hint)
    if isinstance(error, EOFError | OSError | AuthenticationException) or "shut down" in text:
        message = f"{settings.place} ended the connection during the login"
        return HostError(message, code="connection-lost", where=host, hint="see the log of sshd there")
    return HostError(f"{settings.place}: {text}", code="failed", where=host)


def login_fault(settings: Settings, tried: list[str], unusable: list[str], *, cut: bool) -> HostError:
    """Say that no key was taken."""
    host = settings.name
    shown = f"tried {', '.join(tried[:6])}" if tried else "there was no key to try"
    more = f"; not usable: {', '.join(unusable[:4])}" if unusable else ""
    message = f"{settings.place} takes none of the keys: {shown}{more}"
    hint = f"put the public key into ~{settings.user}/.ssh/authorized_keys there, or set ansible_user"
    if cut:
        message = f"{settings.place} ended the login after {len(tried)} keys: {shown}{more}"
        hint = "name one key: ansible_ssh_private_key_file, or IdentityFile with IdentitiesOnly yes"
    elif not tried:
        hint = "add a key to the agent (ssh-add), or set ansible_ssh_private_key_file"
    return HostError(message, code="authentication", where=host, hint=hint)


def refuses_keys(error: Exception) -> str:
    """Return the ways to log in that a host has, where keys are not among them; empty otherwise."""
    if isinstance(error, BadAuthenticationType) and "publickey" not in error.allowed_types:
        return ", ".join(error.allowed_types)
    return ""


def channel_fault(error: Exception, host: str) -> HostError:
    """Say why no command could be run over a connection that stands."""
    if isinstance(error, ChannelException):
        message = f"the host opens no session: {safe(error.text)}"
        return HostError(message, code="no-shell", where=host, hint="see MaxSessions and the log of sshd there")
    if isinstance(error, SSHException) and "Channel closed" in str(error):
        message = "the host refuses to run a command"
        return HostError(message, code="no-shell", where=host, hint="see the log of sshd there")
    return HostError("the connection ended", code="connection-lost", where=host)
