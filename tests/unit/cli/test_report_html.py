"""`omc report html` on the reference site: one page of what the store knows."""

import re
from pathlib import Path

from tests.unit.cli.running import Omc


def page(omc: Omc, path: Path, *arguments: str, code: int = 0) -> str:
    """Return the page that omc writes."""
    ran = omc("report", "html", *arguments, "-f", str(path))
    assert (code, "") == (ran.code, ran.out)
    assert f"written: {path}" in ran.err
    return path.read_text(encoding="utf-8")


def test_the_page_shows_the_site(collected: Omc, tmp_path: Path) -> None:
    """Its name, its totals, its guests, and as many findings as the audit has."""
    text = page(collected, tmp_path / "fleet.html")
    assert "<h1>site</h1>" in text
    assert {"kvm1", "kvm2", "lab1"} <= set(re.findall(r'<th scope="row"[^>]*>([^<]*)</th>', text))
    listed = collected("audit", "-o", "tsv").out.splitlines()[1:]
    counts = re.findall(r'<b class="mark \w+">(\d+)</b> (critical|warning|info)', text)
    assert len(listed) == sum(int(count) for count, _ in counts)


def test_capacity_is_that_of_omc_capacity(collected: Omc, tmp_path: Path) -> None:
    """The same terms, and the same words for the loss of a host."""
    text = page(collected, tmp_path / "fleet.html")
    told = collected("capacity", "losses", "-o", "tsv").out
    verdicts = dict(re.findall(r"<figcaption><b>([^<]*)</b>.*?after the loss of a host: ([^<]*)<", text))
    assert {"lab", "production"} == set(verdicts)
    for cluster, verdict in verdicts.items():
        assert re.search(rf"^{cluster}\tN\+1\t.*{verdict}", told, re.M)


def test_a_title_stands_at_the_head(collected: Omc, tmp_path: Path) -> None:
    """As text, in the tab of the browser, too."""
    text = page(collected, tmp_path / "fleet.html", "--title", "Hamburg <1>", "--no-findings")
    assert "<h1>Hamburg &lt;1&gt;</h1>" in text
    assert "<title>Hamburg &lt;1&gt;: " in text


def test_patterns_and_limit_choose_hosts(collected: Omc, tmp_path: Path) -> None:
    """As everywhere; the page says what it shows."""
    text = page(collected, tmp_path / "fleet.html", "kvm*", "--limit", "!kvm2")
    assert "only <code>kvm* --limit !kvm2</code>" in text
    assert 'aria-label="kvm1:' in text
    assert 'aria-label="kvm2:' not in text


def test_a_part_of_a_cluster_has_no_verdict(collected: Omc, tmp_path: Path) -> None:
    """Whether the guests of one host find a place is told of all hosts of a cluster or of none."""
    part, whole = tmp_path / "part.html", tmp_path / "whole.html"
    assert [0, 0] == [
        collected("report", "html", *words).code for words in (("kvm1", "-f", str(part)), ("-f", str(whole)))
    ]
    assert "not known: 1 of 2 hosts" in part.read_text(encoding="utf-8")
    assert "not known: " not in whole.read_text(encoding="utf-8")


def test_the_number_of_guests_can_be_chosen(collected: Omc, tmp_path: Path) -> None:
    """None at all, or more than there are."""
    assert "3 of 15 guests" in page(collected, tmp_path / "few.html", "--guests", "3")
    assert "of 15 guests:" not in page(collected, tmp_path / "all.html")
    assert "0 of 15 guests" in page(collected, tmp_path / "none.html", "--guests", "0")


def test_at_shows_the_past_and_checks_no_rule(collected: Omc, tmp_path: Path) -> None:
    """Capacity is that of then."""
    text = page(collected, tmp_path / "fleet.html", "--at", "now")
    assert "<strong>as of" in text
    assert "No rule was checked: rules are checked on what holds now." in text
    assert "158 GiB given" in text


def test_nothing_is_written_of_the_time_before_the_first_collect(collected: Omc, tmp_path: Path) -> None:
    """The report of yesterday stays, for an empty one is none."""
    path = tmp_path / "fleet.html"
    path.write_text("yesterday's")
    ran = collected("report", "html", "-f", str(path), "--at", "2 years ago")
    assert (2, "yesterday's") == (ran.code, path.read_text())
    assert "the store begins at " in ran.err


def test_no_findings_leaves_the_audit_out(collected: Omc, tmp_path: Path) -> None:
    """No rule checked is said, and is not "nothing found"."""
    text = page(collected, tmp_path / "fleet.html", "--no-findings")
    assert "No rule was checked." in text
    assert 'id="findings"' not in text


def test_a_host_that_was_never_read_is_named_first(collected: Omc, site: Path, tmp_path: Path) -> None:
    """The exit code is 3 although the rest is complete; it has a box and a row without figures."""
    hosts = site / "inventory" / "hosts.yaml"
    text = hosts.read_text(encoding="utf-8")
    hosts.write_text(re.sub(r"(\n +)lab1:", r"\1lab1:\1lab9:", text), encoding="utf-8")
    text = page(collected, tmp_path / "fleet.html", code=3)
    assert "1 host never read</strong>: nothing here covers them. lab9" in text
    assert 'aria-label="lab9: never read"' in text
    assert "<b>lab</b> " in text
    assert "2 hosts · 1 not known" in text


def test_stdout_gets_the_page(collected: Omc) -> None:
    """`-f -` is for a pipe."""
    ran = collected("report", "html", "-f", "-")
    assert 0 == ran.code
    assert ran.out.startswith("<!DOCTYPE html>")
    assert ran.out.endswith("</html>\n")
    assert "written" not in ran.err
