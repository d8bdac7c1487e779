"""The output formats: each can be read back, and nothing in them acts on a terminal or a spreadsheet."""

import csv
import io
import json
import sys
from collections.abc import Sequence
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from omc.errors import UsageError
from omc.inventory.formats import BUILT_IN, Column, Listing, Page, render
from omc.inventory.formats.objects import safe_json
from omc.text import cell_width, safe

COLUMNS = (Column("name"), Column("memory_bytes", "bytes"), Column("active", "boolean"), Column("seen_at", "age"))
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
ROWS = st.lists(
    st.tuples(TEXT, st.none() | st.integers(-(2**62), 2**62), st.sampled_from([None, 0, 1]), st.none() | TEXT)
)
HARMFUL = [*map(chr, range(32)), "\x7f", *map(chr, range(0x80, 0xA0)), "\u202e", "\u2066", "\ufff9"]

Row = tuple[str, int | None, int | None, str | None]


def shown(name: str, rows: Sequence[Sequence[object]], page: Page | None = None) -> str:
    return b"".join(render(Listing(COLUMNS, rows), name, page or Page())).decode()


def typed(row: Row) -> dict[str, object]:
    name, memory, active, seen = row
    return {"name": name, "memory_bytes": memory, "active": None if active is None else bool(active), "seen_at": seen}


@given(ROWS)
def test_json_is_read_back(rows: list[Row]) -> None:
    assert json.loads(shown("json", rows)) == [typed(row) for row in rows]


@given(ROWS)
def test_ndjson_is_read_back(rows: list[Row]) -> None:
    assert [json.loads(line) for line in shown("ndjson", rows).split("\n") if line] == [typed(row) for row in rows]


@given(ROWS)
def test_yaml_is_read_back(rows: list[Row]) -> None:
    assert yaml.safe_load(shown("yaml", rows)) == [typed(row) for row in rows]


@given(ROWS)
def test_csv_has_the_same_cells_and_none_is_a_formula(rows: list[Row]) -> None:
    read = list(csv.reader(io.StringIO(shown("csv", rows), newline="")))
    assert read[0] == ["name", "memory_bytes", "active", "seen_at"]
    assert len(read) == len(rows) + 1
    for cells, row in zip(read[1:], rows, strict=True):
        assert cells[0] in (safe(row[0]), "'" + safe(row[0]))
        assert not cells[0].lstrip(" ").startswith(("=", "+", "-", "@"))
        assert cells[1] == ("" if row[1] is None else str(row[1]))


@given(ROWS)
def test_tsv_has_a_line_a_row_and_a_tab_between_cells(rows: list[Row]) -> None:
    lines = shown("tsv", rows).split("\n")
    assert lines[-1] == ""
    assert [line.count("\t") for line in lines[:-1]] == [3] * (len(rows) + 1)
    assert [line.split("\t")[0] for line in lines[1:-1]] == [safe(row[0]) for row in rows]


@given(ROWS, st.integers(1, 120))
def test_table_fits_its_page(rows: list[Row], width: int) -> None:
    """No line is wider than the terminal, save for the one column that stays when nothing else fits."""
    lines = shown("table", rows, Page(width=width)).split("\n")
    assert len(lines) == len(rows) + 2
    assert all(cell_width(line) <= max(width, 4) for line in lines)


@given(ROWS)
def test_wide_cuts_nothing(rows: list[Row]) -> None:
    lines = shown("wide", rows, Page(width=20)).split("\n")[1:-1]
    assert all(line.startswith(safe(row[0]).rstrip() if row[0] else "-") for line, row in zip(lines, rows, strict=True))


@given(ROWS)
def test_markdown_has_a_line_a_row(rows: list[Row]) -> None:
    lines = shown("markdown", rows).split("\n")
    assert len(lines) == len(rows) + 3
    assert all(line.startswith("| ") and line.endswith(" |") for line in lines[:-1])


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize("character", HARMFUL)
def test_nothing_acts_on_a_terminal(name: str, character: str) -> None:
    text = shown(name, [(f"a{character}b", 1, 1, f"{character}")], Page(width=80, color=False))
    allowed = {"\n", "\t"} if name == "tsv" else {"\n", "\r"} if name == "csv" else {"\n"}
    assert character in allowed or character not in text


