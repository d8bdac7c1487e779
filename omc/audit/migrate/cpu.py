"""CPU: whether the target has what the guest sees, by what libvirt says of guests of its kind there."""

from collections.abc import Iterator, Sequence
from shlex import quote

from omc import offered as offering
from omc import x86
from omc.audit.guests import listed
from omc.audit.migrate.move import Check, Checks, Move, fine, kind_of, never, unknown
from omc.model import DomainCapabilities, Host
from omc.offered import untold

AREA = "cpu"
_FILE = "FILE: the guest's <cpu> of virsh dumpxml"
_ITS_OWN = frozenset({"host-passthrough", "maximum"})


def checks(move: Move) -> Checks:
    """Check the architecture, the number of vCPUs, the model and its features."""
    kinds = [each for each in move.target.architectures if each.arch == move.guest.arch]
    if not any(move.guest.type in each.types for each in kinds):
        yield never(
            AREA, f"{move.target.name} runs no guests of type {move.guest.type} and architecture {move.guest.arch}"
        )
        return
    if move.capabilities == ():  # omc asks for the host's own architecture alone
        hint = move.there("domcapabilities", "--arch", move.guest.arch or "", "--virttype", move.guest.type or "")
        yield unknown(AREA, f"libvirt was not asked what {move.guest.arch} guests may have there", hint)
        return
    if move.capabilities is None:
        if untold(move.target.issues):
            yield unknown(AREA, f"what guests may have on {move.target.name} its hypervisor's driver does not tell")
            return
        hint = f"omc inventory --read-write {quote(move.target.name)}"
        yield unknown(AREA, f"what guests may have on {move.target.name} was not read", hint)
        return
    yield from _count(move, move.on_board or move.capabilities)
    mode, model = move.guest.cpu.mode, move.guest.cpu.model
    if mode in _ITS_OWN:
        yield from _passed_through(move)
    elif mode == "host-model" and move.live:
        yield unknown(AREA, "which model libvirt chose for it was not read", "omc inventory")
    elif mode == "host-model":
        yield from _like_host(move, move.capabilities)
    elif model is not None:
        yield from _named(move, model, move.capabilities)


def _count(move: Move, capabilities: Sequence[DomainCapabilities]) -> Checks:
    most = max((each.max_vcpus or 0 for each in capabilities), default=0)
    wanted = move.guest.vcpus_maximum or move.guest.vcpus or 0
    if most and wanted > most:
        fix = move.here("setvcpus", move.guest.name, str(most), "--maximum", "--config")
        yield never(AREA, f"{wanted} vCPUs, {move.target.name} gives a guest {most} at most", fix)


def same_cpus(one: Host, other: Host) -> bool:
    """Tell whether two hosts have the same CPU, as far as a guest sees it."""
    left, right = one.cpu, other.cpu
    known = left.model is not None
    return known and (left.vendor, left.model, {*left.features}) == (right.vendor, right.model, {*right.features})


def _alike(move: Move) -> bool:
    """Tell whether guests of this kind may have the same CPUs on both hosts."""
    here = kind_of(move.guest, move.source)
    offered = [
        {(each.host_model, each.host_model_features, frozenset(each.usable_models)) for each in each_host}
        for each_host in (here or (), move.capabilities or ())
    ]
    same_version = move.source.hypervisor_version == move.target.hypervisor_version
    return same_version and bool(here) and offered[0] == offered[1] and same_cpus(move.source, move.target)


def _passed_through(move: Move) -> Checks:
    mode = move.guest.cpu.mode
    if not move.live:
        if not any(mode in each.cpu_modes for each in move.capabilities or ()):
            yield never(AREA, f"{mode} is not to be had there", move.here("edit", move.guest.name))
        return
    if move.guest.cpu.migratable is False or "invtsc" in offering.seen(move.guest.cpu.features):
        why = "its CPU has what cannot move (migratable='off', invtsc)"
        yield never(AREA, why, _named_instead(move))
    elif not _alike(move):
        yield never(
            AREA, f"it has its host's very CPU ({mode}), and {move.target.name} has another", _named_instead(move)
        )
    elif move.source.cpu.microcode != move.target.cpu.microcode:
        yield unknown(AREA, f"{mode} on the same CPU with another microcode: which features the guest saw is not told")


def _named_instead(move: Move) -> str:
    usable = {model for each in move.capabilities or () for model in each.usable_models}
    models = [model for model in usable if x86.runs(model, move.guest.arch)]
    best = max(models, key=x86.order, default="…")
    edit = move.here("edit", move.guest.name)
    return f"{edit}: <cpu mode='custom'><model>{best}</model>; stop and start it"


def _like_host(move: Move, capabilities: tuple[DomainCapabilities, ...]) -> Checks:
    model = next((each.host_model for each in capabilities if each.host_model), None)
    if not any("host-model" in each.cpu_modes for each in capabilities):
        yield never(AREA, "host-model is not to be had there", move.here("edit", move.guest.name))
    elif model is not None:
        yield fine(AREA, f"host-model: there it is {model}")


def _named(move: Move, model: str, capabilities: tuple[DomainCapabilities, ...]) -> Checks:
    if move.live and _alike(move):
        yield fine(AREA, f"{model}, which it has here on the same CPU")
        return
    verdicts = [list(_on_kind(move, model, each)) for each in capabilities]
    best = min(verdicts, key=lambda found: ("cannot" in {each.status for each in found}, len(found)))
    if "invtsc" in offering.seen(move.guest.cpu.features) and move.live:
        yield never(AREA, "invtsc keeps a guest where it is", _named_instead(move))
    yield from best or (fine(AREA, f"{model} runs there"),)


def _on_kind(move: Move, model: str, offered: DomainCapabilities) -> Iterator[Check]:
    """Check a named model and the features that the guest adds against one kind of guests of the target."""
    off, on = offering.unseen(move.guest.cpu.features), offering.seen(move.guest.cpu.features)
    missing = offering.missing(offered)
    present = offering.present(offered, move.target.cpu.features)
    without = offering.lacking(model, off, offered)
    if without and move.guest.type == "qemu" and not move.live:
        yield fine(AREA, f"{model} starts there without {listed(sorted(without))}: an emulated CPU is not compared")
    elif without:
        yield never(AREA, f"{model} does not run there: no {listed(sorted(without))}", _named_instead(move))
    elif without is None:
        fix = move.there("hypervisor-cpu-compare", "--virttype", offered.type, "FILE")
        but = f" without {listed(sorted(off))}" if off else ""
        yield unknown(AREA, f"whether {model}{but} runs there is not told", f"{fix} ({_FILE})")
    gone = sorted(on & missing - (without or frozenset()))
    if gone:
        yield never(AREA, f"no {listed(gone)} there, which it has", _named_instead(move))
    unsure = sorted(on - missing - present)
    if unsure:
        fix = move.there("hypervisor-cpu-compare", "--virttype", offered.type, "FILE")
        yield unknown(AREA, f"whether {listed(unsure)} is there is not told", f"{fix} ({_FILE})")
