"""Compares the tables and views that are there with those that should be, for `omc store check`."""

from collections.abc import Iterable

from sqlalchemy import Connection, MetaData, create_engine, inspect

from omc.inventory.store.catalogue import VIEWS
from omc.inventory.store.database import Database
from omc.inventory.store.tables import METADATA


def schema_problems(database: Database) -> list[str]:
    """Return a sentence for each table, column, index or view that is missing or too much."""
    engine = create_engine(database.engine_url, creator=database.raw_connection)
    try:
        with engine.connect() as connection:
            return [*_table_problems(connection), *_view_problems(connection)]
    finally:
        engine.dispose()


def _table_problems(connection: Connection) -> Iterable[str]:
    present = MetaData()
    present.reflect(connection)
    for name, table in METADATA.tables.items():
        if name not in present.tables:
            yield f"the table {name} is missing"
            continue
        found = present.tables[name]
        yield from _differences(f"column of {name}", table.columns.keys(), found.columns.keys())
        yield from _differences(
            f"index of {name}", [str(i.name) for i in table.indexes], [str(i.name) for i in found.indexes]
        )


def _view_problems(connection: Connection) -> Iterable[str]:
    inspector = inspect(connection)
    present = set(inspector.get_view_names())
    for name, view in VIEWS.items():
        if name not in present:
            yield f"the view {name} is missing"
            continue
        yield from _differences(f"column of {name}", view.names, [c["name"] for c in inspector.get_columns(name)])


def _differences(what: str, wanted: Iterable[str], found: Iterable[str]) -> Iterable[str]:
    wanted, found = set(wanted), set(found)
    yield from (f"the {what} called {name} is missing" for name in sorted(wanted - found))
    yield from (f"there is a {what} called {name} that should not be" for name in sorted(found - wanted))
