"""10, 100 and 1,000 hosts: time and memory must grow no faster than the guests do."""

from collections.abc import Iterator

from tests.bench.bench import Bench
from tests.bench.figures import Figure, single
from tests.bench.measure import Sample, run

CASE = "growth"
GUESTS = 50
PEAK_BYTES = 2**30
LINEAR = 1.5
"""A guest among a thousand hosts may cost so much more than among a hundred (the process starts in both, unseen)."""


def measure(bench: Bench) -> Iterator[Figure]:
    """Collect once each into a fresh store."""
    costs = {}
    for hosts in (10, 100, 1000):
        sample = bench.thousand[1] if hosts == 1000 else _collect(bench, hosts)
        costs[hosts] = sample.seconds / (hosts * GUESTS)
        yield _figure(hosts, sample, costs)


def _collect(bench: Bench, hosts: int) -> Sample:
    return run(bench.omc(bench.fleet(hosts, GUESTS)[0], "--max-age", "0", "--timeout", "300", fresh=True))


def _figure(hosts: int, sample: Sample, costs: dict[int, float]) -> Figure:
    note = (
        f"{1000 * costs[hosts]:.2f} ms a guest, CPU {sample.cpu_seconds:.1f} s, "
        f"{sample.peak_bytes / 2**20:.0f} MiB; one round"
    )
    what = f"{hosts:,} hosts of {GUESTS} guests, fresh store"
    if hosts < 1000:
        return single(CASE, what, sample.seconds, note=note)
    met = sample.peak_bytes < PEAK_BYTES and costs[1000] <= LINEAR * costs[100]
    return single(CASE, what, sample.seconds, budget="1 GiB, linear", met=met, note=note)
