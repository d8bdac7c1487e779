"""20 hosts with 50 guests each over real RPC: what omc adds to the asking, on a fresh store and on a known one."""

from collections.abc import Iterator

from tests.bench.bench import Bench, Load
from tests.bench.figures import Budget, Figure, compared, informed
from tests.bench.measure import paired

CASE = "fleet"
_LOAD = Load(hosts=20, lanes=2)  # a near host gets two calls in flight of omc


def measure(bench: Bench) -> Iterator[Figure]:
    """Compare with the floor, then a second collect of unchanged guests, then with the lean floor."""
    site, uris = bench.fleet(20, 50)
    fresh = bench.omc(site, "--max-age", "0", fresh=True)
    again = bench.omc(site, "--max-age", "0")
    floor, lean = bench.floor(uris, _LOAD), bench.floor(uris, _LOAD, "--lean")
    for side, what, seconds in ((fresh, "fresh store", 0.6), (again, "unchanged guests", 0.4)):
        pairs = paired(side, floor, rounds=bench.rounds)
        yield compared(CASE, f"20 hosts of 50 guests, {what}", pairs, Budget("floor", plus=seconds))
    yield informed(CASE, "unchanged guests, beside the lean floor", paired(again, lean, rounds=bench.rounds))
