"""The store as everybody else sees it: runs are recorded in it, lists and documents are read from it.

One Store may be used from several threads. Reads that go on for long (documents, queries) have connections of their
own and see the store as it was when they began.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import TracebackType

import omc
from omc.inventory.known import KnownGuest
from omc.inventory.store import read
from omc.inventory.store.answer import Rows
from omc.inventory.store.database import Database
from omc.inventory.store.query import Query, build
from omc.inventory.store.read import Found, Freshness
from omc.inventory.store.record import write_host
from omc.inventory.store.times import now
from omc.model import Host, Issue

_BEGIN = "INSERT INTO run (started_at, actor, selection, omc_version) VALUES (?, ?, ?, ?) RETURNING id"


class Store:
    """One site's store; made by `open_store`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def label(self) -> str:
        """Where the store is, for people; never with a password."""
        return self._database.label

    def close(self) -> None:
        """Close every connection."""
        self._database.close()

    def begin(self, *, actor: str, selection: str) -> int:
        """Begin a run and return its number; `selection` is what was asked for, as the user wrote it."""
        with self._database.writing("run") as session:
            ((run,),) = session.rows(_BEGIN, (now(), actor, selection, omc.__version__))
        return int(run)  # type: ignore[call-overload, no-any-return]

    def known(self, host: str) -> Mapping[str, KnownGuest]:
        """Return what the last run knew of the guests of a host, by UUID, so that unchanged XML is not parsed twice."""
        with self._database.reading() as session:
            return read.known_guests(session, host)

    def record(self, run: int, host: Host, digests: Mapping[str, str]) -> None:
        """Write one host in one transaction. `digests`: of the XML of each guest, by UUID.

        With the status "unreachable" its facts stay as they are; only status, reason and the time of the attempt change.
        """
        with self._database.writing(host.name) as session:
            write_host(session, run, host, digests)

    def finish(self, run: int, outcome: str) -> None:
        """End a run ("ok", "partial", "interrupted" …); what it recorded outlives a power cut from here on."""
        with self._database.writing("run") as session:
            session.run("UPDATE run SET finished_at = ?, outcome = ? WHERE id = ?", (now(), outcome, run))
        self._database.settle()

    def documents(self, hosts: Iterable[str] | None = None) -> Iterator[bytes]:
        """Return each Host with its guests as JSON, one at a time; hosts that the store does not know are left out."""
        with self._database.snapshot() as session:
            for name in read.host_names(session, hosts):
                document = read.host_document(session, name)
                if document is not None:
                    yield document

    def guest_documents(self, hosts: Iterable[str] | None = None) -> Iterator[bytes]:
        """Return each Guest as JSON, by host and name."""
        with self._database.snapshot() as session:
            yield from read.guest_documents(session, read.host_names(session, hosts))

    def query(
        self,
        view: str,
        *,
        columns: Sequence[str] = (),
        hosts: Collection[str] | None = None,
        where: str | None = None,
        sort: Sequence[str] = (),
        limit: int | None = None,
    ) -> Rows:
        """Answer a list. `where` is an expression over the view's columns that nobody vouches for; "-column" sorts down."""
        statement = build(Query(view, columns, hosts, where, sort, limit))
        return self._database.guarded(statement.text, statement.values, columns=statement.view.names, where="--where")

    def sql(self, statement: str) -> Rows:
        """Answer one read-only SQL statement over the views."""
        return self._database.guarded(statement, (), columns=(), where="sql")

    def find(self, name: str) -> list[Found]:
        """Return all hosts and guests that a name stands for: HOST, GUEST, HOST/GUEST or a UUID."""
        with self._database.reading() as session:
            return read.find(session, name)

    def guest(self, name: str) -> bytes:
        """Return a whole Guest as JSON; an unknown or ambiguous name is a UsageError."""
        with self._database.reading() as session:
            found = read.find_one(session, name, "guest")
            return read.guest_document(session, found.host, found.uuid)

    def host(self, name: str) -> bytes:
        """Return a whole Host with its guests as JSON."""
        with self._database.reading() as session:
            found = read.find_one(session, name, "host")
            return read.host_document(session, found.host) or b""

    def freshness(self, hosts: Iterable[str]) -> list[Freshness]:
        """Return status, and when it was read and tried, of each of these hosts, in their order."""
        with self._database.reading() as session:
            return read.freshness(session, hosts)

    def duplicates(self) -> list[Issue]:
        """Return an issue for each guest whose UUID a guest of another host has too; `documents` and `issues` have them."""
        with self._database.reading() as session:
            return read.duplicate_issues(session)

    def names(self, start: str, limit: int = 200) -> Mapping[str, str]:
        """Return names of hosts and guests that begin so, each with "host" or "guest": for completion."""
        with self._database.reading() as session:
            return read.names_beginning(session, start, limit)
