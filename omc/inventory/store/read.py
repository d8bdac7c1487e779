"""Reads current facts: what a run needs to know of the last one, whole documents, and what a name stands for."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from omc.errors import UsageError
from omc.inventory.known import KnownGuest
from omc.inventory.store.database import Session
from omc.model import Host, Issue

_KNOWN = (
    "SELECT g.uuid, g.xml_digest, d.document FROM guest g JOIN guest_document d ON d.guest = g.id "
    "WHERE g.host = ? AND g.removed_at IS NULL AND g.xml_digest IS NOT NULL"
)
_HOST = (
    "SELECT h.name, h.uri, h.status, h.status_reason, d.document FROM host h "
    "LEFT JOIN host_document d ON d.host = h.id WHERE h.name = ?"
)
_GUESTS = (
    "SELECT d.document FROM guest g JOIN guest_document d ON d.guest = g.id "
    "WHERE g.host = ? AND g.removed_at IS NULL ORDER BY g.name, g.uuid"
)
_COLUMNS = "SELECT host, subject, code, what, why, hint, failed"
_ISSUES = f"{_COLUMNS} FROM issues"
_OWN_ISSUES = f"{_COLUMNS} FROM issue WHERE host = ? ORDER BY position"
_DOUBLED = (
    "SELECT 1 FROM guest g WHERE g.host = ? AND g.removed_at IS NULL AND EXISTS "
    "(SELECT 1 FROM guest o WHERE o.uuid = g.uuid AND o.host <> g.host AND o.removed_at IS NULL) LIMIT 1"
)
_FEW = 100
_decode_host = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode


class Found(NamedTuple):
    """What a name stands for: a host (`uuid` is empty then) or a guest."""

    kind: str
    host: str
    name: str
    uuid: str

    @property
    def path(self) -> str:
        """The name that is not ambiguous."""
        return self.host if self.kind == "host" else f"{self.host}/{self.name}"


class Freshness(NamedTuple):
    """How old the facts of one host are; null: never read, never tried."""

    host: str
    status: str | None
    status_reason: str | None
    collected_at: str | None
    attempted_at: str | None


def known_guests(session: Session, host: str) -> dict[str, KnownGuest]:
    """Return what the last run knew of the guests of a host, by UUID."""
    return {uuid: KnownGuest(mark, document) for uuid, mark, document in session.rows(_KNOWN, (host,))}


def host_names(session: Session, hosts: Iterable[str] | None) -> list[str]:
    """Return the hosts that the store knows, by name; `hosts` limits them and gives their order."""
    names = [str(name) for (name,) in session.rows("SELECT name FROM host ORDER BY name")]
    if hosts is None:
        return names
    present = set(names)
    return [name for name in hosts if name in present]


def host_document(session: Session, name: str, issues: Iterable[Issue]) -> bytes | None:
    """Return the whole Host as JSON, its guests and these issues included."""
    rows = session.rows(_HOST, (name,))
    if not rows:
        return None
    _, uri, status, reason, document = rows[0]
    fields = _decode_host(document or _encode(Host(name=name, uri=str(uri))))
    documents = [bytes(row[0]) for row in session.rows(_GUESTS, (name,))]
    fields["uri"] = msgspec.Raw(_encode(uri))
    fields["status"] = msgspec.Raw(_encode(status))
    fields["status_reason"] = msgspec.Raw(_encode(reason))
    fields["guests"] = msgspec.Raw(b"[" + b",".join(documents) + b"]")
    fields["issues"] = msgspec.Raw(_encode(list(issues)))
    return _encode(fields)


def host_documents(session: Session, hosts: Iterable[str] | None) -> Iterator[bytes]:
    """Return each Host as JSON; UUIDs that several hosts have are looked for once for all of them."""
    names = host_names(session, hosts)
    doubled: dict[str, list[Issue]] = defaultdict(list)
    # Among many hosts all are looked for at once, which takes as long for one as for a thousand.
    if len(names) > _FEW or any(session.rows(_DOUBLED, (name,)) for name in names):
        for issue in duplicate_issues(session):
            doubled[issue.host].append(issue)
    for name in names:
        own = [_issue(row) for row in session.rows(_OWN_ISSUES, (name,))]
        document = host_document(session, name, own + doubled[name])
        if document is not None:
            yield document


def host_issues(session: Session, host: str) -> list[Issue]:
    """Return the issues of the last attempt at a host, doubled UUIDs included."""
    return [_issue(row) for row in session.rows(f"{_ISSUES} WHERE host = ? ORDER BY subject, code, what", (host,))]


def duplicate_issues(session: Session) -> list[Issue]:
    """Return an issue for each guest whose UUID a guest of another host has too."""
    rows = session.rows(f"{_ISSUES} WHERE code = 'duplicate-uuid' ORDER BY host, subject")
    return [_issue(row) for row in rows]


def _issue(row: Sequence[object]) -> Issue:
    host, subject, code, what, why, hint = map(str, row[:6])
    return Issue(host=host, subject=subject, code=code, what=what, why=why, hint=hint, failed=bool(row[6]))


def freshness(session: Session, hosts: Iterable[str]) -> list[Freshness]:
    """Return how old the facts of each of these hosts are, in their order."""
    columns = "name, status, status_reason, collected_at, attempted_at"
    known = {str(row[0]): row for row in session.rows(f"SELECT {columns} FROM host")}
    return [Freshness(*known.get(name, (name, None, None, None, None))) for name in hosts]


def unasked(session: Session, hosts: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return, of these hosts as far as the last run reached them, the codes of what it did not ask them for."""
    chosen = frozenset(hosts)
    reached = "SELECT name FROM host WHERE collected_at IS NOT NULL AND status <> 'unreachable'"
    found = {str(name): set[str]() for (name,) in session.rows(reached)}
    codes = "SELECT host, code FROM issue WHERE subject = 'host' AND code IN ('needs-read-write', 'no-agent')"
    for host, code in session.rows(codes):
        if str(host) in found:
            found[str(host)].add(str(code))
    return {host: frozenset(each) for host, each in found.items() if host in chosen}


