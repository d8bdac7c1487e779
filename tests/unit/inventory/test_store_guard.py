"""SQL that a user wrote reads the views of an SQLite store, and can do nothing else."""

from pathlib import Path

import pytest

from omc.errors import UsageError
from omc.inventory.store import Store, guard_sqlite, open_store
from omc.inventory.store.catalogue import VIEWS
from tests.facts import digests, guest, host


@pytest.fixture
def store(tmp_path: Path) -> Store:
    opened = open_store(f"sqlite:///{tmp_path}/store.db")
    run = opened.begin(actor="a", selection="all")
    opened.record(run, host(), digests(host()))
    opened.finish(run, "ok")
    return opened


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO run VALUES (1)",
        "DELETE FROM guest",
        "UPDATE guest SET name = 'x'",
        "DROP VIEW guests",
        "CREATE TABLE x (y)",
        "CREATE TEMP TABLE x (y)",
        "CREATE TEMP VIEW guests AS SELECT 1",
        "WITH x AS (SELECT 1) DELETE FROM guest",
        "INSERT INTO guests VALUES (1)",
        "ATTACH DATABASE '/tmp/omc-attack.db' AS a",
        "DETACH DATABASE main",
        "VACUUM INTO '/tmp/omc-attack.db'",
        "PRAGMA writable_schema = on",
        "PRAGMA query_only = off",
        "PRAGMA database_list",
        "SELECT * FROM pragma_database_list",
        "BEGIN",
        "COMMIT",
        "SAVEPOINT x",
        "ANALYZE",
        "REINDEX",
        "SELECT load_extension('x')",
        "SELECT writefile('/tmp/omc-attack.db', 'x')",
        "SELECT readfile('/etc/passwd')",
        "SELECT fts3_tokenizer('simple')",
        "SELECT sqlite_compileoption_get(1)",
        "SELECT randomblob(10)",
        "SELECT * FROM guest",
        "SELECT * FROM guest_document",
        "SELECT document FROM host_document",
        "SELECT * FROM sqlite_master",
        "SELECT * FROM sqlite_schema",
        "SELECT * FROM sqlite_temp_master",
        "SELECT * FROM dbstat",
        "SELECT count(*) FROM dbstat",
        "SELECT count(*) FROM guest_document",
        "SELECT count(*) FROM pragma_database_list",
        "WITH guest_document AS (SELECT 1) SELECT count(*) FROM main.guest_document",
        "SELECT * FROM json_each('[1]')",
        "SELECT * FROM alembic_version",
        "WITH guests AS (SELECT document FROM guest_document) SELECT * FROM guests",
        "WITH guests AS (SELECT xml_digest FROM guest) SELECT * FROM guests",
        "WITH hosts AS (SELECT * FROM guest) SELECT * FROM hosts",
        "WITH guests AS (SELECT removed_at FROM guest) SELECT * FROM guests",
        "WITH guests (a) AS MATERIALIZED (SELECT removed_at FROM main.guest) SELECT * FROM guests",
        "WITH 'guests' AS (SELECT removed_at FROM guest) SELECT * FROM guests",
        "WITH [guests] AS (SELECT removed_at FROM [guest]) SELECT * FROM `guests`",
        'WITH a AS (SELECT 1), "Guests" /* */ AS (SELECT xml_digest FROM guest) SELECT * FROM guests',
        "SELECT * FROM (WITH guests AS (SELECT removed_at FROM guest) SELECT * FROM guests)",
        "SELECT (SELECT document FROM guest_document LIMIT 1) FROM guests",
        "SELECT name FROM guests WHERE EXISTS (SELECT 1 FROM guest_document WHERE length(document) > 1)",
        "SELECT 1; DELETE FROM guest",
        "EXPLAIN SELECT document FROM guest_document",
        "",
        "nonsense",
        "SELECT",
        "SELECT 'a\0b'",
        "SELECT '\udcff'",
    ],
)
def test_what_is_no_question_about_the_views_is_refused(store, statement):
    before = store.label, Path(store.label).read_bytes()
    with pytest.raises(UsageError) as caught:
        list(store.sql(statement))
    assert caught.value.where == "sql"
    assert before == (store.label, Path(store.label).read_bytes())
    assert not Path("/tmp/omc-attack.db").exists()


