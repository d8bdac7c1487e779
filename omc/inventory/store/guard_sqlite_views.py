"""A place that has the views and nothing else, as empty tables: what compiles there reads the views alone.

SQLite tells an authorizer only the innermost name that reads a table, and a statement may give that name itself (WITH
guests AS …). Where there is no other table, no name helps.
"""

import sqlite3

from omc.inventory.store.catalogue import VIEWS


def views_alone() -> sqlite3.Connection:
    """Return a connection to an empty database in memory, whose tables are called as the views."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    for view in VIEWS.values():
        names = ", ".join(f'"{name}"' for name in view.names)
        connection.execute(f"CREATE TABLE {view.name} ({names})")
    return connection
