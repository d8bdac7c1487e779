"""The libvirt URI of a host: its `libvirt_uri`, or the one that Ansible's own connection variables give."""

import re
from pathlib import Path
from urllib.parse import quote

from omc.errors import SiteError
from omc.site.resolve import Scope

LOCAL_URI = "qemu:///system"
# The variables read here, the one that wins first; the later names are Ansible's older ones for the same thing.
URI_NAMES = ("libvirt_uri",)
ADDRESS_NAMES = ("ansible_host", "ansible_ssh_host")
USER_NAMES = ("ansible_user", "ansible_ssh_user")
PORT_NAMES = ("ansible_port", "ansible_ssh_port")
KEY_FILE_NAMES = ("ansible_ssh_private_key_file", "ansible_private_key_file")
CONNECTION_NAMES = ("ansible_connection",)
# Whatever else may be in a name: it must not end the URI's host part, nor be an option to ssh.
_ADDRESS = re.compile(r"(?!-)[^\s/@?#\[\]]+")
_SHAPE = re.compile(r"[a-z][a-z0-9]*(?:\+[a-z0-9]+)?://\S*")


def uri_of(scope: Scope) -> str:
    """Return the URI to open for a host; raise SiteError where its variables give none.

    Without `libvirt_uri` it is `qemu+ssh://[USER@]HOST[:PORT]/system?no_tty=1`: what the variables leave open,
    `~/.ssh/config` decides, and `no_tty` keeps ssh from asking for passwords on the terminal.
    """
    explicit = _text(scope, URI_NAMES)
    if explicit:
        if not _SHAPE.fullmatch(explicit):
            example = "expected a libvirt URI such as qemu+ssh://root@kvm1/system"
            raise SiteError(f"{example} as libvirt_uri, found {explicit!r}")
        return explicit
    if _text(scope, CONNECTION_NAMES) == "local":
        return LOCAL_URI
    return _ssh_uri(scope)


def _ssh_uri(scope: Scope) -> str:
    address = _text(scope, ADDRESS_NAMES) or scope.host.name
    if not _ADDRESS.fullmatch(address):
        raise SiteError(f"expected a host name or address as ansible_host, found {address!r}")
    user = _text(scope, USER_NAMES)
    where = f"[{address}]" if ":" in address else address
    login = f"{quote(user, safe='')}@" if user else ""
    key_file = _text(scope, KEY_FILE_NAMES)
    key = f"&keyfile={quote(str(Path(key_file).expanduser()), safe='/')}" if key_file else ""
    return f"qemu+ssh://{login}{where}{_port(scope)}/system?no_tty=1{key}"


def _port(scope: Scope) -> str:
    text = _text(scope, PORT_NAMES)
    if not text:
        return ""
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536):
        raise SiteError(f"expected a port from 1 to 65535 as ansible_port, found {text!r}")
    return f":{int(text)}"


def _text(scope: Scope, names: tuple[str, ...]) -> str:
    """Return the first of these variables that is set, resolved, as text; empty where none is."""
    for name in names:
        if scope.host.variables.get(name) is None:
            continue
        value = scope.value(name)
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise SiteError(f"expected text as {name}, found {value!r}")
        return str(value).strip()
    return ""
