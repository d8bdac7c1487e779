"""What a query asks for is found in it, and a query for what nothing measures is a mistake with its place."""

import json
from pathlib import Path

import pytest

from omc.exporters.mixin import check_mixin, metrics_in, recorded
from omc.site.mistakes import Mistakes
from tests.unit.cli.running import program


@pytest.mark.parametrize(
    ("expression", "metrics"),
    [
        ("libvirt_up == 0", {"libvirt_up"}),
        ('sum by (libvirt_x) (rate(libvirt_a_total{b="libvirt_c"}[5m]))', {"libvirt_x", "libvirt_a_total"}),
        ('up{job=~"omc.*"} == 0', set()),
        ("guest:libvirt_cpu:ratio > 0.1 and on (uuid) libvirt_up", {"guest:libvirt_cpu:ratio", "libvirt_up"}),
        ('label_replace(libvirt_up, "a", "libvirt_b", "", "")', {"libvirt_up"}),
        ("my_libvirt_up + node_load1", set()),
        ('libvirt_up{a="}", b=~"x{2}\\""} or omc_exporter_targets', {"libvirt_up", "omc_exporter_targets"}),
    ],
)
def test_metrics_are_found_outside_of_labels_and_text(expression, metrics):
    """Names in braces and quotes are no metrics; grouping labels of that name would be, so none is called so."""
    assert metrics == metrics_in(expression)


def write_rules(folder: Path, text: str) -> None:
    (folder / "rules").mkdir(parents=True, exist_ok=True)
    (folder / "rules" / "own.yaml").write_text(text)


def found(folder: Path, *known: str) -> list[tuple[str, str, str]]:
    mistakes = Mistakes()
    check_mixin(folder, known, mistakes)
    return [(mistake.where, mistake.message, mistake.hint) for mistake in mistakes.errors]


def test_a_rule_that_asks_for_what_nothing_measures_is_named_with_its_line(tmp_path):
    """And with what is most likely meant."""
    write_rules(tmp_path, "groups:\n- name: own\n  rules:\n  - alert: Down\n    expr: libvirt_upp == 0\n")
    ((where, message, hint),) = found(tmp_path, "libvirt_up")
    assert where == f"{tmp_path}/rules/own.yaml:5"
    assert message == "no metric 'libvirt_upp'"
    assert "libvirt_up" in hint


def test_what_one_rule_records_another_may_ask_for(tmp_path):
    """The order of rules and files does not matter."""
    write_rules(
        tmp_path,
        "groups:\n- name: own\n  rules:\n  - alert: A\n    expr: a:libvirt_up:sum > 1\n"
        "  - record: a:libvirt_up:sum\n    expr: sum(libvirt_up)\n",
    )
    assert [] == found(tmp_path, "libvirt_up")
    assert recorded([tmp_path]) == {"a:libvirt_up:sum"}


def test_panels_inside_of_rows_are_looked_at(tmp_path):
    """A collapsed row holds its panels itself."""
    inner = {"title": "Inner", "targets": [{"expr": "libvirt_none"}]}
    (tmp_path / "dashboards").mkdir()
    (tmp_path / "dashboards/own.json").write_text(json.dumps({"panels": [{"title": "Row", "panels": [inner]}]}))
    ((where, message, _),) = found(tmp_path)
    assert where.endswith("own.json: panel 'Inner'")
    assert message == "no metric 'libvirt_none'"


@pytest.mark.parametrize("text", ["{", '{"panels": 3}', "[]"])
def test_a_file_that_is_no_dashboard_is_a_mistake(tmp_path, text):
    """It is named, and the others are looked at all the same."""
    (tmp_path / "dashboards").mkdir()
    (tmp_path / "dashboards/broken.json").write_text(text)
    ((where, message, _),) = found(tmp_path)
    assert where.endswith("broken.json")
    assert message.startswith("no dashboard")


def test_a_sites_own_rules_may_build_on_the_shipped_ones(tmp_path):
    """`omc exporter check` knows what both record."""
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory/hosts.yaml").write_text("all: {hosts: {kvm1: }}\n")
    rule = "groups:\n- name: own\n  rules:\n  - alert: A\n    expr: guest:libvirt_cpu_usage:ratio_rate5m > 2\n"
    write_rules(tmp_path / "exporters", rule)
    ran = program("--site", str(tmp_path), "exporter", "check")
    assert (0, True) == (ran.code, "0 mistakes" in ran.out), ran.err
