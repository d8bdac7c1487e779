"""One workbook from one source: all tabs are written side by side, while each host is read once."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from omc.report.source import Source
from omc.report.tab import HostScene, Rows
from omc.report.tabs import TABS
from omc.report.xlsx.sheet import MOST_ROWS, Formats, Sheet
from omc.site.clusters import cluster_name


def write(
    source: Source, path: Path, *, done: Callable[[str], object] = lambda _: None, most_rows: int = MOST_ROWS
) -> dict[str, int]:
    """Write the workbook, and return the rows of each tab. What it needs on the way lies beside `path`.

    `done` is told each host that is in it. Raises OSError where it cannot be written.
    """
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import XlsxFileError

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "tmpdir": str(path.parent),
    }
    book = Workbook(str(path), options)
    book.use_zip64()
    book.set_properties({"title": f"omc: {source.about.site}", "comments": f"made by omc {source.about.version}"})
    sheets = [Sheet(book, tab.name, tab.columns, Formats.of(book), most_rows=most_rows) for tab in TABS]
    begun = [tab.begin(source) for tab in TABS]
    for scene in _scenes(source):
        _add(sheets, begun, scene)
        done(scene.host.name)
    for sheet, rows in zip(sheets, begun, strict=True):
        sheet.add(rows.rest())
    for sheet in sheets:
        sheet.finish()
    try:
        book.close()
    except XlsxFileError as error:
        raise (error.args[0] if isinstance(error.args[0], OSError) else OSError(str(error))) from error
    return {sheet.name: sheet.rows for sheet in sheets}


def _scenes(source: Source) -> Iterator[HostScene]:
    for host in source.hosts():
        yield HostScene(host, source.about.site, cluster_name(host.groups, source.clusters))


def _add(sheets: Sequence[Sheet], begun: Sequence[Rows], scene: HostScene) -> None:
    for sheet, rows in zip(sheets, begun, strict=True):
        sheet.add(rows.of(scene))
