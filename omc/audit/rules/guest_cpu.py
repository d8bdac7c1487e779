"""Rules on guests' CPUs: acceleration, models that move, mitigations."""

from collections.abc import Mapping

from omc import offered, x86
from omc.audit.guests import is_active, is_machine, is_x86, listed, of_host
from omc.audit.rule import Found, Missing, Seen, Verdicts, guest_rule
from omc.model import Guest, Host


@guest_rule(
    "G01",
    severity="critical",
    title="Guest runs without hardware acceleration",
    reason="QEMU translates every instruction of such a guest: it runs many times slower, and takes a host CPU for it.",
    source="libvirt, virt-host-validate: QEMU checks",
    fix="stop it, then virsh edit {guest}: <domain type='kvm'>",
    reads=("Guest.type", "Host.architectures"),
)
def emulated(guest: Guest, seen: Seen) -> Verdicts:
    """Found where the type is qemu, and the host has KVM for the guest's architecture."""
    if guest.type is None or (guest.type == "qemu" and not seen.host.architectures):
        yield Missing(why="the host's capabilities were not read")
    elif guest.type == "qemu" and _offers_kvm(seen.host, guest.arch):
        yield Found(message="its type is qemu, and the host has KVM")


def _offers_kvm(host: Host, arch: str | None) -> bool:
    return any("kvm" in found.types for found in host.architectures if arch in (None, found.arch))


@guest_rule(
    "G04",
    severity="warning",
    title="Guest has its host's very CPU, and the hosts of its cluster differ",
    reason="host-passthrough shows the guest all of its host's CPU; on a host with another one it fails or misbehaves "
    "after a live migration.",
    source="QEMU, qemu-cpu-models(7): host passthrough",
    fix="virsh edit {guest}: <cpu mode='custom'> with a model that all hosts of the cluster have",
    reads=("Guest.cpu", "Host.cpu", "cluster"),
)
def passthrough(guest: Guest, seen: Seen) -> Verdicts:
    """Found where the mode is host-passthrough, and two hosts of the cluster have different CPUs."""
    if guest.cpu.mode != "host-passthrough":
        return
    cluster = seen.cluster
    if cluster.unread:
        yield Missing(why=f"hosts of the cluster were never read: {', '.join(cluster.unread)}")
    if cluster.cpu_kinds > 1:
        yield Found(
            message=f"its CPU mode is host-passthrough, and cluster {cluster.name} has {cluster.cpu_kinds} kinds of CPU"
        )


@guest_rule(
    "G05",
    severity="warning",
    title="CPU model is older than x86-64-v2",
    reason="Such a CPU has neither the instructions that RHEL 9 and its like need to start, nor the flags by which the "
    "guest's kernel guards itself against faults of the host's CPU.",
    source="QEMU, qemu-cpu-models(7): other CPU models; x86-64 psABI, micro-architecture levels",
    fix="virsh edit {guest}: <cpu mode='host-model'/>, or a named model of all hosts; stop and start it",
    reads=("Guest.cpu", "Guest.arch", "Guest.type"),
)
def old_model(guest: Guest, _: Seen) -> Verdicts:
    """Found for a PC under KVM with such a model, or with none: that is qemu64."""
    if guest.type != "kvm" or not is_x86(guest):
        return
    if guest.cpu.mode is None and guest.cpu.model is None:
        yield Found(message="it has no <cpu>, and so QEMU's default, qemu64")
    elif guest.cpu.model and x86.level_of_model(guest.cpu.model) in (0, 1):
        yield Found(message=f"its CPU model is {guest.cpu.model}")


_OLD_INTEL = frozenset(
    ("Nehalem", "Westmere", "SandyBridge", "IvyBridge", "Haswell", "Broadwell", "Skylake-Client", "Skylake-Server")
)
_OLD_AMD = frozenset({"Opteron_G4", "Opteron_G5", "EPYC"})
_NO_TSX_SECOND = frozenset({"Haswell", "Broadwell"})
"""Models whose second version is the one without TSX; the flags came with the third (QEMU, target/i386/cpu.c)."""

_OFF = frozenset({"disable", "forbid"})


