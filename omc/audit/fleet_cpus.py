"""Which CPUs guests may have on the hosts of a cluster: named models, and single features. Each answer is kept."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from omc import offered as offering


class FleetCpu(msgspec.Struct, frozen=True, gc=False):
    """A host's CPUs."""

    arch: str | None = None
    model: str | None = None
    vendor: str | None = None
    microcode: str | None = None
    features: tuple[str, ...] = ()
    count: int | None = None


class FleetCpuFeature(msgspec.Struct, frozen=True, gc=False):
    """A feature that a CPU model is given, or not."""

    name: str
    policy: str | None = None


class FleetDomainCapabilities(msgspec.Struct, frozen=True, gc=False):
    """What guests of one type may have on a host."""

    arch: str
    type: str
    host_model: str | None = None
    host_model_features: tuple[FleetCpuFeature, ...] | None = None
    usable_models: tuple[str, ...] = ()
    blocked_models: dict[str, list[str]] = {}
    unknown_models: tuple[str, ...] = ()


Kind = tuple[str | None, str | None]
"""Architecture and type of guests."""


class HostCpus(NamedTuple):
    """What is known of a host's CPUs; `offered` is None where it was not read."""

    cpu: FleetCpu
    version: str | None
    offered: tuple[FleetDomainCapabilities, ...] | None


class Features(NamedTuple):
    """The features that guests have on a host, and have not; hosts of one `like` have the same, the rest, too."""

    present: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    like: tuple[object, ...] | None = None

    def is_like(self, other: "Features") -> bool:
        """Tell whether guests have the same CPUs there, whatever is in them."""
        return self.like is not None and self.like == other.like


class Without(NamedTuple):
    """What hosts do not have, and what of others is not told, by their names."""

    lacking: Mapping[str, frozenset[str]]
    untold: Mapping[str, frozenset[str]]


class ClusterCpus:
    """What the hosts of a cluster offer guests, by the hosts' names; those of which nothing was read are left out."""

    def __init__(self, hosts: Mapping[str, HostCpus]) -> None:
        self._hosts = hosts
        self._features: dict[Kind, Mapping[Features, frozenset[str]]] = {}
        self._of_models: dict[tuple[Kind, str, frozenset[str]], Without] = {}
        self._of_features: dict[tuple[Kind, str | Features, frozenset[str]], Without] = {}

    def without_model(self, kind: Kind, model: str, off: frozenset[str]) -> Without:
        """Return the hosts on which guests of a kind cannot have a model, even without the features `off`."""
        key = (kind, model, off)
        if key not in self._of_models:
            lacking = {name: offering.lacking_on_all(model, off, each) for name, _, each in self._boards(kind)}
            untold = {name: frozenset({model}) for name, without in lacking.items() if without is None}
            self._of_models[key] = Without({name: without for name, without in lacking.items() if without}, untold)
        return self._of_models[key]

    def without_features(self, kind: Kind, here: str, features: frozenset[str]) -> Without:
        """Return the hosts that lack a feature that guests have on the host `here`: none with CPUs like its own."""
        groups = self._groups(kind)
        own = next((told for told, names in groups.items() if here in names), Features())
        key = (kind, here if own.like is None else own, features)
        if key not in self._of_features:
            others = [(told, names - {here}) for told, names in groups.items() if not told.is_like(own)]
            gone = {name: lost for told, names in others if (lost := features & told.missing) for name in names}
            left = [(features - told.missing - told.present, names) for told, names in others]
            self._of_features[key] = Without(gone, {name: unsure for unsure, names in left if unsure for name in names})
        return self._of_features[key]

    def _groups(self, kind: Kind) -> Mapping[Features, frozenset[str]]:
        """Return the hosts by what guests of a kind have there: most of a cluster have the same."""
        if kind not in self._features:
            found: dict[Features, set[str]] = defaultdict(set)
            for name, host, boards in self._boards(kind):
                found[_features(host, boards)].add(name)
            self._features[kind] = {told: frozenset(names) for told, names in found.items()}
        return self._features[kind]

    def _boards(self, kind: Kind) -> Iterator[tuple[str, HostCpus, tuple[FleetDomainCapabilities, ...]]]:
        for name, host in self._hosts.items():
            if host.offered is not None:
                yield name, host, tuple(each for each in host.offered if (each.arch, each.type) == kind)


def _features(host: HostCpus, boards: tuple[FleetDomainCapabilities, ...]) -> Features:
    if not boards:
        return Features()
    offered = boards[0]  # CPUs are the same on every board
    cpu = host.cpu
    like = (cpu.vendor, cpu.model, frozenset(cpu.features), host.version, frozenset(offered.usable_models))
    return Features(
        present=offering.present(offered, cpu.features),
        missing=offering.missing(offered),
        like=None if cpu.model is None else (*like, offered.host_model, offered.host_model_features),
    )
