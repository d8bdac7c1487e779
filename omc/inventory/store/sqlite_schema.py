"""Makes a new SQLite store from `schema.sql`, which is generated from the tables and views."""

import sqlite3
from pathlib import Path

SCHEMA = Path(__file__).with_name("schema.sql")
APPLICATION_ID = 0x6F6D6373  # "omcs": what file(1) and SQLite's own tools can tell an omc store by


sqlite3.register_converter(
    "BOOLEAN", b"1".__eq__
)  # for connections that ask for it: true and false, as PostgreSQL says it


def make_schema(connection: sqlite3.Connection) -> None:
    """Make all tables and views in one transaction, unless another process was faster."""
    connection.execute("BEGIN IMMEDIATE")
    if not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        for statement in SCHEMA.read_text(encoding="utf-8").split(";\n"):
            connection.execute(statement)
    connection.execute("COMMIT")
