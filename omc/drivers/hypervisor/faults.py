"""libvirt's errors in omc's words: what failed, whether it should have worked, and what to do."""

from collections.abc import Callable, Iterable
from typing import TypeVar
from urllib.parse import urlsplit

import libvirt

from omc.errors import HostError
from omc.ports import Fault
from omc.text import public_uri

Thing = TypeVar("Thing")

_UNSUPPORTED = {
    libvirt.VIR_ERR_NO_SUPPORT,
    libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED,
    libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
    libvirt.VIR_ERR_CONFIG_UNSUPPORTED,
}
_NEEDS_WRITE = {libvirt.VIR_ERR_OPERATION_DENIED}
_AGENT = {libvirt.VIR_ERR_AGENT_UNRESPONSIVE, libvirt.VIR_ERR_AGENT_UNSYNCED}
GONE = {
    libvirt.VIR_ERR_NO_DOMAIN,
    libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT,
    libvirt.VIR_ERR_NO_STORAGE_POOL,
    libvirt.VIR_ERR_NO_STORAGE_VOL,
    libvirt.VIR_ERR_NO_NETWORK,
    libvirt.VIR_ERR_NO_NODE_DEVICE,
}
"""Errors of a thing that went away between the list and the look at it: no fault, it is simply not there."""

_BROKEN = {libvirt.VIR_ERR_RPC, libvirt.VIR_ERR_SYSTEM_ERROR, libvirt.VIR_ERR_INTERNAL_ERROR}

# What ssh, the resolver and the kernel say inside libvirt's message → code and hint; the first that fits counts
# (ssh says "Host key verification failed" of a changed key, too).
_CONNECT = (
    ("Failed to connect socket", "no-daemon", "start libvirtd (or virtqemud) there: systemctl start libvirtd.socket"),
    (
        "REMOTE HOST IDENTIFICATION HAS CHANGED",
        "unknown-host-key",
        "compare the key, then remove the old one: ssh-keygen -R {host}",
    ),
    (
        "Host key verification failed",
        "unknown-host-key",
        "compare the key, then add it: ssh-keyscan {port}{host} >> ~/.ssh/known_hosts",
    ),
    ("Permission denied", "authentication", "check the user and the key: ssh -o BatchMode=yes {destination} true"),
    ("Too many authentication failures", "authentication", "name one key: ansible_ssh_private_key_file"),
    ("authentication unavailable", "authentication", "this user may only read there: see docs/how-to/connect.md"),
    ("authentication failed", "authentication", "check the credentials of the URI (docs/how-to/connect.md)"),
    ("authentication cancelled", "authentication", "check the credentials of the URI (docs/how-to/connect.md)"),
    ("Could not resolve hostname", "resolve", "check the name, or set ansible_host"),
    ("Name or service not known", "resolve", "check the name, or set ansible_host"),
    ("Temporary failure in name resolution", "resolve", "check the name, or set ansible_host"),
    ("Connection refused", "refused", "is sshd (or libvirtd) running there, on this port?"),
    ("No route to host", "unreachable", "is the host up? ping {host}"),
    ("Network is unreachable", "unreachable", "is the host up? ping {host}"),
    ("timed out", "unreachable", "is the host up? ping {host}"),
    (
        "TLS confirmation",
        "authentication",
        "the host refuses this certificate: see tls_allowed_dn_list in its libvirtd.conf",
    ),
    ("certificate", "authentication", "check the certificates and the name in them (docs/how-to/connect.md)"),
    ("No such file or directory", "no-daemon", "start libvirtd (or virtqemud) there: systemctl start libvirtd.socket"),
    ("nc: not found", "no-daemon", "install libvirt-daemon-system there, or netcat-openbsd"),
    ("End of file while reading data", "failed", "see the daemon's log there: journalctl -u libvirtd"),
)


def number(error: libvirt.libvirtError) -> int:
    """Give libvirt's error number; -1 where an error carries none."""
    code = error.get_error_code()
    return code if isinstance(code, int) else -1


def message(error: libvirt.libvirtError) -> str:
    """Give libvirt's message in one line."""
    return " ".join(str(error.get_error_message() or error).split())


def connect_error(error: libvirt.libvirtError, uri: str) -> HostError:
    """Say why no connection came about, with a hint where the reason is a known one."""
    text = message(error)
    try:
        parts = urlsplit(uri)
        port = f"-p {parts.port} " if parts.port else ""
    except ValueError as wrong:
        return HostError(f"{text} ({wrong})", code="uri", hint="mend the URI: omc site hosts shows it")
    host = parts.hostname or "HOST"
    destination = f"{port}{parts.username}@{host}" if parts.username else f"{port}{host}"
    for needle, code, hint in _CONNECT:
        if needle in text:
            return HostError(text, code=code, hint=hint.format(host=host, port=port, destination=destination))
    return HostError(text, code="failed", hint=f"try it by hand: virsh -r -c '{public_uri(uri)}' list")


def fault(error: libvirt.libvirtError, subject: str, call: str) -> Fault:
    """Say what a failed call means for the inventory."""
    code = number(error)
    if code in _UNSUPPORTED:
        return Fault(subject, call, "unsupported", message(error), failed=False)
    if code in _NEEDS_WRITE:
        return Fault(subject, call, "needs-read-write", message(error), failed=False)
    if code in _AGENT:
        return Fault(subject, call, "no-agent", message(error), failed=False)
    return Fault(subject, call, "failed", message(error))


def each_that_is_there(things: Iterable[Thing], read: Callable[[Thing], str]) -> tuple[str, ...]:
    """Read each thing of a list; one that went away since the list was made is left out."""
    found = []
    for thing in things:
        try:
            found.append(read(thing))
        except libvirt.libvirtError as error:
            if number(error) not in GONE:
                raise
    return tuple(found)


def is_broken(error: libvirt.libvirtError) -> bool:
    """Tell whether the connection itself is gone: what follows on it would fail too."""
    return number(error) in _BROKEN and any(
        words in message(error)
        for words in ("keepalive", "client socket is closed", "End of file", "Broken pipe", "reset by peer")
    )
