"""Runs rules over hosts, one host's facts in memory at a time; a rule that fails costs itself alone."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from shlex import quote

import msgspec

from omc.audit.finding import Finding, Report, Unchecked, order
from omc.audit.fleet import Fleet, FleetHost, Scope
from omc.audit.machine import Machine
from omc.audit.rule import Found, Missing, Rule, Seen
from omc.audit.settings import AuditSettings
from omc.audit.waivers import apply_waivers
from omc.model import Guest, Host

_decode_host = msgspec.json.Decoder(Host).decode
_decode_fleet_host = msgspec.json.Decoder(FleetHost).decode

Verdict = Finding | Unchecked

_PLACES = re.compile(r"\{(?:host|guest|name|pool|volume|subject)\}|virsh (?!-c )")

_WITHOUT_XML = frozenset(
    f"Guest.{field}" for field in ("name", "uuid", "state", "state_reason", "autostart", "persistent", "managed_save")
)
"""What is known of a guest whose configuration could not be read."""

_CLUSTER = "cluster"
"""What a rule reads that holds a host or guest against the others of its cluster: it is asked of whole ones only."""


def read_fleet(documents: Iterable[bytes], settings: AuditSettings, *, scope: Scope | None = None) -> Fleet:
    """Read what is compared between hosts, from their documents (a Host as JSON each)."""
    return Fleet(map(_decode_fleet_host, documents), clusters=settings.clusters, scope=scope, expected=settings.guests)


def audit(  # noqa: PLR0913 - what is looked at, each apart
    fleet: Fleet,
    documents: Callable[[], Iterable[bytes]],
    rules: Sequence[Rule],
    settings: AuditSettings,
    *,
    now: str,
    machines: Mapping[str, Machine | str] | None = None,
) -> Report:
    """Check all rules over the chosen hosts, whose documents are given; `now` is RFC 3339 UTC.

    `machines` is what the hosts' shells told, or why they did not; None: they were not asked.
    """
    seen = Seen(fleet=fleet, now=now, machines=machines, host_reserve=settings.host_reserve)
    verdicts = [
        *_of_hosts(documents(), rules, settings, seen),
        *_of_fleet(rules, settings, seen),
        *_of_parts(rules, fleet),
    ]
    findings = (verdict for verdict in verdicts if isinstance(verdict, Finding))
    told = (finding for finding in findings if not finding.host or finding.host in fleet.chosen)
    unchecked = tuple(dict.fromkeys(verdict for verdict in verdicts if isinstance(verdict, Unchecked)))
    everything = len(fleet.chosen) >= fleet.total
    kept, waived = apply_waivers(told, unchecked, settings.waivers, today=now[:10], whole=everything)
    return Report(
        findings=tuple(sorted(kept, key=order)),
        unchecked=unchecked,
        waived=tuple(waived),
        hosts=len(fleet.chosen),
        guests=sum(len(host.guests) for host in fleet.hosts if host.name in fleet.chosen),
        rules=len(rules),
    )


def _of_hosts(
    documents: Iterable[bytes], rules: Sequence[Rule], settings: AuditSettings, seen: Seen
) -> Iterator[Verdict]:
    of_host = [rule for rule in rules if rule.scope == "host"]
    of_guest = [rule for rule in rules if rule.scope == "guest"]
    for document in documents:
        host = _decode_host(document)
        if host.collected_at is None:
            yield from (_never_read(rule, host) for rule in (*of_host, *of_guest))
            continue
        in_part = seen.fleet.cluster_of(host.name).name in seen.fleet.parts
        for rule in (rule for rule in of_host if not (in_part and _CLUSTER in rule.reads)):
            mine = msgspec.structs.replace(seen, on=host, limits=settings.limits_of(rule))
            yield from _judged(rule, mine, host=host.name, subject="host", of=(host,))
        for rule in (rule for rule in of_guest if not (in_part and _CLUSTER in rule.reads)):
            mine = msgspec.structs.replace(seen, on=host, limits=settings.limits_of(rule))
            for guest in host.guests:
                yield from _of_guest(rule, guest, mine)


def _of_guest(rule: Rule, guest: Guest, seen: Seen) -> Iterator[Verdict]:
    """Judge one guest; one whose configuration was never read has no fields that a rule could find fine."""
    if guest.type is None and not _WITHOUT_XML.issuperset(field for field in rule.reads if field.startswith("Guest.")):
        why = "the guest's configuration was not read"
        return iter((Unchecked(rule=rule.id, subject=f"guest/{guest.name}", host=guest.host, why=why),))
    return _judged(rule, seen, host=guest.host, subject=f"guest/{guest.name}", of=(guest,))


def _of_fleet(rules: Sequence[Rule], settings: AuditSettings, seen: Seen) -> Iterator[Verdict]:
    for rule in rules:
        if rule.scope == "fleet":
            mine = msgspec.structs.replace(seen, limits=settings.limits_of(rule))
            yield from _judged(rule, mine, host="", subject="fleet", of=())


def _of_parts(rules: Sequence[Rule], fleet: Fleet) -> Iterator[Unchecked]:
    """Say which rules could not hold the hosts of a cluster against each other: some of them are not here."""
    for rule in (rule for rule in rules if _CLUSTER in rule.reads):
        yield from (
            Unchecked(rule=rule.id, subject=f"cluster/{name}", host="", why=why) for name, why in fleet.parts.items()
        )


def _never_read(rule: Rule, host: Host) -> Unchecked:
    why = f"the host was never read: {host.status_reason}" if host.status_reason else "the host was never read"
    return Unchecked(rule=rule.id, subject="host", host=host.name, why=why)


def _judged(rule: Rule, seen: Seen, *, host: str, subject: str, of: tuple[Host | Guest, ...]) -> Iterator[Verdict]:
    """Give the rule's verdicts; what the rule itself does wrong is one more that says so."""
    try:
        for verdict in rule.check(*of, seen):
            about, on = verdict.subject or subject, verdict.host or host
            if isinstance(verdict, Missing):
                yield Unchecked(rule=rule.id, subject=about, host=on, why=verdict.why)
            else:
                yield _finding(rule, verdict, about, on, uri=seen.fleet.uri_of(on))
    except Exception as error:
        why = f"a fault in the rule itself: {type(error).__name__}: {error}"
        yield Unchecked(rule=rule.id, subject=subject, host=host, why=why)


def _finding(rule: Rule, found: Found, subject: str, host: str, *, uri: str) -> Finding:
    # A name comes from a guest's owner and ends in somebody's shell: it is quoted, and put in only once.
    name = subject.partition("/")[2]
    pool, _, volume = name.partition("/")
    words = {"host": host, "guest": name, "name": name, "pool": pool, "volume": volume}
    filled = {f"{{{word}}}": quote(value) for word, value in words.items()} | {"{subject}": subject}
    if uri:
        filled["virsh "] = f"virsh -c {quote(uri)} "
    fix = _PLACES.sub(lambda place: filled.get(place[0], place[0]), found.fix or rule.fix)
    return Finding(
        rule=rule.id,
        severity=found.severity or rule.severity,
        subject=subject,
        host=host,
        message=found.message,
        fix=fix,
        title=rule.title,
    )
