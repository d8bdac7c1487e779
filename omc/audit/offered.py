"""What guests may have on a host, by its domain capabilities: CPU models, what some lack, their level, boards."""

from collections.abc import Mapping, Sequence

from omc import x86
from omc.model import DomainCapabilities

OFF = frozenset({"disable", "forbid"})
ON = frozenset({"require", "force", None})
"""Policies of a feature that the guest does not see, and of one that it sees."""


def board(machine: str) -> str:
    """Return the board that a machine type is a version of: "q35" of pc-q35-7.2; firmware depends on it."""
    if "q35" in machine:
        return "q35"
    return "i440fx" if machine.startswith("pc") else machine.partition("-")[0]


def on_board(offered: Sequence[DomainCapabilities], machine: str | None) -> Sequence[DomainCapabilities]:
    """Return those that tell of guests with the board of `machine`; all where no machine is said, on either side."""
    if machine is None:
        return offered
    return [each for each in offered if each.machine is None or board(each.machine) == board(machine)]


def left_out(offered: DomainCapabilities) -> frozenset[str]:
    """Return the features of the host-model's model that the host does not have."""
    return frozenset(each.name for each in offered.host_model_features or () if each.policy in OFF)


def added(offered: DomainCapabilities) -> frozenset[str]:
    """Return the features that the host has beyond the host-model's model."""
    return frozenset(each.name for each in offered.host_model_features or () if each.policy in ON)


def missing(offered: DomainCapabilities) -> frozenset[str]:
    """Return the features that guests are known not to have there."""
    return frozenset(name for names in offered.blocked_models.values() for name in names) | left_out(offered)


def models(offered: DomainCapabilities) -> Mapping[str, frozenset[str]]:
    """Return the models that run there, each with the features that a guest must leave out of it.

    A model that does not run, and nobody says for want of what (libvirt before 10), is not in it.
    """
    found = {model: frozenset(names) for model, names in offered.blocked_models.items() if names}
    if offered.host_model is not None and left_out(offered):
        found.setdefault(offered.host_model, left_out(offered))
    return found | dict.fromkeys(offered.usable_models, frozenset[str]())


def level(offered: DomainCapabilities) -> int | None:
    """Return the x86-64 level that guests are known to have there; None where nothing tells."""
    witnesses = dict(models(offered))
    if offered.host_model is not None and offered.host_model_features is not None:
        witnesses.setdefault(offered.host_model, left_out(offered))
    return x86.level_offered(witnesses, missing(offered))
