"""Holds rules and dashboards to the metric tables: a query that asks for what nothing measures is a mistake.

Pure but for reading the folder. It looks at names, not at what a query means: promtool and Prometheus judge that.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import msgspec
from yaml.nodes import MappingNode, Node, SequenceNode

from omc.site.document import Document, read_text
from omc.site.mistakes import Mistakes, near

_IGNORED = re.compile(r'"(?:[^"\\]|\\.)*"|\{[^{}]*\}')
_METRIC = re.compile(r"(?<![\w:])(?:[a-z]+:)?(?:libvirt|omc)_[\w:]+")
_EXPRESSIONS = ("expr", "record")


class Asked(msgspec.Struct, frozen=True):
    """A query and where it stands; `record` is the name under which its answer is kept, if it is."""

    where: str
    expression: str
    record: str = ""


def metrics_in(expression: str) -> frozenset[str]:
    """Return the metrics of libvirt and omc that a PromQL expression names, recorded ones included."""
    bare = _IGNORED.sub(" ", _IGNORED.sub(" ", expression))
    return frozenset(_METRIC.findall(bare))


def check_mixin(folder: Path, known: Collection[str], mistakes: Mistakes) -> None:
    """Note every query in `folder`'s rules/ and dashboards/ that names a metric which is neither known nor recorded.

    And every rule file that neither `install` nor the shipped configurations would find.
    """
    asked = [*rules(folder / "rules", mistakes), *panels(folder / "dashboards", mistakes)]
    names = {*known, *(query.record for query in asked if query.record)}
    for query in asked:
        for name in sorted(metrics_in(query.expression) - names):
            hint = near(name, names) or "metrics stand in guest.yaml and host.yaml, recorded ones in rules/"
            mistakes.add(query.where, f"no metric {name!r}", hint)
    for path in sorted((folder / "rules").glob("*.yml")):
        mistakes.add(str(path), "not read: the name of a rule file ends in .yaml", f"call it {path.stem}.yaml")


def recorded(folders: Iterable[Path]) -> frozenset[str]:
    """Return the names of all recording rules; a site's rules may build on the shipped ones."""
    unread = Mistakes()
    return frozenset(query.record for folder in folders for query in rules(folder / "rules", unread) if query.record)


def rules(folder: Path, mistakes: Mistakes) -> Iterator[Asked]:
    """Yield the queries of every rule file."""
    for path in sorted(folder.glob("*.yaml")):
        text = read_text(path, mistakes)
        document = Document(path, mistakes)
        root = document.compose(text) if text else None
        for rule in _rules_below(root, set()):
            fields = {key.value: value for key, value in rule.value if isinstance(key.value, str)}
            expression, record = (str(fields[name].value) if name in fields else "" for name in _EXPRESSIONS)
            yield Asked(document.where(fields["expr"]), expression, record)


def _rules_below(node: Node | None, seen: set[int]) -> Iterator[MappingNode]:
    """Yield every mapping that has an `expr`, once however often the file refers to it."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, MappingNode):
        if any(key.value == "expr" for key, _ in node.value):
            yield node
        for _, value in node.value:
            yield from _rules_below(value, seen)
    elif isinstance(node, SequenceNode):
        for value in node.value:
            yield from _rules_below(value, seen)


class _Target(msgspec.Struct):
    expr: str = ""


class _Panel(msgspec.Struct):
    title: str = ""
    targets: tuple[_Target, ...] = ()
    panels: tuple["_Panel", ...] = ()


class _Dashboard(msgspec.Struct):
    panels: tuple[_Panel, ...] = ()


def panels(folder: Path, mistakes: Mistakes) -> Iterator[Asked]:
    """Yield the queries of every dashboard."""
    for path in sorted(folder.glob("*.json")):
        text = read_text(path, mistakes)
        if text is None:
            continue
        try:
            dashboard = msgspec.json.decode(text, type=_Dashboard)
        except msgspec.MsgspecError as error:
            mistakes.add(str(path), f"no dashboard: {error}", "export it from Grafana as JSON")
            continue
        for panel in _below(dashboard.panels):
            for target in panel.targets:
                yield Asked(f"{path}: panel {panel.title!r}", target.expr)


def _below(found: tuple[_Panel, ...]) -> Iterator[_Panel]:
    for panel in found:
        yield panel
        yield from _below(panel.panels)
