"""Grafana dashboards, made from one source: fleet, then a host, then a guest, each with links to the next.

Pure: `render` gives the text of the files in `exporters/dashboards/`. A metric that a panel asks for stands in the
metric tables or is recorded by `exporters/rules/recording.yaml`; `omc.exporters.mixin` checks that.
"""

import json
from collections.abc import Mapping

from omc.exporters.dashboards import fleet, guest, host
from omc.exporters.dashboards.grafana import dashboard_json
from omc.exporters.dashboards.panels import Dashboard

DASHBOARDS: tuple[Dashboard, ...] = (fleet.DASHBOARD, host.DASHBOARD, guest.DASHBOARD)


def render() -> Mapping[str, str]:
    """Return every dashboard's JSON text by its file name."""
    return {
        f"{dashboard.name}.json": json.dumps(dashboard_json(dashboard), indent=1, ensure_ascii=False) + "\n"
        for dashboard in DASHBOARDS
    }
