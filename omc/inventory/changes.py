"""Two points of time in, what changed between them out. Pure.

What is not known is not claimed: a guest of a host that could not be read is neither created nor removed, a host that
was first read in between does not make its guests new, and a value that was not read on one side did not change.
"""

from collections.abc import Iterator, Mapping

import msgspec

from omc.inventory.compare import Change, compare
from omc.inventory.started import compare_over_start
from omc.model.states import was_active

KINDS = {
    "added": "a host was read for the first time, and of a guest's history: it was there then; none is called created",
    "unreachable": "a host could not be read any more; nothing is claimed of its guests",
    "reachable": "a host can be read again",
    "created": "a guest, pool or network is new on its host",
    "removed": "a guest, pool or network is gone from a host that was read",
    "moved": "a guest is gone from one host and there on another, with the same UUID",
    "appeared": "a guest is there on a host, while another one that has its UUID cannot be read: moved, or doubled",
    "renamed": "a guest has another name",
    "resized": "vCPUs, memory or a disk have another size",
    "plugged": "a disk, nic or other device came",
    "unplugged": "a disk, nic or other device went",
    "replugged": "a disk or nic leads elsewhere",
    "started": "a guest runs",
    "stopped": "a guest does not run any more",
    "state": "a guest is in another state",
    "changed": "anything else in a configuration",
}
"""Every kind of difference, and what it says."""

Key = tuple[str, str, str]
"""Host, kind (host, guest, pool, network) and UUID (empty for a host)."""

_SIZES = frozenset(
    ("vcpus", "vcpus_maximum", "memory_bytes", "memory_maximum_bytes", "capacity_bytes", "memory_devices")
)
_DEVICES = frozenset(("disks", "nics", "host_devices", "memory_devices", "filesystems", "controllers", "tpm"))
_PLUGS = frozenset(("source", "portgroup", "vlan"))


class Part(msgspec.Struct, frozen=True):
    """A host, guest, pool or network at a point of time; `document` is empty where nothing can have changed."""

    name: str
    digest: bytes = b""
    since: str = ""
    document: bytes = b""
    runs: bool | None = None  # the document is in the form of a guest that runs
    state: str = ""
    state_reason: str | None = None
    state_since: str = ""
    until: str = ""  # of what is gone: when that was seen


