"""Fills in the `{{ … }}` of one host's variables, and only of the variable that is asked for.

A variable may use the host's others and Ansible's own names for what the inventory is: `inventory_hostname`,
`inventory_hostname_short`, `inventory_dir`, `inventory_file`, `group_names`, `groups`, `hostvars`. Lookups, facts and
Ansible's filters are not here: what needs them is refused by name. jinja2 is imported by the first value that needs it.
"""

import re
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

from omc.errors import SiteError
from omc.site.entities import Sealed, Site, SiteHost, Unsafe

MAX_CHAIN = 30
_MARKS = ("{{", "{%", "{#")
# These alone fill most templates of an inventory, and need no template engine.
_SIMPLE = re.compile(r"\{\{\s*(inventory_dir|inventory_file|inventory_hostname|inventory_hostname_short)\s*\}\}")


class Scope:
    """The names that a template of one host may use, each resolved when it is asked for."""

    def __init__(self, site: Site, host: SiteHost, chain: tuple[str, ...] = ()) -> None:
        self.site = site
        self.host = host
        self._chain = chain

    def has(self, name: str) -> bool:
        """Tell whether there is a variable of that name."""
        return name in BUILT_IN or name in self.host.variables

    def value(self, name: str) -> object:
        """Return a variable with its templates filled in; raise SiteError where that cannot be."""
        if name in BUILT_IN:
            return BUILT_IN[name](self)
        if name not in self.host.variables:
            raise SiteError(f"{self.host.name} has no variable {name!r}", where=f"host {self.host.name}")
        link = f"{self.host.name}: {name}"
        if link in self._chain or len(self._chain) >= MAX_CHAIN:
            shown = " > ".join([*self._chain, link])
            raise SiteError(f"the templates of {name} go in a circle: {shown}", where=f"host {self.host.name}")
        return Scope(self.site, self.host, (*self._chain, link)).filled(name, self.host.variables[name])

    def filled(self, name: str, value: object) -> object:
        """Return a raw value of the variable `name` with its templates filled in, in lists and mappings too."""
        if isinstance(value, Sealed):
            hint = f"omc opens no vault: set {name} unsealed, or in host_vars/"
            raise SiteError(f"{name} is sealed by ansible-vault", where=f"host {self.host.name}", hint=hint)
        if isinstance(value, str):
            return self._filled_text(name, value)
        if isinstance(value, list):
            return [item if isinstance(item, Sealed) else self.filled(name, item) for item in value]
        if isinstance(value, dict):
            return {key: item if isinstance(item, Sealed) else self.filled(name, item) for key, item in value.items()}
        return value

    def of(self, name: str) -> "Scope | None":
        """Return the scope of another host, for `hostvars`."""
        host = self.site.hosts.get(name)
        return Scope(self.site, host, self._chain) if host else None

    def _filled_text(self, name: str, text: str) -> object:
        if isinstance(text, Unsafe) or not _has_template(text):
            return text
        if not _has_template(_SIMPLE.sub("", text)):
            return _SIMPLE.sub(lambda match: str(self.value(match[1])), text)
        from omc.site.templates import fill

        return fill(self, name, text)


def resolve(site: Site, host: SiteHost, name: str) -> object:
    """Return one variable of a host with its templates filled in, in the sandbox.

    Raise SiteError where there is no such variable, where it is sealed, or where a template cannot be filled in.
    """
    return Scope(site, host).value(name)


def _has_template(text: str) -> bool:
    return any(mark in text for mark in _MARKS)


def _short_name(scope: Scope) -> str:
    try:
        ip_address(scope.host.name)
    except ValueError:
        return scope.host.name.split(".")[0]
    return scope.host.name


def _groups(scope: Scope) -> dict[str, list[str]]:
    return {name: list(group.hosts) for name, group in scope.site.groups.items()}


def _host_variables(scope: Scope) -> object:
    from omc.site.templates import HostVariables

    return HostVariables(scope)


BUILT_IN: dict[str, Callable[[Scope], object]] = {
    "inventory_hostname": lambda scope: scope.host.name,
    "inventory_hostname_short": _short_name,
    "inventory_dir": lambda scope: str(Path(scope.host.file).parent),
    "inventory_file": lambda scope: scope.host.file,
    "group_names": lambda scope: list(scope.host.groups),
    "groups": _groups,
    "hostvars": _host_variables,
}
