"""Rows of tables as markup, in Python: a page has up to 50,000 cells, for which a template is ten times slower."""

from markupsafe import Markup, escape

from omc.report.html.cell import Cell, Line
from omc.text import cut, safe

_LONG, _LONGEST = 24, 120
_BAR = (
    '<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
    '<rect class="ground" width="100" height="6"/><rect class="{}" width="{:.1f}" height="6"/></svg>'
)


def drawn(line: Line) -> Markup:
    """Return a row; its first cell is its head."""
    head, *others = line.cells
    anchor = f' id="{line.anchor}"' if line.anchor else ""
    first = f'<th scope="row"{_attributes(head)}>{_content(head)}</th>'
    rest = "".join(f"<td{_attributes(cell)}>{_content(cell)}</td>" for cell in others)
    return Markup(f"<tr{anchor}>{first}{rest}</tr>")  # noqa: S704 - all text in it was escaped


def _attributes(cell: Cell) -> str:
    key = "" if cell.key is None else f' data-key="{cell.key}"'
    return f' class="{cell.kind}{" long" if len(cell.text) > _LONG else ""}"{key}'


def _content(cell: Cell) -> str:
    shown = safe(cell.text)  # what is to be typed is never cut
    text = str(escape(shown if cell.kind == "command" else cut(shown, _LONGEST)))
    if cell.share is not None:
        return _BAR.format(cell.tone, cell.share) + text
    return f'<span class="mark {cell.tone}">{text}</span>' if cell.tone else text
