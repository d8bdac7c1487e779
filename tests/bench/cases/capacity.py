"""The capacity of 50,000 guests from the store: seconds, memory, how it grows; and forecasts of a thousand pools."""

from collections.abc import Iterator

from tests.bench.bench import Bench
from tests.bench.figures import Figure, single
from tests.bench.measure import Sample
from tests.bench.thousand import fastest, growth, used

CASE = "capacity"
MOST_SECONDS = 10.0
MOST_BYTES = 256 * 2**20
LINEAR = 1.5
"""A guest among 50,000 may cost so much more than one among 5,000, the start of the process left out."""
TSV = ("-o", "tsv")
SIZE = ("--size", "vcpus=4,memory=8GiB,disk=40GiB", *TSV)


def measure(bench: Bench) -> Iterator[Figure]:
    """Count 1,000 hosts of 50 guests, a site of a tenth, and one host; forecast all. The fastest of the rounds each."""
    site, _ = bench.thousand
    one = fastest(bench, site, "capacity", "fleet0000", *SIZE)
    whole = fastest(bench, site, "capacity", *SIZE)
    smaller, _ = bench.hundred
    tenth = fastest(bench, smaller, "capacity", *SIZE)
    grown = growth((fastest(bench, smaller, "capacity", "fleet0000", *SIZE), tenth), (one, whole))
    yield _figure("1 host of 50 guests", one, "", met=None)
    yield _figure("100 hosts of 50 guests", tenth, "", met=None)
    met = whole.seconds < MOST_SECONDS and whole.peak_bytes < MOST_BYTES and grown < LINEAR
    budget = f"{MOST_SECONDS:g} s, 256 MiB, linear"
    told = f"{grown:.2f} times the tenth's CPU time a guest"
    yield _figure("1,000 hosts of 50 guests, with N+1 of each", whole, budget, met=met, note=told)
    forecast = fastest(bench, site, "capacity", "forecast", *TSV)
    yield _figure("forecasts of 1,000 hosts, one day of history", forecast, "", met=None)


def _figure(what: str, sample: Sample, budget: str, *, met: bool | None, note: str = "") -> Figure:
    told = f"{note}; {used(sample)}" if note else used(sample)
    return single(CASE, what, sample.seconds, budget=budget, met=met, note=told)
