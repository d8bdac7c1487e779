"""The dashboards: sound for Grafana, and every question of every panel has an answer in a real Prometheus."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from omc.exporters.mixin import metrics_in
from omc.exporters.table import load_tables
from tests.prometheus import Prometheus

FOLDER = Path(__file__).parents[2] / "exporters" / "dashboards"
CHOSEN = {"$__rate_interval": "5m", "$host": ".*", "$guest": "web1"}


def dashboards() -> dict[str, dict]:
    return {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}


def questions() -> Iterator[tuple[str, str]]:
    """Yield where a query stands, and the query as Grafana would send it."""
    for name, dashboard in dashboards().items():
        for panel in dashboard["panels"]:
            for target in panel.get("targets", ()):
                expression = target["expr"]
                for variable, value in CHOSEN.items():
                    expression = expression.replace(variable, value)
                yield f"{name}: {panel['title']}: {target['refId']}", expression


def test_panels_lie_side_by_side_and_none_over_another():
    """Every cell of the grid holds at most one panel, and none reaches over the right edge."""
    for name, dashboard in dashboards().items():
        taken = set()
        for place in (panel["gridPos"] for panel in dashboard["panels"]):
            assert place["x"] + place["w"] <= 24, name
            cells = {
                (place["x"] + across, place["y"] + down) for across in range(place["w"]) for down in range(place["h"])
            }
            assert not cells & taken, (name, place)
            taken |= cells


def test_numbers_of_panels_and_addresses_of_dashboards_are_unique():
    """Grafana keeps only one of two things with the same number."""
    found = dashboards()
    assert len(found) == len({dashboard["uid"] for dashboard in found.values()})
    for dashboard in found.values():
        numbers = [panel["id"] for panel in dashboard["panels"]]
        assert len(numbers) == len(set(numbers))


@pytest.mark.timeout(300)
def test_every_question_has_an_answer(server: Prometheus):
    """With all metrics of the tables there, no panel stays empty and no query is refused."""
    asked = list(questions())
    assert len(asked) > 80
    assert [] == [where for where, expression in asked if not server.ask(expression)]


def test_a_host_whose_own_exporter_is_gone_is_one_that_does_not_answer(server: Prometheus):
    """It has no libvirt_up at all, and stands in the table of hosts all the same."""
    asked = dict(questions())
    assert ["1"] == [series["value"][1] for series in server.ask(asked["fleet: Hosts that do not: A"])]
    hosts = {series["metric"]["instance"]: series["value"][1] for series in server.ask(asked["fleet: Hosts: A"])}
    assert {"kvm01": "1", "kvm02": "0"} == hosts


def test_columns_with_units_of_their_own_are_columns_that_there_are():
    """Grafana applies a unit by the column's name, and says nothing of a name that no column has."""
    tables = [panel for found in dashboards().values() for panel in found["panels"] if panel["type"] == "table"]
    units = [(panel, each["matcher"]["options"]) for panel in tables for each in panel["fieldConfig"]["overrides"]]
    assert units
    for panel, name in units:
        (organize,) = (step["options"] for step in panel["transformations"] if step["id"] == "organize")
        assert name in organize["renameByName"].values()


def test_a_panel_of_a_collector_that_is_off_says_so():
    """Else whoever looks at it sees an empty panel, and no reason."""
    tables = load_tables()
    off = {row.name: row.collector for row in (*tables.guest.values(), *tables.host.values())}
    off = {name: collector for name, collector in off.items() if not tables.collectors[collector].on}
    for dashboard in dashboards().values():
        for panel in dashboard["panels"]:
            names = {name for target in panel.get("targets", ()) for name in metrics_in(target["expr"])}
            assert all(f"`{off[name]}`" in panel["description"] for name in names & off.keys()), panel["title"]


def test_a_guest_that_hangs_can_still_be_chosen():
    """What lists the guests needs no answer of their monitors."""
    (guest,) = (each for each in dashboards()["guest"]["templating"]["list"] if each["name"] == "guest")
    assert "libvirt_domain_info_vstate" in guest["definition"]


def test_every_recorded_rule_has_series(server: Prometheus):
    """No recording rule joins labels that never meet."""
    recorded = [rule["name"] for rule in server.rules() if rule["type"] == "recording"]
    assert recorded
    assert [] == [name for name in recorded if not server.ask(name)]
