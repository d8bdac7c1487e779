"""Reads the metric tables: what is measured, in which unit, on which series; a site's rows win over the shipped ones.

Tables are data (`exporters/guest.yaml`, `host.yaml`, `compat.yaml`); what a row may hold is `Metric`'s fields, and any
mistake is named with file and line.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
from yaml.nodes import MappingNode, Node, SequenceNode

from omc.exporters.sound import KINDS, NAME, alias_problems, idle_reason, taken_label
from omc.site.document import Document, described, entries, is_null, read_text
from omc.site.find import reference_root
from omc.site.mistakes import Mistakes, near
from omc.site.values import Values

FOLDER = "exporters"
_KEY = re.compile(r"[a-z0-9_*-]+(\.[a-z0-9_*-]+)*")


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One row. With a `key` it is all that the metric needs; without one a function makes it from `source`.

    The value is `key` times `multiplier` by `divisor`. `labels` come after those of every series of the table, one for
    each `*` of the key. `states` makes a state set: the value is a place in that list, each word of it a series, and
    the last label is for the word.
    """

    name: str
    type: str
    help: str
    collector: str
    key: str = ""
    source: str = ""
    divisor: int = 1
    multiplier: int = 1
    labels: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    where: str = ""


class Collector(msgspec.Struct, frozen=True):
    """A part of the page that can be switched."""

    help: str
    on: bool = True


class Alias(msgspec.Struct, frozen=True, kw_only=True):
    """A metric under the name that another exporter gives it; `labels` renames its labels.

    `states` gives a series that says its state in the label `state_desc`, and whose value is the state's number.
    """

    name: str
    of: str
    type: str = ""  # empty: as that metric
    labels: Mapping[str, str] = {}
    states: tuple[str, ...] = ()


class Tables(msgspec.Struct, frozen=True):
    """All tables of a site; the order of the rows is the page's."""

    guest: Mapping[str, Metric]
    host: Mapping[str, Metric]
    collectors: Mapping[str, Collector]
    dialects: Mapping[str, tuple[Alias, ...]]


def load_tables(root: Path | None = None) -> Tables:
    """Read the shipped tables and a site's; raise SiteError with file and line of the first mistake.

    Rows that would give no series are left out without a word: `omc exporter check` names them.
    """
    tables, mistakes = read_tables(root)
    mistakes.raise_any("omc exporter check")
    return tables


def read_tables(root: Path | None = None) -> tuple[Tables, Mistakes]:
    """Read the shipped tables and a site's, and note every mistake; rows that give no series are warnings."""
    mistakes = Mistakes()
    folders = [reference_root() / FOLDER]
    if root is not None and (root / FOLDER).resolve() != folders[0].resolve():
        folders.append(root / FOLDER)
    collectors: dict[str, Collector] = {}
    read = {name: _table([folder / f"{name}.yaml" for folder in folders], collectors, mistakes) for name in _TABLES}
    dialects = _dialects([folder / "compat.yaml" for folder in folders], mistakes)
    tables = Tables(read["guest"], read["host"], collectors, dialects)
    _compare(tables, mistakes)
    return tables, mistakes


_TABLES = ("guest", "host")


def _compare(tables: Tables, mistakes: Mistakes) -> None:
    """Hold the tables to each other: every collector is known, and every alias is of a metric."""
    for metric in (*tables.guest.values(), *tables.host.values()):
        if metric.collector not in tables.collectors:
            hint = near(metric.collector, tables.collectors) or f"known are {', '.join(tables.collectors)}"
            mistakes.add(metric.where, f"{metric.name}: unknown collector {metric.collector!r}", hint)
    for twice in tables.guest.keys() & tables.host.keys():
        mistakes.add(tables.host[twice].where, f"{twice} stands in guest.yaml, too", "keep one of them")
    known = {**tables.guest, **tables.host}
    for dialect, aliases in tables.dialects.items():
        for alias in aliases:
            if alias.of not in known:
                mistakes.add(f"{FOLDER}/compat.yaml", f"{dialect}: no metric {alias.of!r}", near(alias.of, known))
        for name, problem in alias_problems(aliases, known):
            mistakes.add(f"{FOLDER}/compat.yaml", f"{dialect}: {name}: {problem}")


def _table(paths: list[Path], collectors: dict[str, Collector], mistakes: Mistakes) -> dict[str, Metric]:
    metrics: dict[str, Metric] = {}
    for path in paths:
        shipped = dict(metrics)
        for name, (key, node, document) in _sections(path, mistakes).items():
            if name == "collectors":
                _read_collectors(document, node, collectors)
            elif name == "metrics":
                for metric in _read_metrics(document, node):
                    if _serves(metric, shipped, mistakes, of_guests=path.stem == "guest"):
                        metrics[metric.name] = metric
            else:
                document.add(key, f"unknown key {name!r}", "known are collectors, metrics")
    return metrics


