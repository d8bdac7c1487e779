"""The peak of memory with 1,000 guests, the server loaded and asked in each of the forms that Prometheus may want."""

import sys
from collections.abc import Iterator, Mapping

import msgspec

from tests.bench import serving
from tests.bench.bench import Bench
from tests.bench.figures import Figure, single
from tests.bench.measure import BenchError
from tests.bench.serving import Exporter
from tests.lab import guests
from tests.lab.host import Host

CASE = "exporter-memory"
GUESTS = 1_000
SERIES = 90_000
PEAK_BYTES = 128 * 2**20
FORMS: tuple[Mapping[str, str], ...] = (
    {},
    {"Accept-Encoding": "gzip"},
    {"Accept": "application/openmetrics-text; version=1.0.0", "Accept-Encoding": "gzip"},
)


def measure(bench: Bench) -> Iterator[Figure]:
    """Ask a few times with the XML and all else read again in between."""
    host = _host(bench)
    port = serving.free_port()
    program = (sys.executable, "-m", "tests.bench.multiplied", str(GUESTS))
    command = (*program, "exporter", "serve", "--uri", host.local_uri, "--listen", f"127.0.0.1:{port}", "--refresh=1")
    with serving.serving(command, port) as exporter:
        start = exporter.peak_bytes
        exporter.ask()
        seconds = exporter.timed().seconds
        series = _ask(exporter, bench.rounds)
        if series < SERIES:
            raise BenchError(f"{series:,} series, expected at least {SERIES:,}")
        peak = exporter.peak_bytes
        now = exporter.resident_bytes
    note = (
        f"peak {peak / 2**20:.0f} MiB, {start / 2**20:.0f} MiB before the first scrape, {now / 2**20:.0f} MiB after "
        f"the last; the guests are one guest of a real libvirt, shown {GUESTS:,} times"
    )
    what = f"a scrape of {GUESTS:,} guests, {series:,} series"
    yield single(CASE, what, seconds, budget="peak below 128 MiB", met=peak < PEAK_BYTES, note=note)


def _host(bench: Bench) -> Host:
    (host,) = bench.lab.add("recorded")
    with host.connect() as connection:
        guest = msgspec.structs.replace(guests.halting(host, "recorded", disk_count=2), vcpus=2)
        guests.start(guests.define(connection, [guest]))
    return host


def _ask(exporter: Exporter, rounds: int) -> int:
    for _ in range(2 * rounds):
        for form in FORMS:
            exporter.ask(headers=form)
    return serving.series(exporter.ask())
