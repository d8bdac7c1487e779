"""One process for many hosts: ten over qemu+ssh beside the bare calls, and the cost a target from 10 to 200 of them."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from omc.drivers.hypervisor.live.reading import mask
from omc.exporters.scrape import groups_of
from omc.exporters.table import load_tables
from tests.bench import serving
from tests.bench.bench import Bench
from tests.bench.figures import Budget, Figure, compared
from tests.bench.measure import BenchError, Sample
from tests.bench.serving import Exporter
from tests.lab import guests
from tests.lab.host import Host

CASE = "exporter-fleet"
HOSTS = 10
GUESTS = 10
FLOOR = Path(__file__).parents[1] / "scrape_floor.py"
SIZES = (10, 50, 200)
CLIENTS = 2
"""So many targets are asked at a time while the fleet grows: Prometheus spreads its own over the interval."""

FLAT = 1.25
"""So much more may a target of many cost than one of ten: the processors have no bigger caches for them."""

WARM_UP = 2
IDLE = frozenset({"perf", "iothread", "memory"})
"""Groups that a scrape leaves out where no guest has any of it."""


def measure(bench: Bench) -> Iterator[Figure]:
    """Compare with bare calls, then let the fleet grow."""
    yield _over_ssh(bench)
    yield from _growing(bench)


def _over_ssh(bench: Bench) -> Figure:
    hosts = bench.lab.add(*(f"fleet{number}" for number in range(HOSTS)))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(_furnish, hosts))
    addresses = {host.name: bench.lab.uri(host) for host in hosts}
    site, uris = bench.site("exporter-ssh", addresses), bench.uris("exporter-ssh", list(addresses.values()))
    with serving.omc(site=site) as ours, _floor(uris) as floor, Asking(ours, HOSTS) as asking:
        for _ in range(WARM_UP):
            asking.round(list(addresses))
            floor.round()
        pairs = [(asking.round(list(addresses)), floor.round()) for _ in range(bench.rounds)]
    what = f"a round over {HOSTS} hosts of {GUESTS} running guests over qemu+ssh, {pairs[0][0].lines:,} series"
    return compared(CASE, what, pairs, Budget("bare libvirt calls", times=1.3))


def _furnish(host: Host) -> None:
    with host.connect() as connection:
        names = (f"{host.name}-{number}" for number in range(GUESTS))
        guests.start(guests.define(connection, [guests.halting(host, name) for name in names]))


class _Floor:
    """The bare calls as a process with lasting connections of its own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._said()

    def round(self) -> Sample:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return Sample(float(self._said()), 0.0, 0)

    def _said(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise BenchError("the bare libvirt calls ended")
        return line


@contextmanager
def _floor(uris: Path) -> Iterator[_Floor]:
    tables = load_tables()
    on = frozenset(name for name, collector in tables.collectors.items() if collector.on)
    groups = mask(groups_of(tables, on) - IDLE)
    command = (sys.executable, str(FLOOR), str(uris), f"--groups={groups}")
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield _Floor(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()


class Asking:
    """Clients that ask targets of one exporter, each over a connection that stays open."""

    def __init__(self, exporter: Exporter, clients: int) -> None:
        self._exporter = exporter
        self._clients = [exporter.again() for _ in range(clients)]
        self._pool = ThreadPoolExecutor(clients)

    def __enter__(self) -> "Asking":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()
        for client in self._clients:
            client.close()

    def round(self, targets: Sequence[str]) -> Sample:
        """Ask every target once; the seconds of all, the exporter's processor time in them, and their series."""
        seconds, cpu = time.perf_counter(), self._exporter.cpu_seconds
        count = len(self._clients)
        shares = self._pool.map(lambda place: self._share(place, targets[place::count]), range(count))
        series = sum(shares)
        seconds, cpu = time.perf_counter() - seconds, self._exporter.cpu_seconds - cpu
        return Sample(seconds, cpu, self._exporter.peak_bytes, b"", series)

    def _share(self, place: int, targets: Sequence[str]) -> int:
        found = 0
        for target in targets:
            page = self._clients[place].ask(f"/probe?target={target}")
            if b"\nlibvirt_up 1\n" not in page:
                raise BenchError(f"{target}: {page[:500].decode().partition('# HELP')[0].strip()}")
            found += serving.series(page)
        return found


def _growing(bench: Bench) -> Iterator[Figure]:
    """Ask fleets of all sizes in turns, each of its own process, so that a busy machine slows down all of them."""
    with ExitStack() as stack:
        fleets = [(size, *_fleet(bench, stack, size)) for size in SIZES]
        samples: dict[int, list[Sample]] = {size: [] for size in SIZES}
        for _ in range(bench.rounds):
            for size, asking, targets in fleets:
                samples[size].append(_each(asking.round(targets), size))
    least = samples[SIZES[0]]
    for size in SIZES[1:]:
        pairs = list(zip(samples[size], least, strict=True))
        what = f"a target of {size} with {GUESTS} guests of the test driver"
        yield compared(CASE, what, pairs, Budget(f"a target of {SIZES[0]}", times=FLAT))


def _fleet(bench: Bench, stack: ExitStack, size: int) -> tuple[Asking, list[str]]:
    """Serve a fleet, and ask it so often that every guest's facts are there."""
    site, _ = bench.fleet(size, GUESTS)
    asking = stack.enter_context(Asking(stack.enter_context(serving.omc(site=site)), CLIENTS))
    targets = [f"fleet{number:04}" for number in range(size)]
    for _ in range(WARM_UP):
        asking.round(targets)
    return asking, targets


def _each(sample: Sample, size: int) -> Sample:
    """Give what one target of a round cost."""
    return Sample(sample.seconds / size, sample.cpu_seconds / size, sample.peak_bytes)
