"""The workbook as a file: its parts fit together, all tabs are there, and what a guest says is no more than text."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest
from openpyxl.utils.escape import unescape

from omc.report.tabs import TABS
from omc.report.xlsx.sheet import MOST_CHARACTERS, as_text
from tests.facts import GIB, guest, host
from tests.unit.report.made import FINDING, only, rows, source, written

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
EVIL = {
    "formula": "=cmd|' /C calc'!A0",
    "plus": "+1+1",
    "minus": "-2+3",
    "at": "@SUM(A1)",
    "full-width": "\uff1d1+1",
    "array": "{=1+1}",
    "link": "http://example.org/",
    "internal-link": "internal:'vInfo'!A1",
    "number": "007",
    "markup": '</t></is></c><c r="A1"><f>1+1</f></c>&amp;"',
    "rich": "<r><t>x</t></r></is></c><c><f>1+1</f></c><c><is><r></r>",
    "escape": "_x003D_1+1",
    "spaces": "  x  ",
    "boolean": "TRUE",
}


def parts(folder: Path) -> dict[str, ET.Element]:
    with zipfile.ZipFile(folder / "fleet.xlsx") as file:
        assert file.testzip() is None
        assert [] == [part.filename for part in file.infolist() if part.extra]  # of ZIP64, at which Excel takes offence
        return {name: ET.fromstring(file.read(name)) for name in file.namelist()}


@pytest.fixture
def whole(tmp_path: Path) -> dict[str, ET.Element]:
    """Give the parts of a workbook with something in most tabs."""
    made = host("kvm1", guests=[guest(1), guest(2, name=EVIL["rich"], description=EVIL["markup"])])
    written(tmp_path, source([made], findings=[FINDING]))
    return parts(tmp_path)


def test_an_empty_fleet_has_all_tabs_with_their_headers(tmp_path: Path) -> None:
    """Who reads it by program finds every tab, whatever there is; row 1 is the header."""
    book = written(tmp_path, source())
    assert [tab.name for tab in TABS] == book.sheetnames
    for tab in TABS:
        header = next(iter(book[tab.name].iter_rows(values_only=True)))
        assert tuple(column.name for column in tab.columns) == header
    assert [] == [tab.name for tab in TABS if tab.name != "vMetaData" and book[tab.name].max_row > 1]


def test_printed_every_sheet_of_paper_has_the_header_and_all_columns(tmp_path: Path) -> None:
    """Across, and as many sheets long as it takes."""
    for sheet in written(tmp_path, source()):
        assert ("$1:$1", "landscape") == (sheet.print_title_rows, sheet.page_setup.orientation)
        assert (True, 0) == (sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight)


def test_headers_are_frozen_and_filter_all_rows(tmp_path: Path) -> None:
    """Each tab can be scrolled and filtered at once."""
    book = written(tmp_path, source([host("kvm1", guests=[guest(1), guest(2)])]))
    assert {"B2"} == {sheet.freeze_panes for sheet in book}
    assert {sheet.title: sheet.dimensions for sheet in book} == {sheet.title: sheet.auto_filter.ref for sheet in book}


@pytest.mark.parametrize("name", EVIL)
def test_what_a_guest_says_is_text_and_nothing_else(tmp_path: Path, name: str) -> None:
    """No formula, no link, no number comes of a name, and it is the same name that is read back."""
    made = host("kvm1", guests=[guest(1, name=EVIL[name], description=EVIL[name])])
    book = written(tmp_path, source([made]))
    cell = book["vInfo"]["A2"]
    assert ("s", None) == (cell.data_type, cell.hyperlink)
    value = unescape(cell.value)  # as the standard has it, and Excel and LibreOffice do
    assert EVIL[name] == (value.rstrip() if name == "rich" else value)
    xml = parts(tmp_path)
    assert [] == [part for part, root in xml.items() for tag in ("f", "hyperlink") if list(root.iter(f"{MAIN}{tag}"))]
    assert 1 == len({sheet.max_row for sheet in (book["vInfo"], book["vCPU"], book["vMemory"])})


@pytest.mark.parametrize("name", ["formula", "plus", "minus", "at", "full-width"])
def test_what_looks_like_a_formula_stays_text_when_its_cell_is_edited(tmp_path: Path, name: str) -> None:
    """A spreadsheet reads a cell again when somebody goes into it and out: the mark of text keeps it from that."""
    book = written(tmp_path, source([host("kvm1", guests=[guest(1, name=EVIL[name]), guest(2, name="plain")])]))
    assert [True, False] == [bool(book["vInfo"][place].quotePrefix) for place in ("A2", "A3")]


def test_control_characters_are_shown_and_do_nothing(tmp_path: Path) -> None:
    """Escapes, line ends, what turns the writing direction and half characters come out in words."""
    text = "a\x1b]0;x\x07\n\t\u202eb\ud800\ufffec\x00"
    book = written(tmp_path, source([host("kvm1", guests=[guest(1, name=text)])]))
    shown = str(book["vInfo"]["A2"].value)
    assert shown.startswith(r"a\x1b]0;x\x07\n\t\u202eb\ud800")
    assert not re.search(r"[\x00-\x1f\u202e\ud800]", shown)


def test_a_text_is_never_longer_than_a_cell(tmp_path: Path) -> None:
    """What is cut says so; no reader refuses the file for it."""
    book = written(tmp_path, source([host("kvm1", guests=[guest(1, description="\U0001f4a9" * 40_000)])]))
    annotation = str(only(book["vInfo"])["Annotation"])
    assert annotation.endswith("…")
    assert MOST_CHARACTERS >= len(annotation.encode("utf-16-le")) // 2
    assert MOST_CHARACTERS >= len(as_text("x" * 100_000))


def test_numbers_are_numbers_and_times_are_times(tmp_path: Path) -> None:
    """They can be added up and sorted, and are shown as what they are."""
    book = written(tmp_path, source([host("kvm1", guests=[guest(1, memory_bytes=4 * GIB)])]))
    sheet = book["vInfo"]
    by_name = {cell.value: sheet.cell(2, cell.column) for cell in sheet[1]}
    assert (4096, "#,##0") == (by_name["Memory"].value, by_name["Memory"].number_format)
    assert (True, "b") == (by_name["omc Autostart"].value, by_name["omc Autostart"].data_type)
    made_at = book["vMetaData"]["A2"]
    assert ("2026-01-01T12:00:00", "yyyy-mm-dd hh:mm:ss") == (made_at.value.isoformat(), made_at.number_format)


def test_a_full_sheet_goes_on_in_another(tmp_path: Path) -> None:
    """No row is lost where a spreadsheet has no more of them, and each sheet has the header."""
    made = [host(f"kvm{number}", guests=[]) for number in range(5)]
    book = written(tmp_path, source(made), most_rows=3)
    names = [name for name in book.sheetnames if name.startswith("vHost")]
    assert ["vHost", "vHost (2)", "vHost (3)"] == names
    assert [f"kvm{number}" for number in range(5)] == [row["Host"] for name in names for row in rows(book[name])]
    assert ["A1:", "A1:"] == [str(book[name].auto_filter.ref)[:3] for name in names[1:]]


def test_every_host_is_read_once_and_one_at_a_time(tmp_path: Path) -> None:
    """However large the fleet, no two hosts are in memory for the tabs."""
    asked: list[str] = []
    done: list[str] = []

    def hosts() -> Iterator[Any]:
        for number in range(4):
            assert asked == done
            asked.append(f"kvm{number}")
            yield host(f"kvm{number}", guests=[])

    written(tmp_path, source()._replace(hosts=hosts), done=done.append)
    assert ["kvm0", "kvm1", "kvm2", "kvm3"] == done


def test_the_parts_of_the_file_fit_together(whole: dict[str, ET.Element]) -> None:
    """Each part is named with its type, and each relation leads to a part: else a reader wants to repair the file."""
    types = whole["[Content_Types].xml"]
    named = {str(part.get("PartName")).lstrip("/") for part in types.iter(f"{TYPES}Override")}
    defaults = {str(part.get("Extension")) for part in types.iter(f"{TYPES}Default")}
    assert named <= set(whole)
    assert set() == {name for name in whole if name not in named and name.rpartition(".")[2] not in defaults} - {
        "[Content_Types].xml"
    }
    for name, root in whole.items():
        if name.endswith(".rels"):
            folder = Path(name).parent.parent
            targets = [str(relation.get("Target")) for relation in root.iter(f"{PACKAGE}Relationship")]
            assert [] == [target for target in targets if str(folder / target) not in whole]


def test_sheets_have_names_that_every_reader_takes(whole: dict[str, ET.Element]) -> None:
    """Up to 31 characters, none of those that a formula needs, each with a relation of its own."""
    sheets = list(whole["xl/workbook.xml"].iter(f"{MAIN}sheet"))
    names = [str(sheet.get("name")) for sheet in sheets]
    assert [] == [name for name in names if len(name) > 31 or re.search(r"[\[\]:*?/\\]", name)]
    assert len(sheets) == len({sheet.get(f"{OFFICE}id") for sheet in sheets})


def test_cells_are_in_order_and_of_known_types_and_styles(whole: dict[str, ET.Element]) -> None:
    """Rows and cells go up, each cell has its own place, a type of the standard, and a style that is there."""
    styles = whole["xl/styles.xml"].find(f"{MAIN}cellXfs")
    assert styles is not None
    for name, root in whole.items():
        if not name.startswith("xl/worksheets/sheet"):
            continue
        places = [str(cell.get("r")) for cell in root.iter(f"{MAIN}c")]
        keys = [
            (int(match[2]), len(match[1]), match[1])
            for match in map(re.compile(r"([A-Z]+)(\d+)").fullmatch, places)
            if match
        ]
        assert len(places) == len(keys)
        assert sorted(set(keys)) == keys
        assert {None, "inlineStr", "b"} >= {cell.get("t") for cell in root.iter(f"{MAIN}c")}
        assert [] == [cell.get("s") for cell in root.iter(f"{MAIN}c") if int(cell.get("s", "0")) >= len(styles)]


def test_what_was_not_read_has_no_cell(tmp_path: Path) -> None:
    """Missing is not zero, and not an empty text either."""
    bare = msgspec.structs.replace(
        guest(1), type=None, vcpus=None, memory_bytes=None, disks=(), nics=(), checkpoints=None
    )
    row = only(written(tmp_path, source([host("kvm1", guests=[bare])]))["vInfo"])
    unread = ("CPUs", "Memory", "NICs", "Disks", "Total disk capacity MiB", "In Use MiB", "CBT", "omc Checkpoints")
    assert dict.fromkeys(unread) == {name: row[name] for name in unread}
