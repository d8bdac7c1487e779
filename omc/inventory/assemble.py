"""One host put together: raw answers in, a Host with everything and its issues out. Pure: nothing is asked of anybody.

A guest whose XML has the digest that the last run knew is not parsed again; only what changes by itself is renewed.
"""

import hashlib
from collections.abc import Mapping
from functools import partial

import msgspec
from msgspec import structs

from omc.errors import OmcError
from omc.inventory.domain import Surroundings, complete_guest, parse_guest, surroundings_of
from omc.inventory.domain.states import state_words
from omc.inventory.host import read_host
from omc.inventory.issues import Issues
from omc.inventory.known import KnownGuest
from omc.inventory.network import read_network
from omc.inventory.storage import read_pool, read_volume
from omc.model import Guest, Host, Issue, Network, Pool
from omc.ports import RawGuest, RawHost, RawPool

_DECODER = msgspec.json.Decoder(Guest)


class Assembled(msgspec.Struct, frozen=True):
    """A host, and the digest of each guest's XML by UUID (what `known` is asked with next time)."""

    host: Host
    digests: Mapping[str, str]


def assemble(  # noqa: PLR0913 - a host's place in the site is three facts
    raw: RawHost, *, name: str, uri: str, groups: tuple[str, ...], collected_at: str, known: Mapping[str, KnownGuest]
) -> Assembled:
    """Make a Host of what a driver read; raises nothing for what is missing or broken: that is an Issue."""
    issues = Issues(name, raw.faults)
    fields = read_host(raw, issues)
    pools = _pools(raw, issues)
    networks = _networks(raw, issues)
    surroundings = surroundings_of(pools or (), networks or ())
    guests, digests = _guests(raw, issues, known, surroundings)
    _unasked(raw, guests, issues)
    reason = issues.failure()
    host = Host(
        name=name,
        uri=uri,
        groups=groups,
        collected_at=collected_at,
        guests=guests,
        pools=pools,
        networks=networks,
        status="ok" if reason is None else "partial",
        status_reason=reason,
        issues=tuple(issues.found),
        **fields,
    )
    return Assembled(host, digests)


def digest(guest: RawGuest) -> str:
    """Give the digest of a guest's live and inactive XML."""
    text = f"{guest.xml}\0{guest.inactive_xml or ''}"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _pools(raw: RawHost, issues: Issues) -> tuple[Pool, ...] | None:
    if raw.pools is None:
        return None
    read = (_pool(pool, issues) for pool in raw.pools)
    return tuple(pool for pool in read if pool is not None)


def _pool(raw: RawPool, issues: Issues) -> Pool | None:
    subject = f"pool/{raw.name}"
    volumes = None
    if raw.volumes is not None:
        read = (
            issues.attempt(subject, "a volume", partial(read_volume, xml, pool=raw.name, where=issues.host))
            for xml in raw.volumes
        )
        volumes = tuple(volume for volume in read if volume is not None)
    return issues.attempt(subject, "the configuration", partial(read_pool, raw, volumes=volumes, where=issues.host))


def _networks(raw: RawHost, issues: Issues) -> tuple[Network, ...] | None:
    if raw.networks is None:
        return None
    read = (
        issues.attempt(
            f"network/{network.name}", "the configuration", partial(read_network, network, where=issues.host)
        )
        for network in raw.networks
    )
    return tuple(network for network in read if network is not None)


def _guests(
    raw: RawHost, issues: Issues, known: Mapping[str, KnownGuest], surroundings: Surroundings
) -> tuple[tuple[Guest, ...], dict[str, str]]:
    guests: dict[str, Guest] = {}
    digests: dict[str, str] = {}
    names: set[str] = set()
    for guest in raw.guests:
        if guest.uuid in guests:
            why = f"{guests[guest.uuid].name} has the UUID {guest.uuid} too"
            issues.add(f"guest/{guest.name}", "duplicate-uuid", "the guest", why, failed=True)
            continue
        if guest.name in names:
            why = "another guest of this host has the same name"
            issues.add(f"guest/{guest.name}", "duplicate-name", "which guest is meant", why)
        names.add(guest.name)
        guests[guest.uuid], digests[guest.uuid] = _guest(guest, issues, known.get(guest.uuid), surroundings)
    return tuple(guests.values()), digests


