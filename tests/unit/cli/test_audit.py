"""`omc audit` on the reference site: reads the store, says what is wrong, exits as CI needs it."""

import json
import re
from pathlib import Path

import pytest

from omc.audit.rules import all_rules
from omc.audit.waivers import ABOUT_WAIVERS
from omc.cli.audit.showing import FORMATS
from tests.unit.cli.running import Omc, on_terminal


def test_an_empty_store_says_what_to_do_first(omc: Omc) -> None:
    """It collects nothing by itself."""
    ran = omc("audit")
    assert (2, "") == (ran.code, ran.out)
    assert "omc inventory" in ran.err


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_an_answer(collected: Omc, name: str) -> None:
    """Whatever the format, the rule that was broken is in it, and the totals are on stderr."""
    ran = collected("audit", "-o", name, "--rule", "H25")
    assert 0 == ran.code
    assert "H25" in ran.out
    assert "3 hosts, 15 guests, 1 rule: " in ran.err


def test_json_is_an_array_of_findings(collected: Omc) -> None:
    """Each says at least which rule, how bad, about what, where, what is wrong and how to mend it."""
    findings = json.loads(collected("audit", "-o", "json", "--rule", "h24").out)
    assert {"H24"} == {finding["rule"] for finding in findings}
    assert {"rule", "severity", "subject", "host", "message", "fix"} <= set(findings[0])
    assert {"kvm1", "kvm2", "lab1"} == {finding["host"] for finding in findings}


@pytest.mark.parametrize(("severity", "code"), [("info", 4), ("warning", 4), ("critical", 0)])
def test_fail_on_exits_4_at_or_above(collected: Omc, severity: str, code: int) -> None:
    """The pools of the reference site are worth warnings."""
    assert code == collected("audit", "--rule", "H24", "--fail-on", severity).code


def test_a_host_that_was_never_read_is_not_fine(collected: Omc, site: Path) -> None:
    """It is named, its rules are not checked, and 3 wins over 4."""
    hosts = site / "inventory" / "hosts.yaml"
    text = hosts.read_text(encoding="utf-8")
    hosts.write_text(re.sub(r"(\n +)lab1:", r"\1lab1:\1lab9:", text), encoding="utf-8")
    ran = collected("audit", "--rule", "H24", "--fail-on", "info", "--show-unchecked", "-o", "json")
    assert 3 == ran.code
    assert "lab9" in ran.err
    unchecked = [one for one in json.loads(ran.out) if one["severity"] == "unchecked"]
    assert [("H24", "lab9")] == [(one["rule"], one["host"]) for one in unchecked]
    assert "; 1 rule not checked everywhere (--show-unchecked)" in ran.err


def test_a_host_that_is_judged_by_old_facts_is_named_in_the_list(collected: Omc, site: Path) -> None:
    """With --show-unchecked: its findings are of when it was read."""
    hosts = site / "inventory" / "hosts.yaml"
    text = hosts.read_text(encoding="utf-8")
    hosts.write_text(re.sub(r"(\n( +)lab1:\n)", r"\1\2  libvirt_uri: test:///nowhere.xml\n", text), encoding="utf-8")
    assert 3 == collected("inventory").code
    ran = collected("audit", "--rule", "H24", "--show-unchecked", "-o", "json")
    assert [("", "lab1")] == [
        (one["rule"], one["host"]) for one in json.loads(ran.out) if "unchecked" == one["severity"]
    ]
    assert 3 == ran.code


def test_patterns_and_limit_choose_hosts(collected: Omc) -> None:
    """A sub-command's name wins over a pattern; --limit takes any."""
    assert "1 host, " in collected("audit", "kvm1", "--rule", "H24").err
    assert "1 host, " in collected("audit", "--limit", "kvm2").err
    assert "no host" in collected("audit", "--limit", "rules").err
    assert "severity" in collected("audit", "rules").out


def test_a_host_is_held_against_its_whole_cluster(collected: Omc) -> None:
    """What one host is compared with need not be chosen: it is told as in an audit of all."""
    rows = [
        _of_cluster(collected("audit", *chosen, "--rule", "F06", "--show-unchecked", "-o", "json").out)
        for chosen in ((), ("kvm1",))
    ]
    assert rows[0] == rows[1] != []


def _of_cluster(answer: str) -> list[tuple[str, str, str]]:
    rows = [(one["subject"], one["host"], one["message"]) for one in json.loads(answer)]
    return [row for row in rows if row[1] in ("kvm1", "kvm2") or row[0] == "cluster/production"]


def test_severity_leaves_the_lesser_ones_out_of_the_list(collected: Omc, tmp_path: Path) -> None:
    """And out of nothing else: the verdict, the totals, JUnit and the textfile are of all findings."""
    asked = ("audit", "--rule", "H24", "--severity", "critical", "--fail-on", "warning")
    ran = collected(*asked, "-o", "json", "--textfile", str(tmp_path))
    assert (4, []) == (ran.code, json.loads(ran.out))
    assert "1 rule: 4 warning" in ran.err
    assert 'omc_finding{rule="H24",severity="warning",host="kvm1"} 2' in (tmp_path / "omc_audit.prom").read_text()
    assert 'failures="4"' in collected(*asked, "-o", "junit").out
    assert "H24" not in collected(*asked, "-o", "tsv").out
    assert "goes with none of" in collected("audit", "--profile", "core-2026", "--severity", "critical").err


