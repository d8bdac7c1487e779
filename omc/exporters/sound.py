"""Whether rows and aliases of the metric tables can give a page that Prometheus takes, and any series at all. Pure.

A mistake here would else show only in a scrape: as a page that is refused whole, or as a metric that never comes. The
second is none for who serves: a site's tables may be older than omc, which makes a metric otherwise by now.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omc.exporters.table import Alias, Metric

KINDS = ("counter", "gauge", "histogram")
GUEST_LABELS = ("domain", "uuid")
"""What every series of a guest has; a row's own labels come on top."""

NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_NUMBER = re.compile(r"\.[0-9]+\.")


def taken_label(metric: "Metric", *, of_guests: bool) -> str:
    """Give a label of the row that its series have already, or that is Prometheus's own; empty where there is none."""
    taken = (label for label in metric.labels if label.startswith("__") or (of_guests and label in GUEST_LABELS))
    return next(taken, "")


def idle_reason(metric: "Metric", shipped: "Metric | None", *, of_guests: bool) -> str:
    """Say why a site's row would give no series of its own; empty where all is well.

    `shipped` is the row of the same name that comes with omc, which code may make.
    """
    in_code = shipped is not None and not shipped.key
    if metric.key and not of_guests:
        return "a metric of a host has no key: it is made in code"
    if metric.key and in_code:
        return "it is made in code and not from a key"
    if not metric.key and not in_code:
        return (
            "nothing makes it: expected a key" if of_guests else "nothing makes it: metrics of a host are made in code"
        )
    if _NUMBER.search(metric.key):
        return "expected * in place of the number in its key"
    return ""


def alias_problems(aliases: "tuple[Alias, ...]", known: "Mapping[str, Metric]") -> Iterator[tuple[str, str]]:
    """Give the alias and what is wrong with it, for every alias of a dialect that is of a known metric."""
    times = Counter(alias.name for alias in aliases)
    for alias in aliases:
        metric = known.get(alias.of)
        problem = _alias_problem(alias, metric, known) if metric is not None else ""
        if not problem and times[alias.name] > 1:
            problem = "this name is there more than once"
        if problem:
            yield alias.name, problem


def _alias_problem(alias: "Alias", metric: "Metric", known: "Mapping[str, Metric]") -> str:
    if not NAME.fullmatch(alias.name):
        return "expected the name of a metric"
    if alias.name in known:
        return "a metric has this name already"
    if alias.type and alias.type not in KINDS:
        return f"type: expected {', '.join(KINDS)}, found {alias.type!r}"
    if unknown := alias.labels.keys() - set(metric.labels):
        return f"{metric.name} has no label {min(unknown)!r}"
    renamed = [alias.labels.get(label, label) for label in metric.labels]
    if not all(map(NAME.fullmatch, renamed)) or len({*renamed, *GUEST_LABELS}) < len(renamed) + len(GUEST_LABELS):
        return "expected different label names"
    return ""
