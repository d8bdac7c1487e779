"""The core sheet of a host: what it offers to guests; that of a group is what all of its hosts offer."""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce

import msgspec

from omc import offered as offering
from omc import x86
from omc.model import Architecture, DomainCapabilities

KindName = tuple[str, str]
"""Architecture and type of guests: ("x86_64", "kvm")."""


class CoreNetwork(msgspec.Struct, frozen=True):
    """A network, as the sheet needs it."""

    name: str
    active: bool


class CorePages(msgspec.Struct, frozen=True):
    """Huge pages of one size."""

    size_bytes: int
    total: int


class CoreCell(msgspec.Struct, frozen=True):
    """A NUMA cell, as the sheet needs it."""

    huge_pages: tuple[CorePages, ...] = ()


class CoreHost(msgspec.Struct, frozen=True):
    """A host without its guests, devices and volumes: what a sheet is made of, in little memory."""

    name: str
    groups: tuple[str, ...] = ()
    collected_at: str | None = None
    status_reason: str | None = None
    live_migration: bool | None = None
    iommu: bool | None = None
    cells: tuple[CoreCell, ...] = ()
    architectures: tuple[Architecture, ...] = ()
    domain_capabilities: tuple[DomainCapabilities, ...] | None = None
    networks: tuple[CoreNetwork, ...] | None = None


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """What guests of one architecture and type may have; None: not read."""

    arch: str
    type: str
    machines: frozenset[str] = frozenset()
    deprecated_machines: frozenset[str] = frozenset()
    level: int | None = None
    models: Mapping[str, frozenset[str]] | None = None  # that run, each with the features to leave out of it
    facts: Mapping[str, frozenset[str]] | None = None  # "disk.bus": {"virtio", …}
    firmware: Mapping[str, frozenset[str]] | None = None  # by board, "q35": {"efi", "secure-boot"}

    @property
    def model(self) -> str | None:
        """The richest named model that runs as it is; for guests of 64 bits none of 32."""
        plain = (name for name, without in (self.models or {}).items() if not without and x86.runs(name, self.arch))
        return max(plain, key=x86.order, default=None)


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """What a host offers, or all hosts of a group do; `kinds` is None where that was not read of one.

    `unread` are hosts that nobody read: they are not in it. Where only some of a group were selected, `part` says how
    many: "1 of 2 hosts".
    """

    hosts: tuple[str, ...]
    unread: tuple[str, ...] = ()
    part: str = ""
    kinds: Mapping[KindName, Kind] | None = {}
    facts: Mapping[str, frozenset[str]] = {}

    @property
    def main(self) -> Kind | None:
        """The kind that the sheet is judged by: with hardware acceleration where there is any."""
        kinds = (self.kinds or {}).values()
        return max(kinds, key=lambda kind: (kind.type == "kvm", kind.models is not None), default=None)

    @property
    def whole(self) -> bool:
        """Whether it is that of every host that it is about; else a host that is not in it may lack anything."""
        return not self.unread and not self.part


def sheet_of(host: CoreHost) -> Sheet:
    """Return the sheet of one host."""
    if host.collected_at is None:
        return Sheet(hosts=(), unread=(host.name,))
    sizes = {f"{page.size_bytes // 1024} KiB" for cell in host.cells for page in cell.huge_pages if page.total}
    facts = {"huge-pages": frozenset(sizes)}
    if host.live_migration is not None:
        facts["migration"] = frozenset({"live"} if host.live_migration else ())
    if host.iommu is not None:
        facts["iommu"] = frozenset({"on"} if host.iommu else ())
    if host.networks is not None:
        facts["network"] = frozenset(each.name for each in host.networks if each.active)
    kinds = {(each.arch, type_): _kind(host, each, type_) for each in host.architectures for type_ in each.types}
    return Sheet(hosts=(host.name,), kinds=kinds or None, facts=facts)


def _kind(host: CoreHost, architecture: Architecture, type_: str) -> Kind:
    names = {name for one in architecture.machines for name in (one.name, one.canonical) if name}
    gone = {one.name for one in architecture.machines if one.deprecated}
    plain = Kind(arch=architecture.arch, type=type_, machines=frozenset(names), deprecated_machines=frozenset(gone))
    wanted = (architecture.arch, type_)
    found = [each for each in host.domain_capabilities or () if (each.arch, each.type) == wanted]
    if not found:
        return plain
    offered = found[0]  # CPUs are the same on every board
    level, models = offering.level(offered), offering.models(offered) or None
    firmware = {offering.board(each.machine): _firmware(each) for each in found if each.machine}
    return msgspec.structs.replace(plain, level=level, models=models, facts=_offered_facts(found), firmware=firmware)