@guest_rule(
    "G06",
    severity="warning",
    title="CPU model lacks the flags against Spectre, SSB and MDS",
    reason="The named model is of before these faults were known: the guest's kernel does not see that the host's CPU "
    "can be told to guard it, and leaves its processes open to each other.",
    source="QEMU, qemu-cpu-models(7): important CPU features for Intel and AMD x86 hosts",
    fix="virsh edit {guest}: <feature policy='require' name='…'/> below <cpu> for those that all hosts "
    "have, or <cpu mode='host-model'/>; stop and start it",
    reads=("Guest.cpu", "Guest.arch", "Guest.type"),
)
def unguarded_model(guest: Guest, _: Seen) -> Verdicts:
    """Found for a named model of before 2018 without the features that qemu-cpu-models(7) says to add."""
    if guest.type != "kvm" or not is_x86(guest) or guest.cpu.model is None:
        return
    if guest.cpu.mode not in {None, "custom"}:
        return
    named = {feature.name for feature in guest.cpu.features if feature.policy not in _OFF}
    lacking = [" or ".join(choice) for choice in _needed(guest.cpu.model) if named.isdisjoint(choice)]
    if lacking:
        yield Found(message=f"{guest.cpu.model} without {', '.join(lacking)}")


def _needed(model: str) -> tuple[tuple[str, ...], ...]:
    """Give the features to add to a model, each with what may stand for it; none for a model that has them."""
    plain, guarded = x86.plain(model), _is_guarded(model)
    if plain in _OLD_INTEL:
        return (*(() if guarded else (("spec-ctrl",),)), ("ssbd",), ("md-clear", "mds-no"))
    if plain in _OLD_AMD:
        return (*(() if guarded else (("ibpb",),)), ("virt-ssbd", "amd-ssbd", "amd-no-ssb"))
    return ()


def _is_guarded(model: str) -> bool:
    """Tell whether it is a variant with the flags against Spectre, by its name or by QEMU's version of it."""
    version = model.rpartition("-v")[2]
    first = 3 if x86.plain(model) in _NO_TSX_SECOND else 2
    return "-IBRS" in model or "-IBPB" in model or (version.isdecimal() and int(version) >= first)


@guest_rule(
    "G07",
    severity="warning",
    title="CPU model does not run on every host of the cluster, or is deprecated",
    reason="The guest can neither start on such a host nor be moved to it; a deprecated model goes away in a later "
    "QEMU.",
    source="libvirt, domain capabilities: CPU configuration (usable, deprecated, blockers)",
    fix="virsh edit {guest}: <cpu mode='custom'> with a model that omc audit --profile names for the cluster",
    reads=("Guest.cpu", "Guest.arch", "Guest.type", "Host.domain_capabilities", "cluster"),
)
def unusable_model(guest: Guest, seen: Seen) -> Verdicts:
    """Found for a named model that a host of the cluster blocks, or does not list at all."""
    model = guest.cpu.model
    if not is_machine(guest) or model is None or guest.cpu.mode not in {None, "custom"}:
        return
    if seen.cluster.without_capabilities:
        yield _capabilities_missing(seen)
    kind = (guest.arch, guest.type)
    without = seen.cluster.cpus.without_model(kind, model, offered.unseen(guest.cpu.features))
    if without.lacking:
        yield Found(message=f"{model} does not run on {listed(list(without.lacking))}")
    if without.untold:
        yield Missing(why=f"whether {model} runs on {listed(list(without.untold))} is not told")
    if any(model in found.deprecated_models for found in seen.host.domain_capabilities or ()):
        yield Found(message=f"{model} is deprecated", severity="info")


@guest_rule(
    "G08",
    severity="critical",
    title="Guest runs with a CPU feature that another host of its cluster lacks",
    reason="What a guest has once seen it must find on the next host: its live migration there is refused.",
    source="libvirt, domain capabilities: blockers; formatdomain: CPU model and topology",
    fix="virsh edit {guest}: <cpu mode='custom'> with a model of all hosts; stop and start it",
    reads=("Guest.cpu", "Guest.state", "Guest.type", "Host.domain_capabilities", "cluster"),
)
def missing_feature(guest: Guest, seen: Seen) -> Verdicts:
    """Found for a running guest with a feature that another host is known not to have; same CPUs have the same."""
    if not is_machine(guest) or not is_active(guest):
        return
    required = frozenset(feature.name for feature in guest.cpu.features if feature.policy in {"require", "force"})
    if not required:
        return
    if any(name != seen.host.name for name in seen.cluster.without_capabilities):
        yield _capabilities_missing(seen)
    without = seen.cluster.cpus.without_features((guest.arch, guest.type), seen.host.name, required)
    if without.lacking:
        yield Found(message=f"{listed(sorted(without.lacking))} has no {_all(without.lacking)}")
    if without.untold:
        told = f"whether {listed(sorted(without.untold))} has {_all(without.untold)} is not told"
        yield Missing(why=f"{told}: virsh hypervisor-cpu-compare")


def _all(features: Mapping[str, frozenset[str]]) -> str:
    return listed(sorted(frozenset[str]().union(*features.values())))


def _capabilities_missing(seen: Seen) -> Missing:
    names = listed(seen.cluster.without_capabilities)
    return of_host(f"what guests may have on {names} was not read: omc inventory --read-write")
