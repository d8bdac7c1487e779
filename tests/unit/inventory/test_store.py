"""The store on SQLite: where it lies, what it imports, copies and upgrades."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from omc.errors import StoreError
from omc.inventory.store import default_url, locate, open_store, upgrade_store
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
