"""The rules: promtool finds them sound, its cases hold, and each alert has its case and its page."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from omc.exporters.mixin import check_mixin
from omc.exporters.reference import names
from omc.exporters.table import load_tables
from omc.site.mistakes import Mistakes
from tests.prometheus import need

ROOT = Path(__file__).parents[2]
RULES = sorted((ROOT / "exporters/rules").glob("*.yaml"))
CASES = sorted(Path(__file__).parent.glob("*.yaml"))
RUNBOOKS = ROOT / "docs/runbooks"
HEADINGS = ["What it means", "Why it matters", "What to do", "When to silence it"]


def alerts() -> list[dict]:
    groups = [group for path in RULES for group in yaml.safe_load(path.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"] if "alert" in rule]


def promtool(*words: str | Path, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    need("promtool")
    return subprocess.run(["promtool", *words], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def test_promtool_finds_the_rules_sound():
    """Every file parses, and no two rules are the same."""
    done = promtool("check", "rules", "--lint=all", "--lint-fatal", *RULES)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_promtool_sees_the_alerts_fire_as_the_cases_say(case):
    """Each case gives series and says which alerts fire when, with their texts."""
    done = promtool("test", "rules", case.name, folder=case.parent)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_not():
    """An alert that nobody saw firing is none, nor is one that always fires."""
    seen = [
        test
        for path in CASES
        for group in yaml.safe_load(path.read_text())["tests"]
        for test in group["alert_rule_test"]
    ]
    names = {rule["alert"] for rule in alerts()}
    assert names == {test["alertname"] for test in seen if test["exp_alerts"]}
    assert names == {test["alertname"] for test in seen if not test["exp_alerts"]}


def test_every_alert_says_what_is_the_matter_and_where_to_read_on():
    """Severity, summary, description and a page that is there."""
    for rule in alerts():
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert {"summary", "description", "runbook"} == rule["annotations"].keys()
        assert rule["annotations"]["runbook"] == f"docs/runbooks/{rule['alert']}.md"


def test_every_alert_has_its_page_and_every_page_its_alert():
    """A runbook has the same four headings on every page."""
    pages = {path.stem: path for path in RUNBOOKS.glob("*.md") if path.stem != "index"}
    assert {rule["alert"] for rule in alerts()} == pages.keys()
    for name, path in pages.items():
        text = path.read_text()
        assert text.startswith(f"# {name}\n")
        assert re.findall("^## (.*)$", text, re.M) == HEADINGS, name


def test_rules_and_dashboards_ask_only_for_what_is_measured_or_recorded():
    """Every metric in a query stands in the tables or is the name of a recording rule."""
    tables, mistakes = load_tables(), Mistakes()
    check_mixin(ROOT / "exporters", names(tables), mistakes)
    mistakes.raise_any()