def _firmware(offered: DomainCapabilities) -> frozenset[str]:
    return frozenset((*offered.firmware, "secure-boot") if offered.secure_boot else offered.firmware)


def _offered_facts(found: Sequence[DomainCapabilities]) -> Mapping[str, frozenset[str]]:
    """Return what guests may have, on whichever board."""
    facts: dict[str, frozenset[str]] = {"firmware": frozenset({"bios"})}
    for offered in found:
        said = {
            **offered.devices,
            "cpu.mode": offered.cpu_modes,
            "firmware": offered.firmware,
            "feature": [name for name, there in offered.features.items() if there],
        }
        for name, values in said.items():
            facts[name] = facts.get(name, frozenset()).union(values)
    # An i440FX never has it, however well the host's q35 does: of that alone nothing is known.
    if any(offered.secure_boot for offered in found):
        facts["secure-boot"] = frozenset({"yes"})
    elif any(offered.secure_boot is False and "i440fx" not in (offered.machine or "") for offered in found):
        facts["secure-boot"] = frozenset()
    return facts


def together(sheets: Iterable[Sheet], part: str = "") -> Sheet:
    """Return what all of these offer; hosts that were never read are named, and take nothing away."""
    read: list[Sheet] = []
    unread: list[str] = []
    for sheet in sheets:
        unread.extend(sheet.unread)
        if sheet.hosts:
            read.append(sheet)
    both = reduce(_both, read) if read else Sheet(hosts=())
    return msgspec.structs.replace(both, unread=tuple(unread), part=part)


def _both(left: Sheet, right: Sheet) -> Sheet:
    mine, others, kinds = left.kinds, right.kinds, None
    if mine is not None and others is not None:
        kinds = {name: _both_kinds(kind, others[name]) for name, kind in mine.items() if name in others}
    return Sheet(hosts=left.hosts + right.hosts, kinds=kinds, facts=_both_facts(left.facts, right.facts) or {})


def _both_kinds(left: Kind, right: Kind) -> Kind:
    levels = (left.level, right.level)
    return Kind(
        arch=left.arch,
        type=left.type,
        machines=left.machines & right.machines,
        deprecated_machines=left.deprecated_machines | right.deprecated_machines,
        level=None if None in levels else min(level for level in levels if level is not None),
        models=_both_models(left.models, right.models),
        facts=_both_facts(left.facts, right.facts),
        firmware=_both_facts(left.firmware, right.firmware),
    )


def _both_models(
    left: Mapping[str, frozenset[str]] | None, right: Mapping[str, frozenset[str]] | None
) -> Mapping[str, frozenset[str]] | None:
    if left is None or right is None:
        return None
    return {model: without | right[model] for model, without in left.items() if model in right}


def _both_facts(
    left: Mapping[str, frozenset[str]] | None, right: Mapping[str, frozenset[str]] | None
) -> Mapping[str, frozenset[str]] | None:
    """A fact that was not read of one is not known of both."""
    if left is None or right is None:
        return None
    return {name: values & right[name] for name, values in left.items() if name in right}


def level_names(level: int | None) -> frozenset[str] | None:
    """Return all levels that a level stands for; None where it is not known."""
    return None if level is None else frozenset(x86.name(each) or "" for each in range(1, level + 1))


def facts_of(sheet: Sheet) -> Mapping[str, frozenset[str] | None]:
    """Return the facts that requirements on hosts may ask for, by name; None: not read."""
    main = sheet.main
    facts: dict[str, frozenset[str] | None] = dict(sheet.facts)
    kinds = sheet.kinds if sheet.hosts else None
    facts["type"] = None if kinds is None else frozenset(kind for _, kind in kinds)
    facts["arch"] = None if kinds is None else frozenset(arch for arch, _ in kinds)
    if main is not None:
        facts |= main.facts or {}
        facts["machine"] = main.machines or None
        facts["cpu.level"] = level_names(main.level)
    return facts


def order_kinds(sheet: Sheet) -> Sequence[Kind]:
    """Return the kinds, the main one first."""
    return sorted((sheet.kinds or {}).values(), key=lambda kind: (kind is not sheet.main, kind.arch, kind.type))
