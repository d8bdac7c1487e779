"""The page as a file: what stands in it, that it is one file, and that no name in it is markup."""

import re
import resource
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from msgspec.structs import replace

from omc.report import html
from omc.report.html import summary
from omc.report.html.findings import by_rule, by_severity, by_subject
from omc.report.html.rows import read
from omc.report.html.tables import COLUMNS
from omc.report.source import Source
from omc.text import safe
from tests.unit.report.html.fleets import GIB, finding, fleet, guest, host, lost, room

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style></title></svg></script><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; &amp; &#60;",
    "right\u202eto left",
    "two\nlines\x00\x1b[31m\x9b",
    "javascript:alert(1)",
    "]]><!--",
)
EMPTY = frozenset(("meta", "link", "br", "img", "input"))


class Reader(HTMLParser):
    """Reads a page: its elements with their attributes, and the texts of rows and of all."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.rows: list[list[str]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop(), f"</{tag}> ends nothing"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("style", "script"):
            return
        self.text += data
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data

    def row(self, name: str) -> dict[str, str]:
        """Return the first row that begins with a name, by its column."""
        at = next(number for number, row in enumerate(self.rows) if row[0] == name)
        head = next(row for row in reversed(self.rows[:at]) if row[0] in ("Host", "Guest", "Cluster", "Pool"))
        return dict(zip(head, self.rows[at], strict=True))


def page(folder: Path, source: Source, **wishes: int) -> str:
    path = folder / "page.html"
    html.write(source, path, html.Wishes(room(source), **wishes))
    return path.read_text(encoding="utf-8")


def test_the_page_has_totals_hosts_guests_pools_and_findings(tmp_path: Path) -> None:
    """Each fact stands where its column says, in units that people read."""
    source = fleet(
        [host("kvm1", [guest("web1"), guest("db1", state="shut off", gib=64)])],
        [finding("guest/web1"), finding("host")],
    )
    found = Reader(page(tmp_path, source))
    assert ["running", "8 GiB", "40 GiB", "198.51.100.7", "critical"] == [
        found.row("web1")[name] for name in ("State", "Memory", "Disk space", "Address", "Findings")
    ]
    assert ["ok", "1", "2", "256 GiB", "3 %", "critical"] == [
        found.row("kvm1")[name] for name in ("Status", "Running", "Guests", "Memory", "Given", "Findings")
    ]
    assert ["kvm1", "70 %", "300 GiB"] == [found.row("images")[name] for name in ("Hosts", "Used", "Free")]
    assert "What G11 finds" in found.text


def test_a_file_system_with_several_pools_is_there_once() -> None:
    """Each of its folders has all of its space: in the total, and among the fullest, it counts once."""
    one = host("kvm1")
    (images,) = one.pools or ()
    source = fleet([replace(one, pools=(images, replace(images, name="isos", uuid="3", path="/isos")))])
    (storage,) = (tile for tile in summary.tiles(read(source, {}, {}), room(source)) if tile.name == "Storage")
    assert ("1000 GiB", "700 GiB used", "2 pools") == (storage.figure, *storage.told)
    assert ["Pool images of kvm1"] == [each.name for each in summary.meters(room(source)) if "Pool" in each.name]


def test_it_is_one_file_that_loads_nothing(tmp_path: Path) -> None:
    """Nothing is linked to but the page itself, and its policy lets in only its own style and script."""
    text = page(tmp_path, fleet([host("kvm1", [guest("web1")])]))
    found = Reader(text)
    links = [value for _, attributes in found.elements for name, value in attributes.items() if name in ("href", "src")]
    assert links
    assert [] == [link for link in links if not str(link).startswith("#")]
    assert {"link", "img", "iframe", "object", "base", "form"}.isdisjoint(tag for tag, _ in found.elements)
    assert "url(" not in text
    assert "@import" not in text
    (policy,) = [a["content"] for _, a in found.elements if a.get("http-equiv") == "Content-Security-Policy"]
    for tag in ("style", "script"):
        (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.S)
        assert f"{tag}-src 'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'" in str(policy)
    assert str(policy).startswith("default-src 'none'")


def test_links_lead_to_what_is_there(tmp_path: Path) -> None:
    """Every anchor exists, and no two things have one name."""
    source = fleet(
        [host("kvm1", [guest("web1")]), lost("kvm2")],
        [finding("host", rule="H1"), finding("host", rule="H1", severity="info")],
    )
    found = Reader(page(tmp_path, source))
    names = [attributes["id"] for _, attributes in found.elements if "id" in attributes]
    links = {str(attributes["href"])[1:] for tag, attributes in found.elements if tag == "a"}
    labels = {attributes["aria-labelledby"] for _, attributes in found.elements if "aria-labelledby" in attributes}
    assert len(names) == len(set(names))
    assert links | labels <= set(names)


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_names_are_text_wherever_they_stand(tmp_path: Path, name: str) -> None:
    """A hostile name adds no element and no attribute to what a harmless one gives, and can be read."""

    def elements(name: str) -> list[tuple[str, list[str]]]:
        one = host(name, [guest(name, host=name)], groups=(name,))
        text = page(
            tmp_path, fleet([one, lost(name + "x", groups=(name,))], [finding(f"guest/{name}", host=name)], site=name)
        )
        return [(tag, sorted(attributes)) for tag, attributes in Reader(text).elements]

    assert elements("plain") == elements(name)
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    assert safe(name) in {row[0] for row in Reader(text).rows}


def test_half_characters_of_a_folder_do_not_stop_the_page(tmp_path: Path) -> None:
    """A site's folder, and what was typed, may be in no encoding at all."""
    text = page(tmp_path, fleet([host("kvm1")], site="half \udc80", selection="\udcff*"))
    assert r"half \udc80" in text
    assert r"\udcff*" in text


