"""The capacity of 50,000 guests from the store: seconds, memory, how it grows; and forecasts of a thousand pools."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from tests.bench.bench import OMC, Bench
from tests.bench.figures import Figure, single
from tests.bench.measure import Sample, Side, run

CASE = "capacity"
MOST_SECONDS = 10.0
MOST_BYTES = 256 * 2**20
LINEAR = 1.5
"""A guest among 50,000 may cost so much more than one among 5,000, the start of the process left out."""
SIZE = ("--size", "vcpus=4,memory=8GiB,disk=40GiB")


def measure(bench: Bench) -> Iterator[Figure]:
    """Count 1,000 hosts of 50 guests, a tenth of them, and one; forecast all. The fastest of the rounds each."""
    site, _ = bench.thousand
    one = _fastest(bench, site, "fleet0000", *SIZE)
    tenth = _fastest(bench, site, "fleet00*", *SIZE)
    whole = _fastest(bench, site, *SIZE)
    start = one.cpu_seconds  # not the clock's: others work on the machine, too
    growth = ((whole.cpu_seconds - start) / 49_950) / max((tenth.cpu_seconds - start) / 4_950, 1e-9)
    yield _figure("1 host of 50 guests", one, "", met=None)
    yield _figure("100 hosts of 50 guests", tenth, "", met=None)
    met = whole.seconds < MOST_SECONDS and whole.peak_bytes < MOST_BYTES and growth < LINEAR
    budget = f"{MOST_SECONDS:g} s, 256 MiB, linear"
    told = f"{growth:.2f} times the tenth's CPU time a guest"
    yield _figure("1,000 hosts of 50 guests, with N+1 of each", whole, budget, met=met, note=told)
    yield _figure("forecasts of 1,000 hosts, one day of history", _fastest(bench, site, "forecast"), "", met=None)


def _fastest(bench: Bench, site: Path, *words: str) -> Sample:
    state = {"XDG_STATE_HOME": str(bench.folder / "state" / site.name)}
    side = Side("omc capacity", (OMC, "--site", str(site), "capacity", *words, "-o", "tsv"), state)
    return min((run(side) for _ in range(bench.rounds)), key=lambda sample: sample.seconds)


def _figure(what: str, sample: Sample, budget: str, *, met: bool | None, note: str = "") -> Figure:
    used = f"CPU {sample.cpu_seconds:.2f} s, {sample.peak_bytes / 2**20:.0f} MiB"
    figure = single(CASE, what, sample.seconds, budget=budget, met=met, note=used)
    return msgspec.structs.replace(figure, note=f"{note}; {used}") if note else figure
