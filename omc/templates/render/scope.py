"""The names that the templates of one host may use, each worked out when it is asked for.

From weak to strong: the manifest's defaults, the site's variables by Ansible's precedence, `-e` on the command line,
and what every template has (`BUILT_IN`). Only what the site's files and the manifest hold is rendered, and once:
whatever facts and secrets hold is data.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from omc.site import Sealed, SiteHost, Unsafe
from omc.site.mistakes import near
from omc.site.resolve import short_name
from omc.templates.catalogue import Template
from omc.templates.manifest import Variable
from omc.templates.manifest.arguments import has_marks
from omc.templates.render.filling import Failure, missing_value
from omc.templates.render.fleet import Fleet, HostVariables
from omc.templates.variables import check

MOST_LINKS = 30
_NOTHING = object()


class Scope:
    """One host's names for one template; without a template, as other hosts see them."""

    def __init__(self, fleet: Fleet, host: SiteHost, template: Template | None = None) -> None:
        self.fleet = fleet
        self.host = host
        self.template = template
        self._declared: Mapping[str, Variable] = template.manifest.variables if template else {}
        self._made: dict[str, Any] = {}

    def get(self, name: str, default: Any = None) -> Any:
        """Return what a name stands for, `default` where it stands for nothing; raise Failure where it cannot be."""
        try:
            return self._made[name]
        except KeyError:
            found = self._find(name)
        if found is _NOTHING:
            return default
        return found

    def __getitem__(self, name: str) -> Any:
        found = self.get(name, _NOTHING)
        if found is _NOTHING:
            raise KeyError(name)
        return found

    def names(self) -> list[str]:
        """Return the names of all variables."""
        return list({**dict.fromkeys(self._declared), **self.host.variables, **self.fleet.extra})

    def not_set(self) -> list[str]:
        """Return the names of the manifest's variables that nobody set, so that they have their defaults."""
        return [name for name in self._declared if name not in self.host.variables and name not in self.fleet.extra]

    def check(self) -> None:
        """Work out every variable that the manifest declares; raise Failure for one that is wrong or not set."""
        for name, variable in self._declared.items():
            found = self._find(name)
            if found is _NOTHING and variable.required:
                described = f": {variable.description}" if variable.description else ""
                hint = f"set it in group_vars/ or host_vars/, or give it a default{self._like(name)}"
                raise Failure(f"the variable {name!r} is not set{described}", name, variable.where, hint)

    def with_item(self, item: object) -> "Scope":
        """Return the scope for one item of a loop."""
        scope = Scope(self.fleet, self.host, self.template)
        scope._made = {**self._made, "item": item}
        return scope

    def _like(self, name: str) -> str:
        guess = near(name, [known for known in self.host.variables if known not in self._declared])
        return f" ({guess})" if guess else ""

    def _find(self, name: str) -> Any:
        if name in BUILT_IN:
            self._made[name] = value = BUILT_IN[name](self)
            return value
        raw = self._raw(name)
        if raw is _NOTHING:
            return raw
        variable = self._declared.get(name)
        key = (id(raw), id(variable))
        if key in self.fleet.checked:
            self._made[name] = value = self.fleet.checked[key]
            return value
        return self._resolved(name, raw, key)

    def _raw(self, name: str) -> Any:
        if name in self.fleet.extra:
            return self.fleet.extra[name]
        if name in self.host.variables:
            return self.host.variables[name]
        variable = self._declared.get(name)
        return variable.default.raw if variable is not None and variable.default is not None else _NOTHING

    def _resolved(self, name: str, raw: object, key: tuple[int, int]) -> Any:
        link = f"{self.host.name}: {name}"
        chain = self.fleet.chain
        if link in chain or len(chain) >= MOST_LINKS:
            raise Failure(f"the templates of {name} go in a circle: {' > '.join([*chain, link])}", name)
        asked = self.fleet.seen.asked
        chain.append(link)
        try:
            value = self._checked(name, self.filled(name, raw))
        finally:
            chain.pop()
        if asked == self.fleet.seen.asked:
            self._made[name] = value
            if not _renders(raw):
                # Nothing that depends on the host: the site keeps `raw` alive, so its id stays its own.
                self.fleet.checked[key] = value
        return value

    def _checked(self, name: str, value: object) -> object:
        variable = self._declared.get(name)
        if variable is None:
            return value
        if variable.secret:
            self.fleet.seen.add_all(value)
        try:
            return check(variable, value)
        except ValueError as error:
            hint = variable.description
            raise Failure(f"the variable {error}", name, self._place(name, variable), hint) from None

    def _place(self, name: str, variable: Variable) -> str:
        """Return the manifest's line for a default; what the site set is found by whoever knows its files."""
        is_set = name in self.fleet.extra or name in self.host.variables
        return "" if is_set else variable.where

    def filled(self, name: str, raw: object) -> Any:
        """Return a raw value with everything in it rendered."""
        if isinstance(raw, str):
            return raw if isinstance(raw, Unsafe) or not has_marks(raw) else self.fleet.engine.fill(self, name, raw)
        if isinstance(raw, list):
            return [self.filled(name, item) for item in raw]
        if isinstance(raw, dict):
            return {key: self.filled(name, item) for key, item in raw.items()}
        if isinstance(raw, Sealed):
            return missing_value(
                f"{name} is sealed by ansible-vault, and omc opens no vault: use secret('PROVIDER:NAME')"
            )
        return raw


def _renders(raw: object) -> bool:
    if isinstance(raw, str):
        return not isinstance(raw, Unsafe) and has_marks(raw)
    if isinstance(raw, list):
        return any(map(_renders, raw))
    return any(map(_renders, raw.values())) if isinstance(raw, dict) else isinstance(raw, Sealed)


def _facts(scope: Scope) -> object:
    facts = scope.fleet.facts(scope.host.name)
    if facts is not None:
        return facts
    return missing_value(f"nothing is known of {scope.host.name}: omc inventory {scope.host.name} reads it")


def _guests(scope: Scope) -> object:
    facts = scope.fleet.facts(scope.host.name)
    return facts.guests if facts is not None else _facts(scope)


def _managed(scope: Scope) -> str:
    name = scope.template.name if scope.template else ""
    return f"Managed by omc, template {name}: changes made here are overwritten."


BUILT_IN: Mapping[str, Callable[[Scope], Any]] = {
    "inventory_hostname": lambda scope: scope.host.name,
    "inventory_hostname_short": lambda scope: short_name(scope.host.name),
    "inventory_dir": lambda scope: str(Path(scope.host.file).parent),
    "inventory_file": lambda scope: scope.host.file,
    "group_names": lambda scope: list(scope.host.groups),
    "groups": lambda scope: scope.fleet.groups,
    "hostvars": lambda scope: HostVariables(scope.fleet),
    "hosts": lambda scope: scope.fleet.peers,
    "host": _facts,
    "guests": _guests,
    "site": lambda scope: scope.fleet.view,
    "secret": lambda scope: scope.fleet.secret,
    "omc_managed": _managed,
    "ansible_managed": _managed,
}
"""The names that every template has."""