def test_what_was_not_read_is_not_zero(tmp_path: Path) -> None:
    """A host that was never read is named first, has dashes, and a box that is crossed out."""
    text = page(tmp_path, fleet([host("kvm1", [guest("web1")]), lost("kvm2")]))
    found = Reader(text)
    row = found.row("kvm2")
    assert ["never read", "—", "—", "—", "—"] == [
        row[name] for name in ("Status", "Running", "Guests", "Memory", "Given")
    ]
    assert "1 host never read: nothing here covers them. kvm2" in found.text
    assert "kvm2: never read" in text
    assert 'class="lost"' in text
    assert 2 == found.text.count("1 host never read: nothing here covers them")  # above all, and as the first step


def test_a_long_list_of_guests_ends_with_the_harmless_ones(tmp_path: Path) -> None:
    """Those with the worst findings stay, and the page says how many there are and where all are."""
    guests = [guest(f"guest{number}") for number in range(6)]
    findings = [
        finding("guest/guest5"),
        finding("guest/guest3", severity="warning"),
        finding("guest/guest4", severity="info"),
    ]
    found = Reader(page(tmp_path, fleet([host("kvm1", guests)], findings), most_guests=3))
    listed = [row[0] for row in found.rows if row[0].startswith("guest")]
    assert ["guest5", "guest3", "guest4"] == listed
    assert "3 of 6 guests" in found.text
    assert "omc report xlsx" in found.text


def test_no_rule_checked_is_not_fine(tmp_path: Path) -> None:
    """Without an audit the page says so; then it tells itself what the loss of a host means."""
    full = [host(name, [guest(f"big{name}", host=name, gib=200)]) for name in ("kvm1", "kvm2")]
    found = Reader(page(tmp_path, fleet(full, None, at="2026-11-20T00:00:00Z")))
    assert "No rule was checked: rules are checked on what holds now." in found.text
    assert "as of 2026-11-20T00:00:00Z" in found.text
    assert "Cluster production does not survive the loss of kvm1" in found.text


def test_all_well_is_said(tmp_path: Path) -> None:
    """Only where rules were checked."""
    assert "Nothing critical, and no warning; every host could be read." in page(tmp_path, fleet([host("kvm1")]))
    assert "No rule was checked; every host could be read." in page(tmp_path, fleet([host("kvm1")], None))
    past = fleet([host("kvm1"), lost("kvm2")], None, unread=(), at="2026-11-20T00:00:00Z")
    assert "every host could be read" not in page(tmp_path, past)


@pytest.mark.parametrize("most", [10, 20_000])
def test_a_full_disk_is_an_error_of_the_system(tmp_path: Path, most: int) -> None:
    """Whoever writes the page puts it in place only when it is whole; a limit on files' size stands for the disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            page(tmp_path, fleet([host("kvm1", [guest(f"guest{number}") for number in range(99)])]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_an_empty_fleet_gives_a_page(tmp_path: Path) -> None:
    """Even where there is nothing to say."""
    assert "There is no host." in page(tmp_path, fleet([]))


def test_hosts_are_as_wide_as_they_have_memory(tmp_path: Path) -> None:
    """Twice the memory is twice the width; the fill is what is given, and a guest's piece what it has."""
    small, large = host("kvm1", [guest("a", gib=63), guest("b", gib=64)], gib=255), host("kvm2", gib=510)
    found = Reader(page(tmp_path, fleet([small, large])))
    boxes = [a for tag, a in found.elements if tag == "svg" and a.get("role") == "img"]
    assert [110.0, 220.0] == [float(str(box["width"])) for box in boxes]
    pieces = [float(str(a["width"])) for tag, a in found.elements if tag == "rect" and a.get("class") == "piece"]
    assert [pytest.approx(110 / 2, abs=0.1)] == [sum(pieces)]
    assert pytest.approx(64 / 63, abs=0.01) == pieces[0] / pieces[1]


def test_more_than_there_is_stays_in_the_box(tmp_path: Path) -> None:
    """Overcommitted memory is told by its figure and colour."""
    found = Reader(page(tmp_path, fleet([host("kvm1", [guest("a", gib=400), guest("b", gib=110)])])))
    assert "200 %" == found.row("kvm1")["Given"]
    fills = [a for tag, a in found.elements if tag == "rect" and a.get("class") == "bad" and a.get("height") == "40"]
    assert ["220.0"] == [fill["width"] for fill in fills]


