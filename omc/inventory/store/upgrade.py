"""Makes the tables on PostgreSQL, and brings an older store to this version: alembic's migrations, then the views.

All in one transaction: an upgrade that fails or is killed leaves the store as it was. An upgrade never happens by
itself, because an older omc on another machine could not use the store afterwards; an SQLite store is copied first.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from omc.errors import StoreError
from omc.inventory.store.catalogue import VIEWS
from omc.inventory.store.database import BUSY_SECONDS
from omc.inventory.store.guard_postgresql_role import READER_ROLE
from omc.inventory.store.location import locate
from omc.inventory.store.sqlite import connect_read_only
from omc.inventory.store.sqlite_errors import in_words, told
from omc.inventory.store.version import CURRENT, VERSIONS, demand_current

MIGRATIONS = Path(__file__).with_name("migrations")
_LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL's code


class Upgraded(NamedTuple):
    """What an upgrade did; `copy` is the store as it was before, on SQLite."""

    before: str | None
    after: str
    copy: Path | None = None


def upgrade(url: str | None) -> Upgraded:
    """Bring the store at that URL to this omc's version, or make it; nothing to do is no error."""
    location = locate(url)
    with _told(location.label):
        if location.path is not None:
            return _upgrade_sqlite(location.path)
        return upgrade_postgresql(location.url, location.label)


def _upgrade_sqlite(path: Path) -> Upgraded:
    if not path.exists():
        raise StoreError("there is no store yet", where=str(path), hint="run `omc inventory`, which makes it")
    engine = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS)
    )
    try:
        with engine.connect() as connection:
            return _upgrade_file(connection, path)
    finally:
        engine.dispose()


def _upgrade_file(connection: Connection, path: Path) -> Upgraded:
    before = _version(connection)
    if before == CURRENT:
        return Upgraded(before, CURRENT)
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    before = _version(connection)  # now nobody else can change it
    if before == CURRENT:
        return Upgraded(before, CURRENT)
    _demand_known(before, str(path))
    copy = _copy(path, before) if before else None
    _migrate(connection)
    connection.exec_driver_sql("COMMIT")
    return Upgraded(before, CURRENT, copy)


def _copy(path: Path, version: str) -> Path:
    """Copy the store beside itself, for the same people to read and over no earlier copy."""
    copy = next(name for name in _copy_names(path, version) if not name.exists())
    part = copy.with_name(f"{copy.name}.part")
    part.unlink(missing_ok=True)
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, path.stat().st_mode & 0o777))
        with told(str(part)), closing(connect_read_only(path)) as source, closing(sqlite3.connect(part)) as target:
            source.backup(target)
        part.rename(copy)
    except OSError as error:
        raise StoreError(f"the store cannot be copied: {error.strerror}", where=str(copy)) from error
    finally:
        part.unlink(missing_ok=True)
    return copy


def _copy_names(path: Path, version: str) -> Iterator[Path]:
    name = f"{path.name}.{version}"
    yield path.with_name(name)
    yield from (path.with_name(f"{name}.{number}") for number in count(2))


def upgrade_postgresql(url: str, label: str) -> Upgraded:
    """Make or upgrade the tables; another omc that does the same at the same time is waited for."""
    from omc.inventory.store.postgresql import connect
    from omc.inventory.store.postgresql_lock import hold

    engine = create_engine("postgresql+psycopg://", creator=lambda: connect(url, autocommit=False))
    with _told(label), engine.begin() as connection:
        for statement in hold("upgrade"):
            connection.execute(text(statement))
        before = _version(connection)
        if before != CURRENT:
            _demand_known(before, label)
            _migrate(connection)
        _grant(connection)
    engine.dispose()
    return Upgraded(before, CURRENT)


def _version(connection: Connection) -> str | None:
    """Return the schema's version; None where there is no store."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.execute(text("SELECT version_num FROM alembic_version")).fetchone()
    return None if row is None else str(row[0])


def _demand_known(version: str | None, where: str) -> None:
    if version is not None and version not in VERSIONS:
        demand_current(version, where)


def _migrate(connection: Connection) -> None:
    """Run the migrations; the views hang on the tables, so they go first and come back last."""
    for name in inspect(connection).get_view_names():
        if name in VIEWS:
            connection.execute(text(f"DROP VIEW {name}"))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    for view in VIEWS.values():
        connection.execute(text(view.create.replace(":", "\\:")))


def _grant(connection: Connection) -> None:
    """Let the reading role read the views, and nothing else, where an administrator made that role."""
    known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": READER_ROLE})
    if known.fetchone():
        schema = connection.execute(text("SELECT quote_ident(current_schema())")).scalar()
        connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {READER_ROLE}"))
        connection.execute(text(f"GRANT SELECT ON {', '.join(VIEWS)} TO {READER_ROLE}"))


@contextmanager
def _told(where: str) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise _meaning(getattr(error, "orig", None) or error, where) from error


def _meaning(error: BaseException, where: str) -> StoreError:
    if isinstance(error, sqlite3.Error):
        return in_words(error, where)
    if getattr(error, "sqlstate", "") == _LOCK_NOT_AVAILABLE:
        return StoreError("another omc has been at it for too long", where=where, hint="wait for it, then try again")
    words = str(error).strip().split("\n")[0]
    hint = "the login must own the database or its schema"
    return StoreError(f"the tables cannot be made: {words}", where=where, hint=hint)