def _guest(raw: RawGuest, issues: Issues, known: KnownGuest | None, surroundings: Surroundings) -> tuple[Guest, str]:
    """Read one guest; what cannot be read leaves it as the last run knew it, or with name, UUID and state alone."""
    subject = f"guest/{raw.name}"
    if raw.hung:
        why = "its monitor does not answer: QEMU stands still, or a long job holds it"
        issues.add(subject, "hung", "what only its QEMU knows", why, failed=True)
    if not raw.xml:
        if not issues.about(subject):
            issues.add(subject, "failed", "the configuration", "it could not be read", failed=True)
        return _without_xml(raw, issues.host, known, surroundings)
    mark = digest(raw)
    try:
        parsed = _known_guest(known) if known is not None and known.digest == mark else None
        if parsed is not None:
            return _completed(parsed, raw, None, issues, surroundings), mark
        parsed = parse_guest(raw.xml, host=issues.host)
    except OmcError as error:
        issues.add(subject, "invalid", "the configuration", error.message, failed=True)
        return _without_xml(raw, issues.host, known, surroundings)
    inactive = None
    if raw.inactive_xml is not None and raw.inactive_xml != raw.xml:
        inactive = issues.attempt(
            subject, "the persistent configuration", partial(parse_guest, raw.inactive_xml, host=issues.host)
        )
        if inactive is None:
            raw = structs.replace(raw, inactive_xml=None)
    return _completed(parsed, raw, inactive, issues, surroundings), mark


def _completed(
    parsed: Guest, raw: RawGuest, inactive: Guest | None, issues: Issues, surroundings: Surroundings
) -> Guest:
    """Complete a guest; snapshots whose XML is none are left out, and an issue."""
    try:
        return complete_guest(parsed, raw, inactive=inactive, surroundings=surroundings)
    except OmcError as error:
        issues.add(f"guest/{raw.name}", "invalid", "snapshots and checkpoints", error.message, failed=True)
        bare = structs.replace(raw, snapshots=None, checkpoints=None)
        return complete_guest(parsed, bare, inactive=inactive, surroundings=surroundings)


def _known_guest(known: KnownGuest) -> Guest | None:
    """Read the last run's document; None where it is of another version of the model."""
    try:
        return _DECODER.decode(known.doc)
    except (msgspec.ValidationError, msgspec.DecodeError):
        return None


def _without_xml(raw: RawGuest, host: str, known: KnownGuest | None, surroundings: Surroundings) -> tuple[Guest, str]:
    parsed = _known_guest(known) if known is not None else None
    if parsed is not None and known is not None:
        bare = structs.replace(raw, snapshots=None, checkpoints=None)
        return complete_guest(parsed, bare, inactive=None, surroundings=surroundings), known.digest
    state, reason = state_words(raw.state)
    guest = Guest(
        host=host,
        name=raw.name,
        uuid=raw.uuid,
        state=state,
        state_reason=reason,
        id=raw.id,
        autostart=raw.autostart,
        persistent=raw.persistent,
        managed_save=raw.managed_save,
    )
    return guest, ""


def _unasked(raw: RawHost, guests: tuple[Guest, ...], issues: Issues) -> None:
    """Name what was not asked for, where there would be something to ask."""
    if raw.read_only and raw.domain_capabilities is None:
        what = "what guests may have here (domain capabilities)"
        issues.add("host", "needs-read-write", what, "the connection is read-only")
    silent = [guest for guest in guests if guest.agent_connected and guest.agent is None]
    if silent and not any(issue.code == "no-agent" for issue in issues.found):
        issue = Issue(
            host=issues.host,
            subject="host",
            code="no-agent",
            what=f"what the agents of {len(silent)} guests say",
            why="agents are asked only on request",
            hint="run with --read-write --agent",
        )
        issues.found.append(issue)
