"""`omc audit --profile` over 50,000 guests, streamed: seconds, and memory that does not grow with the guests."""

from collections.abc import Iterator
from pathlib import Path

from tests.bench.bench import OMC, Bench
from tests.bench.figures import Figure, single
from tests.bench.measure import Sample, Side, run

CASE = "audit_profile"
MOST_SECONDS = 20.0
MOST_BYTES = 256 * 2**20
GROWTH = 1.5
"""So many times a tenth's memory may the whole take: what grows is a sheet a host."""


def measure(bench: Bench) -> Iterator[Figure]:
    """Hold 1,000 hosts of 50 guests to core-2026, and a tenth of them; the fastest of the rounds each."""
    site, _ = bench.thousand
    tenth = _fastest(bench, site, "fleet00*")
    whole = _fastest(bench, site)
    growth = whole.peak_bytes / tenth.peak_bytes
    met = whole.seconds < MOST_SECONDS and whole.peak_bytes < MOST_BYTES and growth < GROWTH
    yield single(CASE, "100 hosts of 50 guests", tenth.seconds, note=_used(tenth))
    budget = f"{MOST_SECONDS:g} s, {MOST_BYTES >> 20} MiB"
    note = f"{growth:.2f} times the tenth's memory; {_used(whole)}"
    yield single(CASE, "1,000 hosts of 50 guests", whole.seconds, budget=budget, met=met, note=note)


def _fastest(bench: Bench, site: Path, *patterns: str) -> Sample:
    state = {"XDG_STATE_HOME": str(bench.folder / "state" / site.name)}
    words = ("audit", *patterns, "--profile", "core-2026", "-o", "ndjson")
    side = Side("omc audit --profile", (OMC, "--site", str(site), *words), state)
    return min((run(side) for _ in range(bench.rounds)), key=lambda sample: sample.seconds)


def _used(sample: Sample) -> str:
    return f"CPU {sample.cpu_seconds:.2f} s, {sample.peak_bytes / 2**20:.0f} MiB, {sample.lines:,} lines"
