"""One host with 200 defined guests, 20 ms away: round trips decide, so calls must be few and in flight together."""

from collections.abc import Iterator

from tests.bench.bench import Bench, Load
from tests.bench.figures import Budget, Figure, compared, informed
from tests.bench.measure import paired, run
from tests.lab import guests
from tests.lab.relay import relay

CASE = "distance"
GUESTS = 200
ROUND_TRIP = 0.02
_LOAD = Load(connections=4, lanes=4)


def measure(bench: Bench) -> Iterator[Figure]:
    """Compare with the floor, the lean floor, and with one call after the other."""
    (host,) = bench.lab.add("far")
    with host.connect() as connection:
        guests.define(connection, [guests.halting(host, f"far{number:03}") for number in range(GUESTS)])
    with relay(str(bench.folder / "far.sock"), str(host.socket), round_trip=ROUND_TRIP) as socket:
        uri = f"qemu+unix:///system?socket={socket}"
        site, uris = bench.site("far", {"far": uri}), bench.uris("far", [uri])
        ours = bench.omc(site, "--max-age", "0", fresh=True)
        what = f"1 host of {GUESTS} guests at 20 ms"
        pairs = paired(ours, bench.floor(uris, _LOAD), rounds=bench.rounds)
        yield compared(CASE, what, pairs, Budget("floor", times=1.5))
        lean = bench.floor(uris, _LOAD, "--lean")
        yield informed(CASE, f"{what}, beside the lean floor", paired(ours, lean, rounds=bench.rounds))
        what = f"{what}, one call after the other"
        pair = (run(ours), run(bench.floor(uris, _LOAD, "--serial")))
        yield compared(CASE, what, [pair], Budget("serial floor", times=0.1), "one round")
        pair = (run(ours), run(bench.floor(uris, _LOAD, "--serial", "--lean")))
        yield informed(CASE, f"{what}, beside the lean floor", [pair], "one round")
