"""JSON Schema of what `omc template` prints as JSON, keeps in plan files and writes into reports."""

from typing import Any

from omc.model.schema import schema_of
from omc.ports import TemplateRun
from omc.templates.drift import Drift
from omc.templates.planfile import VERSION, Plan
from omc.templates.report import Listed


def plan_schema() -> dict[str, Any]:
    """Describe a plan file, and `plan -o json`."""
    return schema_of(Plan, "A plan of omc template", version=str(VERSION))


def run_schema() -> dict[str, Any]:
    """Describe a run's report."""
    return schema_of(TemplateRun, "A run of omc template", version=str(VERSION))


def history_schema() -> dict[str, Any]:
    """Describe the array of `history -o json`."""
    return schema_of(Listed, "Runs of omc template, newest first", array=True, version=str(VERSION))


def status_schema() -> dict[str, Any]:
    """Describe the array of `status -o json`."""
    return schema_of(Drift, "How hosts differ, as omc template status tells it", array=True, version=str(VERSION))
