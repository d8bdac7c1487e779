"""SQL that a user wrote reads the views of a PostgreSQL store, and can do nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from omc.errors import StoreError, UsageError
from omc.inventory.store import Store, guard_postgresql, open_store, postgresql_lock, upgrade_store
from tests.facts import digests, host
from tests.postgresql import Server

pytestmark = pytest.mark.postgresql

ATTACKS = [
    "INSERT INTO run (started_at, actor, selection, omc_version) VALUES ('a', 'b', 'c', 'd')",
    "DELETE FROM guest",
    "DROP VIEW guests",
    "CREATE TABLE x (y int)",
    "CREATE TEMP TABLE x (y int)",
    "SELECT * INTO x FROM guests",
    "WITH x AS (DELETE FROM guest RETURNING *) SELECT * FROM x",
    "SELECT 1; DELETE FROM guest",
    "COMMIT",
    "ROLLBACK",
    "SET TRANSACTION READ WRITE",
    "SET SESSION AUTHORIZATION postgres",
    "SET ROLE postgres",
    "SELECT set_config('transaction_read_only', 'off', false)",
    "SELECT set_config('role', 'postgres', false)",
    "SELECT query_to_xml('DELETE FROM guest', true, true, '')",
    "SELECT query_to_xml('SET TRANSACTION READ WRITE', true, true, '')",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_ls_dir('/')",
    "SELECT pg_stat_file('/etc/passwd')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_export(1, '/tmp/omc-attack.db')",
    "SELECT nextval('guest_id_seq')",
    "SELECT setval('guest_id_seq', 1)",
    "SELECT pg_reload_conf()",
    "SELECT pg_rotate_logfile()",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity",
    "SELECT pg_cancel_backend(1)",
    'SELECT "pg_terminate_backend"(1)',
    "SELECT pg_catalog.pg_terminate_backend (1)",
    "SELECT pg_terminate_backend -- why\n (1)",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_advisory_xact_lock(1869444979, 1)",
    "SELECT pg_sleep(1)",
    "SELECT set_config('role', 'none', true)",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT repeat('x', 1000000000)",
    "SELECT query_to_xml('SELECT pg_advisory_lock(1)', true, true, '')",
    "SELECT * FROM ts_stat('SELECT pg_advisory_lock(1)')",
    "SELECT E'\\'' , pg_advisory_lock(1), ''",
    'SELECT U&"pg\\005fadvisory_lock"(1)',
    "SELECT $$ ' $$, pg_advisory_lock(1), $$ ' $$",
    "SELECT 1 /* ' */, pg_advisory_lock(1) /* ' */",
    "SELECT 1 -- '\r, pg_advisory_lock(1) -- '",
    "SELECT 1 FROM guests, json_to_record('{}') AS (a int)",
    "SELECT * FROM pg_stat_activity",
    "SELECT * FROM information_schema.tables",
    "SELECT document FROM guest_document",
    "TABLE guest",
    "SELECT '\udcff'",
    "COPY guests TO '/tmp/omc-attack.db'",
    "COPY guests TO PROGRAM 'cat > /tmp/omc-attack.db'",
    "COPY guests TO STDOUT",
    "DO $$ BEGIN DELETE FROM guest; END $$",
    "CREATE EXTENSION dblink",
    "CALL x()",
    "LISTEN x",
    "EXPLAIN ANALYZE SELECT 1",
    "SHOW data_directory",
    "VACUUM",
    "nonsense",
    "",
]


@pytest.fixture
def url(postgresql: Server) -> str:
    return postgresql.new_database()


@pytest.fixture(scope="module")
def recorded(postgresql: Server) -> str:
    """A store with a host, which tests only ask; what is refused leaves it as it is."""
    url = postgresql.new_database()
    with open_store(url) as opened:
        run = opened.begin(actor="a", selection="all")
        opened.record(run, host(), digests(host()))
    return url


@pytest.fixture(params=["owner", "reader"])
def store(request: pytest.FixtureRequest, recorded: str) -> Iterator[Store]:
    """That store, opened so that questions come from its owner's login, and so that they come from a reader's."""
    reader = recorded.replace("omc@", "reader@") if request.param == "reader" else None
    with open_store(recorded, reader_url=reader) as opened:
        yield opened


@pytest.mark.parametrize("statement", ATTACKS)
def test_what_is_no_question_is_refused(store, statement):
    with pytest.raises(UsageError):
        list(store.sql(statement))
    assert 2 == len(list(store.query("guests")))
    assert not Path("/tmp/omc-attack.db").exists()


QUESTIONS = [
    "SELECT count(*), sum(memory_bytes), avg(vcpus) FROM guests",
    "SELECT host, count(*) FROM guests GROUP BY host HAVING count(*) > 1 ORDER BY 2 DESC LIMIT 1",
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3) SELECT x FROM n",
    "WITH n AS (SELECT 1), m (y) AS NOT MATERIALIZED (SELECT * FROM n) SELECT y FROM m",
    "SELECT g.name, d.target FROM guests g JOIN disks d USING (host, uuid) WHERE d.format = 'qcow2' -- don't",
    "SELECT name, row_number() OVER (PARTITION BY host ORDER BY name) FROM guests",
    "SELECT count(*) FILTER (WHERE state = 'running'), percentile_disc(0.5) WITHIN GROUP (ORDER BY vcpus) FROM guests",
    "SELECT name FROM guests WHERE name IN ('web1') AND EXISTS (SELECT 1 FROM nics) AND NOT (vcpus > 9)",
    "SELECT CAST(vcpus AS numeric(9, 2)), extract(year FROM state_since::timestamp), 'it''s' FROM guests",
    'SELECT t."a (b" FROM (VALUES (1), (2)) AS t("a (b")',
    "(SELECT name FROM guests) UNION (SELECT name FROM hosts)",
]


@pytest.mark.parametrize("statement", QUESTIONS)
def test_questions_about_the_views_are_answered(store, statement):
    assert list(store.sql(statement))


def test_the_owner_asks_as_the_reading_role(url):
    with open_store(url) as store:
        assert [("omc_reader",)] == list(store.sql("SELECT current_user"))


@pytest.fixture
def alone(postgresql: Server, url: str) -> Iterator[str]:
    """The URL of a store whose owner is in no role."""
    with psycopg.connect(postgresql.url("postgres", user="postgres"), autocommit=True) as connection:
        connection.execute("CREATE ROLE alone LOGIN")
        connection.execute(f"ALTER DATABASE {url.split('/')[3].partition('?')[0]} OWNER TO alone")
        yield url.replace("omc@", "alone@")
        connection.execute(f"DROP DATABASE {url.split('/')[3].partition('?')[0]} WITH (FORCE)")
        connection.execute("DROP ROLE alone")


def test_an_owner_who_cannot_take_the_reading_role_has_lists_and_no_sql_of_users(alone):
    with open_store(alone) as store:
        run = store.begin(actor="a", selection="all")
        store.record(run, host(), digests(host()))
        assert [("web1",), ("web2",)] == list(store.query("guests", columns=["name"], hosts=["kvm1"]))
        with pytest.raises(UsageError, match="more than the views") as caught:
            store.query("guests", where="vcpus > 1")
        with pytest.raises(UsageError, match="more than the views"):
            store.sql("SELECT 1")
    assert "GRANT omc_reader TO alone" in caught.value.hint


def test_an_owner_whose_schema_bears_its_name_asks_the_same_views(postgresql, url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA omc")
    with open_store(url) as store:
        assert [] == list(store.sql("SELECT name FROM guests"))


def test_views_that_were_not_granted_name_the_command_that_does(postgresql, url):
    open_store(url).close()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("REVOKE SELECT ON guests FROM omc_reader")
    with open_store(url) as store:
        with pytest.raises(UsageError, match="permission denied for view guests") as caught:
            store.sql("SELECT name FROM guests")
        assert "omc store upgrade" in caught.value.hint
        upgrade_store(url)
        assert [] == list(store.sql("SELECT name FROM guests"))


def test_a_reader_sees_the_views_and_no_table(postgresql, url):
    with open_store(url, reader_url=url.replace("omc@", "reader@")) as store:
        assert [] == list(store.sql("SELECT name FROM guests"))
        with pytest.raises(UsageError, match="permission denied for table guest_document"):
            list(store.sql("SELECT * FROM guest_document"))


def test_a_login_with_power_over_the_server_is_refused_with_the_way_out(postgresql, url):
    open_store(url).close()
    with open_store(url, reader_url=url.replace("omc@", "postgres@")) as store:
        assert [] == list(store.query("guests"))
        with pytest.raises(UsageError, match="power over the server") as caught:
            list(store.query("guests", where="1 = 1"))
    assert "store_reader" in caught.value.hint


def test_a_member_of_a_powerful_role_is_refused(postgresql, url):
    open_store(url).close()
    with psycopg.connect(postgresql.url("postgres", user="postgres"), autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS sly")
        connection.execute("CREATE ROLE sly LOGIN IN ROLE pg_read_server_files, omc_reader")
    with open_store(url, reader_url=url.replace("omc@", "sly@")) as store:
        with pytest.raises(UsageError, match="power over the server"):
            list(store.sql("SELECT 1"))


def test_a_question_without_end_is_ended(store, monkeypatch):
    monkeypatch.setattr(guard_postgresql, "SECONDS", 1)
    with pytest.raises(UsageError, match="takes longer"):
        list(store.sql("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT count(*) FROM n"))


def test_an_unknown_column_is_named_with_its_place_and_those_there_are(store):
    with pytest.raises(UsageError, match="there is no column vcpu, at character 23") as caught:
        store.query("guests", where="state = 'running' and vcpu > 1")
    assert "did you mean vcpus?" in caught.value.hint


def test_the_place_of_a_mistake_is_that_in_the_users_own_text(store):
    with pytest.raises(UsageError, match="at character 27"):
        list(store.sql("SELECT 8 * 1024 AS a FROM nothing"))
    with pytest.raises(UsageError, match="at character 35"):
        list(store.sql("SELECT 8 * 1024 FROM guests WHERE ;"))


def test_a_question_mark_in_a_text_is_no_parameter(store):
    assert [] == list(store.query("guests", hosts=["kvm1"], where="name = 'what? 100%'"))


def test_the_database_gone_and_back_costs_the_host_that_was_being_written(postgresql, url):
    with open_store(url) as store:
        run = store.begin(actor="a", selection="all")
        store.record(run, host("a"), digests(host("a")))
        postgresql.kill()
        try:
            with pytest.raises(StoreError, match="does not answer"):
                store.record(run, host("b"), digests(host("b")))
        finally:
            postgresql.start()
        store.record(run, host("c"), digests(host("c")))
        store.finish(run, "ok")
        assert [("a",), ("c",)] == list(store.query("hosts", columns=["name"]))
        assert [] == store.check()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("postgresql://omc:sEcret@/nowhere?host={folder}", "there is no such database"),
        ("postgresql://nobody_here:sEcret@/postgres?host={folder}", "does not answer|does not let|no such"),
        ("postgresql://omc:sEcret@/x?host=/nonexistent", "does not answer"),
        ("postgresql://omc:sEcret@/x?password=sEcret&host=/nonexistent", "does not answer"),
        ("postgresql://omc:sEcret@localhost:1/x", "does not answer"),
        ("postgresql://omc:sEcret@:notaport/x", "cannot be read|does not answer"),
        ("postgresql://omc:sEcret@/x?nosuch=1", "cannot be read|does not answer"),
    ],
)
def test_a_wrong_url_is_told_without_the_password(postgresql, wrong, message):
    with pytest.raises(StoreError, match=message) as caught:
        open_store(wrong.format(folder=postgresql.folder))
    assert "sEcret" not in f"{caught.value}{caught.value.hint}"


@contextmanager
def held(url: str, subject: str) -> Iterator[None]:
    """Hold a lock as another omc does that writes the subject."""
    with psycopg.connect(url) as other:
        for statement in postgresql_lock.hold(subject):
            other.execute(statement)
        yield


def test_a_writer_that_another_one_holds_up_says_so(url, monkeypatch):
    monkeypatch.setattr(postgresql_lock, "BUSY_SECONDS", 0.2)
    with open_store(url) as store, held(url, "kvm1"):
        run = store.begin(actor="a", selection="all")
        store.record(run, host("kvm2"), digests(host("kvm2")))
        with pytest.raises(StoreError, match="another omc has been writing for too long"):
            store.record(run, host("kvm1"), digests(host("kvm1")))


def test_locks_of_other_programs_in_the_database_hold_nobody_up(url, monkeypatch):
    monkeypatch.setattr(postgresql_lock, "BUSY_SECONDS", 0.2)
    with open_store(url) as store, psycopg.connect(url) as other:
        for name in ("omc run", "omc kvm1", "omc upgrade"):
            other.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (name,))
        run = store.begin(actor="a", selection="all")
        store.record(run, host("kvm1"), digests(host("kvm1")))


def test_an_upgrade_that_another_one_holds_up_says_so(url, monkeypatch):
    monkeypatch.setattr(postgresql_lock, "BUSY_SECONDS", 0.2)
    open_store(url).close()
    with held(url, "upgrade"), pytest.raises(StoreError, match="another omc has been at it"):
        upgrade_store(url)


def test_two_runs_that_make_the_same_store_at_once_both_have_it(url):
    import threading

    errors: list[BaseException] = []

    def make(name: str) -> None:
        try:
            with open_store(url) as store:
                run = store.begin(actor=name, selection="all")
                store.record(run, host("kvm1", collected_at=None), digests(host("kvm1")))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=make, args=(str(n),)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [] == errors
    with open_store(url) as store:
        assert 2 == len(list(store.query("guests")))
        assert [] == store.check()