class Snapshot(msgspec.Struct, frozen=True):
    """What was known at a point of time. `unreachable`: hosts that could not be read then, with the reason.

    `first_read`: hosts that were read for the first time later, with when; their parts are what they had then.
    """

    parts: Mapping[Key, Part]
    unreachable: Mapping[str, str | None] = {}
    first_read: Mapping[str, str] = {}
    status_since: Mapping[str, str] = {}  # since when each host can be read, or cannot


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One change. `subject` is "host", "guest/NAME", "pool/NAME" or "network/NAME"; `seen_at` when first seen."""

    kind: str  # one of KINDS
    host: str  # where it is now, or was
    subject: str  # as in an Issue
    uuid: str = ""  # of the guest, pool or network
    path: str = ""  # dotted path in the model; empty where the whole subject came, went or moved
    before: object = None  # value before; of what moved or appeared the host
    after: object = None  # value after; of what moved the host
    seen_at: str = ""  # RFC 3339 UTC


def changes(before: Snapshot, after: Snapshot) -> list[Difference]:
    """Return what changed, by host and subject."""
    moves = _moves(before, after)
    found = [*_hosts(before, after), *_present(before, after, moves), *_here_and_there(before, after, moves)]
    return sorted(found, key=lambda item: (item.host, item.subject != "host", item.subject, item.path, item.kind))


def _hosts(before: Snapshot, after: Snapshot) -> Iterator[Difference]:
    for name, moment in before.first_read.items():
        yield Difference(kind="added", host=name, subject="host", seen_at=moment)
    for name, reason in after.unreachable.items():
        if name not in before.unreachable or name in before.first_read:
            seen_at = after.status_since.get(name, "")
            yield Difference(kind="unreachable", host=name, subject="host", after=reason, seen_at=seen_at)
    for name, reason in before.unreachable.items():
        if name not in after.unreachable and name not in before.first_read and (name, "host", "") in before.parts:
            seen_at = after.status_since.get(name, "")
            yield Difference(kind="reachable", host=name, subject="host", before=reason, seen_at=seen_at)


def _moves(before: Snapshot, after: Snapshot) -> dict[Key, Key]:
    """Return where guests went that are gone, and whence; a host that was first read since may have had them then."""
    gone = {key[2]: key for key in before.parts if key[1] == "guest" and key not in after.parts}
    come = (
        key for key in after.parts if key[1] == "guest" and (key not in before.parts or key[0] in before.first_read)
    )
    return {key: gone.pop(key[2]) for key in come if key[2] in gone}


def _present(before: Snapshot, after: Snapshot, moves: Mapping[Key, Key]) -> Iterator[Difference]:
    """What was there at both times."""
    for key, new in after.parts.items():
        old = before.parts.get(key)
        if old is not None and key not in moves:
            yield from part_changes(key, old, new)


def _here_and_there(before: Snapshot, after: Snapshot, moves: Mapping[Key, Key]) -> Iterator[Difference]:
    for target, source in moves.items():
        yield from _moved(source, before.parts[source], target, after.parts[target])
    for key, part in after.parts.items():
        if key[1] != "host" and key not in before.parts and key not in moves and (key[0], "host", "") in before.parts:
            yield _came(key, part, before, after)
    sources = set(moves.values())
    for key, part in before.parts.items():
        if key[1] != "host" and key not in after.parts and key not in sources:
            yield _went(key, part)


def _went(key: Key, part: Part) -> Difference:
    subject = subject_of(key, part)
    return Difference(kind="removed", host=key[0], subject=subject, uuid=key[2], before=part.name, seen_at=part.until)


def _moved(source: Key, old: Part, target: Key, new: Part) -> Iterator[Difference]:
    yield Difference(
        kind="moved",
        host=target[0],
        subject=subject_of(target, new),
        uuid=target[2],
        before=source[0],
        after=target[0],
        seen_at=new.since,
    )
    yield from part_changes(target, old, new)


def _came(key: Key, part: Part, before: Snapshot, after: Snapshot) -> Difference:
    elsewhere = [host for host in after.unreachable if key[1] == "guest" and (host, "guest", key[2]) in before.parts]
    return Difference(
        kind="appeared" if elsewhere else "created",
        host=key[0],
        subject=subject_of(key, part),
        uuid=key[2],
        before=elsewhere[0] if elsewhere else None,
        after=part.name,
        seen_at=part.since,
    )


def part_changes(key: Key, old: Part, new: Part) -> Iterator[Difference]:
    """Return what changed of one host, guest, pool or network."""
    if old.state != new.state and old.state and new.state:
        kind = _state_kind(old.state, new.state)
        yield _difference(kind, key, new, Change("state", old.state, new.state), new.state_since)
    yield from configuration_changes(key, old, new)


def configuration_changes(key: Key, old: Part, new: Part) -> Iterator[Difference]:
    """Return what changed of a configuration, whose documents must be there."""
    if old.digest != new.digest and old.document and new.document:
        for change in document_changes(old, new):
            yield _difference(_kind(key[1], change), key, new, change, new.since)


def document_changes(old: Part, new: Part) -> list[Change]:
    """Return what differs between two configurations; of a guest that started or stopped without what that brings."""
    if old.runs is not None and new.runs is not None and old.runs != new.runs:
        return compare_over_start(old.document, new.document, runs=new.runs)
    return compare(old.document, new.document)


def hosts_of(found: Difference) -> set[str]:
    """Return the hosts that a difference touches: where it is, and of a guest from elsewhere where it was."""
    came = found.kind in ("moved", "appeared") and isinstance(found.before, str)
    return {found.host, str(found.before)} if came else {found.host}


def subject_of(key: Key, part: Part) -> str:
    """Return the subject as an Issue names it."""
    return "host" if key[1] == "host" else f"{key[1]}/{part.name}"


def _difference(kind: str, key: Key, part: Part, change: Change, seen_at: str) -> Difference:
    return Difference(
        kind=kind,
        host=key[0],
        subject=subject_of(key, part),
        uuid=key[2],
        path=change.path,
        before=change.before,
        after=change.after,
        seen_at=seen_at,
    )


def _state_kind(old: str, new: str) -> str:
    if was_active(old) == was_active(new):
        return "state"
    return "started" if was_active(new) else "stopped"


def _kind(part: str, change: Change) -> str:
    """Put a change of a guest's configuration into a user's word."""
    first, _, rest = change.path.partition(".")
    last = change.path.rpartition(".")[2]
    if part != "guest":
        return "changed"
    if first == "name":
        return "renamed"
    if first in _DEVICES and change.whole:
        return "plugged" if change.before is None else "unplugged"
    if first in ("disks", "nics") and last in _PLUGS:
        return "replugged"
    return "resized" if (last if rest and first == "disks" else first) in _SIZES else "changed"