@pytest.mark.parametrize(
    "expression",
    [
        "1) UNION SELECT document FROM guest_document --",
        "1 = 1; DELETE FROM guest",
        "1 = 1 -- comment",
        "1 = 1 /* comment",
        "(1 = 1",
        "name = 'x",
        'state = "running"',
        "name IN (SELECT document FROM guest_document)",
        "load_extension('x')",
        "",
        "   ",
        "1 = 1) OR (1 = 1",
        "?",
        "name = ?1",
        "name = :x",
        "name = @x",
        "name = $x",
    ],
)
def test_an_expression_that_is_none_is_refused(store, expression):
    with pytest.raises(UsageError) as caught:
        list(store.query("guests", where=expression))
    assert caught.value.where == "--where"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT count(*), sum(memory_bytes), avg(vcpus) FROM guests",
        "SELECT host, count(*) FROM guests GROUP BY host HAVING count(*) > 1 ORDER BY 2 DESC LIMIT 1",
        "WITH big AS (SELECT * FROM guests WHERE memory_bytes > 1) SELECT name FROM big",
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3) SELECT x FROM n",
        "SELECT g.name, d.target FROM guests g JOIN disks d USING (host, uuid) WHERE d.format = 'qcow2'",
        "SELECT name, row_number() OVER (ORDER BY name) FROM guests",
        "SELECT name || substr(uuid, 1, 8) FROM guests WHERE name LIKE 'w%' AND uuid IN (SELECT uuid FROM nics)",
        "SELECT json_extract('{\"a\": 1}', '$.a')",
        "SELECT CASE WHEN autostart THEN 'yes' ELSE 'no' END FROM guests EXCEPT SELECT 'no'",
        "VALUES (1), (2)",
        "WITH guests AS (SELECT name FROM main.guests) SELECT name FROM guests",
    ],
)
def test_questions_about_the_views_are_answered(store, statement):
    assert list(store.sql(statement))


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_can_be_read_whole(store, name):
    assert VIEWS[name].names == store.sql(f"SELECT * FROM {name}").columns


@pytest.mark.parametrize(
    ("expression", "message", "hint"),
    [
        ("memori_bytes > 1", "there is no column memori_bytes, at character 1", "did you mean memory_bytes?"),
        ("state = 'running' and vcpu > 1", "there is no column vcpu, at character 23", "did you mean vcpus?"),
        ("colour = 'red'", "there is no column colour, at character 1", "columns: host, name, uuid"),
        ("name = web1", "there is no column web1, at character 8", "text stands in single quotes: 'web1'"),
    ],
)
def test_an_unknown_column_is_named_with_its_place_and_those_there_are(store, expression, message, hint):
    with pytest.raises(UsageError, match=message) as caught:
        store.query("guests", where=expression)
    assert hint in caught.value.hint


def test_columns_and_sort_name_what_there_is(store):
    with pytest.raises(UsageError, match="there is no column nam") as caught:
        store.query("guests", columns=["nam"])
    assert "did you mean name?" in caught.value.hint
    with pytest.raises(UsageError, match="there is no column name; DROP"):
        store.query("guests", sort=["name; DROP TABLE guest"])
    with pytest.raises(UsageError, match="there is no view gusts"):
        store.query("gusts")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT zeroblob(1000000000)",
        "SELECT hex(zeroblob(100000000))",
        "SELECT replace(printf('%2000000d', 1), ' ', 'aaaaaaaaaaaaaaaaaaaaaaaaaa')",
        "WITH RECURSIVE n(x) AS (SELECT 'a' UNION ALL SELECT x || x FROM n) SELECT max(length(x)) FROM n",
        f"SELECT {'(' * 2000}1{')' * 2000}",
        f"SELECT {'-' * 999}1 FROM guests WHERE name LIKE '{'%a' * 2000}'",
    ],
)
def test_what_would_take_all_memory_is_refused(store, statement):
    with pytest.raises(UsageError):
        list(store.sql(statement))


