"""The lines of one guest: what the table's keys find in its statistics, and what needs an `if` from its XML. Pure.

`omc.timed_out`, `omc.last_full` and `omc.used_percent` are keys of our own, beside libvirt's.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import count

import msgspec

from omc.exporters import latency, markup
from omc.exporters.agents import AgentLines
from omc.exporters.exposition import Line, Values
from omc.exporters.families import Families, Pairs
from omc.exporters.table import Metric
from omc.ports import LiveAgent, RawGuest

_NUMBERS = re.compile(r"(?<=\.)\d+(?=\.)")
_MONITOR = re.compile(r"(memory\.bandwidth\.monitor\.[0-9]+)\.name")
_CONTROLLER = re.compile(r"(memory\.bandwidth\.monitor\.[0-9]+\.node\.[0-9]+)\.id")
_OPENSTACK_OF_EVERY_GUEST = ("inovex", "tinkoff")
"""Dialects whose dashboards join every guest with its OpenStack instance, whether it is one or not."""

_NAMED = ("block", "net", "block_error", "block_job")


class GuestFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a guest beside its statistics; None where nothing is yet."""

    name: str
    uuid: str
    raw: RawGuest | None = None
    leases: tuple[tuple[str, str], ...] = ()  # MAC address and address
    pending: bool | None = None
    agent: LiveAgent | None = None


def keys_of(rows: Mapping[str, Metric]) -> dict[str, list[Metric]]:
    """Give the rows of each key pattern."""
    found: dict[str, list[Metric]] = {}
    for row in rows.values():
        if row.key:
            found.setdefault(row.key, []).append(row)
    return found


def completed(values: Values, *, complete: bool, last_full: float) -> dict[str, int | float | str | bool]:
    """Add our own keys to a guest's statistics."""
    added: dict[str, int | float | str | bool] = {**values, "omc.timed_out": int(not complete)}
    added.update(latency.cumulated(values))
    if last_full:
        added["omc.last_full"] = last_full
    available, usable = values.get("balloon.available"), values.get("balloon.usable")
    if isinstance(available, int) and isinstance(usable, int) and available > 0:
        added["omc.used_percent"] = 100 * (available - usable) / available
    return added


