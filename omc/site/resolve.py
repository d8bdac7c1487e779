"""Fills in the `{{ … }}` of one host's variables, and only of the variable that is asked for.

A variable may use the host's others and Ansible's own names for what the inventory is: `inventory_hostname`,
`inventory_hostname_short`, `inventory_dir`, `inventory_file`, `group_names`, `groups`, `hostvars`. Lookups, facts and
Ansible's filters are not here: what needs them is refused by name. jinja2 is imported by the first value that needs it.
"""

import re
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote

from omc.site.entities import Sealed, Site, SiteHost, Unsafe
from omc.site.mistakes import VariableError

MAX_CHAIN = 30
URI_NAME = "libvirt_uri"
_MARKS = ("{{", "{%", "{#")
# These alone fill most templates of an inventory, and need no template engine.
_SIMPLE = re.compile(r"\{\{\s*(inventory_dir|inventory_file|inventory_hostname|inventory_hostname_short)\s*\}\}")


Secret = Callable[[str], str] | None
"""Gives a secret's value by its reference, as `secret('PROVIDER:NAME')` does in templates."""


class UriPath(str):
    """A path that a template puts into a URI: whole and plain for filters, percent-encoded where it is printed."""

    __slots__ = ()


class Scope:
    """The names that a template of one host may use, each resolved when it is asked for.

    `in_uri` says that what is filled in goes into the host's URI, however many variables are between them; with
    `secret` the values may be such, and no message shows them.
    """

    def __init__(
        self, site: Site, host: SiteHost, chain: tuple[str, ...] = (), *, in_uri: bool = False, secret: Secret = None
    ) -> None:
        self.site = site
        self.host = host
        self.secret = secret
        self._chain = chain
        self._in_uri = in_uri

    def has(self, name: str) -> bool:
        """Tell whether there is a variable of that name."""
        return name in BUILT_IN or name in self.host.variables or (name == "secret" and self.secret is not None)

    def value(self, name: str) -> object:
        """Return a variable with its templates filled in; raise VariableError where that cannot be."""
        if name in BUILT_IN:
            return BUILT_IN[name](self)
        if name not in self.host.variables:
            if name == "secret" and self.secret is not None:
                return self.secret
            raise self.error(name, f"{self.host.name} has no variable {name!r}")
        link = f"{self.host.name}: {name}"
        if link in self._chain or len(self._chain) >= MAX_CHAIN:
            shown = " > ".join([*self._chain, link])
            raise self.error(name, f"the templates of {name} go in a circle: {shown}")
        in_uri = self._in_uri or name == URI_NAME
        scope = Scope(self.site, self.host, (*self._chain, link), in_uri=in_uri, secret=self.secret)
        return scope.filled(name, self.host.variables[name])

    def filled(self, name: str, value: object) -> object:
        """Return a raw value of the variable `name` with its templates filled in, in lists and mappings too."""
        if isinstance(value, Sealed):
            hint = f"omc opens no vault: set {name} unsealed, or in host_vars/"
            raise self.error(name, f"{name} is sealed by ansible-vault", hint)
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
        return Scope(self.site, host, self._chain, in_uri=self._in_uri, secret=self.secret) if host else None

    def error(self, name: str, message: str, hint: str = "") -> VariableError:
        """Return the error that says what is wrong with this host's variable `name`."""
        return VariableError(message, host=self.host.name, variable=name, hint=hint)

    def path(self, text: str) -> str:
        """Return a path of the site's, so that it comes through a URI whole."""
        return UriPath(text) if self._in_uri else text

    def _filled_text(self, name: str, text: str) -> object:
        if isinstance(text, Unsafe) or not _has_template(text):
            return text
        if single := _SIMPLE.fullmatch(text):
            return self.value(single[1])
        if not _has_template(_SIMPLE.sub("", text)):
            return _SIMPLE.sub(lambda match: str(printed(self.value(match[1]))), text)
        from omc.site.templates import fill

        return fill(self, name, text)


def resolve(site: Site, host: SiteHost, name: str) -> object:
    """Return one variable of a host with its templates filled in, in the sandbox.

    Raise VariableError, a SiteError, where there is no such variable, where it is sealed, or where a template cannot
    be filled in.
    """
    return Scope(site, host).value(name)


def printed(value: object) -> object:
    """Return a value as it stands in a text around it."""
    return quote(value, safe="/") if isinstance(value, UriPath) else value


def _has_template(text: str) -> bool:
    return any(mark in text for mark in _MARKS)


def short_name(host: str) -> str:
    """Return a host's name up to the first dot, as Ansible's `inventory_hostname_short`; an address is kept whole."""
    try:
        ip_address(host)
    except ValueError:
        return host.split(".", maxsplit=1)[0]
    return host


def _groups(scope: Scope) -> dict[str, list[str]]:
    return {name: list(group.hosts) for name, group in scope.site.groups.items()}


def _host_variables(scope: Scope) -> object:
    from omc.site.templates import HostVariables

    return HostVariables(scope)


BUILT_IN: dict[str, Callable[[Scope], object]] = {
    "inventory_hostname": lambda scope: scope.host.name,
    "inventory_hostname_short": lambda scope: short_name(scope.host.name),
    "inventory_dir": lambda scope: scope.path(str(Path(scope.host.file).parent)),
    "inventory_file": lambda scope: scope.path(scope.host.file),
    "group_names": lambda scope: list(scope.host.groups),
    "groups": _groups,
    "hostvars": _host_variables,
}
