"""The store on SQLite: where it lies, what it imports, copies and upgrades."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from omc.errors import StoreError
from omc.inventory.store import default_url, locate, open_store, upgrade, upgrade_store
from omc.inventory.store.catalogue import VIEWS, reference
from omc.inventory.store.configuration import configuration
from omc.inventory.store.version import CURRENT, VERSIONS, demand_current
from tests.facts import digests, guest, host, nic

ROOT = Path(__file__).parents[3]


@pytest.fixture
def url(tmp_path: Path) -> str:
    place = f"sqlite:///{tmp_path}/store.db"
    with open_store(place) as store:
        run = store.begin(actor="a", selection="all")
        store.record(run, host(), digests(host()))
        store.finish(run, "ok")
    return place


def test_sites_never_share_a_store(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    first, second = default_url(tmp_path / "a" / "site"), default_url(tmp_path / "b" / "site")
    assert first != second
    assert first.startswith(f"sqlite:///{tmp_path}/omc/site-")
    assert first == default_url(tmp_path / "a" / ".." / "a" / "site")
    assert f"sqlite:///{tmp_path}/omc/local.db" == default_url(None)


def test_a_state_folder_that_is_not_absolute_is_ignored(monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", "state")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert "sqlite:////home/somebody/.local/state/omc/local.db" == default_url(None)


def test_odd_names_of_folders_make_plain_names_of_files(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    (tmp_path / "a?b #%").mkdir()
    with open_store(default_url(tmp_path / "a?b #%")) as store:
        assert Path(store.label).name.startswith("a_b___-")


def test_odd_paths_are_paths(tmp_path):
    place = tmp_path / "a?b#c%20d.db"
    with open_store(f"sqlite:///{place}") as store:
        assert [] == list(store.query("guests"))
    assert place.exists()


@pytest.mark.parametrize("wrong", ["mysql://x/y", "store.db", "sqlite://relative.db", "sqlite:///", "/abs/store.db"])
def test_a_url_that_is_none_is_refused_with_examples(wrong):
    with pytest.raises(StoreError) as caught:
        locate(wrong)
    assert "postgresql://" in caught.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:sEcret@db.example.net:5432/omc?sslmode=require",
        "postgresql://me@/omc?host=/run/postgresql&password=sEcret&sslmode=require",
        "postgres://me:sEc:ret@sEcret@db/omc",
    ],
)
def test_a_label_never_shows_a_password(url):
    assert "sEc" not in locate(url).label
    assert url.partition("://")[2] == locate(url).url.partition("://")[2]


def test_schema_sql_is_what_the_tables_and_views_say():
    from omc.inventory.store.generate import sqlite_schema

    committed = (ROOT / "omc/inventory/store/schema.sql").read_text()
    assert sqlite_schema() == committed, "run python -m omc.inventory.store.generate"


def test_versions_are_those_of_the_migrations():
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(ROOT / "omc/inventory/store/migrations"))
    scripts = ScriptDirectory.from_config(config)
    assert VERSIONS == tuple(reversed([script.revision for script in scripts.walk_revisions()]))


def test_migrations_lead_to_the_tables_of_a_new_store(tmp_path):
    (tmp_path / "empty.db").touch()
    assert (None, CURRENT) == upgrade_store(f"sqlite:///{tmp_path}/empty.db")[:2]
    open_store(f"sqlite:///{tmp_path}/new.db").close()

    def schema(name: str) -> list[tuple[str, str]]:
        with sqlite3.connect(tmp_path / name) as connection:
            rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql NOT NULL ORDER BY name").fetchall()
        return [(name, " ".join(sql.split()).replace("( ", "(").replace(" )", ")")) for name, sql in rows]

    assert schema("new.db") == schema("empty.db")


def test_an_upgrade_of_a_current_store_does_nothing(url, tmp_path):
    assert (CURRENT, CURRENT, None) == upgrade_store(url)
    assert ["store.db"] == sorted(path.name for path in tmp_path.iterdir())


@pytest.fixture
def old_url(url: str, monkeypatch) -> str:
    """A store of the version 0000, which a migration that only changes that brings to this one."""

    def migrate(connection) -> None:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = ?", (CURRENT,))

    monkeypatch.setattr(upgrade, "VERSIONS", ("0000", CURRENT))
    monkeypatch.setattr(upgrade, "_migrate", migrate)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    return url


def guests_in(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM guest").fetchone()[0])


def test_an_upgrade_leaves_the_store_as_it_was_beside_it(old_url, tmp_path):
    assert ("0000", CURRENT, tmp_path / "store.db.0000") == upgrade_store(old_url)
    assert 2 == guests_in(tmp_path / "store.db.0000")
    assert ["store.db", "store.db.0000"] == sorted(path.name for path in tmp_path.glob("store.db*"))


def test_a_copy_of_an_upgrade_is_never_written_over(old_url, tmp_path):
    (tmp_path / "store.db.0000").write_text("an earlier copy")
    (tmp_path / "store.db.0000.part").write_text("of an upgrade that was killed")
    assert tmp_path / "store.db.0000.2" == upgrade_store(old_url).copy
    assert "an earlier copy" == (tmp_path / "store.db.0000").read_text()
    assert 2 == guests_in(tmp_path / "store.db.0000.2")


def test_a_copy_of_an_upgrade_is_at_no_time_for_more_people_than_the_store(old_url, tmp_path, monkeypatch):
    (tmp_path / "store.db").chmod(0o600)
    modes = []
    connect = upgrade.connect_read_only

    def look(path: Path) -> sqlite3.Connection:
        modes.append((tmp_path / "store.db.0000.part").stat().st_mode & 0o777)
        return connect(path)

    monkeypatch.setattr(upgrade, "connect_read_only", look)
    copy = upgrade_store(old_url).copy
    assert [0o600, 0o600] == [*modes, copy.stat().st_mode & 0o777]


def test_nobody_writes_between_the_copy_and_the_upgrade(old_url, tmp_path, monkeypatch):
    migrate = upgrade._migrate

    def attempt(connection) -> None:
        with closing(sqlite3.connect(tmp_path / "store.db", timeout=0)) as other:
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("DELETE FROM guest")
        migrate(connection)

    monkeypatch.setattr(upgrade, "_migrate", attempt)
    assert 2 == guests_in(upgrade_store(old_url).copy)


def test_an_upgrade_of_a_store_that_is_being_written_says_so(old_url, tmp_path, monkeypatch):
    monkeypatch.setattr(upgrade, "BUSY_SECONDS", 0.1)
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another omc has been writing"):
            upgrade_store(old_url)
    assert ["store.db"] == [
        path.name for path in tmp_path.glob("store.db*") if path.suffix not in (".db-wal", ".db-shm")
    ]


def test_versions_that_differ_are_refused_each_with_its_way_out():
    demand_current(CURRENT, "x")
    with pytest.raises(StoreError, match="which this omc does not know") as caught:
        demand_current("9999", "x")
    assert "newer omc" in caught.value.hint


def test_an_older_store_is_refused_until_it_is_upgraded(monkeypatch):
    from omc.inventory.store import version

    monkeypatch.setattr(version, "VERSIONS", ("0000", CURRENT))
    with pytest.raises(StoreError, match="older version 0000") as caught:
        demand_current("0000", "x")
    assert "omc store upgrade" in caught.value.hint


def test_a_copy_is_whole_and_overwrites_nothing(url, tmp_path):
    copy = tmp_path / "copy.db"
    with open_store(url) as store:
        run = store.begin(actor="a", selection="all")
        store.record(run, host("kvm2"), digests(host("kvm2")))
        store.backup(copy)
        with pytest.raises(StoreError, match="exists already"):
            store.backup(copy)
        with pytest.raises(StoreError, match="cannot be written"):
            store.backup(tmp_path / "nowhere" / "copy.db")
    with open_store(f"sqlite:///{copy}") as store:
        assert [] == store.check()
        assert 4 == len(list(store.query("guests")))
    assert 0 == copy.stat().st_mode & 0o007
    assert not (tmp_path / "copy.db.part").exists()


def test_what_runs_at_every_command_imports_neither_sqlalchemy_nor_alembic_nor_psycopg(tmp_path):
    script = (
        "import sys\nfrom omc.inventory.store import open_store\nfrom tests.facts import host\n"
        "store = open_store(sys.argv[1])\nrun = store.begin(actor='a', selection='b')\n"
        "store.record(run, host(), {})\nstore.finish(run, 'ok')\nlist(store.query('guests', where='vcpus > 1'))\n"
        "list(store.documents())\nlist(store.sql('SELECT 1', at='2026-01-02'))\nstore.changes('2026-01-01')\n"
        "print({name.partition('.')[0] for name in sys.modules} & {'sqlalchemy', 'alembic', 'psycopg', 'mako'})"
    )
    command = [sys.executable, "-c", script, f"sqlite:///{tmp_path}/store.db"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert "set()\n" == done.stdout, done.stderr


def test_a_configuration_leaves_out_what_is_only_observed():
    first = guest(state="running", id=1, memory_usage=None)
    second = guest(state="paused", id=2, nics=(nic(1, target="vnet9", addresses=()),))
    assert configuration(first) == configuration(second)
    assert configuration(first) != configuration(guest(vcpus=3))


def test_the_reference_page_names_every_column():
    page = reference()
    for view in VIEWS.values():
        assert f"## {view.name}\n" in page
        assert all(f"| `{name}` |" in page for name in view.names)


def test_every_column_is_explained():
    assert [] == [f"{view.name}.{c.name}" for view in VIEWS.values() for c in view.columns if len(c.meaning) < 4]
    kinds = {column.type for view in VIEWS.values() for column in view.columns}
    assert {"text", "integer", "number", "boolean"} == kinds
