"""The runs of templates as the store keeps them: `omc.ports.Runs` over any of its databases."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from omc.errors import StoreError
from omc.inventory.store.clean import clean
from omc.inventory.store.database import Database, Row, Session
from omc.ports import AppliedFile, RunFile, RunHost, RunOptions, TemplateRun

_RUN = (
    "run, kind, started_at, actor, status, reason, finished_at, selection, templates, variables, undoes, process, "
    "omc_version, details"
)
_HOST = "run, host, position, status, code, message, machine, finished_at, seconds, confirm_until, pending_handlers"
_FILE = "host, path, run, position, template, action, before_fingerprint, after_fingerprint, rendered, applied"
_ADD_RUN = f"INSERT INTO template_run ({_RUN}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ADD_HOST = f"INSERT INTO template_host ({_HOST}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ADD_FILE = f"INSERT INTO template_file ({_FILE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_SET_HOST = (
    "UPDATE template_host SET status = ?, code = ?, message = ?, machine = ?, finished_at = ?, seconds = ?, "
    "confirm_until = ?, pending_handlers = ? WHERE run = ? AND host = ?"
)
_LAST = (
    "SELECT f.host, f.path, f.template, f.run, f.after_fingerprint, f.rendered FROM template_file f JOIN ("
    "SELECT host, path, max(run) AS run FROM template_file WHERE host = ? AND applied = ? GROUP BY host, path"
    ") last ON last.host = f.host AND last.path = f.path AND last.run = f.run ORDER BY f.path"
)
_OPEN = (
    "SELECT h.run, h.host FROM template_host h JOIN template_run r ON r.run = h.run "
    "WHERE h.status IN ('planned', 'unknown', 'waiting') ORDER BY r.started_at DESC, h.run DESC"
)
_APPLIED = {"apply": "changed", "rollback": "rolled_back"}
"""The state of a host in which its files are as a run of that kind wanted them."""


class _Details(msgspec.Struct, omit_defaults=True):
    """What a run has beside its columns; a field that is added here needs no migration."""

    options: RunOptions = RunOptions()


_COMMANDS = msgspec.json.Decoder(tuple[tuple[str, ...], ...])
_NAMES = msgspec.json.Decoder(tuple[str, ...])
_DETAILS = msgspec.json.Decoder(_Details)


class StoredRuns:
    """The runs of templates in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, run: TemplateRun) -> None:
        """Write a run with all its hosts; it outlives a power cut from here on."""
        with self._database.writing("templates") as session:
            if session.rows("SELECT 1 FROM template_run WHERE run = ?", (run.run,)):
                raise StoreError(f"there is a run {run.run} already", where=self._database.label)
            session.run(_ADD_RUN, _run_row(run))
            session.run_many(_ADD_HOST, [_host_row(run.run, place, host) for place, host in enumerate(run.hosts)])
            for host in run.hosts:
                _write_files(session, run.run, host, applied=host.status == _APPLIED[run.kind])
        self._database.settle()

    def record(self, run: str, host: RunHost) -> None:
        """Write what became of one host; without files, those that were begun with stay."""
        with self._database.writing("templates") as session:
            row = _host_row(run, 0, host)
            if not session.run(_SET_HOST, (*row[3:], run, host.host)):
                ((count,),) = session.rows("SELECT count(*) FROM template_host WHERE run = ?", (run,))
                session.run(_ADD_HOST, _host_row(run, count, host))
            ((kind,),) = session.rows("SELECT kind FROM template_run WHERE run = ?", (run,))
            applied = host.status == _APPLIED[kind]
            if host.files:
                session.run("DELETE FROM template_file WHERE run = ? AND host = ?", (run, host.host))
                _write_files(session, run, host, applied=applied)
            else:
                statement = "UPDATE template_file SET applied = ? WHERE run = ? AND host = ?"
                session.run(statement, (applied, run, host.host))

    def finish(self, run: str, status: str, reason: str = "") -> None:
        """End a run."""
        ended = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        statement = "UPDATE template_run SET status = ?, reason = ?, finished_at = ? WHERE run = ?"
        with self._database.writing("templates") as session:
            session.run(statement, clean((status, reason, ended, run)))
        self._database.settle()

    def carry_on(self, run: str, process: str) -> None:
        """Begin a run again that was cut off."""
        statement = "UPDATE template_run SET status = ?, reason = ?, finished_at = ?, process = ? WHERE run = ?"
        with self._database.writing("templates") as session:
            session.run(statement, ("running", "", None, process, run))

    def runs(self, limit: int | None = None) -> list[TemplateRun]:
        """Return the runs with their hosts, newest first."""
        with self._database.reading() as session:
            cut = "" if limit is None else f" LIMIT {int(limit)}"
            found = session.rows(f"SELECT {_RUN} FROM template_run ORDER BY started_at DESC, run DESC{cut}")
            oldest = min((row[0] for row in found), default="")
            hosts = session.rows(f"SELECT {_HOST} FROM template_host WHERE run >= ? ORDER BY run, position", (oldest,))
        by_run: dict[str, list[RunHost]] = {}
        for row in hosts:
            by_run.setdefault(row[0], []).append(_host(row, ()))
        return [_run(row, by_run.get(row[0], ())) for row in found]

    def run(self, name: str) -> TemplateRun | None:
        """Return one run whole."""
        with self._database.reading() as session:
            found = session.rows(f"SELECT {_RUN} FROM template_run WHERE run = ?", (name,))
            hosts = session.rows(f"SELECT {_HOST} FROM template_host WHERE run = ? ORDER BY position", (name,))
            files = session.rows(f"SELECT {_FILE} FROM template_file WHERE run = ? ORDER BY position", (name,))
        by_host: dict[str, list[RunFile]] = {}
        for row in files:
            by_host.setdefault(row[0], []).append(_file(row))
        return _run(found[0], [_host(row, by_host.get(row[1], ())) for row in hosts]) if found else None

    def names(self, beginning: str = "", limit: int | None = None) -> list[str]:
        """Return the names of the runs that begin so, newest first."""
        cut = "" if limit is None else f" LIMIT {int(limit)}"
        statement = "SELECT run FROM template_run WHERE substr(run, 1, ?) = ? ORDER BY started_at DESC, run DESC"
        with self._database.reading() as session:
            return [name for (name,) in session.rows(statement + cut, clean((len(beginning), beginning)))]

    def open_runs(self, hosts: Iterable[str]) -> list[TemplateRun]:
        """Return the runs whose end on some of these hosts was not written down, whole, newest first."""
        chosen = set(hosts)
        with self._database.reading() as session:
            names = dict.fromkeys(run for run, host in session.rows(_OPEN, ()) if host in chosen)
        return [run for name in names if (run := self.run(name)) is not None]

    def applied(self, hosts: Sequence[str]) -> list[AppliedFile]:
        """Return what was last applied to each path of these hosts."""
        with self._database.reading() as session:
            rows = [row for host in hosts for row in session.rows(_LAST, (host, True))]
        return [AppliedFile(**dict(zip(AppliedFile.__struct_fields__, row, strict=True))) for row in rows]


