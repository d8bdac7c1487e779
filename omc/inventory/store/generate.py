"""Writes `schema.sql` from the tables and views: `python -m omc.inventory.store.generate` after changing either.

A test holds the file equal to what this makes. Committed, so that the first run needs neither SQLAlchemy nor alembic.
"""

from pathlib import Path

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from omc.inventory.store.catalogue import VIEWS
from omc.inventory.store.tables import METADATA
from omc.inventory.store.version import CURRENT

_STAMP = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)


def sqlite_schema() -> str:
    """Return every statement of a new SQLite store, parted by a semicolon at the end of a line."""
    dialect = sqlite.dialect()
    statements = []
    for table in METADATA.sorted_tables:
        statements.append(str(CreateTable(table).compile(dialect=dialect)))
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        statements.extend(str(CreateIndex(index).compile(dialect=dialect)) for index in indexes)
    statements.extend(view.create for view in VIEWS.values())
    statements += [_STAMP, f"INSERT INTO alembic_version VALUES ('{CURRENT}')"]
    return ";\n".join(_tidy(statement) for statement in statements) + "\n"


def _tidy(statement: str) -> str:
    lines = (line.strip() for line in statement.strip().splitlines())
    return " ".join(line for line in lines if line)


if __name__ == "__main__":
    Path(__file__).with_name("schema.sql").write_text(sqlite_schema(), encoding="utf-8")
