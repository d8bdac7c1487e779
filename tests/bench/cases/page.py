"""The page of 50,000 guests: how long it takes to write, how large it is, and how long a browser takes to show it."""

import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.bench import Bench
from tests.bench.figures import Figure, single
from tests.bench.measure import Sample
from tests.bench.thousand import fastest
from tests.browser import browser, installed

CASE = "page"
MOST_SECONDS = 20.0
MOST_BYTES = 8 << 20
MOST_OPENING_SECONDS = 5.0
_SORTED = "document.querySelector('#guests [role=button]').click(); document.querySelector('#guests td').offsetTop"


def measure(bench: Bench) -> Iterator[Figure]:
    """Write the page of 1,000 hosts with and without findings, the fastest of the rounds each; then open it."""
    site, _ = bench.thousand
    path = bench.folder / "fleet.html"
    words = ("report", "html", "-f", str(path))
    plain = fastest(bench, site, *words, "--no-findings")
    met = plain.seconds < MOST_SECONDS and path.stat().st_size < MOST_BYTES
    yield _figure("50,000 guests without findings", plain, path, budget=f"{MOST_SECONDS:g} s, 8 MiB", met=met)
    yield _figure("50,000 guests with findings", fastest(bench, site, *words), path)
    if installed():
        yield from _shown(path, bench.rounds)


def _figure(what: str, sample: Sample, path: Path, *, budget: str = "", met: bool | None = None) -> Figure:
    size = f"{path.stat().st_size / 2**20:.1f} MiB"
    told = f"{size} of page; CPU {sample.cpu_seconds:.2f} s, {sample.peak_bytes / 2**20:.0f} MiB"
    return single(CASE, what, sample.seconds, budget=budget, met=met, note=told)


def _shown(path: Path, rounds: int) -> Iterator[Figure]:
    opening, sorting = [], []
    with browser() as page:
        for _ in range(rounds):
            began = time.perf_counter()
            page.open(path)
            page.run("document.body.offsetHeight")
            opening.append(time.perf_counter() - began)
            began = time.perf_counter()
            page.run(_SORTED)
            sorting.append(time.perf_counter() - began)
    fastest, budget = min(opening), f"{MOST_OPENING_SECONDS:g} s"
    met = fastest < MOST_OPENING_SECONDS
    yield single(CASE, "the same, opened in headless Chromium", fastest, budget=budget, met=met, note="laid out")
    yield single(CASE, "the same, its guests sorted", min(sorting))
