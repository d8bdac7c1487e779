"""`omc audit --profile` over 50,000 guests, streamed: seconds, and memory that does not grow with the guests."""

from collections.abc import Iterator

from tests.bench.bench import Bench
from tests.bench.figures import Figure, single
from tests.bench.measure import Sample
from tests.bench.thousand import fastest, used

CASE = "audit_profile"
MOST_SECONDS = 20.0
PROFILE = ("--profile", "core-2026", "-o", "ndjson")
MOST_BYTES = 256 * 2**20
GROWTH = 1.5
"""So many times a tenth's memory may the whole take: what grows is a sheet a host."""


def measure(bench: Bench) -> Iterator[Figure]:
    """Hold 1,000 hosts of 50 guests to core-2026, and a tenth of them; the fastest of the rounds each."""
    site, _ = bench.thousand
    tenth = fastest(bench, site, "audit", "fleet00*", *PROFILE)
    whole = fastest(bench, site, "audit", *PROFILE)
    growth = whole.peak_bytes / tenth.peak_bytes
    met = whole.seconds < MOST_SECONDS and whole.peak_bytes < MOST_BYTES and growth < GROWTH
    yield single(CASE, "100 hosts of 50 guests", tenth.seconds, note=_used(tenth))
    budget = f"{MOST_SECONDS:g} s, {MOST_BYTES >> 20} MiB"
    note = f"{growth:.2f} times the tenth's memory; {_used(whole)}"
    yield single(CASE, "1,000 hosts of 50 guests", whole.seconds, budget=budget, met=met, note=note)


def _used(sample: Sample) -> str:
    return f"{used(sample)}, {sample.lines:,} lines"
