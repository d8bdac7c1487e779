"""What the templates of all hosts share: the groups, and each host as the others see it."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from omc.model import Host
from omc.site import Site, SiteHost
from omc.templates.render.filling import Engine
from omc.templates.secrets.seen import Seen

if TYPE_CHECKING:
    from omc.templates.render.scope import Scope


class Ask(Protocol):
    """What a render asks for while it runs."""

    def facts(self, name: str) -> Host | None:
        """Give a host's facts, None where there are none."""

    def secret(self, reference: str) -> str:
        """Give a secret's value."""


class Fleet:
    """A site while its templates are rendered; what is asked for once is kept."""

    def __init__(self, site: Site, extra: Mapping[str, object], ask: Ask) -> None:
        self.site = site
        self.extra = extra
        self.ask = ask
        self.seen = Seen()
        self.engine = Engine(self.seen)
        self.chain: list[str] = []
        self.groups = {name: list(group.hosts) for name, group in site.groups.items()}
        self.checked: dict[tuple[int, int], object] = {}
        self._facts: dict[str, Host | None] = {}
        self._scopes: dict[str, Scope] = {}

    @cached_property
    def peers(self) -> "Peers":
        """`hosts`."""
        return Peers(self)

    @cached_property
    def view(self) -> "SiteView":
        """`site`."""
        return SiteView(self)

    def secret(self, reference: str) -> str:
        """`secret('PROVIDER:NAME')`: the value of a secret, which nothing that omc says will show."""
        if not isinstance(reference, str):
            raise TypeError("expected secret('PROVIDER:NAME')")
        return self.seen.add(self.ask.secret(reference), reference)

    def facts(self, name: str) -> Host | None:
        """Return a host's facts, asked for once."""
        if name not in self._facts:
            self._facts[name] = self.ask.facts(name)
        return self._facts[name]

    def forget(self, name: str) -> None:
        """Forget a host's facts when its own files are rendered, so that memory does not grow with the fleet."""
        self._facts.pop(name, None)

    def scope(self, name: str) -> "Scope":
        """Return the variables of a host as other hosts see them."""
        from omc.templates.render.scope import Scope

        if name not in self._scopes:
            self._scopes[name] = Scope(self, self.site.hosts[name])
        return self._scopes[name]


class Variables(Mapping[str, object]):
    """One host's variables, each resolved when it is asked for."""

    def __init__(self, scope: "Scope") -> None:
        self._scope = scope

    def __getitem__(self, name: str) -> object:
        return self._scope[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._scope.names())

    def __len__(self) -> int:
        return len(self._scope.names())


class HostVariables(Mapping[str, Variables]):
    """`hostvars`: every host's variables."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def __getitem__(self, name: str) -> Variables:
        if name not in self._fleet.site.hosts:
            raise KeyError(name)
        return Variables(self._fleet.scope(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._fleet.site.hosts)

    def __len__(self) -> int:
        return len(self._fleet.site.hosts)


class Peer:
    """One host of the site as `hosts` has it: `name`, `groups`, `vars`, `address` and `facts` (None where not read)."""

    __slots__ = ("_fleet", "_host", "groups", "name", "vars")

    def __init__(self, fleet: Fleet, host: SiteHost) -> None:
        self._fleet = fleet
        self._host = host
        self.name = host.name
        self.groups = host.groups
        self.vars = Variables(fleet.scope(host.name))

    @property
    def address(self) -> str:
        """`ansible_host`, else the host's name."""
        return str(self.vars["ansible_host"]) if "ansible_host" in self._host.variables else self.name

    @property
    def facts(self) -> Host | None:
        """The host's facts, None where there are none."""
        return self._fleet.facts(self.name)

    def __str__(self) -> str:
        return self.name


class Peers(Mapping[str, Peer]):
    """`hosts`: every host of the site by name."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._made: dict[str, Peer] = {}

    def __getitem__(self, name: str) -> Peer:
        if name not in self._made:
            self._made[name] = Peer(self._fleet, self._fleet.site.hosts[name])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fleet.site.hosts)

    def __len__(self) -> int:
        return len(self._fleet.site.hosts)


class SiteView:
    """`site`: `hosts` (names) and `groups` (name → hosts, children)."""

    __slots__ = ("groups", "hosts")

    def __init__(self, fleet: Fleet) -> None:
        self.hosts = tuple(fleet.site.hosts)
        self.groups = {
            name: {"hosts": fleet.groups[name], "children": list(group.children)}
            for name, group in fleet.site.groups.items()
        }