def find(session: Session, name: str) -> list[Found]:
    """Return all that a name stands for: HOST, GUEST, UUID or HOST/GUEST, hosts first."""
    hosts = session.rows("SELECT name FROM host WHERE name = ?", (name,))
    found = [Found("host", str(host), str(host), "") for (host,) in hosts]
    select = "SELECT host, name, uuid FROM guest WHERE removed_at IS NULL AND"
    guests = session.rows(f"{select} name = ? ORDER BY host", (name,))
    guests += session.rows(f"{select} uuid = ? AND name <> ? ORDER BY host", (name.lower(), name))
    for host, guest in _split(name):
        guests += session.rows(f"{select} host = ? AND (name = ? OR uuid = ?)", (host, guest, guest.lower()))
    return found + [Found("guest", *map(str, row)) for row in guests]


def _split(name: str) -> Iterator[tuple[str, str]]:
    """A guest's name may have slashes in it, so each of them may be the one behind the host."""
    for position, character in enumerate(name):
        if character == "/":
            yield name[:position], name[position + 1 :]


def find_past(session: Session, name: str) -> list[Found]:
    """As `find`, for guests that are gone."""
    select = "SELECT host, name, uuid FROM guest WHERE removed_at IS NOT NULL AND"
    rows = session.rows(f"{select} (name = ? OR uuid = ?) ORDER BY removed_at DESC", (name, name.lower()))
    for host, guest in _split(name):
        rows += session.rows(f"{select} host = ? AND (name = ? OR uuid = ?)", (host, guest, guest.lower()))
    return [Found("guest", *map(str, row)) for row in rows]


def find_once(session: Session, name: str) -> Found:
    """Return the only thing that a name ever stood for; guests of one UUID on several hosts are one."""
    found = find(session, name) or find_past(session, name)
    if len({item.uuid for item in found}) > 1:
        raise _ambiguous(name, "thing", found)
    if not found:
        raise UsageError(f"the store has never known {name}", hint="`omc inventory guests` lists what it knows")
    return found[0]


def find_one(session: Session, name: str, kind: str) -> Found:
    """Return the only host or guest of that name, or say which there are."""
    found = [item for item in find(session, name) if item.kind == kind]
    if len(found) == 1:
        return found[0]
    if found:
        raise _ambiguous(name, kind, found)
    raise UsageError(f"the store knows no {kind} named {name}", hint=f"`omc inventory {kind}s` lists them")


def _ambiguous(name: str, kind: str, found: Sequence[Found]) -> UsageError:
    names = ", ".join(f"{item.path} ({item.uuid})" if item.uuid else f"host {item.path}" for item in found[:20])
    return UsageError(f"{name} is the name of {len(found)} {kind}s: {names}", hint="write HOST/GUEST, or the UUID")


def guest_document(session: Session, host: str, uuid: str) -> bytes:
    """Return a whole Guest as JSON."""
    statement = "SELECT d.document FROM guest g JOIN guest_document d ON d.guest = g.id WHERE g.host = ? AND g.uuid = ?"
    ((document,),) = session.rows(statement, (host, uuid))
    return bytes(document)


def guest_documents(session: Session, hosts: Iterable[str]) -> Iterator[bytes]:
    """Return every Guest of these hosts as JSON, by host and name."""
    for host in hosts:
        for (document,) in session.rows(_GUESTS, (host,)):
            yield bytes(document)


def names_beginning(session: Session, start: str, limit: int) -> Mapping[str, str]:
    """Return names of hosts and guests that begin with `start`, each with its kind: for completion in a shell."""
    pattern = start.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    found: dict[str, str] = {}
    for table, kind in (("host", "host"), ("guest WHERE removed_at IS NULL AND name", "guest")):
        where = table if "WHERE" in table else f"{table} WHERE name"
        statement = f"SELECT DISTINCT name FROM {where} LIKE ? ESCAPE '\\' ORDER BY name LIMIT ?"
        found.update((str(name), kind) for (name,) in session.rows(statement, (pattern, limit)))
    return found
