"""All rules over 50,000 guests from the store: seconds, memory, how it grows, and one host by itself."""

from collections.abc import Iterator

from tests.bench.bench import Bench
from tests.bench.figures import Figure, single
from tests.bench.measure import Sample
from tests.bench.thousand import fastest, growth, used

CASE = "audit"
MOST_SECONDS = 20.0
MOST_BYTES = 1.5 * 2**30
LINEAR = 1.5
"""A guest among 50,000 may cost so much more than one among 5,000, the start of the process left out."""
ONE_HOST_SECONDS = 0.5
JSON = ("-o", "json")


def measure(bench: Bench) -> Iterator[Figure]:
    """Audit 1,000 hosts of 50 guests, a site of a tenth of them, and one host; the fastest of the rounds each."""
    site, _ = bench.thousand
    one = fastest(bench, site, "audit", "fleet0000", *JSON)
    whole = fastest(bench, site, "audit", *JSON)
    smaller, _ = bench.hundred
    tenth = fastest(bench, smaller, "audit", *JSON)
    grown = growth((fastest(bench, smaller, "audit", "fleet0000", *JSON), tenth), (one, whole))
    yield _figure("1 host of 50 guests", one, f"{ONE_HOST_SECONDS:g} s", met=one.seconds < ONE_HOST_SECONDS)
    yield _figure("100 hosts of 50 guests", tenth, "", met=None)
    met = whole.seconds < MOST_SECONDS and whole.peak_bytes < MOST_BYTES and grown < LINEAR
    budget = f"{MOST_SECONDS:g} s, 1.5 GiB, linear"
    yield _figure(
        "1,000 hosts of 50 guests", whole, budget, met=met, note=f"{grown:.2f} times the tenth's CPU time a guest"
    )


def _figure(what: str, sample: Sample, budget: str, *, met: bool | None, note: str = "") -> Figure:
    told = f"{used(sample)}, {sample.lines:,} findings"
    return single(CASE, what, sample.seconds, budget=budget, met=met, note=f"{note}; {told}" if note else told)