def test_json_escapes_what_every_other_format_escapes() -> None:
    """One list of what is harmful; only C0, which JSON escapes by itself, is left to it."""
    characters = "".join(chr(code) for code in range(0x20, sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF)
    pieces = [characters[start : start + 256] for start in range(0, len(characters), 256)]
    escaped = {one for piece in pieces if _in_json(piece) != piece for one in piece if _in_json(one) != one}
    assert escaped == {one for piece in pieces if safe(piece) != piece for one in piece if safe(one) != one}


def _in_json(text: str) -> str:
    return safe_json(text.encode()).decode()


def test_markdown_is_text_and_no_markup() -> None:
    assert r"\<b\>a\|b \[x\](y) \`z\` \*\_\\" in shown("markdown", [(r"<b>a|b [x](y) `z` *_\ ".strip(), 1, 1, None)])


@pytest.mark.parametrize("name", BUILT_IN)
def test_empty_list(name: str) -> None:
    text = shown(name, [])
    assert text == {"json": "[]\n", "yaml": "[]\n", "ndjson": ""}.get(name, text)
    if name not in ("json", "yaml", "ndjson"):
        assert "name" in text.lower()


def test_documents_are_shown_where_a_format_has_structure() -> None:
    listing = Listing(COLUMNS, [("a", 1, 1, None)], [b'{"name":"a","disks":[{"target":"vda"}]}'])
    assert json.loads(b"".join(render(listing, "json", Page()))) == [{"name": "a", "disks": [{"target": "vda"}]}]
    assert b"vda" not in b"".join(render(listing, "csv", Page()))


def test_words_of_a_table() -> None:
    now = 1_772_366_700.0
    rows = [("a", 2**33, 1, "2026-03-01T12:00:00Z"), ("b", None, 0, "2026-03-01T13:05:00Z"), ("c", 0, None, None)]
    lines = [line.split() for line in shown("table", rows, Page(now=now)).splitlines()]
    assert lines[0] == ["NAME", "MEMORY", "ACTIVE", "SEEN"]
    assert lines[1:] == [["a", "8", "GiB", "yes", "5m"], ["b", "-", "no", "in", "60m"], ["c", "0", "B", "-", "-"]]


def test_unknown_format_names_those_that_there_are() -> None:
    with pytest.raises(UsageError, match="no output format 'xlsm'") as refused:
        list(render(Listing(COLUMNS, []), "xlsm", Page()))
    assert "table, wide, json" in refused.value.hint


def test_rows_are_written_as_they_come() -> None:
    """A list of any length does not pile up in memory, in every format but the table."""
    for name in ("json", "ndjson", "yaml", "csv", "tsv", "markdown"):
        asked = iter([(f"guest{number}", number, 1, None) for number in range(100_000)])
        chunks = render(Listing(COLUMNS, asked), name, Page())
        next(chunks), next(chunks)
        assert next(asked)[1] <= 1_001


def test_built_in_formats_are_declared_like_everybody_s() -> None:
    settings = ConfigParser()
    settings.read(Path(__file__).parents[3] / "setup.cfg")
    declared = dict(line.split(" = ") for line in settings["options.entry_points"]["omc.formats"].split("\n") if line)
    assert declared == {name: f"omc.inventory.formats.{name}" for name in BUILT_IN}


@pytest.mark.parametrize(
    ("name", "expected"), [("tsv", "true\t\tYWL/"), ("csv", "true,,YWL/"), ("table", "yes  -  YWL/")]
)
def test_answers_of_sql_are_in_the_formats_words_and_not_in_pythons(name: str, expected: str) -> None:
    columns = [Column(title, "value") for title in "abc"]
    text = b"".join(render(Listing(columns, [(True, None, b"ab\xff")]), name, Page())).decode()
    assert text.splitlines()[1].split() == expected.split()


def test_narrow_table_cuts_prose_rather_than_leave_it_out() -> None:
    """Times go first, then the widest texts are cut; a list without prose loses its last columns as before."""
    kinds = ("time", "text", "text", "text", "text", "prose", "prose")
    columns = [Column(f"c{number}", kind) for number, kind in enumerate(kinds)]
    row = ("2026-01-01T00:00:00Z", "resized", "kvm1", "guest/web1", "disks.vda.capacity_bytes", "x" * 40, "y" * 40)
    head, line = b"".join(render(Listing(columns, [row]), "table", Page(width=60))).decode().splitlines()
    assert head.split() == ["C1", "C2", "C3", "C4", "C5", "C6", "…"]
    assert "xxx…" in line
    assert "yyy…" in line
    plain = [column._replace(kind="text") if column.kind == "prose" else column for column in columns]
    assert "C6" not in b"".join(render(Listing(plain, [row]), "table", Page(width=60))).decode()