def test_a_text_is_never_longer_than_the_limit(store):
    ((value,),) = store.sql("SELECT printf('%1000000000d', 1)")
    assert value is None or len(value) <= guard_sqlite.LARGEST_VALUE


@pytest.mark.parametrize(
    "statement",
    [
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n",
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n WHERE x < 0",
    ],
)
def test_a_question_without_end_is_ended(store, statement, monkeypatch):
    monkeypatch.setattr(guard_sqlite, "SECONDS", 0.3)
    with pytest.raises(UsageError, match="takes longer"):
        list(store.sql(statement))


def test_time_is_counted_while_the_database_works_and_not_while_the_reader_does(store, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(guard_sqlite, "monotonic", lambda: clock[0])
    rows = iter(store.query("guests"))
    next(rows)
    clock[0] += 10 * guard_sqlite.SECONDS
    assert 1 == len(list(rows))


def test_an_answer_without_end_is_cut_with_an_error(store, monkeypatch):
    monkeypatch.setattr(guard_sqlite, "MOST_ROWS", 1000)
    with pytest.raises(UsageError, match="more than 1000 rows"):
        list(store.sql("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"))


def test_the_past_is_guarded_in_the_same_way(store):
    assert [(2,)] == list(store.sql("SELECT count(*) FROM guests", at="2026-06-01T00:00:00Z"))
    for statement in ("SELECT * FROM guest", "DELETE FROM guest", "ATTACH '/tmp/omc-attack.db' AS a"):
        with pytest.raises(UsageError):
            list(store.sql(statement, at="2026-06-01T00:00:00Z"))


def test_a_question_mark_in_a_text_is_no_parameter(store):
    run = store.begin(actor="a", selection="all")
    odd = host("kvm2", guests=[guest(3, host="kvm2", name="what?")])
    store.record(run, odd, digests(odd))
    assert [("what?",)] == list(store.query("guests", columns=["name"], hosts=["kvm2"], where="name = 'what?'"))


@pytest.mark.parametrize("parameter", ["?", "?1", ":x", "@x", "$x"])
def test_a_parameter_is_refused_and_never_bound_to_a_value_of_omc_itself(store, parameter):
    with pytest.raises(UsageError, match="stands for a value that nobody gives, at character 8") as caught:
        list(store.query("guests", hosts=["kvm1"], where=f"host = {parameter}"))
    assert "--where" == caught.value.where
    with pytest.raises(UsageError, match="stands for a value") as caught:
        list(store.sql(f"SELECT {parameter}"))
    assert "sql" == caught.value.where


@pytest.mark.parametrize(
    ("statement", "message", "hint"),
    [
        ("DELETE FROM guests", "this is not a question", "write SELECT"),
        ("SELECT load_extension('x')", "the function load_extension is not allowed", "abs, avg"),
        ("SELECT nonsense('x')", "no such function: nonsense", "abs, avg"),
        ("SELECT * FROM guest", "the table guest cannot be read", "only the views can be read: hosts"),
        ("SELECT * FROM gests", "no such table: gests", "only the views can be read: hosts"),
        ("SELECT name FROM guests WHERE (", "incomplete input", ""),
        ("SELECT FROM guests", "syntax error", ""),
    ],
)
def test_a_refusal_has_the_hint_that_fits(store, statement, message, hint):
    with pytest.raises(UsageError, match=message) as caught:
        list(store.sql(statement))
    assert hint in caught.value.hint
    assert bool(hint) == bool(caught.value.hint)


def test_comments_may_stand_before_a_question(store):
    assert [(1,)] == list(store.sql("-- of web\n/* all of them */ SELECT 1"))


@pytest.mark.parametrize("view", VIEWS)
def test_rows_of_every_view_can_be_counted(store: Store, view: str) -> None:
    """SQLite then names the tables below the view without any column: that is no way to a table."""
    ((counted,),) = store.sql(f"SELECT count(*) FROM {view}")
    assert counted == len(list(store.sql(f"SELECT * FROM {view}")))


@pytest.mark.parametrize("view", VIEWS)
def test_every_column_of_every_view_can_be_asked_alone(store: Store, view: str) -> None:
    for column in store.sql(f"SELECT * FROM {view}").columns:
        list(store.sql(f"SELECT {column} FROM {view}"))
