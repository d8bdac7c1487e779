"""The libvirt URI of a host: its `libvirt_uri`, or the one that Ansible's own connection variables give."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from omc.site.mistakes import VariableError, without_password
from omc.site.resolve import URI_NAME, Scope
from omc.site.uri_shape import fault_in, is_ipv6, is_port

LOCAL_URI = "qemu:///system"
# The variables read here, the one that wins first; the later names are Ansible's older ones for the same thing.
URI_NAMES = (URI_NAME,)
ADDRESS_NAMES = ("ansible_host", "ansible_ssh_host")
USER_NAMES = ("ansible_user", "ansible_ssh_user")
PORT_NAMES = ("ansible_port", "ansible_ssh_port")
KEY_FILE_NAMES = ("ansible_ssh_private_key_file", "ansible_private_key_file")
CONNECTION_NAMES = ("ansible_connection",)
# Whatever else may be in a name: it must not end the URI's host part, nor be an option to ssh.
_ADDRESS = re.compile(r"(?!-)[^\s/@?#\[\]]+")


def uri_of(scope: Scope, faults: list[VariableError]) -> str:
    """Return the URI to open for a host; every variable that cannot be used is added to `faults`.

    Without `libvirt_uri` it is `qemu+ssh://[USER@]HOST[:PORT]/system?no_tty=1`: what the variables leave open,
    `~/.ssh/config` decides, and `no_tty` keeps ssh from asking for passwords on the terminal. Where there are faults,
    it is worth nothing.
    """
    values = _Values(scope, faults)
    given = values.text(URI_NAMES, _uri_fault)
    if given or faults:
        return given
    if values.text(CONNECTION_NAMES) == "local":
        return LOCAL_URI
    return _ssh_uri(values)


def _ssh_uri(values: "_Values") -> str:
    address = values.text(ADDRESS_NAMES, _address_fault) or values.own_name()
    user = values.text(USER_NAMES)
    login = f"{quote(user, safe='')}@" if user else ""
    place = f"[{address.replace('%', '%25')}]" if ":" in address else address
    number = values.text(PORT_NAMES, _port_fault)
    port = f":{int(number)}" if number else ""
    key_file = values.text(KEY_FILE_NAMES, _path_fault)
    key = f"&keyfile={quote(str(Path(key_file).expanduser()), safe='/')}" if key_file else ""
    return f"qemu+ssh://{login}{place}{port}/system?no_tty=1{key}"


class _Values:
    """The variables of one host as text; what is wrong with one is added to the faults, and it counts as not set."""

    def __init__(self, scope: Scope, faults: list[VariableError]) -> None:
        self._scope = scope
        self._faults = faults

    def text(self, names: tuple[str, ...], check: Callable[[str, str], tuple[str, str]] | None = None) -> str:
        """Return the first of these variables that is set, resolved and checked; empty where none is."""
        name = next((name for name in names if self._scope.host.variables.get(name) is not None), "")
        try:
            value = self._scope.value(name) if name else ""
        except VariableError as error:
            self._faults.append(error)
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int):
            self.add(name, f"expected text as {name}, found {value!r}")
            return ""
        text = str(value).strip()
        fault, hint = check(name, text) if check and text else ("", "")
        if fault:
            self.add(name, fault, hint)
        return "" if fault else text

    def own_name(self) -> str:
        """Return the host's own name, checked as an address."""
        name = self._scope.host.name
        fault, _ = _address_fault(ADDRESS_NAMES[0], name)
        if fault:
            self.add("", fault, f"set {ADDRESS_NAMES[0]}: the host's own name is none")
        return name

    def add(self, name: str, message: str, hint: str = "") -> None:
        """Note what is wrong with a variable; without a name it is the host's own name that is wrong."""
        self._faults.append(self._scope.error(name, message, hint))


def _uri_fault(name: str, text: str) -> tuple[str, str]:
    expected, hint = fault_in(text)
    return (f"{expected} in {name}, found {without_password(text)!r}" if expected else ""), hint


def _address_fault(name: str, text: str) -> tuple[str, str]:
    if _ADDRESS.fullmatch(text) and (":" not in text or is_ipv6(text)):
        return "", ""
    hint = "set ansible_port for the port" if text.count(":") == 1 else ""
    return f"expected a host name or address as {name}, found {text!r}", hint


def _path_fault(name: str, text: str) -> tuple[str, str]:
    try:
        Path(text).expanduser()
    except RuntimeError:
        return f"expected the path of a file as {name}, found {text!r}", "the user behind ~ is not known here"
    return "", ""


def _port_fault(name: str, text: str) -> tuple[str, str]:
    return ("" if is_port(text) else f"expected a port from 1 to 65535 as {name}, found {text!r}"), ""
