"""The dashboards in exporters/ are what their source gives."""

from pathlib import Path

import pytest

from omc.exporters.dashboards import render

FOLDER = Path(__file__).parents[2] / "exporters" / "dashboards"


def test_the_files_are_what_the_source_gives(request: pytest.FixtureRequest) -> None:
    """exporters/dashboards/ is never edited by hand; `make golden` writes it anew from omc/exporters/dashboards/."""
    if request.config.getoption("--update-golden"):
        for name, text in render().items():
            (FOLDER / name).write_text(text)
    assert {path.name: path.read_text() for path in FOLDER.glob("*.json")} == dict(render())
