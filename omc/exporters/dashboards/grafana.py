"""A dashboard as the JSON that Grafana imports (10 and later; older ones read it and ignore what they do not know)."""

from collections.abc import Iterator
from string import ascii_uppercase
from typing import Any

from omc.exporters.dashboards.panels import Dashboard, Panel, Query, Row, Variable

_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_COLUMNS = 24
_INSTANT = {"stat", "table", "bargauge"}


def dashboard_json(dashboard: Dashboard) -> dict[str, Any]:
    """Return the document; panels are numbered and placed in order."""
    return {
        "uid": f"omc-{dashboard.name}",
        "title": dashboard.title,
        "description": dashboard.description,
        "tags": ["omc", "libvirt"],
        "schemaVersion": 39,
        "editable": True,
        "refresh": "1m",
        "time": {"from": "now-3h", "to": "now"},
        "timezone": "",
        "templating": {"list": [_source_variable(), *map(_variable, dashboard.variables)]},
        "links": [_links()],
        "panels": list(_panels(dashboard.rows)),
    }


def _source_variable() -> dict[str, Any]:
    return {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"}


def _variable(variable: Variable) -> dict[str, Any]:
    query = f"label_values({variable.series}, {variable.of})"
    return {
        "name": variable.name,
        "label": variable.label,
        "type": "query",
        "datasource": _SOURCE,
        "definition": query,
        "query": {"query": query, "refId": variable.name},
        "refresh": 2,  # when the time range changes: hosts and guests come and go
        "sort": 7,  # natural order
        "multi": variable.many,
        "includeAll": variable.many,
    }


def _links() -> dict[str, Any]:
    """Return the menu of omc's other dashboards, which keeps the choices made here."""
    kept = {"includeVars": True, "keepTime": True, "asDropdown": False, "targetBlank": False}
    return {"type": "dashboards", "title": "omc", "tags": ["omc"], **kept}


def _panels(rows: tuple[Row, ...]) -> Iterator[dict[str, Any]]:
    number = top = 0
    for row in rows:
        number += 1
        place = {"x": 0, "y": top, "w": _COLUMNS, "h": 1}
        yield {"id": number, "type": "row", "title": row.title, "collapsed": False, "gridPos": place, "panels": []}
        top += 1
        left = height = 0
        for panel in row.panels:
            if left + panel.width > _COLUMNS:
                top, left, height = top + height, 0, 0
            number += 1
            yield _panel(panel, number, {"x": left, "y": top, "w": panel.width, "h": panel.height})
            left, height = left + panel.width, max(height, panel.height)
        top += height


def _panel(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.help,
        "gridPos": place,
        "datasource": _SOURCE,
        "targets": [
            _target(panel, query, letter) for query, letter in zip(panel.queries, ascii_uppercase, strict=False)
        ],
        "fieldConfig": {"defaults": _look(panel), "overrides": list(_units(panel))},
        "options": _OPTIONS[panel.kind],
        "transformations": _columns(panel) if panel.kind == "table" else [],
    }


def _target(panel: Panel, query: Query, letter: str) -> dict[str, Any]:
    instant = panel.kind in _INSTANT
    form = "table" if panel.kind == "table" else "time_series"
    asked = {"refId": letter, "datasource": _SOURCE, "expr": query.expression, "legendFormat": query.legend or "__auto"}
    return {**asked, "instant": instant, "range": not instant, "format": form}


def _look(panel: Panel) -> dict[str, Any]:
    look: dict[str, Any] = {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": _steps(panel)}}
    if panel.kind != "state-timeline":
        look["min"] = 0
    if panel.maximum is not None:
        look["max"] = panel.maximum
    if panel.kind == "timeseries":
        stacking = {"mode": "normal" if panel.stacked else "none", "group": "A"}
        look["custom"] = {"fillOpacity": 20 if panel.stacked else 8, "showPoints": "never", "stacking": stacking}
    return look


def _units(panel: Panel) -> Iterator[dict[str, Any]]:
    """Yield the units of a table's columns that are not the table's own."""
    for query in panel.queries:
        if query.unit:
            properties = [{"id": "unit", "value": query.unit}]
            yield {"matcher": {"id": "byName", "options": query.legend}, "properties": properties}


def _steps(panel: Panel) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.warning is not None:
        steps.append({"color": "orange", "value": panel.warning})
    if panel.critical is not None:
        steps.append({"color": "red", "value": panel.critical})
    return steps


def _columns(panel: Panel) -> list[dict[str, Any]]:
    """Put the answers side by side, one row for each set of labels, and leave out what only Prometheus needs."""
    names = {f"Value #{letter}": query.legend for query, letter in zip(panel.queries, ascii_uppercase, strict=False)}
    if len(panel.queries) == 1:
        names["Value"] = panel.queries[0].legend
    hidden = dict.fromkeys(("Time", "__name__", "job"), True)
    if not any(query.legend for query in panel.queries):
        hidden |= dict.fromkeys(names, True)  # an info metric: its labels say all, its value is 1
    renamed = {"instance": "host", "domain": "guest", **{key: name for key, name in names.items() if name}}
    organize = {"excludeByName": hidden, "renameByName": renamed}
    return [{"id": "merge", "options": {}}, {"id": "organize", "options": organize}]


_LAST = {"calcs": ["lastNotNull"], "fields": "", "values": False}
_OPTIONS: dict[str, dict[str, Any]] = {
    "timeseries": {
        "legend": {"displayMode": "list", "placement": "bottom"},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    "stat": {"reduceOptions": _LAST, "colorMode": "value", "graphMode": "none"},
    "bargauge": {"reduceOptions": _LAST, "orientation": "horizontal", "displayMode": "basic"},
    "table": {"showHeader": True, "cellHeight": "sm"},
    "state-timeline": {"mergeValues": True, "showValue": "never", "legend": {"displayMode": "list"}},
}
