"""What a rule is, and how one is added: by a function in a file of `omc/audit/rules/`.

    @guest_rule(
        "G01",
        severity="critical",
        title="Guest runs without hardware acceleration",
        reason="An emulated CPU is an order of magnitude slower.",
        source="libvirt, virt-host-validate",
        fix="virsh edit {guest}: <domain type='kvm'>",
        reads=("Guest.type", "Host.architectures"),
    )
    def emulated(guest: Guest, seen: Seen) -> Verdicts:
        if guest.type == "qemu" and offers_kvm(seen.host):
            yield Found("type is qemu, and the host has KVM")

Ids are kept for good (tests/data/audit/ids.yaml has all that were given): the id of a rule that goes is never given to
another. A rule reads the model and nothing else. It yields a `Found` for each thing that is wrong, a `Missing` where
its facts were not collected, and nothing where all is well.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from shlex import quote
from types import ModuleType
from typing import NotRequired, TypedDict, Unpack

import msgspec

from omc.audit.fleet import Cluster, Fleet
from omc.audit.machine import Machine
from omc.errors import OmcError
from omc.model import Guest, Host
from omc.sizes import HOST_RESERVE

_PLACE = re.compile(r"\{(host|guest|name|pool|volume|subject)\}")


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong; an empty `subject`, `host`, `fix` or `severity` is that of what is looked at, or the rule's."""

    message: str
    subject: str = ""
    host: str = ""
    fix: str = ""
    severity: str = ""


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """Facts that the rule needs and that were not collected: why, and so how to get them."""

    why: str
    subject: str = ""
    host: str = ""


Verdicts = Iterable[Found | Missing]


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule may look at beside its subject. `now` is RFC 3339 UTC; `limits` are the rule's own.

    `machines` has what the hosts' shells told, or why they did not; None: they were not asked.
    """

    fleet: Fleet
    now: str
    limits: Mapping[str, float] = {}
    host_reserve: str = HOST_RESERVE
    on: Host | None = None
    machines: Mapping[str, Machine | str] | None = None

    @property
    def host(self) -> Host:
        """The host that is looked at, or that the guest is on; rules of the fleet have none."""
        if self.on is None:
            raise OmcError("a rule of the fleet has no host of its own")
        return self.on

    @property
    def cluster(self) -> Cluster:
        """The hosts between which guests of this host move."""
        return self.fleet.cluster_of(self.host.name)

    def machine(self, host: str) -> Machine | Missing:
        """Return what the shell of a host told, or a Missing that says why it did not."""
        if self.machines is None:
            return Missing(why="needs --ssh: libvirt does not tell", host=host)
        found = self.machines.get(host, "its shell was not asked")
        return Missing(why=found, host=host) if isinstance(found, str) else found


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """What a finding's id stands for, for people."""

    id: str
    severity: str
    title: str
    reason: str
    source: str
    fix: str  # filled in, quoted: {host}, {subject}, {guest} or {name}, {pool}, {volume}, and virsh's URI
    reads: tuple[str, ...]  # fields of the model: "Guest.type"; "cluster" where hosts of one are compared; "shell"
    scope: str  # guest, host, fleet, waiver
    limits: Mapping[str, float] = {}  # name → default: what a site may set in audit.yaml

    @property
    def advice(self) -> str:
        """The fix where no subject is known: GUEST stands for a guest's name, HOST for a host's."""
        return _PLACE.sub(lambda place: place[1].upper(), self.fix)


class Rule(Explained, frozen=True, kw_only=True):
    """One rule. `scope` says what `check` is called with: each guest, each host, or once the fleet."""

    check: Callable[..., Verdicts]


GuestCheck = Callable[[Guest, Seen], Verdicts]
HostCheck = Callable[[Host, Seen], Verdicts]
ShellCheck = Callable[[Machine, Seen], Verdicts]
FleetCheck = Callable[[Seen], Verdicts]


class Words(TypedDict):
    """The fields of a Rule that its author writes."""

    severity: str
    title: str
    reason: str
    source: str
    fix: str
    reads: tuple[str, ...]
    limits: NotRequired[Mapping[str, float]]


def guest_rule(rule_id: str, **words: Unpack[Words]) -> Callable[[GuestCheck], Rule]:
    """Make a rule of a function that looks at one guest."""
    return lambda check: Rule(id=rule_id, scope="guest", check=check, **words)


def host_rule(rule_id: str, **words: Unpack[Words]) -> Callable[[HostCheck], Rule]:
    """Make a rule of a function that looks at one host."""
    return lambda check: Rule(id=rule_id, scope="host", check=check, **words)


def shell_rule(rule_id: str, **words: Unpack[Words]) -> Callable[[ShellCheck], Rule]:
    """Make a rule of a function that looks at what a host's shell told; where it did not, that is said."""

    def host_check(check: ShellCheck) -> HostCheck:
        def look(host: Host, seen: Seen) -> Verdicts:
            machine = seen.machine(host.name)
            return [machine] if isinstance(machine, Missing) else check(machine, seen)

        return look

    return lambda check: Rule(id=rule_id, scope="host", check=host_check(check), **words)


def fleet_rule(rule_id: str, **words: Unpack[Words]) -> Callable[[FleetCheck], Rule]:
    """Make a rule of a function that looks at all hosts together."""
    return lambda check: Rule(id=rule_id, scope="fleet", check=check, **words)


def typed(name: str) -> str:
    """Quote a name for the `fix` of a Found: a shell takes it for one word, and nothing is filled in within it."""
    return quote(name).replace("{", "{''").replace("virsh ", "virsh'' ")


def rules_of(module: ModuleType) -> tuple[Rule, ...]:
    """Return the rules of a file, in its order."""
    return tuple(value for value in vars(module).values() if isinstance(value, Rule))
