"""The store: what was read of hosts and guests, now and over time, in SQLite or PostgreSQL.

Current facts are rows and whole documents; the past is spans of time in which something stayed as it was, so an
unchanged guest costs nothing. Lists, `--where` and SQL read documented views (`catalogue`). What runs at every command
is plain SQL over the database's own driver; SQLAlchemy and alembic define the tables (`tables`, `migrations`) and are
imported only to create a store on PostgreSQL, to upgrade one, and to check one.
"""

from typing import TYPE_CHECKING

from omc.inventory.store.answer import Rows
from omc.inventory.store.location import default_url, locate
from omc.inventory.store.read import Found, Freshness
from omc.inventory.store.sqlite import SqliteDatabase
from omc.inventory.store.store import Store

if TYPE_CHECKING:
    from omc.inventory.store.upgrade import Upgraded

__all__ = ["Found", "Freshness", "Rows", "Store", "default_url", "open_store", "upgrade_store"]


def open_store(url: str | None, *, create: bool = True, reader_url: str | None = None) -> Store:
    """Open the store at that URL (None: this machine's own), made where there is none yet and `create` allows it.

    `reader_url` is the login that `query` and `sql` use on PostgreSQL. A store of another version is refused with what
    to do: `upgrade_store` brings an older one to this omc's.
    """
    location = locate(url)
    if location.path is not None:
        return Store(SqliteDatabase(location.path, create=create))
    from omc.inventory.store.postgresql import PostgresqlDatabase

    return Store(PostgresqlDatabase(location, create=create, reader_url=reader_url))


def upgrade_store(url: str | None) -> "Upgraded":
    """Bring an older store to this omc's version (an SQLite store is copied first), or renew what PostgreSQL grants."""
    from omc.inventory.store.upgrade import upgrade

    return upgrade(url)
