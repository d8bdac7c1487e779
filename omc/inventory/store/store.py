"""The store as everybody else sees it: runs are recorded in it, lists and documents are read from it.

One Store may be used from several threads. Reads that go on for long (documents, queries) have connections of their
own and see the store as it was when they began.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import omc
from omc.inventory.changes import Difference, changes, hosts_of
from omc.inventory.known import KnownGuest
from omc.inventory.store import read
from omc.inventory.store.answer import Rows
from omc.inventory.store.clean import CleanSession, clean_host
from omc.inventory.store.configuration import encode
from omc.inventory.store.database import Database, UnfitValueError
from omc.inventory.store.expression import check_parameters, check_question
from omc.inventory.store.guard_sqlite import Guard
from omc.inventory.store.maintain import Pruned, broken_invariants, copy_whole, prune
from omc.inventory.store.past import hosts_at
from omc.inventory.store.query import Query, Statement, build
from omc.inventory.store.read import Found, Freshness
from omc.inventory.store.record import write_host
from omc.inventory.store.replica import replica
from omc.inventory.store.runs import StoredRuns
from omc.inventory.store.snapshots import beginning, two_snapshots
from omc.inventory.store.timeline import guest_history, host_history
from omc.inventory.store.times import normal, now
from omc.inventory.store.usage import Usage, usage
from omc.model import Host
from omc.ports import Runs

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

    @property
    def template_runs(self) -> Runs:
        """What templates did: the runs, and what was last applied where."""
        return StoredRuns(self._database)

    def begin(self, *, actor: str, selection: str) -> int:
        """Begin a run and return its number; `selection` is what was asked for, as the user wrote it."""
        with self._database.writing("run") as session:
            ((run,),) = session.rows(_BEGIN, (now(), actor, selection, omc.__version__))
        return int(run)

    def known(self, host: str) -> Mapping[str, KnownGuest]:
        """Return what the last run knew of the guests of a host, by UUID: unchanged XML is not parsed twice."""
        with self._database.reading() as session:
            return read.known_guests(session, host)

    def record(self, run: int, host: Host, digests: Mapping[str, str]) -> None:
        """Write one host in one transaction. `digests`: of the XML of each guest, by UUID.

        With the status "unreachable" its facts stay as they are; status, reason and time of the attempt change.
        """
        try:
            with self._database.writing(host.name) as session:
                write_host(session, run, host, digests)
        except (UnfitValueError, UnicodeEncodeError):  # the latter of a document
            with self._database.writing(host.name) as session:
                write_host(CleanSession(session), run, clean_host(host), digests)

    def finish(self, run: int, outcome: str) -> None:
        """End a run ("ok", "partial", "interrupted" …); what it recorded outlives a power cut from here on."""
        with self._database.writing("run") as session:
            session.run("UPDATE run SET finished_at = ?, outcome = ? WHERE id = ?", (now(), outcome, run))
        self._database.settle()

    def documents(self, hosts: Iterable[str] | None = None, *, at: str | None = None) -> Iterator[bytes]:
        """Return each Host with its guests as JSON, one at a time; hosts that the store does not know are left out."""
        with self._database.snapshot() as session:
            if at is not None:
                yield from (encode(past.whole) for past in hosts_at(session, normal(at), hosts))
                return
            yield from read.host_documents(session, hosts)

    def guest_documents(self, hosts: Iterable[str] | None = None, *, at: str | None = None) -> Iterator[bytes]:
        """Return each Guest as JSON, by host and name."""
        with self._database.snapshot() as session:
            if at is not None:
                for past in hosts_at(session, normal(at), hosts):
                    yield from (encode(item.guest) for item in past.guests)
                return
            yield from read.guest_documents(session, read.host_names(session, hosts))

    def query(  # noqa: PLR0913 - the options of a list, each of which stands alone
        self,
        view: str,
        *,
        columns: Sequence[str] = (),
        hosts: Collection[str] | None = None,
        where: str | None = None,
        sort: Sequence[str] = (),
        limit: int | None = None,
        at: str | None = None,
    ) -> Rows:
        """Answer a list. `where` is an expression over its columns that nobody vouches for; "-column" sorts down."""
        question = build(Query(view, columns, hosts, where, sort, limit))
        return self._answer(question, at, None if hosts is None else tuple(hosts))

    def sql(self, statement: str, *, at: str | None = None) -> Rows:
        """Answer one read-only SQL statement over the views."""
        check_question(statement, "sql")
        check_parameters(statement, "sql")
        return self._answer(Statement(statement, expression=statement), at, None)

    def _answer(self, question: Statement, at: str | None, hosts: Collection[str] | None) -> Rows:
        if at is None:
            return self._database.guarded(question)
        with self._database.snapshot() as session:
            connection = replica(session, normal(at), hosts, question.text)
        return Guard(connection, self.label).run(question)

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
            return read.host_document(session, found.host, read.host_issues(session, found.host)) or b""

    def changes(
        self, since: str, until: str | None = None, *, hosts: Collection[str] | None = None
    ) -> list[Difference]:
        """Return what changed between two times (None: now); `hosts` limits it to what touches one of them."""
        with self._database.snapshot() as session:
            found = changes(*two_snapshots(session, normal(since), normal(until) if until else now()))
        return [item for item in found if hosts is None or not hosts_of(item).isdisjoint(hosts)]

    def usage(self, since: str, hosts: Collection[str]) -> Usage:
        """Return how full the pools of these hosts were on each day since then, and when guests ran with how much."""
        with self._database.snapshot() as session:
            return usage(session, normal(since), hosts)

    def beginning(self) -> str | None:
        """Return the time before which the store knows nothing; None: it knows nothing at all."""
        with self._database.reading() as session:
            return beginning(session)

    def history(self, name: str) -> list[Difference]:
        """Return all that happened to the guest or host of that name (HOST/GUEST or a UUID too), the oldest first."""
        with self._database.reading() as session:
            found = read.find_once(session, name)
            if found.kind == "host":
                return host_history(session, found.host)
            return guest_history(session, found.uuid)

    def freshness(self, hosts: Iterable[str]) -> list[Freshness]:
        """Return status, and when it was read and tried, of each of these hosts, in their order."""
        with self._database.reading() as session:
            return read.freshness(session, hosts)

    def unasked(self, hosts: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """Return what the last run did not ask hosts for that it reached: "needs-read-write", "no-agent"."""
        with self._database.reading() as session:
            return read.unasked(session, hosts)

    def backup(self, path: Path) -> None:
        """Copy the whole store into a new file, while others go on; a file that is there already is not touched."""
        copy_whole(self._database, path)

    def prune(self, keep_days: float) -> Pruned:
        """Forget what ended more than `keep_days` ago; what holds now stays, however old."""
        return prune(self._database, keep_days)

    def check(self) -> list[str]:
        """Return what is wrong with the store, a sentence each; an empty list means sound."""
        from omc.inventory.store.check import schema_problems

        with self._database.reading() as session:
            broken = broken_invariants(session)
        return [*self._database.problems(), *schema_problems(self._database), *broken]

    def names(self, start: str, limit: int = 200) -> Mapping[str, str]:
        """Return names of hosts and guests that begin so, each with "host" or "guest": for completion."""
        with self._database.reading() as session:
            return read.names_beginning(session, start, limit)
