"""What guests may have on a host, by its domain capabilities: CPU models, what some lack, their level, boards. Pure.

Whoever asks has structs of his own with these fields, as many as he needs; names and meanings are those of `omc.model`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from omc import x86

OFF = frozenset({"disable", "forbid"})
ON = frozenset({"require", "force", None})
"""Policies of a feature that the guest does not see, and of one that it sees."""

_EVERY_GUESTS = frozenset({"hypervisor"})
"""What QEMU gives every guest, whatever the CPU."""


class Feature(Protocol):
    """A CPU feature that is asked for, or left out."""

    @property
    def name(self) -> str:
        """Return libvirt's name."""

    @property
    def policy(self) -> str | None:
        """Return whether it is required, disabled and so on."""


class Offered(Protocol):
    """The CPUs of guests of one type."""

    @property
    def type(self) -> str:
        """Return kvm, qemu and so on."""

    @property
    def host_model(self) -> str | None:
        """Return the model that host-model gives."""

    @property
    def host_model_features(self) -> Sequence[Feature] | None:
        """Return what it adds to that, or leaves out of it."""

    @property
    def usable_models(self) -> Collection[str]:
        """Return the models that run."""

    @property
    def blocked_models(self) -> Mapping[str, Collection[str]]:
        """Return the models that do not, and for want of which features."""

    @property
    def unknown_models(self) -> Collection[str]:
        """Return the models of which libvirt does not tell."""


class OnBoard(Protocol):
    """What is said of guests with a machine type."""

    @property
    def machine(self) -> str | None:
        """Return that type."""


_OnBoard = TypeVar("_OnBoard", bound=OnBoard)


class Unread(Protocol):
    """A fact that could not be read."""

    @property
    def code(self) -> str:
        """Return the stable word for why."""

    @property
    def what(self) -> str:
        """Return which fact."""


def untold(issues: Iterable[Unread]) -> bool:
    """Tell whether the host's hypervisor has no way to tell its domain capabilities, so that asking again is vain."""
    return any(issue.code == "unsupported" and "domain capabilities" in issue.what for issue in issues)


def board(machine: str) -> str:
    """Return the board that a machine type is a version of: "q35" of pc-q35-7.2; firmware depends on it."""
    if "q35" in machine:
        return "q35"
    return "i440fx" if machine.startswith("pc") else machine.partition("-")[0]


def on_board(offered: Sequence[_OnBoard], machine: str | None) -> Sequence[_OnBoard]:
    """Return those that tell of guests with the board of `machine`; all where no machine is said, on either side."""
    if machine is None:
        return offered
    return [each for each in offered if each.machine is None or board(each.machine) == board(machine)]


def seen(features: Iterable[Feature]) -> frozenset[str]:
    """Return the features that a guest asks for and sees."""
    return frozenset(each.name for each in features if each.policy in ON)


def unseen(features: Iterable[Feature]) -> frozenset[str]:
    """Return the features that a guest leaves out of its model."""
    return frozenset(each.name for each in features if each.policy in OFF)


def left_out(offered: Offered) -> frozenset[str]:
    """Return the features of the host-model's model that the host does not have."""
    return unseen(offered.host_model_features or ())


def missing(offered: Offered) -> frozenset[str]:
    """Return the features that guests are known not to have there."""
    return frozenset(name for names in offered.blocked_models.values() for name in names) | left_out(offered)


def present(offered: Offered, features: Iterable[str]) -> frozenset[str]:
    """Return the features that guests are known to have there; `features` are those of the host's own CPU."""
    by_kvm = frozenset(features) if offered.type == "kvm" else frozenset[str]()
    return x86.features_up_to(level(offered) or 0) | seen(offered.host_model_features or ()) | by_kvm | _EVERY_GUESTS


def models(offered: Offered) -> Mapping[str, frozenset[str]]:
    """Return the models that run there, each with the features that a guest must leave out of it.

    A model that does not run, and nobody says for want of what (libvirt before 10), is not in it.
    """
    found = {model: frozenset(names) for model, names in offered.blocked_models.items() if names}
    if offered.host_model is not None and left_out(offered):
        found.setdefault(offered.host_model, left_out(offered))
    return found | dict.fromkeys(offered.usable_models, frozenset[str]())


def lacking(model: str, off: frozenset[str], offered: Offered) -> frozenset[str] | None:
    """Return what a model misses there but for the features `off`, nothing where it runs; None where nobody tells.

    A model that the host's QEMU does not list is missing itself.
    """
    if model in offered.usable_models:
        return frozenset()
    names = offered.blocked_models.get(model) or (left_out(offered) if model == offered.host_model else ())
    if names:
        return frozenset(names) - off
    told = bool(offered.usable_models or offered.blocked_models) and model not in offered.unknown_models
    if not told or model == offered.host_model or (off and model in offered.blocked_models):
        return None  # it lacks something, and libvirt before 10 does not say what; or nothing is said of it
    return frozenset({f"CPU model {model}"})


def lacking_on_all(model: str, off: frozenset[str], boards: Iterable[Offered]) -> frozenset[str] | None:
    """Return what a model misses on the board where that is least; None where nobody tells."""
    found = [lacking(model, off, each) for each in boards]
    told = [each for each in found if each is not None]
    if frozenset() in told:
        return frozenset()
    return min(told, key=len) if told and len(told) == len(found) else None


def level(offered: Offered) -> int | None:
    """Return the x86-64 level that guests are known to have there; None where nothing tells."""
    witnesses = dict(models(offered))
    if offered.host_model is not None and offered.host_model_features is not None:
        witnesses.setdefault(offered.host_model, left_out(offered))
    return x86.level_offered(witnesses, missing(offered))
