"""A scrape of 100 running guests over HTTP, beside Debian's prometheus-libvirt-exporter and `virsh domstats`."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from tests.bench import serving
from tests.bench.bench import Bench
from tests.bench.figures import Budget, Figure, compared, single
from tests.bench.measure import BenchError, Sample, Side, run
from tests.bench.serving import Exporter
from tests.lab import guests
from tests.lab.host import Host

CASE = "exporter"
GUESTS = 100
SERIES = 9_500
CPU_SHARE = 0.15
PEER = "prometheus-libvirt-exporter"


def measure(bench: Bench) -> Iterator[Figure]:
    """Scrape in turns with the peers; the first page of each is not counted."""
    host = _furnished(bench)
    virsh = Side("virsh domstats", ("virsh", "-r", "-c", host.local_uri, "domstats"))
    with serving.omc("--uri", host.local_uri) as ours, _peer(host) as peer:
        yield single(CASE, f"the first scrape of {GUESTS} guests", ours.timed().seconds)
        rounds = [(ours.timed(), peer.timed(), run(virsh)) for _ in range(1 + bench.rounds)][1:]
    pages = [mine for mine, _, _ in rounds]
    series = min(page.lines for page in pages)
    if series < SERIES:
        raise BenchError(f"{series:,} series, expected at least {SERIES:,}")
    what = f"a scrape of {GUESTS} guests, {series:,} series"
    note = f"theirs has {rounds[0][1].lines:,} series"
    yield compared(CASE, what, [(mine, other) for mine, other, _ in rounds], Budget(PEER, times=0.95), note)
    yield compared(CASE, what, [(mine, bare) for mine, _, bare in rounds], Budget(virsh.name, times=0.6))
    shares = [(Sample(page.cpu_seconds, page.cpu_seconds, page.peak_bytes), page) for page in pages]
    yield compared(CASE, f"{what}: processor time of its own", shares, Budget("its seconds", times=CPU_SHARE))


def _furnished(bench: Bench) -> Host:
    """Bring up a host whose guests run, each with two disks, one nic and two virtual CPUs."""
    (host,) = bench.lab.add("scraped")
    with host.connect() as connection:
        wanted = [guests.halting(host, f"guest{number}", disk_count=2) for number in range(GUESTS)]
        guests.start(guests.define(connection, [msgspec.structs.replace(guest, vcpus=2) for guest in wanted]))
    return host


@contextmanager
def _peer(host: Host) -> Iterator[Exporter]:
    if shutil.which(PEER) is None:
        raise BenchError(f"no {PEER} here to stand beside", hint=f"apt-get install {PEER}")
    port = serving.free_port()
    command = (PEER, f"--web.listen-address=127.0.0.1:{port}", f"--libvirt.uri={host.local_uri}")
    with serving.serving(command, port) as running:
        yield running