def _run_row(run: TemplateRun) -> Row:
    lists = [msgspec.json.encode(names).decode() for names in (run.templates, run.variables)]
    head = (run.run, run.kind, run.started_at, run.actor, run.status, run.reason, run.finished_at, run.selection)
    details = msgspec.json.encode(_Details(options=run.options)).decode()
    return clean((*head, *lists, run.undoes, run.process, run.omc_version, details))


def _run(row: Row, hosts: Iterable[RunHost]) -> TemplateRun:
    named: dict[str, object] = dict(zip(_RUN.split(", "), row, strict=True))
    lists = {name: _NAMES.decode(str(named[name])) for name in ("templates", "variables")}
    details = msgspec.structs.asdict(_DETAILS.decode(str(named.pop("details") or "{}")))
    return msgspec.convert({**named, **lists, **details, "hosts": tuple(hosts)}, TemplateRun)


def _host_row(run: str, position: int, host: RunHost) -> Row:
    pending = msgspec.json.encode(host.pending_handlers).decode()
    said = (host.status, host.code, host.message, host.machine, host.finished_at, host.seconds, host.confirm_until)
    return clean((run, host.host, position, *said, pending))


def _host(row: Row, files: Iterable[RunFile]) -> RunHost:
    names = ("host", "status", "code", "message", "machine", "finished_at", "seconds", "confirm_until")
    values = dict(zip(names, (row[1], *row[3:10]), strict=True))
    return RunHost(**values, files=tuple(files), pending_handlers=_COMMANDS.decode(row[10]))


def _write_files(session: Session, run: str, host: RunHost, *, applied: bool) -> None:
    session.run_many(
        _ADD_FILE,
        [
            (
                host.host,
                file.path,
                run,
                place,
                file.template,
                file.action,
                file.before,
                file.after,
                file.rendered,
                applied,
            )
            for place, file in enumerate(host.files)
        ],
    )


def _file(row: Row) -> RunFile:
    return RunFile(path=row[1], template=row[4], action=row[5], before=row[6], after=row[7], rendered=row[8])
