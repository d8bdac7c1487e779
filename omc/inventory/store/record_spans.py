"""Writes the past of guests: spans of configurations, states, sizes and addresses; nothing for what stayed."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from omc.inventory.started import compare_over_start
from omc.inventory.store.database import Session
from omc.inventory.store.rows_guests import addresses_of
from omc.inventory.store.series import (
    DISK_SAMPLES,
    GUEST_ADDRESSES,
    GUEST_STATES,
    Key,
    Version,
    follow_versions,
)
from omc.inventory.store.times import FOREVER
from omc.model import Guest
from omc.model.states import was_active

Spans = dict[Key, tuple[object, ...]]

_OPEN_VERSION = (
    "SELECT v.document, d.document FROM version v JOIN version_document d ON d.id = v.document "
    "WHERE v.host = ? AND v.kind = ? AND v.uuid = ? AND v.valid_to = ?"
)
_SAME_VERSION = "UPDATE version SET digest = ? WHERE host = ? AND kind = ? AND uuid = ? AND valid_to = ?"


class Stored(NamedTuple):
    """What the store knows of a guest; all null for a new one."""

    id: int
    uuid: str
    state: str | None = None
    state_reason: str | None = None
    state_since: str | None = None
    first_seen_at: str | None = None
    removed_at: str | None = None
    xml_digest: str | None = None
    document_digest: bytes | None = None
    configuration_digest: bytes | None = None


class Written(NamedTuple):
    """A guest that differs from what the store knows."""

    guest: Guest
    before: Stored
    document: bytes
    document_digest: bytes
    configuration: bytes
    configuration_digest: bytes | None
    xml_digest: str | None


class PartsBefore(NamedTuple):
    """What held until now: sizes of disks, prefixes of addresses."""

    disks: Spans
    addresses: Spans


def write_spans(
    session: Session, host: str, changed: Sequence[Written], gone: Sequence[Stored], *, moment: str
) -> None:
    """Configurations and states; of a guest that was gone and came back no span is open."""
    ended: list[Key] = [(host, "guest", item.uuid) for item in gone if item.configuration_digest]
    begun: list[Version] = []
    old_states: Spans = {(item.id,): () for item in gone}
    new_states: Spans = {}
    for item in changed:
        before, mark, key = item.before, item.configuration_digest, (host, "guest", item.guest.uuid)
        if before.state and not before.removed_at:
            old_states[before.id,] = (before.state, before.state_reason)
        new_states[before.id,] = (item.guest.state, item.guest.state_reason)
        if mark and mark != before.configuration_digest and not _only_started(session, key, item):
            begun.append(Version(key, item.guest.name, mark, item.configuration))
            ended += [key] if before.configuration_digest else []
    follow_versions(session, ended, begun, moment=moment)
    GUEST_STATES.follow(session, old_states, new_states, moment=moment)


def _only_started(session: Session, key: Key, item: Written) -> bool:
    """A start or stop that changed nothing else gives the span the form that the configuration has now."""
    runs, before = was_active(item.guest.state), item.before
    if not before.configuration_digest or before.state is None or was_active(before.state) == runs:
        return False
    ((number, document),) = session.rows(_OPEN_VERSION, (*key, FOREVER))
    if compare_over_start(bytes(document), item.configuration, runs=runs):
        return False
    session.run("UPDATE version_document SET document = ? WHERE id = ?", (item.configuration, number))
    session.run(_SAME_VERSION, (item.configuration_digest, *key, FOREVER))
    return True


def write_samples(
    session: Session, before: PartsBefore, changed: Sequence[Written], gone: Sequence[Stored], *, moment: str
) -> None:
    """Sizes of disks and addresses, of the guests that changed or are gone."""
    touched = {item.before.id for item in changed} | {item.id for item in gone}
    disks = {key: sizes for key, sizes in before.disks.items() if key[0] in touched}
    addresses = {key: prefix for key, prefix in before.addresses.items() if key[0] in touched}
    DISK_SAMPLES.follow(session, disks, _disks_of(changed), moment=moment)
    GUEST_ADDRESSES.follow(session, addresses, _addresses_of(changed), moment=moment)


def parts_before(session: Session, host: str) -> PartsBefore:
    """Read the sizes and addresses that hold until now, from the rows that are about to be replaced."""
    of_host = "JOIN guest g ON g.id = p.guest WHERE g.host = ?"
    disks = session.rows(
        f"SELECT p.guest, p.target, p.capacity_bytes, p.allocation_bytes, p.physical_bytes FROM disk p {of_host}",
        (host,),
    )
    addresses = session.rows(
        f"SELECT p.guest, p.mac, p.address, p.source, p.prefix FROM address p {of_host}",
        (host,),
    )
    return PartsBefore({row[:2]: row[2:] for row in disks}, {row[:4]: row[4:] for row in addresses})


def _disks_of(changed: Iterable[Written]) -> Spans:
    return {
        (item.before.id, disk.target): (disk.capacity_bytes, disk.allocation_bytes, disk.physical_bytes)
        for item in changed
        for disk in item.guest.disks
    }


def _addresses_of(changed: Iterable[Written]) -> Spans:
    return {(item.before.id, *key): prefix for item in changed for key, prefix in addresses_of(item.guest).items()}
