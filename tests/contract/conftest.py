"""What the suites of the store share: each runs over an SQLite file and over a database of a real PostgreSQL."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from omc.inventory.store import Store, locate, open_store
from omc.model import Host
from tests.facts import digests


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty place for a store."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    return str(request.getfixturevalue("postgresql").new_database())


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A new store there."""
    with open_store(url) as opened:
        yield opened


@pytest.fixture
def record(store: Store) -> Callable[..., None]:
    """Record hosts in a run of their own."""

    def write(*hosts: Host) -> None:
        run = store.begin(actor="tester", selection="all")
        for item in hosts:
            store.record(run, item, digests(item))
        store.finish(run, "ok")

    return write


@pytest.fixture
def change(url: str) -> Callable[[str], None]:
    """Run a statement on the store's database, past omc."""

    def run(statement: str) -> None:
        path = locate(url).path
        if path is None:
            with psycopg.connect(url) as connection:
                connection.execute(statement)
            return
        with closing(sqlite3.connect(path)) as file, file:
            file.execute(statement)

    return run
