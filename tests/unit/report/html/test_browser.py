"""The page in a real browser: read without scripts, sorted, filtered, in the dark, on a phone, on paper."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from omc.report import html
from tests.browser import Page, Screen, browser
from tests.unit.report.html.fleets import finding, fleet, guest, host, lost, room
from tests.unit.report.html.test_page import HOSTILE

CONTRAST = """
(() => {
  const light = rgb => rgb.map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const rgb = text => text.match(/[0-9.]+/g).map(Number);
  const ground = element => {
    for (let one = element; one; one = one.parentElement) {
      const color = rgb(getComputedStyle(one).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = Array.from(element.childNodes).some(node => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility() || element.closest("svg, script, style")) continue;
    const pair = [light(rgb(getComputedStyle(element).color).slice(0, 3)), light(ground(element))];
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (ratio < 4.5) found.push([element.tagName, element.className, element.textContent.slice(0, 9), ratio].join(" "));
  }
  return found;
})()
"""
TEXT = "document.querySelector('main').textContent"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a page of two clusters with all kinds of states, names and findings."""
    states = ("running", "paused", "shut off", "crashed")
    guests = [guest(f"guest{number}", gib=(number * 7) % 13 + 1, state=states[number % 4]) for number in range(12)]
    guests += [guest(name) for name in HOSTILE] + [guest("long" * 500), guest("a word and another " * 60)]
    source = fleet(
        [host("kvm1", guests, gib=64), host("kvm2", gib=512), lost("kvm3"), host("row" * 300, groups=("g" * 900,))],
        [finding(f"guest/{one.name}") for one in guests]
        + [finding("host", severity="info"), finding("host", rule="H1")],
    )
    path = tmp_path_factory.mktemp("page") / "fleet.html"
    html.write(source, path, html.Wishes(room(source)))
    return path


@pytest.fixture(scope="module")
def shared() -> Iterator[Page]:
    """Give one browser to all tests of this file."""
    with browser() as page:
        yield page


@pytest.fixture
def page(shared: Page, made: Path) -> Page:
    """Give the page, open on a desk."""
    shared.requests.clear()
    shared.messages.clear()
    shared.open(made)
    return shared


def column(page: Page, table: str, name: str) -> list[str]:
    """Return the cells of a column, from top to bottom."""
    cells: list[str] = page.run(
        f"""(() => {{
          const table = document.querySelector("#{table} table");
          const at = Array.from(table.tHead.rows[0].cells).findIndex(cell => cell.textContent === "{name}");
          return Array.from(table.tBodies[0].rows).filter(row => !row.hidden).map(row => row.cells[at].textContent);
        }})()"""
    )
    return cells


def click(page: Page, table: str, name: str) -> str:
    """Click on a column's head; return how it says that it is sorted."""
    order: str = page.run(
        f"""(() => {{
          const heads = document.querySelectorAll("#{table} thead th");
          const head = Array.from(heads).find(cell => cell.textContent === "{name}");
          head.querySelector("[role=button]").click();
          return head.getAttribute("aria-sort");
        }})()"""
    )
    return order


def test_it_asks_for_nothing_and_complains_of_nothing(page: Page, made: Path) -> None:
    """No request but the file's own, no error, nothing that its policy had to stop, no dialog of a hostile name."""
    assert [made.as_uri()] == page.requests
    assert [] == page.messages
    assert 1 == page.run("document.scripts.length")


def test_it_can_be_read_without_scripts(page: Page, made: Path) -> None:
    """All text is there before any script ran; only the ways to sort and filter are missing."""
    with_scripts = page.run(TEXT)
    page.open(made, Screen(scripts=False))
    without = page.run(TEXT)
    assert 0 == page.run("document.querySelectorAll('[role=button], input').length")
    assert without == with_scripts.replace("Filter ", "")
    assert "guest11" in without
    assert page.run("document.querySelector('#guests td').checkVisibility()")


def test_columns_sort_by_what_they_mean(page: Page) -> None:
    """Sizes by size, not by their digits; names as people count; a second click turns the order round."""
    assert "ascending" == click(page, "guests", "Memory")
    sizes = [int(cell.removesuffix(" GiB")) for cell in column(page, "guests", "Memory")]
    assert sorted(sizes) == sizes
    assert sizes[0] < 8 < 10 <= sizes[-1]
    assert "descending" == click(page, "guests", "Memory")
    assert sorted(sizes, reverse=True) == [int(cell.removesuffix(" GiB")) for cell in column(page, "guests", "Memory")]
    assert "ascending" == click(page, "guests", "Guest")
    own = [cell for cell in column(page, "guests", "Guest") if cell.startswith("guest")]
    assert [f"guest{number}" for number in range(12)] == own
    assert 1 == page.run("document.querySelectorAll('#guests [aria-sort]').length")


@pytest.mark.parametrize("key", ["Enter", " "])
def test_columns_sort_without_a_mouse(page: Page, key: str) -> None:
    """A head of a column is reached by Tab, and works as a button does."""
    page.run(
        f"""(() => {{ const head = document.querySelector("#hosts [role=button]"); head.focus();
        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {{key: "{key}", bubbles: true}})); }})()"""
    )
    assert "ascending" == page.run("document.activeElement.parentElement.getAttribute('aria-sort')")


def test_what_was_not_read_sorts_below_zero(page: Page) -> None:
    """It is neither the most nor among the figures."""
    click(page, "hosts", "Memory")
    assert ["—", "64 GiB", "256 GiB", "512 GiB"] == column(page, "hosts", "Memory")


def test_long_tables_can_be_filtered(page: Page) -> None:
    """Rows without the word go, and it is said how many are left."""
    page.run(
        """(() => { const input = document.querySelector("#guests input");
        input.value = "CRASHED"; input.dispatchEvent(new Event("input")); })()"""
    )
    assert ["guest3", "guest7", "guest11"] == column(page, "guests", "Guest")
    assert "3 of" in page.run("document.querySelector('#guests output').textContent")
    assert 0 == page.run("document.querySelectorAll('#clusters input').length")


def test_a_link_to_a_rule_opens_its_findings(page: Page) -> None:
    """A first step leads to what it is about."""
    page.run("document.querySelector('.steps a[href^=\"#rule-\"]').click()")
    page.run("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    assert page.run("document.querySelector(location.hash).open")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_all_text_can_be_told_from_its_ground(page: Page, made: Path, dark: bool) -> None:
    """At least 4.5 to 1 (WCAG 2.2, 1.4.3), by day and by night."""
    page.open(made, Screen(dark=dark))
    page.run("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert [] == page.run(CONTRAST)
    assert dark == page.run("parseInt(getComputedStyle(document.body).backgroundColor.slice(4)) < 60")


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_is_wider_than_the_screen(page: Page, made: Path, width: int) -> None:
    """Whatever names there are; wide tables scroll by themselves."""
    page.open(made, Screen(width=width))
    assert page.run("document.documentElement.scrollWidth") <= width


def test_the_first_screen_has_what_decides(page: Page) -> None:
    """Totals, health and what to do first are seen without scrolling."""
    bottoms = page.run(
        """['.tiles', '.severities', '.steps li:nth-child(2)'].map(
        name => document.querySelector(name).getBoundingClientRect().bottom)"""
    )
    assert all(0 < bottom < 900 for bottom in bottoms)


def test_the_drawing_is_there(page: Page, tmp_path: Path) -> None:
    """Each host is a box of a size and a colour of its own, and has a name for those who cannot see it."""
    boxes = page.run(
        """Array.from(document.querySelectorAll('.panel svg')).map(svg => [svg.getAttribute('aria-label').slice(0, 4),
        Math.round(svg.getBoundingClientRect().width), svg.querySelectorAll('.piece').length])"""
    )
    by_name = {name: (width, pieces) for name, width, pieces in boxes}
    assert {"kvm1", "kvm2", "kvm3", "rowr"} == set(by_name)
    assert by_name["kvm1"][0] < by_name["kvm2"][0]
    assert by_name["kvm1"][1] > 12
    assert "rgb(192, 47, 47)" == page.run("getComputedStyle(document.querySelector('.panel rect.bad')).fill")
    page.screenshot(tmp_path / "desk.png")
    assert b"\x89PNG" == (tmp_path / "desk.png").read_bytes()[:4]


def test_landmarks_and_tables_are_named(page: Page) -> None:
    """A screen reader finds its way: one main, one heading of the first level, captions and heads of rows."""
    assert [1, 1, 1, 1] == page.run("['main', 'h1', 'header', 'footer'].map(n => document.querySelectorAll(n).length)")
    assert 0 == page.run("Array.from(document.querySelectorAll('table')).filter(table => !table.caption).length")
    assert 0 == page.run("document.querySelectorAll('tbody tr:not(:has(th[scope=row]))').length")
    assert "en" == page.run("document.documentElement.lang")


def test_it_prints(page: Page, tmp_path: Path) -> None:
    """Landscape A4, findings opened, heads of tables on each sheet, nothing to click on."""
    page.pdf(tmp_path / "fleet.pdf")
    pdf = (tmp_path / "fleet.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-")
    sheets = re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", pdf)
    assert len(sheets) >= 3
    assert {(b"842", b"595")} == {(str(round(float(w))).encode(), str(round(float(h))).encode()) for w, h in sheets}
    page.on_paper()
    assert 0 == page.run("document.querySelectorAll('thead button').length")  # a repeated head would be empty
    assert ["table-header-group", "none", "visible"] == page.run(
        """[getComputedStyle(document.querySelector('thead')).display,
        getComputedStyle(document.querySelector('nav')).display,
        getComputedStyle(document.querySelector('details'), '::details-content').contentVisibility]"""
    )
