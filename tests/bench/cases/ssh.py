"""Ten hosts over qemu+ssh with ten guests each: connecting is most of it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from tests.bench.bench import Bench, Load
from tests.bench.figures import Budget, Figure, compared, informed
from tests.bench.measure import paired
from tests.lab import guests
from tests.lab.host import Host

CASE = "ssh"
HOSTS = 10
GUESTS = 10
RUNNING = 2
_LOAD = Load(hosts=HOSTS, lanes=2)


def measure(bench: Bench) -> Iterator[Figure]:
    """Compare with the floor and the lean floor, which open their connections in parallel too."""
    hosts = bench.lab.add(*(f"ssh{number}" for number in range(HOSTS)))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(_furnish, hosts))
    addresses = {host.name: bench.lab.uri(host) for host in hosts}
    site, uris = bench.site("ssh", addresses), bench.uris("ssh", list(addresses.values()))
    ours = bench.omc(site, "--max-age", "0", fresh=True)
    what = f"{HOSTS} hosts of {GUESTS} guests over qemu+ssh, {RUNNING} of them running"
    pairs = paired(ours, bench.floor(uris, _LOAD), rounds=bench.rounds)
    yield compared(CASE, what, pairs, Budget("floor", times=1.3))
    yield informed(CASE, "beside the lean floor", paired(ours, bench.floor(uris, _LOAD, "--lean"), rounds=bench.rounds))


def _furnish(host: Host) -> None:
    with host.connect() as connection:
        names = (f"{host.name}-{number}" for number in range(GUESTS))
        guests.start(guests.define(connection, [guests.halting(host, name) for name in names])[:RUNNING])
