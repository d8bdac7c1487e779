"""Care for a store, on both databases: what prune forgets, what check finds, and which stores are refused."""

from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import create_engine

from omc.errors import StoreError
from omc.inventory.store import open_store, upgrade_store
from omc.inventory.store.tables import METADATA
from omc.inventory.store.version import CURRENT
from tests.facts import BETWEEN, ELEVEN, NINE, TEN, at, guest, host


def days_since(time: str) -> float:
    return (datetime.now(UTC) - datetime.fromisoformat(time)).total_seconds() / 86_400


def test_prune_forgets_what_ended_and_keeps_what_holds(store, record):
    record(at(host(guests=[guest(1), guest(2)]), NINE))
    record(at(host(guests=[guest(1, vcpus=8)]), TEN))
    record(at(host(guests=[guest(1, vcpus=8)]), ELEVEN))
    pruned = store.prune(days_since("2026-01-01T10:30:00Z"))
    assert (1, 0) == (pruned.guests, pruned.hosts)
    assert [("web1", 8)] == list(store.query("guests", columns=["name", "vcpus"]))
    assert [] == store.changes(BETWEEN, "2026-01-01T09:40:00Z")
    assert [] == store.check()


def test_prune_forgets_hosts_that_were_not_tried_while_others_were(store, record):
    record(at(host("gone"), NINE))
    record(at(host("stays", guests=[]), ELEVEN))
    assert 1 == store.prune(days_since(TEN)).hosts
    assert [("stays",)] == list(store.query("hosts", columns=["name"]))
    assert 0 == store.prune(0).hosts
    assert [] == store.check()


def test_a_new_store_is_sound_and_of_this_version(store, url):
    assert [] == store.check()
    assert CURRENT == upgrade_store(url).after


def test_check_names_what_is_missing(store, record, change):
    record(host())
    change("DROP VIEW leases")
    change("DELETE FROM guest_document")
    assert ["the view leases is missing", "2 guests without their document"] == store.check()


def test_a_newer_store_is_refused(store, url, change):
    change("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="version 9999, which this omc does not know") as caught:
        open_store(url)
    assert "newer omc" in caught.value.hint


def test_a_store_is_not_made_where_none_is_wanted(url):
    with pytest.raises(StoreError, match="there is no store yet"):
        open_store(url, create=False)


@pytest.mark.postgresql
def test_migrations_lead_to_the_tables_on_postgresql_too(postgresql):
    columns = "SELECT table_name, column_name, data_type, is_nullable, collation_name, column_default"
    statement = f"{columns} FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
    indexes = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2"

    def schema(url: str) -> list[tuple[object, ...]]:
        with psycopg.connect(url) as connection:
            rows = connection.execute(statement).fetchall() + connection.execute(indexes).fetchall()
        return [row for row in rows if row[0] in METADATA.tables]

    migrated, made = postgresql.new_database(), postgresql.new_database()
    upgrade_store(migrated)
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(made))
    METADATA.create_all(engine)
    engine.dispose()
    assert len(schema(made)) > 200
    assert schema(made) == schema(migrated)