class GuestLines:
    """Makes the lines of guests for one choice of collectors and dialect."""

    def __init__(self, families: Families) -> None:
        self.families = families
        self._keys = keys_of(families.rows)
        self._agents = AgentLines(families)

    def lines(self, facts: GuestFacts, values: Values) -> list[Line]:
        """Make all lines of a guest, in the page's order."""
        base = (("domain", facts.name), ("uuid", facts.uuid))
        root = markup.parse(facts.raw.xml) if facts.raw is not None else None
        nics = unique(list(markup.interfaces(root))) if root is not None else []
        names = _device_names(values, nics)
        found = list(self._keyed(base, values, names))
        found += latency.lines(self.families, base, values, names)
        if facts.agent is not None:
            found += self._agents.lines(base, facts.agent)
        if facts.raw is not None:
            found += self._raw(base, facts)
        if root is not None:
            found += self._described(base, root)
            found += self._devices(base, root, nics)
        return self.families.sorted(found)

    def _keyed(self, base: Pairs, values: Values, names: Mapping[str, str]) -> Iterator[Line]:
        for key in values:
            for row in self._keys.get(_NUMBERS.sub("*", key), ()):
                shown = [names.get(key[: match.end()], match.group()) for match in _NUMBERS.finditer(key)]
                own = tuple(zip(row.labels, shown, strict=False))
                yield from self.families.lines(row.name, base, own, key=key)

    def _raw(self, base: Pairs, facts: GuestFacts) -> Iterator[Line]:
        raw = facts.raw
        assert raw is not None
        flags = {
            "persistent": raw.persistent,
            "autostart": raw.autostart,
            "managed_save": raw.managed_save,
            "config_pending": facts.pending,
            "snapshots": None if raw.snapshots is None else len(raw.snapshots),
            "checkpoints": None if raw.checkpoints is None else len(raw.checkpoints),
        }
        for name, value in flags.items():
            if value is not None:
                yield from self.families.lines(f"libvirt_domain_{name}", base, value=int(value))
        times = markup.created(raw.snapshots or ())
        for name, times_found in (("oldest", times[:1]), ("newest", times[-1:])):
            for moment in times_found:
                yield from self.families.lines(f"libvirt_domain_snapshot_{name}_timestamp_seconds", base, value=moment)
        yield from self._addresses(base, facts)

    def _addresses(self, base: Pairs, facts: GuestFacts) -> Iterator[Line]:
        assert facts.raw is not None
        known = [(one.mac, one.address, one.source) for one in facts.raw.addresses]
        known += [(mac, address, "lease") for mac, address in facts.leases]
        for mac, address, source in dict.fromkeys(known):
            own = (("mac_address", mac), ("address", address), ("source", source))
            yield from self.families.lines("libvirt_domain_interface_address_info", base, own, value=1)

    def _described(self, base: Pairs, root: markup.Element) -> Iterator[Line]:
        yield from self.families.lines("libvirt_domain_info", base, markup.machine(root), value=1)
        instance = markup.openstack(root, of_every_guest=self.families.compat in _OPENSTACK_OF_EVERY_GUEST)
        if instance is not None:
            yield from self.families.lines("libvirt_domain_openstack_info", base, instance, value=1)
        for name, value in markup.figures(root).items():
            yield from self.families.lines(f"libvirt_domain_{name}", base, value=value)
        for kind, number in markup.devices(root).items():
            yield from self.families.lines("libvirt_domain_devices", base, (("kind", kind),), value=number)
        for tag in markup.tags(root):
            yield from self.families.lines("libvirt_domain_tag_info", base, (("tag", tag),), value=1)

    def _devices(self, base: Pairs, root: markup.Element, nics: list[markup.Device]) -> Iterator[Line]:
        for disk in unique(list(markup.disks(root))):
            target = (("target_device", disk.name),)
            yield from self.families.lines("libvirt_domain_block_stats_info", base, (*target, *disk.pairs), value=1)
            for name, value in disk.figures.items():
                yield from self.families.lines(f"libvirt_domain_block_{name}", base, target, value=value)
        for nic in nics:
            target = (("target_device", nic.name),)
            yield from self.families.lines("libvirt_domain_interface_stats_info", base, (*target, *nic.pairs), value=1)
            yield from self.families.lines("libvirt_domain_interface_link_up", base, target, value=int(nic.up))


def unique(devices: list[markup.Device]) -> list[markup.Device]:
    """Give devices names of their own: no two series may have the same labels."""
    names = _distinct([device.name for device in devices])
    return [
        markup.Device(name, device.pairs, device.figures, up=device.up)
        for name, device in zip(names, devices, strict=True)
    ]


def _distinct(names: list[str]) -> list[str]:
    taken: set[str] = set()
    for place, name in enumerate(names):
        wanted = name or f"#{place}"
        numbers = count(2)
        while wanted in taken:
            wanted = f"{name or '#'}#{next(numbers)}"
        taken.add(wanted)
        names[place] = wanted
    return names


def _device_names(values: Values, nics: list[markup.Device]) -> dict[str, str]:
    """Give the name of each disk and interface by its key in the statistics: "block.0" → "vda"."""
    found: dict[str, str] = {}
    for group in _NAMED:
        numbers = dict.fromkeys(key.split(".")[1] for key in values if key.startswith(f"{group}.") and ".." not in key)
        numbers.pop("count", None)
        named = [str(values.get(f"{group}.{number}.name", "")) for number in numbers]
        if group == "net":
            named = [name or _name_at(nics, number) for name, number in zip(named, numbers, strict=True)]
        found |= {f"{group}.{number}": name for number, name in zip(numbers, _distinct(named), strict=True)}
    return found | latency.intervals(values) | _monitors(values)


def _monitors(values: Values) -> dict[str, str]:
    """Give the name of each resource monitor, and the number of each memory controller on the host, by their keys."""
    ends = {_MONITOR: ".name", _CONTROLLER: ".id"}
    return {
        match.group(1): str(value)
        for pattern, end in ends.items()
        for key, value in values.items()
        if key.endswith(end) and (match := pattern.fullmatch(key))
    }


def _name_at(nics: list[markup.Device], number: str) -> str:
    return nics[int(number)].name if number.isdigit() and int(number) < len(nics) else ""
