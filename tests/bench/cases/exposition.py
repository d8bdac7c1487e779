"""A page of many samples: omc's writer beside prometheus-client's, on the same samples, in this process."""

import time
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from omc.exporters.exposition import Family, Line, Plan, Writer, joined, labels
from omc.exporters.table import load_tables
from tests.bench.bench import Bench
from tests.bench.figures import Budget, Figure, compared
from tests.bench.measure import Sample

CASE = "exposition"
GUESTS = 100
_Parts = list[tuple[Plan, dict[str, int]]]


def measure(bench: Bench) -> Iterator[Figure]:
    """Write the same page with both, in turns."""
    families, parts = _samples()
    writer = Writer(families)
    body = _page(writer, parts)
    registry = CollectorRegistry()
    registry.register(_Recorded(list(text_string_to_metric_families(body.decode()))))
    count = sum(plan.series for plan, _ in parts)
    rounds = range(bench.rounds)
    pairs = [(_timed(lambda: _page(writer, parts)), _timed(lambda: generate_latest(registry))) for _ in rounds]
    speed = count / min(ours.seconds for ours, _ in pairs) / 1e6
    note = f"{speed:.1f} million samples a second"
    yield compared(CASE, f"a page of {count:,} samples", pairs, Budget("generate_latest", times=1 / 12), note)


def _page(writer: Writer, parts: _Parts) -> bytes:
    """Pick the values and write the page, as a scrape does."""
    return writer.render([(plan, plan.fill(values)) for plan, values in parts])


def _samples() -> tuple[list[Family], _Parts]:
    rows = [row for row in load_tables().guest.values() if row.key and not row.states]
    values = {row.key.replace("*", place): 123_456_789_012 for row in rows for place in "01"}
    parts: _Parts = []
    for number in range(GUESTS):
        base = labels([("domain", f"guest{number}"), ("uuid", f"9f59f030-005b-4c25-a437-3820ab72{number:04}")])
        lines = [
            Line(
                row.name,
                joined(base, labels((label, place) for label in row.labels)),
                row.key.replace("*", place),
                divisor=row.divisor,
                multiplier=row.multiplier,
            )
            for row in rows
            for place in ("01" if "*" in row.key else "0")
        ]
        parts.append((Plan(lines, values, budget=len(lines)), values))
    return [Family(row.name, row.type, row.help) for row in rows], parts


class _Recorded:
    """A collector of prometheus-client that gives what it was given."""

    def __init__(self, families: list[Metric]) -> None:
        self.families = families

    def collect(self) -> list[Metric]:
        return self.families


def _timed(work: Callable[[], object]) -> Sample:
    seconds, cpu = time.perf_counter(), time.process_time()
    work()
    return Sample(time.perf_counter() - seconds, time.process_time() - cpu, 0)
