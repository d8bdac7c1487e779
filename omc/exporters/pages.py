"""Makes a page of one target from readings, for one choice of collectors and dialect; keeps what does not change.

A guest's plan is made again when its XML, its addresses or the layout of its statistics change, and else only filled.
"""

import time
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase

import msgspec

from omc.exporters import markup
from omc.exporters.exposition import Plan, Values, Writer, written
from omc.exporters.families import Families
from omc.exporters.guests import GuestFacts, GuestLines, completed
from omc.exporters.hosts import HostLines, ScrapeFacts
from omc.exporters.reasons import down_comments, fault_comments
from omc.exporters.request import ScrapeRequest
from omc.exporters.table import Tables
from omc.ports import LiveGuest, LiveReading, RawGuest, RawHost

STATE = "libvirt_domain_state"
DROPPED = "libvirt_domain_series_dropped"
PENDING_SECONDS = 0.1
"""So long a scrape may compare definitions with what runs; what is left comes with the next ones."""

PendingCheck = Callable[[RawGuest], bool | None]


class _Kept(msgspec.Struct):
    """A guest's plan, and what it was made from."""

    facts: GuestFacts
    layout: tuple[str, ...]
    plan: Plan


class Memory:
    """What is remembered of a target's guests from page to page, whatever the page's collectors."""

    def __init__(self, check: PendingCheck | None) -> None:
        self.last_full: dict[str, float] = {}
        self._check = check
        self._pending: dict[str, tuple[int, bool | None]] = {}

    def notice(self, reading: LiveReading, now: float) -> None:
        """Note which guests were read whole, and forget those that are gone."""
        there = {guest.uuid for guest in reading.guests}
        self.last_full = {uuid: when for uuid, when in self.last_full.items() if uuid in there}
        self.last_full.update((guest.uuid, now) for guest in reading.guests if guest.complete)
        self._pending = {uuid: known for uuid, known in self._pending.items() if uuid in there}

    def pending(self, raw: RawGuest, until: float) -> bool | None:
        """Tell whether the guest's next start differs from what runs; None where that is not known (yet)."""
        known, texts = self._pending.get(raw.uuid), hash((raw.xml, raw.inactive_xml))
        if known is not None and known[0] == texts:
            return known[1]
        if self._check is None or time.monotonic() > until:
            return None
        found = self._check(raw)
        self._pending[raw.uuid] = (texts, found)
        return found


def guest_states(tables: Tables) -> tuple[str, ...]:
    """Return the words for a guest's state, in the order of libvirt's numbers."""
    return tables.guest[STATE].states if STATE in tables.guest else ()


class Pages:
    """The pages of one target for one choice of collectors and dialect. Not thread-safe."""

    def __init__(self, tables: Tables, *, on: frozenset[str], compat: str | None, budget: int) -> None:
        self._guests = GuestLines(Families(tables, tables.guest, on=on, compat=compat))
        self._host = HostLines(Families(tables, tables.host, on=on, compat=compat), guest_states(tables))
        self._writer = Writer(self._guests.families.families)
        self._budget = budget
        self._standing: tuple[RawHost | None, bytes] = (None, b"")
        self._kept: dict[str, _Kept] = {}

    def page(self, facts: ScrapeFacts, request: ScrapeRequest, memory: Memory) -> bytes:
        """Write the page of one scrape."""
        head = _comments(facts) + written(self._host.families.families, self._host.moving(facts))
        if facts.reading is None:
            return head
        head += self._background(facts.reading)
        found = self._facts(facts.reading, memory)
        guests = [guest for guest in facts.reading.guests if self._wanted(guest, found[guest.uuid], request)]
        parts = []
        for guest in guests:
            last_full = memory.last_full.get(guest.uuid, 0.0)
            values = completed(guest.values, complete=guest.complete, last_full=last_full)
            plan = self._plan(found[guest.uuid], values)
            parts.append((plan, plan.fill(values)))
        kept = {guest.uuid for guest in facts.reading.guests}
        self._kept = {uuid: known for uuid, known in self._kept.items() if uuid in kept}
        return self._writer.render(parts, head=head)

    def _background(self, reading: LiveReading) -> bytes:
        """Write what was read in the background, once for the same facts."""
        host = reading.facts.host if reading.facts is not None else None
        if host is not None and host is not self._standing[0]:
            lines = self._host.standing(host, reading.library_version)
            self._standing = (host, written(self._host.families.families, lines))
        return self._standing[1] if host is not None else b""

    def _facts(self, reading: LiveReading, memory: Memory) -> dict[str, GuestFacts]:
        host = reading.facts.host if reading.facts is not None else None
        raw = {guest.uuid: guest for guest in host.guests} if host else {}
        leases: dict[str, list[tuple[str, str]]] = {}
        for network in (host.networks or ()) if host else ():
            for lease in network.leases or ():
                leases.setdefault(lease.mac, []).append((lease.mac, lease.address))
        until = time.monotonic() + PENDING_SECONDS
        return {guest.uuid: _facts_of(guest, raw.get(guest.uuid), leases, memory, until) for guest in reading.guests}

    def _plan(self, facts: GuestFacts, values: Values) -> Plan:
        layout = tuple(values)
        kept = self._kept.get(facts.uuid)
        if kept is not None and kept.layout == layout and kept.facts == facts:
            kept.facts = facts  # so that the older ones, which are the same, need no memory
            return kept.plan
        lines = self._guests.lines(facts, values)
        plan = Plan(lines, values, budget=self._budget)
        base = (("domain", facts.name), ("uuid", facts.uuid))
        said = list(self._guests.families.lines(DROPPED, base, value=plan.dropped))
        plan = Plan([*said, *lines], values, budget=self._budget + len(said))
        self._kept[facts.uuid] = _Kept(facts, layout, plan)
        return plan

    def _wanted(self, guest: LiveGuest, facts: GuestFacts, request: ScrapeRequest) -> bool:
        if request.names and not any(fnmatchcase(guest.name, pattern) for pattern in request.names):
            return False
        if request.states and self._state(guest.values) not in request.states:
            return False
        if not request.tags:
            return True
        root = markup.parse(facts.raw.xml) if facts.raw is not None else None
        return root is not None and bool(request.tags & set(markup.tags(root)))

    def _state(self, values: Mapping[str, object]) -> str:
        code = values.get("state.state")
        states = self._host.states
        return states[code] if isinstance(code, int) and 0 <= code < len(states) else ""


def _comments(facts: ScrapeFacts) -> bytes:
    if facts.down is not None:
        return down_comments(facts.down)
    if facts.reading is None:
        return b""
    behind = facts.reading.facts.host.faults if facts.reading.facts is not None else ()
    return fault_comments((*facts.reading.faults, *behind))


def _facts_of(
    guest: LiveGuest,
    raw: RawGuest | None,
    leases: Mapping[str, list[tuple[str, str]]],
    memory: Memory,
    until: float,
) -> GuestFacts:
    if raw is None:
        return GuestFacts(name=guest.name, uuid=guest.uuid, agent=guest.agent)
    known = tuple(pair for mac, pairs in leases.items() if mac and mac in raw.xml for pair in pairs)
    pending = memory.pending(raw, until)
    return GuestFacts(name=guest.name, uuid=guest.uuid, raw=raw, leases=known, pending=pending, agent=guest.agent)