def test_a_network_that_some_hosts_lack_is_seen(tmp_path: Path) -> None:
    """Guests cannot move to a host without their network."""
    found = Reader(page(tmp_path, fleet([host("kvm1"), replace(host("kvm2"), networks=())])))
    assert "default on 1 of 2" in found.text


def test_clusters_and_names_are_in_the_order_of_people(tmp_path: Path) -> None:
    """row2 comes before row10."""
    found = Reader(page(tmp_path, fleet([host(f"kvm{row}", groups=(f"row{row}",)) for row in (1, 10, 2)])))
    assert ["row1", "row2", "row10"] == [row[0] for row in found.rows if row[0].startswith("row")]


def test_findings_are_grouped_by_rule_the_most_severe_first() -> None:
    """Then the most frequent; each severity of a rule is a group of its own."""
    findings = [
        finding("a", rule="G2", severity="warning"),
        finding("b", rule="G3", severity="warning"),
        finding("c", rule="G3", severity="warning", host="kvm2"),
        finding("d", rule="G2", severity="critical"),
    ]
    assert [("critical", "G2", 1, 1), ("warning", "G3", 2, 2), ("warning", "G2", 1, 1)] == [
        (group.severity, group.rule, group.total, group.hosts) for group in by_rule(findings)
    ]
    assert {"critical": 1, "warning": 3, "info": 0} == by_severity(findings)
    assert ("critical", 2) == by_subject([finding("guest/d"), finding("guest/d", severity="info")])["kvm1", "guest/d"]


def test_what_is_about_pools_and_networks_is_counted_for_their_host() -> None:
    """The table of hosts is where one looks for it; guests have a table of their own."""
    found = [finding("pool/images", severity="warning"), finding("host", severity="info"), finding("guest/web")]
    assert ("warning", 2) == by_subject(found)["kvm1", "host"]


def test_what_is_to_be_typed_is_whole(tmp_path: Path) -> None:
    """However long; markup in it is text."""
    fix = f"virsh edit {'x' * 500} <b>"
    found = Reader(page(tmp_path, fleet([host("kvm1")], [finding("guest/a")._replace(fix=fix)])))
    assert fix in found.text


def test_a_rule_with_many_findings_lists_some_and_counts_the_others(tmp_path: Path) -> None:
    """The page says where all are."""
    found = Reader(page(tmp_path, fleet([host("kvm1")], [finding(f"guest/{number}") for number in range(60)])))
    assert "and 10 more: omc audit --rule G11" in found.text


def test_every_column_says_what_stands_in_it() -> None:
    """The reference is made from that."""
    assert [] == [column.name for columns in COLUMNS.values() for column in columns if not column.about]


def test_hosts_with_something_amiss_are_named_by_what_it_is(tmp_path: Path) -> None:
    """A host that is away shows old facts and is crossed out; one that was read in part lacks some."""
    hosts = [replace(host("kvm1"), status="unreachable"), replace(host("kvm2"), status="partial"), host("kvm3")]
    text = page(tmp_path, fleet(hosts))
    told = Reader(text).text
    assert "1 host not reached when last asked: what is shown of them is old. kvm1" in told
    assert "1 host not read whole when last asked: facts are missing. kvm2" in told
    assert 1 == text.count('class="lost"')


def test_hosts_that_were_not_known_then_are_named(tmp_path: Path) -> None:
    """The past has no facts of a host that came later, and the page says so."""
    told = page(tmp_path, fleet([host("kvm1")], None, names=("kvm1", "kvm2"), at="2026-11-20T00:00:00Z"))
    assert "1 host not read until 2026-11-20T00:00:00Z" in told
    assert "every host could be read" not in told


@pytest.mark.parametrize("fixes", [("mend a", "mend a"), ("mend a", "mend b")])
def test_what_mends_each_is_told_where_it_differs(tmp_path: Path, fixes: tuple[str, str]) -> None:
    """One fix for all stands once; else each finding has its own, and the first step says that it is the first's."""
    findings = [finding("host")._replace(fix=fix) for fix in fixes]
    found = Reader(page(tmp_path, fleet([host("kvm1")], findings)))
    alike = len(set(fixes)) == 1
    assert alike == ("To mend it: mend a" in found.text)
    assert alike == ("first: mend a" not in found.text)
    assert 2 == found.text.count("mend a")
    assert (0 if alike else 1) == found.text.count("mend b")


def test_sizes_of_a_large_fleet_stay_right(tmp_path: Path) -> None:
    """Totals are sums over all guests, also over those that are not listed."""
    guests = [guest(f"guest{number}", gib=1) for number in range(30)]
    found = Reader(page(tmp_path, fleet([host("kvm1", guests)]), most_guests=5))
    assert "30 GiB given to running guests" in found.text
    assert 30 * GIB == sum(one.memory_bytes or 0 for one in guests)
