"""Writes what a run read of one host, in one transaction: a killed run leaves whole hosts and no half one.

Of an unreachable host only the attempt is written; its facts stay as they were. Facts that are older than those in the
store (another run was faster) are not written over them.
"""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from omc.inventory.store.configuration import configuration, digest, encode
from omc.inventory.store.database import Session
from omc.inventory.store.record_guests import write_guests
from omc.inventory.store.record_parts import write_networks, write_pools
from omc.inventory.store.rows_hosts import HOST, ISSUE, host_row, issue_rows
from omc.inventory.store.series import HOST_STATES, Key, Version, follow_versions, insert, upsert
from omc.inventory.store.times import just_after, normal, now
from omc.model import Host

_UPSERT = upsert("host", [*HOST, "document_digest", "configuration_digest"], key="name") + " RETURNING id"
_ATTEMPT = upsert("host", ["name", "uri", "status", "status_reason", "attempted_at", "issues"], key="name")
_DOCUMENT = upsert("host_document", ["host", "document"], key="host")
_COLLECT = upsert(
    "collect",
    ["host", "run", "status", "reason", "attempted_at", "collected_at", "seconds", "guests", "issues"],
    key="host run",
)
_ISSUE = insert("issue", ISSUE)
_BEFORE = "SELECT status, status_reason, collected_at, document_digest, configuration_digest FROM host WHERE name = ?"


class _Before(NamedTuple):
    """The host as the store knows it; all null for a new one."""

    status: str | None = None
    reason: str | None = None
    collected_at: str | None = None
    document_digest: bytes | None = None
    configuration_digest: bytes | None = None


def write_host(session: Session, run: int, host: Host, digests: Mapping[str, str]) -> None:
    """Write what `run` read of `host`; `digests` are those of the XML of every guest that was read."""
    rows = session.rows(_BEFORE, (host.name,))
    before = _Before(*rows[0]) if rows else _Before()
    moment = _moment(host, before)
    _write_attempt(session, run, host, moment)
    if moment is None:
        session.run(_ATTEMPT, (host.name, host.uri, host.status, host.status_reason, now(), len(host.issues)))
        _write_state(session, host, before, now())
    elif before.collected_at is None or moment > before.collected_at:
        _write_facts(session, host, before, moment)
        _write_state(session, host, before, moment)
        write_guests(session, host, digests, moment)
        write_pools(session, host, moment)
        write_networks(session, host, moment)
    else:
        return
    session.run("DELETE FROM issue WHERE host = ?", (host.name,))
    session.run_many(_ISSUE, list(issue_rows(host.name, host.issues)))


def _moment(host: Host, before: _Before) -> str | None:
    """Return when the host was read, null where it was not; later than before also when the clock was put back."""
    if host.status == "unreachable":
        return None
    moment = normal(host.collected_at) if host.collected_at else now()
    last = before.collected_at
    if last is not None and moment[:19] == last[:19] and moment <= last:
        return just_after(last)  # two reads within a second, of a clock that counts whole ones
    if last is not None and moment <= last and last > now():
        return just_after(last)
    return moment


def _write_attempt(session: Session, run: int, host: Host, moment: str | None) -> None:
    guests = None if moment is None else len(host.guests)
    session.run(
        _COLLECT,
        (
            *(host.name, run, host.status, host.status_reason, moment or now(), moment, host.collect_seconds),
            *(guests, len(host.issues)),
        ),
    )


def _write_state(session: Session, host: Host, before: _Before, moment: str) -> None:
    """A status lasts until another one comes; its reason is that of its beginning."""
    if before.status == host.status:
        return
    old: dict[Key, tuple[object, ...]] = {(host.name,): (before.status, before.reason)} if before.status else {}
    HOST_STATES.follow(session, old, {(host.name,): (host.status, host.status_reason)}, moment=moment)


def _write_facts(session: Session, host: Host, before: _Before, moment: str) -> None:
    alone = msgspec.structs.replace(host, guests=(), issues=())
    document, settings = encode(alone), configuration(alone)
    marks = (digest(document), digest(settings))
    ((key,),) = session.rows(_UPSERT, (*host_row(host, moment, moment), *marks))
    if marks[0] != before.document_digest:
        session.run(_DOCUMENT, (key, document))
    if marks[1] != before.configuration_digest:
        name: Key = (host.name, "host", "")
        ended = [name] if before.configuration_digest else []
        follow_versions(session, ended, [Version(name, host.name, marks[1], settings)], moment=moment)
