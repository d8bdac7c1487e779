"""The libvirt URI of a host: its `libvirt_uri`, or the one that Ansible's own connection variables give."""

from pathlib import Path
from urllib.parse import quote

from omc.site.connection import (
    ADDRESS_NAMES,
    CONNECTION_NAMES,
    KEY_FILE_NAMES,
    PORT_NAMES,
    USER_NAMES,
    ConnectionValues,
    address_fault,
    path_fault,
    port_fault,
)
from omc.site.mistakes import VariableError, without_password
from omc.site.resolve import URI_NAME, Scope
from omc.site.uri_shape import fault_in

LOCAL_URI = "qemu:///system"
# The variable that wins over Ansible's own.
URI_NAMES = (URI_NAME,)


def uri_of(scope: Scope, faults: list[VariableError]) -> str:
    """Return the URI to open for a host; every variable that cannot be used is added to `faults`.

    Without `libvirt_uri` it is `qemu+ssh://[USER@]HOST[:PORT]/system?no_tty=1`: what the variables leave open,
    `~/.ssh/config` decides, and `no_tty` keeps ssh from asking for passwords on the terminal. Where there are faults,
    it is worth nothing.
    """
    values = ConnectionValues(scope, faults)
    given = values.text(URI_NAMES, _uri_fault)
    if given or faults:
        return given
    if values.text(CONNECTION_NAMES) == "local":
        return LOCAL_URI
    return _ssh_uri(values)


def _ssh_uri(values: ConnectionValues) -> str:
    address = values.text(ADDRESS_NAMES, address_fault) or values.own_name()
    user = values.text(USER_NAMES)
    login = f"{quote(user, safe='')}@" if user else ""
    place = f"[{address.replace('%', '%25')}]" if ":" in address else address
    number = values.text(PORT_NAMES, port_fault)
    port = f":{int(number)}" if number else ""
    key_file = values.text(KEY_FILE_NAMES, path_fault)
    key = f"&keyfile={quote(str(Path(key_file).expanduser()), safe='/')}" if key_file else ""
    return f"qemu+ssh://{login}{place}{port}/system?no_tty=1{key}"


def _uri_fault(name: str, text: str) -> tuple[str, str]:
    expected, hint = fault_in(text)
    return (f"{expected} in {name}, found {without_password(text)!r}" if expected else ""), hint
