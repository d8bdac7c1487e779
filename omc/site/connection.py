"""The variables of an Ansible inventory that say how a host is reached, as text, each checked.

`uri` makes libvirt's URI of them, `endpoints` the place of a host's shell. Where several names mean the same, the first
wins; the later ones are Ansible's older names.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from omc.site.mistakes import VariableError
from omc.site.resolve import Scope
from omc.site.uri_shape import is_ipv6, is_port

ADDRESS_NAMES = ("ansible_host", "ansible_ssh_host")
USER_NAMES = ("ansible_user", "ansible_ssh_user")
PORT_NAMES = ("ansible_port", "ansible_ssh_port")
KEY_FILE_NAMES = ("ansible_ssh_private_key_file", "ansible_private_key_file")
CONNECTION_NAMES = ("ansible_connection",)
# Whatever else may be in a name: it must not end the URI's host part, nor be an option to ssh.
_ADDRESS = re.compile(r"(?!-)[^\s/@?#\[\]]+")

Check = Callable[[str, str], tuple[str, str]]
"""What is wrong with the text of a variable and a hint, given its name; empty where it is right."""


class ConnectionValues:
    """The variables of one host as text; what is wrong with one is added to the faults, and it counts as not set."""

    def __init__(self, scope: Scope, faults: list[VariableError]) -> None:
        self._scope = scope
        self._faults = faults

    def is_set(self, name: str) -> bool:
        """Tell whether a variable has a value of its own."""
        return self._scope.host.variables.get(name) is not None

    def raw(self, names: Sequence[str]) -> tuple[str, object]:
        """Return the name and the value, with templates filled in, of the first of these that is set; "" if none is."""
        name = next((name for name in names if self.is_set(name)), "")
        try:
            return name, self._scope.value(name) if name else ""
        except VariableError as error:
            self._faults.append(error)
            return "", ""

    def text(self, names: Sequence[str], check: Check | None = None) -> str:
        """Return the first of these variables that is set, resolved and checked; empty where none is."""
        name, value = self.raw(names)
        if isinstance(value, bool) or not isinstance(value, str | int):
            self.add(name, f"expected text as {name}, found {value!r}")
            return ""
        text = str(value).strip()
        fault, hint = check(name, text) if check and text else ("", "")
        if fault:
            self.add(name, fault, hint)
        return "" if fault else text

    def secret(self, names: Sequence[str]) -> str | None:
        """Return a variable whose value no message may show; None where it is not set or cannot be used."""
        name, value = self.raw(names)
        if not name:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int):
            self.add(name, f"expected text as {name}")
            return None
        return str(value)

    def truth(self, names: Sequence[str], *, default: bool) -> bool:
        """Return a variable as Ansible reads a truth value."""
        name, value = self.raw(names)
        words = {"yes": True, "on": True, "true": True, "y": True, "1": True, "t": True}
        words |= {"no": False, "off": False, "false": False, "n": False, "0": False, "f": False}
        found = words.get(str(value).strip().lower()) if name else default
        if found is None:
            self.add(name, f"expected true or false as {name}, found {value!r}")
            return default
        return found

    def own_name(self) -> str:
        """Return the host's own name, checked as an address."""
        name = self._scope.host.name
        fault, _ = address_fault(ADDRESS_NAMES[0], name)
        if fault:
            self.add("", fault, f"set {ADDRESS_NAMES[0]}: the host's own name is none")
        return name

    def add(self, name: str, message: str, hint: str = "") -> None:
        """Note what is wrong with a variable; without a name it is the host's own name that is wrong."""
        self._faults.append(self._scope.error(name, message, hint))


def address_fault(name: str, text: str) -> tuple[str, str]:
    """Say what is wrong with a host name or an address."""
    if _ADDRESS.fullmatch(text) and (":" not in text or is_ipv6(text)):
        return "", ""
    hint = "set ansible_port for the port" if text.count(":") == 1 else ""
    return f"expected a host name or address as {name}, found {text!r}", hint


def path_fault(name: str, text: str) -> tuple[str, str]:
    """Say what is wrong with the path of a file."""
    try:
        Path(text).expanduser()
    except RuntimeError:
        return f"expected the path of a file as {name}, found {text!r}", "the user behind ~ is not known here"
    return "", ""


def port_fault(name: str, text: str) -> tuple[str, str]:
    """Say what is wrong with a port."""
    return ("" if is_port(text) else f"expected a port from 1 to 65535 as {name}, found {text!r}"), ""
