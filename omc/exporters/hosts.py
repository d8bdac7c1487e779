"""The lines of one host and of the scrape itself, from what one reading gave. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from ipaddress import ip_address

import msgspec

from omc.exporters import markup
from omc.exporters.exposition import Line
from omc.exporters.families import Families
from omc.exporters.reasons import Down
from omc.ports import LiveGuest, LiveReading, RawHost, RawNetwork, RawPool

NODE = ("cpus", "cpu_frequency_hertz", "numa_cells", "sockets", "cores_per_socket", "threads_per_core")
"""Metrics of virNodeGetInfo, from its third field on."""

_CAPABILITY = re.compile(r"<capability type='([a-z0-9_]+)'")


class ScrapeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a page says of the scrape; `reading` None means that the host is down, and `down` why."""

    seconds: float
    now: float  # time.time()
    reading: LiveReading | None = None
    down: Down | None = None
    reconnects: int = 0


class HostLines:
    """Makes the lines of a host for one choice of collectors and dialect."""

    def __init__(self, families: Families, states: tuple[str, ...]) -> None:
        self.families = families
        self.states = states

    def lines(self, facts: ScrapeFacts) -> list[Line]:
        """Make all lines, in the page's order."""
        found = list(self._scrape(facts))
        if facts.reading is not None:
            found += self._guests(facts.reading.guests)
            found += self._usage(facts.reading)
            if facts.reading.facts is not None:
                host = facts.reading.facts.host
                found += self._line("libvirt_refresh_age_seconds", facts.now - facts.reading.facts.read_at)
                found += self._versions(host, facts.reading)
                for make in (self._node, self._numa, self._pools, self._networks, self._devices):
                    found += make(host)
        return self.families.sorted(found)

    def _line(self, name: str, value: float | None, *own: tuple[str, str]) -> Iterator[Line]:
        if value is not None:
            yield from self.families.lines(name, (), own, value=+value)  # a truth value becomes 0 or 1

    def _scrape(self, facts: ScrapeFacts) -> Iterator[Line]:
        yield from self._line("libvirt_up", int(facts.reading is not None))
        yield from self._line("libvirt_scrape_duration_seconds", facts.seconds)
        yield from self._line("libvirt_connection_reconnects_total", facts.reconnects)
        if facts.down is not None:
            yield from self._line("libvirt_down_info", 1, ("code", facts.down.code), ("reason", facts.down.reason))
        if facts.reading is None:
            return
        for part, seconds in facts.reading.seconds.items():
            yield from self._line("libvirt_scrape_collector_duration_seconds", seconds, ("collector", part))
        for part, success in successes(facts.reading).items():
            yield from self._line("libvirt_scrape_collector_success", int(success), ("collector", part))

    def _versions(self, host: RawHost, reading: LiveReading) -> Iterator[Line]:
        own = (
            ("hypervisor_running", version(host.hypervisor_version)),
            ("libvirtd_running", version(host.libvirt_version)),
            ("libvirt_library", version(reading.library_version)),
        )
        yield from self._line("libvirt_versions_info", 1, *own)

    def _guests(self, guests: tuple[LiveGuest, ...]) -> Iterator[Line]:
        counts = Counter(guest.values.get("state.state") for guest in guests)
        yield from self._line("libvirt_domains", len(guests))
        for place, word in enumerate(self.states):
            yield from self._line("libvirt_domains_by_state", counts[place], ("state", word))
        running = [guest.values for guest in guests if guest.running]
        vcpus = sum(int(values.get("vcpu.current", 0)) for values in running)
        memory = sum(int(values.get("balloon.maximum", 0)) for values in running)
        yield from self._line("libvirt_node_vcpus_allocated", vcpus)
        yield from self._line("libvirt_node_memory_allocated_bytes", memory * 1024)

    def _usage(self, reading: LiveReading) -> Iterator[Line]:
        for mode, nanoseconds in reading.cpu.items():
            yield from self._line("libvirt_node_cpu_seconds_total", nanoseconds / 1e9, ("mode", mode))
        for kind in ("free", "buffers", "cached"):
            if kind in reading.memory:
                yield from self._line(f"libvirt_node_memory_{kind}_bytes", reading.memory[kind] * 1024)

    def _node(self, host: RawHost) -> Iterator[Line]:
        if host.node is None:
            return
        architecture, mebibytes, cpus, megahertz, *topology = host.node
        root = markup.parse(host.capabilities or "")
        model = root.findtext("host/cpu/model", "") if root is not None else ""
        own = (("hypervisor", host.driver), ("arch", architecture), ("cpu_model", model))
        yield from self._line("libvirt_node_info", 1, *own)
        yield from self._line("libvirt_node_memory_bytes", mebibytes << 20)
        for name, value in zip(NODE, (cpus, megahertz * 1_000_000, *topology), strict=True):
            yield from self._line(f"libvirt_node_{name}", value)

    def _numa(self, host: RawHost) -> Iterator[Line]:
        root = markup.parse(host.capabilities or "")
        for cell in root.iterfind("host/topology/cells/cell") if root is not None else ():
            number = cell.get("id", "")
            memory = cell.findtext("memory", "")
            if memory.isdigit():
                yield from self._line("libvirt_node_numa_memory_total_bytes", int(memory) * 1024, ("cell", number))
            for pages in cell.iterfind("pages"):
                size, amount = pages.get("size", ""), pages.text or ""
                if size.isdigit() and amount.isdigit():
                    own = (("cell", number), ("page_size_bytes", str(int(size) * 1024)))
                    yield from self._line("libvirt_node_hugepages", int(amount), *own)
        for free_cell, free in (host.cell_free_bytes or {}).items():
            yield from self._line("libvirt_node_numa_memory_free_bytes", free, ("cell", str(free_cell)))
        for free_cell, sizes in (host.free_pages or {}).items():
            for kibibytes, amount_free in sizes.items():
                own = (("cell", str(free_cell)), ("page_size_bytes", str(kibibytes * 1024)))
                yield from self._line("libvirt_node_hugepages_free", amount_free, *own)

    def _pools(self, host: RawHost) -> Iterator[Line]:
        late = {fault.subject for fault in host.faults if fault.code == "deadline"}
        there = {f"pool/{pool.name}" for pool in host.pools or ()}
        for subject in sorted(late - there):
            if subject.startswith("pool/"):
                name = ("storage_pool", subject.removeprefix("pool/"))
                yield from self._line("libvirt_storage_pool_timed_out", 1, name)
        for pool in host.pools or ():
            name = ("storage_pool", pool.name)
            for metric, value in _pool(pool).items():
                yield from self._line(f"libvirt_storage_pool_{metric}", value, name)
            yield from self._line("libvirt_storage_pool_timed_out", int(f"pool/{pool.name}" in late), name)
            root = markup.parse(pool.xml)
            if root is not None:
                own = (name, ("pool_type", root.get("type", "")), ("target", root.findtext("target/path", "")))
                yield from self._line("libvirt_storage_pool_info", 1, *own)

    def _networks(self, host: RawHost) -> Iterator[Line]:
        for network in host.networks or ():
            name = ("network", network.name)
            for metric, value in _network(network).items():
                yield from self._line(f"libvirt_network_{metric}", value, name)
            root = markup.parse(network.xml)
            if root is not None:
                yield from self._line("libvirt_network_info", 1, name, *_network_pairs(root))

    def _devices(self, host: RawHost) -> Iterator[Line]:
        found = (_CAPABILITY.search(xml) for xml in host.devices or ())
        for capability, amount in sorted(Counter(match.group(1) for match in found if match).items()):
            yield from self._line("libvirt_node_devices", amount, ("capability", capability))


