"""The lines of one host and of the scrape itself, from what one reading gave. Pure.

What moves with every scrape and what is read in the background are made apart: the second stays the same text for as
long as the same facts are there.
"""

from collections import Counter
from collections.abc import Iterator

import msgspec

from omc.exporters import hardware, markup, resources
from omc.exporters.exposition import Line
from omc.exporters.families import Families, Found
from omc.exporters.reasons import Down
from omc.ports import LiveReading, RawHost

BACKGROUND = (
    hardware.node,
    hardware.numa,
    resources.pools,
    resources.volumes,
    resources.networks,
    hardware.interfaces,
    hardware.devices,
    resources.daemons,
)
"""What makes metrics of a host's facts."""


class ScrapeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a page says of the scrape; `reading` None means that the host is down, and `down` why."""

    seconds: float
    now: float  # time.time()
    limit: float | None = None  # seconds that it might have taken
    reading: LiveReading | None = None
    down: Down | None = None
    reconnects: int = 0


class HostLines:
    """Makes the lines of a host for one choice of collectors and dialect."""

    def __init__(self, families: Families, states: tuple[str, ...]) -> None:
        self.families = families
        self.states = states

    def moving(self, facts: ScrapeFacts) -> list[Line]:
        """Make the lines of this scrape, in the page's order."""
        found = list(_scrape(facts))
        if facts.reading is not None:
            found += self._guests(facts.reading)
            found += _usage(facts.reading)
            found.append(("libvirt_events_heard", int(facts.reading.listening), ()))
            if facts.reading.facts is not None:
                found.append(("libvirt_refresh_age_seconds", facts.now - facts.reading.facts.read_at, ()))
        return self._lines(found)

    def standing(self, host: RawHost, library: int | None) -> list[Line]:
        """Make the lines of what was read in the background, in the page's order."""
        found = list(_versions(host, library))
        for make in BACKGROUND:
            found += make(host)
        return self._lines(found)

    def _lines(self, found: list[Found]) -> list[Line]:
        lines = [
            line
            for name, value, own in found
            if value is not None
            for line in self.families.lines(name, (), own, value=+value)  # a truth value becomes 0 or 1
        ]
        return self.families.sorted(lines)

    def _guests(self, reading: LiveReading) -> Iterator[Found]:
        counts = Counter(guest.values.get("state.state") for guest in reading.guests)
        yield "libvirt_domains", len(reading.guests), ()
        for place, word in enumerate(self.states):
            yield "libvirt_domains_by_state", counts[place], (("state", word),)
        given = list(_given(reading))
        yield "libvirt_node_vcpus_allocated", sum(vcpus for vcpus, _ in given), ()
        yield "libvirt_node_memory_allocated_bytes", sum(kibibytes for _, kibibytes in given) * 1024, ()


def _given(reading: LiveReading) -> Iterator[tuple[int, int]]:
    """Give virtual CPUs and KiB of memory of each running guest; of one that hangs what its XML says."""
    xml = {guest.uuid: guest.xml for guest in reading.facts.host.guests} if reading.facts is not None else {}
    for guest in reading.guests:
        if guest.running:
            said = markup.allocation(xml.get(guest.uuid, "")) if not guest.complete else {}
            vcpus, kibibytes = (guest.values.get(key, said.get(key, 0)) for key in ("vcpu.current", "balloon.maximum"))
            yield int(vcpus), int(kibibytes)


def _scrape(facts: ScrapeFacts) -> Iterator[Found]:
    yield "libvirt_up", facts.reading is not None, ()
    yield "libvirt_scrape_duration_seconds", facts.seconds, ()
    if facts.limit is not None:
        yield "libvirt_scrape_timeout_seconds", round(facts.limit, 2), ()
    yield "libvirt_connection_reconnects_total", facts.reconnects, ()
    if facts.down is not None:
        yield "libvirt_down_info", 1, (("code", facts.down.code), ("reason", facts.down.reason))
    if facts.reading is None:
        return
    for part, seconds in facts.reading.seconds.items():
        yield "libvirt_scrape_collector_duration_seconds", seconds, (("collector", part),)
    for part, success in successes(facts.reading).items():
        yield "libvirt_scrape_collector_success", success, (("collector", part),)


def _versions(host: RawHost, library: int | None) -> Iterator[Found]:
    own = (
        ("hypervisor_running", version(host.hypervisor_version)),
        ("libvirtd_running", version(host.libvirt_version)),
        ("libvirt_library", version(library)),
    )
    yield "libvirt_versions_info", 1, own


def _usage(reading: LiveReading) -> Iterator[Found]:
    for mode, nanoseconds in reading.cpu.items():
        yield "libvirt_node_cpu_seconds_total", nanoseconds / 1e9, (("mode", mode),)
    for kind in ("free", "buffers", "cached"):
        if kind in reading.memory:
            yield f"libvirt_node_memory_{kind}_bytes", reading.memory[kind] * 1024, ()


_PARTS = (("facts", "guest"), ("node", "host"), ("pools", "pool"), ("networks", "network"), ("interfaces", "interface"))
_ON_REQUEST = (("volumes", "volume"), ("daemon", "daemon"))


def successes(reading: LiveReading) -> dict[str, bool]:
    """Say which parts of a reading, and of the facts behind it, gave all that they should."""
    failed = {fault.subject.partition("/")[0] for fault in reading.faults if fault.failed}
    found = {part: part not in failed for part in reading.seconds}
    if "guests" in found:
        found["guests"] = not failed & {"guest"} and all(guest.complete for guest in reading.guests)
    behind = None
    if reading.facts is not None:
        host = reading.facts.host
        behind = {fault.subject.partition("/")[0] for fault in host.faults if fault.failed}
        asked = {"volumes": any(pool.sizes is not None for pool in host.pools or ()), "daemon": bool(host.servers)}
        found |= {part: subject not in behind for part, subject in _ON_REQUEST if asked[part] or subject in behind}
    for part, subject in _PARTS:
        found[part] = behind is not None and subject not in behind
    return found


def version(number: int | None) -> str:
    """Write libvirt's number of a version, 9000000, as 9.0.0; empty where it was not read."""
    return "" if number is None else f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"
