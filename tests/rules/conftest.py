"""Prometheus with the rules of the tree and a recorded past."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import prometheus
from tests.rules import recorded
from tests.waiting import until

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[prometheus.Prometheus]:
    """A Prometheus that has evaluated every rule of exporters/rules once or more, over a past of 15 minutes."""
    prometheus.need("prometheus", "promtool")
    folder = tmp_path_factory.mktemp("prometheus")
    recorded.write_blocks(folder)
    rules = json.dumps(f"{ROOT}/exporters/rules/*.yaml")
    config = f"global: {{evaluation_interval: 1s}}\nrule_files: [{rules}]\n"
    with prometheus.prometheus(folder, config) as running:
        until(lambda: all(rule["health"] == "ok" for rule in running.rules()))
        yield running