def test_a_rule_that_is_not_there_is_named(collected: Omc) -> None:
    """Both where it is asked for and where it is to be explained."""
    assert "there is no rule 'X1'" in collected("audit", "--rule", "X1").err
    assert "there is no rule 'H99'" in collected("audit", "explain", "H99").err


@pytest.mark.parametrize("rule", [rule.id for rule in (*all_rules(), *ABOUT_WAIVERS)])
def test_every_rule_is_explained(omc: Omc, rule: str) -> None:
    """Why, how to mend it, where it is written and what it reads."""
    ran = omc("audit", "explain", rule.lower())
    assert 0 == ran.code
    assert [] == [word for word in ("severity", "why", "fix", "source", "reads") if f"\n{word} " not in ran.out]


def test_the_summary_is_one_line_a_rule(collected: Omc) -> None:
    """As a list of findings by rule, severity and hosts; what is no list has no summary."""
    every = json.loads(collected("audit", "-o", "json").out)
    rows = json.loads(collected("audit", "--summary", "-o", "json").out)
    assert len(every) == sum(row["findings"] for row in rows)
    assert len({(one["rule"], one["severity"]) for one in every}) == len(rows)
    (pools,) = (row for row in rows if row["rule"] == "H24")
    assert ("warning", 4, 3) == tuple(pools[name] for name in ("severity", "findings", "hosts"))
    assert 2 == collected("audit", "--summary", "-o", "sarif").code
    assert "omc audit --summary: one line a rule" in on_terminal("audit", columns=100)[1]
    assert "--summary" not in on_terminal("audit", "--rule", "H24", columns=100)[1]


def test_explain_shows_the_limits_that_hold(omc: Omc, site: Path) -> None:
    """Those of the site beside the rule's own, whatever else is wrong in the file."""
    assert "\nlimit     ratio: 4, where audit.yaml says nothing else\n" in omc("audit", "explain", "H14").out
    (site / "inventory" / "audit.yaml").write_text("limits: {H14: {ratio: 8}, H99: {x: 1}}\n", encoding="utf-8")
    assert "\nlimit     ratio: 8 in audit.yaml, else 4\n" in omc("audit", "explain", "H14").out


def test_no_rule_is_explained_with_a_place_to_fill_in() -> None:
    """HOST and GUEST stand for names, as everywhere in the docs."""
    assert [] == [
        rule.id for rule in all_rules() if re.search(r"\{(host|guest|name|pool|volume|subject)\}", rule.advice)
    ]


def test_the_site_waives_and_sets_limits(collected: Omc, site: Path) -> None:
    """audit.yaml beside hosts.yaml; a mistake in it is named with its line."""
    settings = site / "inventory" / "audit.yaml"
    settings.write_text(
        "waivers:\n  - {rule: H24, subject: 'pool/*', reason: the lab boots by hand}\n", encoding="utf-8"
    )
    ran = collected("audit", "--rule", "H24", "--fail-on", "info")
    assert 0 == ran.code
    assert "4 waived" in ran.err
    settings.write_text("waivers:\n  - {rule: H99, subject: x, reason: y}\n", encoding="utf-8")
    ran = collected("audit")
    assert 1 == ran.code
    assert "audit.yaml:2" in ran.err


def test_the_textfile_is_written_whole_for_all_to_read(collected: Omc, tmp_path: Path) -> None:
    """node_exporter runs as another user; nothing else stays in its folder."""
    folder = tmp_path / "textfile"
    folder.mkdir()
    assert 0 == collected("audit", "--rule", "H24", "--textfile", str(folder)).code
    assert ["omc_audit.prom"] == [path.name for path in folder.iterdir()]
    path = folder / "omc_audit.prom"
    assert 0o644 == path.stat().st_mode & 0o777
    assert 'omc_finding{rule="H24",severity="warning",host="kvm1"} 2' in path.read_text(encoding="utf-8")
    ran = collected("audit", "--textfile", str(folder / "gone"))
    assert (1, True) == (ran.code, "gone" in ran.err)


def test_a_host_whose_shell_is_silent_is_named(collected: Omc, site: Path) -> None:
    """--ssh asks this machine itself here; the other hosts have no address."""
    variables = site / "inventory" / "host_vars"
    variables.mkdir(exist_ok=True)
    (variables / "kvm1.yaml").write_text("ansible_connection: local\n", encoding="utf-8")
    ran = collected("audit", "kvm1", "--ssh", "--rule", "H05", "-o", "json")
    assert 0 == ran.code
    ran = collected("audit", "--ssh", "--rule", "H02", "--show-unchecked", "-o", "json")
    assert 3 == ran.code
    assert {"kvm2", "lab1"} == {one["host"] for one in json.loads(ran.out) if one["severity"] == "unchecked"}


def test_a_silent_shell_is_named_beside_a_host_that_was_not_read(collected: Omc, site: Path) -> None:
    """Each reason for the exit code is said, whatever comes first."""
    hosts = site / "inventory" / "hosts.yaml"
    text = hosts.read_text(encoding="utf-8")
    hosts.write_text(re.sub(r"(\n +)lab1:", r"\1lab1:\1lab9:", text), encoding="utf-8")
    ran = collected("audit", "kvm2,lab9", "--ssh", "--rule", "H02")
    assert 3 == ran.code
    assert ["kvm2: its shell", "lab9: its shell", "lab9: never collected"] == sorted(
        ":".join(line.split(":")[1:3]).strip() for line in ran.err.splitlines() if line.startswith("error: ")
    )
