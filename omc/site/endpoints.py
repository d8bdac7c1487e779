"""Where the shells of a site's hosts are: Ansible's connection variables as `omc.ports.Endpoint`.

What Ansible's variables may say and omc does not do is said once by name, or refused where going on would mean
something else: another way to become root, another kind of connection.
"""

import shlex
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from omc.errors import HostError
from omc.ports import Endpoint, Hidden
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
from omc.site.entities import Site, SiteHost
from omc.site.mistakes import VariableError
from omc.site.resolve import Scope, Secret

BECOME_NAMES = ("ansible_become", "ansible_sudo")
BECOME_USER_NAMES = ("ansible_become_user", "ansible_sudo_user")
BECOME_PASSWORD_NAMES = (
    "ansible_become_password",
    "ansible_become_pass",
    "ansible_sudo_pass",
    "ansible_sudo_password",
)
ARGUMENT_NAMES = ("ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args")
OWN_NAMES = frozenset(
    {
        *(*ADDRESS_NAMES, *USER_NAMES, *PORT_NAMES, *KEY_FILE_NAMES, *CONNECTION_NAMES, *ARGUMENT_NAMES),
        *(*BECOME_NAMES, *BECOME_USER_NAMES, *BECOME_PASSWORD_NAMES, "ansible_become_method"),
    }
)
"""The variables that say how a host's shell is reached."""
NOT_HONOURED = {
    "ansible_password": "omc logs in with keys only",
    "ansible_ssh_pass": "omc logs in with keys only",
    "ansible_ssh_password": "omc logs in with keys only",
    "ansible_private_key_passphrase": "a key with a passphrase counts through the agent",
    "ansible_ssh_private_key_passphrase": "a key with a passphrase counts through the agent",
    "ansible_host_key_checking": "unknown host keys are refused",
    "ansible_ssh_host_key_checking": "unknown host keys are refused",
    "ansible_become_exe": "omc calls sudo",
    "ansible_become_flags": "omc calls sudo with its own options",
    "ansible_sudo_exe": "omc calls sudo",
    "ansible_sudo_flags": "omc calls sudo with its own options",
    "ansible_ssh_executable": "omc has an SSH of its own",
    "ansible_shell_executable": "omc runs scripts in sh",
}
_SSH = ("", "ssh", "smart", "paramiko", "paramiko_ssh", "ansible.builtin.ssh", "ansible.builtin.paramiko_ssh")
_LOCAL = ("local", "ansible.builtin.local")
_SUDO = ("", "sudo", "ansible.builtin.sudo")


class Endpoints:
    """The endpoints of one site. Thread-safe; `warn` is called once for each variable that is not honoured.

    `secret` gives the values that a password of sudo may come from; `become_password` is that of every host instead.
    """

    def __init__(
        self,
        site: Site,
        warn: Callable[[str], None],
        *,
        secret: Secret = None,
        become_password: Hidden | None = None,
    ) -> None:
        self._site = site
        self._warn = warn
        self._secret = secret
        self._become_password = become_password
        self._said: set[str] = set()
        self._lock = threading.Lock()

    def of(self, host: SiteHost) -> Endpoint:
        """Return where a host's shell is; raise HostError, code "variable", where its variables do not say it."""
        faults: list[VariableError] = []
        values = ConnectionValues(Scope(self._site, host), faults)
        endpoint = _endpoint(host, values)
        if endpoint.become:
            sealed = ConnectionValues(Scope(self._site, host, secret=self._secret), faults)
            endpoint = msgspec.structs.replace(endpoint, become_password=self._password(sealed))
        if faults:
            message = "; ".join(fault.message for fault in faults)
            raise HostError(message, code="variable", where=host.name, hint=faults[0].hint)
        self._warn_of(values)
        return endpoint

    def _password(self, values: ConnectionValues) -> Hidden | None:
        if self._become_password is not None:
            return self._become_password
        found = values.secret(BECOME_PASSWORD_NAMES)
        return None if found is None else Hidden(found)

    def _warn_of(self, values: ConnectionValues) -> None:
        for name, reason in NOT_HONOURED.items():
            if values.is_set(name):
                with self._lock:
                    is_new = name not in self._said
                    self._said.add(name)
                if is_new:
                    self._warn(f"{name} is not honoured: {reason}")


def _endpoint(host: SiteHost, values: ConnectionValues) -> Endpoint:
    is_local = _is_local(values)
    become = values.truth(BECOME_NAMES, default=False)
    port = "" if is_local else values.text(PORT_NAMES, port_fault)
    key_file = "" if is_local else values.text(KEY_FILE_NAMES, path_fault)
    if become:
        _check_method(values)
    return Endpoint(
        host=host.name,
        address=host.name if is_local else values.text(ADDRESS_NAMES, address_fault) or values.own_name(),
        port=int(port) if port else None,
        user=None if is_local else values.text(USER_NAMES) or None,
        identity_file=str(Path(key_file).expanduser()) if key_file else None,
        ssh_arguments=() if is_local else _arguments(values),
        local=is_local,
        become=become,
        become_user=values.text(BECOME_USER_NAMES) or "root",
    )


def _is_local(values: ConnectionValues) -> bool:
    name, kind = CONNECTION_NAMES[0], values.text(CONNECTION_NAMES)
    if kind not in (*_SSH, *_LOCAL):
        values.add(name, f"expected ssh or local as {name}, found {kind!r}", "omc reaches hosts over SSH, or is there")
    return kind in _LOCAL


def _check_method(values: ConnectionValues) -> None:
    method = values.text(("ansible_become_method",))
    if method not in _SUDO:
        hint = "omc becomes another user by sudo only"
        values.add("ansible_become_method", f"expected sudo as ansible_become_method, found {method!r}", hint)


def _arguments(values: ConnectionValues) -> tuple[str, ...]:
    words: list[str] = []
    for name in ARGUMENT_NAMES:
        try:
            words += shlex.split(values.text((name,)))
        except ValueError as error:
            values.add(name, f"expected words of a shell as {name}: {str(error).lower()}")
    return tuple(words)