def successes(reading: LiveReading) -> dict[str, bool]:
    """Say which parts of a reading, and of the facts behind it, gave all that they should."""
    failed = {fault.subject.partition("/")[0] for fault in reading.faults if fault.failed}
    found = dict.fromkeys(reading.seconds, True)
    if "guests" in found:
        found["guests"] = not failed & {"guest"} and all(guest.complete for guest in reading.guests)
    behind = None
    if reading.facts is not None:
        behind = {fault.subject.partition("/")[0] for fault in reading.facts.host.faults if fault.failed}
    for part, subject in (("facts", "guest"), ("node", "host"), ("pools", "pool"), ("networks", "network")):
        found[part] = behind is not None and subject not in behind
    return found


def version(number: int | None) -> str:
    """Write libvirt's number of a version, 9000000, as 9.0.0; empty where it was not read."""
    return "" if number is None else f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"


def _pool(pool: RawPool) -> Mapping[str, int | None]:
    return {
        "state": pool.state,
        "capacity_bytes": pool.capacity_bytes,
        "allocation_bytes": pool.allocation_bytes,
        "available_bytes": pool.available_bytes,
        "autostart": pool.autostart,
        "volumes": pool.volume_count,
    }


def _network(network: RawNetwork) -> Mapping[str, int | None]:
    return {
        "active": network.active,
        "autostart": network.autostart,
        "persistent": network.persistent,
        "dhcp_leases": None if network.leases is None else len(network.leases),
        "dhcp_addresses": _addresses(network.xml),
    }


def _addresses(xml: str) -> int | None:
    """Count the addresses of the network's DHCP ranges; None where it has none."""
    root = markup.parse(xml)
    ranges = root.findall("ip/dhcp/range") if root is not None else []
    try:
        ends = [(int(ip_address(one.get("start", ""))), int(ip_address(one.get("end", "")))) for one in ranges]
    except ValueError:
        return None
    return sum(end - start + 1 for start, end in ends) or None


def _network_pairs(root: markup.Element) -> tuple[tuple[str, str], ...]:
    bridge, forward = root.find("bridge"), root.find("forward")
    return (
        ("bridge", bridge.get("name", "") if bridge is not None else ""),
        ("forward_mode", forward.get("mode", "nat") if forward is not None else ""),
    )