def _serves(metric: Metric, shipped: Mapping[str, Metric], mistakes: Mistakes, *, of_guests: bool) -> bool:
    """Hold a site's row to the shipped ones; those are held to the code by the golden page."""
    if taken := taken_label(metric, of_guests=of_guests):
        mistakes.add(metric.where, f"{metric.name}: the label {taken!r} is taken", "every series has it already")
    reason = idle_reason(metric, shipped.get(metric.name), of_guests=of_guests) if shipped else ""
    if reason:
        mistakes.warn(metric.where, f"{metric.name}: {reason}")
    return not reason


def _sections(path: Path, mistakes: Mistakes) -> dict[str, tuple[Node, Node, Document]]:
    text = read_text(path, mistakes) if path.exists() else None
    if text is None:
        return {}
    document = Document(path, mistakes)
    root = document.compose(text)
    if root is None or is_null(root):
        return {}
    if not isinstance(root, MappingNode):
        document.add(root, f"expected a mapping, found {described(root)}")
        return {}
    return {name: (key, node, document) for name, (key, node) in entries(document, root).items()}


def _read_collectors(document: Document, node: Node, collectors: dict[str, Collector]) -> None:
    if not isinstance(node, MappingNode):
        document.add(node, f"expected a mapping of collectors, found {described(node)}")
        return
    for name, (key, value) in entries(document, node).items():
        found = Values(document).of(value)
        if not isinstance(found, dict) or found.keys() - {"help", "default"} or not isinstance(found.get("help"), str):
            document.add(key, f"{name}: expected help and default, found {described(value)}")
            continue
        default = found.get("default", True)
        if not isinstance(default, bool):
            document.add(key, f"{name}: expected on or off as default, found {default!r}")
            continue
        collectors[name] = Collector(found["help"], default)


def _read_metrics(document: Document, node: Node) -> list[Metric]:
    if not isinstance(node, SequenceNode):
        document.add(node, f"expected a list of metrics, found {described(node)}")
        return []
    return [metric for row in node.value if (metric := _read_metric(document, row)) is not None]


def _read_metric(document: Document, row: Node) -> Metric | None:
    if not isinstance(row, MappingNode):
        document.add(row, f"expected a metric, found {described(row)}")
        return None
    found: dict[str, object] = {}
    for name, (key, node) in entries(document, row).items():
        if name not in _CHECKS:
            document.add(key, f"unknown key {name!r}", near(name, _CHECKS) or f"known are {', '.join(_CHECKS)}")
            return None
        value = Values(document).of(node)
        is_sound, expected = _CHECKS[name]
        if not is_sound(value):
            document.add(node, f"{name}: expected {expected}, found {described(node)}")
            return None
        found[name] = value
    lacking = [name for name in ("name", "type", "help", "collector") if name not in found]
    problem = f"expected {', '.join(lacking)} in every metric" if lacking else _unfit(found)
    if problem:
        document.add(row, f"{found['name']}: {problem}" if "name" in found else problem)
        return None
    return msgspec.convert({**found, "where": document.where(row)}, Metric)


def _unfit(found: Mapping[str, object]) -> str:
    """Say what does not fit together in a row; empty where all does."""
    name, key, labels = str(found["name"]), str(found.get("key", "")), found.get("labels", ())
    count = len(labels) if isinstance(labels, list) else 0
    if (found["type"] == "counter") != name.endswith("_total"):
        return "a counter's name ends in _total, and no other"
    if found["type"] == "histogram" and key:
        return "a histogram has no key: its series are made in code"
    if found.get("states"):
        return (
            "" if key and count == key.count("*") + 1 else "a state set has a key, and one label more than that has *"
        )
    if key and count != key.count("*"):
        return f"expected {key.count('*')} labels, one for each * of the key, found {count}"
    return ""


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(NAME.fullmatch(value))


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_labels(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_word, value)) and len(set(value)) == len(value)


_CHECKS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "name": (_is_word, "the name of a metric"),
    "type": (lambda value: value in KINDS, "counter or gauge"),
    "help": (lambda value: isinstance(value, str) and bool(value.strip()), "text"),
    "collector": (_is_word, "the name of a collector"),
    "key": (lambda value: isinstance(value, str) and bool(_KEY.fullmatch(value)), "a field such as vcpu.*.time"),
    "source": (lambda value: isinstance(value, str), "text"),
    "divisor": (_is_count, "a whole number above 0"),
    "multiplier": (_is_count, "a whole number above 0"),
    "labels": (_is_labels, "a list of different label names"),
    "states": (_is_labels, "a list of different words"),
}


def _dialects(paths: list[Path], mistakes: Mistakes) -> dict[str, tuple[Alias, ...]]:
    dialects: dict[str, tuple[Alias, ...]] = {}
    for path in paths:
        for name, (key, node, document) in _sections(path, mistakes).items():
            try:
                dialects[name] = msgspec.convert(Values(document).of(node), tuple[Alias, ...])
            except msgspec.ValidationError as error:
                document.add(key, f"{name}: {error}", "each entry is name, of, and where needed type and labels")
    return dialects
