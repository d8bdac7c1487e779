"""The exporter: a page beside prometheus-client's, and a scrape of 100 running guests beside `virsh domstats`."""

import time
from collections.abc import Callable, Iterator

import msgspec
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from omc.exporters.exposition import Family, Line, Plan, Writer, joined, labels
from omc.exporters.request import Page, ScrapeRequest, ScrapeSettings
from omc.exporters.scrape import Scraper
from omc.exporters.table import load_tables
from omc.ports import LiveOptions
from omc.providers import live_host_for
from omc.site.entities import SiteHost
from tests.bench.bench import Bench
from tests.bench.figures import Budget, Figure, compared, single
from tests.bench.measure import BenchError, Sample, Side, run
from tests.lab import guests

CASE = "exporter"
GUESTS = 100
SERIES = 9_500


def measure(bench: Bench) -> Iterator[Figure]:
    """Measure the exposition in this process, then scrapes of running guests."""
    yield _exposition(bench.rounds)
    yield from _scrapes(bench)


def _exposition(rounds: int) -> Figure:
    """Write the same samples with omc's writer and with prometheus-client."""
    families, parts = _samples()
    writer = Writer(families)
    body = writer.render(parts)
    registry = CollectorRegistry()
    registry.register(_Recorded(list(text_string_to_metric_families(body.decode()))))
    count = sum(plan.series for plan, _ in parts)
    pairs = [(_timed(lambda: writer.render(parts)), _timed(lambda: generate_latest(registry))) for _ in range(rounds)]
    speed = count / min(ours.seconds for ours, _ in pairs) / 1e6
    note = f"{speed:.1f} million samples a second"
    return compared(CASE, f"a page of {count:,} samples", pairs, Budget("generate_latest", times=1 / 12), note)


def _samples() -> tuple[list[Family], list[tuple[Plan, dict[str, int]]]]:
    rows = [row for row in load_tables().guest.values() if row.key and not row.states]
    values = {row.key.replace("*", place): 123_456_789_012 for row in rows for place in "01"}
    parts = []
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


def _scrapes(bench: Bench) -> Iterator[Figure]:
    (host,) = bench.lab.add("scraped")
    with host.connect() as connection:
        wanted = [guests.halting(host, f"guest{number}", disk_count=2) for number in range(GUESTS)]
        guests.start(guests.define(connection, [msgspec.structs.replace(guest, vcpus=2) for guest in wanted]))
    scraper = Scraper(load_tables(), lambda uri: live_host_for(uri, LiveOptions()), ScrapeSettings())
    target = SiteHost(name="scraped", uri=host.local_uri, groups=(), variables={})

    def scrape() -> Page:
        return scraper.scrape(target, ScrapeRequest(deadline=time.monotonic() + 30))

    try:
        started = time.perf_counter()
        first = scrape()
        yield single(CASE, f"the first scrape of {GUESTS} guests", time.perf_counter() - started)
        if not first.up:
            raise BenchError(first.reason)
        virsh = Side("virsh", ("virsh", "-r", "-c", host.local_uri, "domstats"))
        pairs = [(_timed(scrape), run(virsh)) for _ in range(bench.rounds)]
    finally:
        scraper.close()
    series = sum(not line.startswith(b"#") for line in first.body.splitlines())
    if series < SERIES:
        raise BenchError(f"{series:,} series, expected at least {SERIES:,}")
    what = f"a scrape of {GUESTS} guests, {series:,} series"
    yield compared(CASE, what, pairs, Budget("virsh domstats", times=0.6))


def _timed(work: Callable[[], object]) -> Sample:
    seconds, cpu = time.perf_counter(), time.process_time()
    work()
    return Sample(time.perf_counter() - seconds, time.process_time() - cpu, 0)
