"""Scrape a host over and over while guests come, go and hang: the server's memory, files and threads must not grow.

What the host's libvirtd logs as an error meanwhile counts against the exporter.
"""

import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import libvirt
import msgspec

from tests.bench import serving
from tests.bench.bench import Bench
from tests.bench.figures import Figure, single
from tests.bench.measure import BenchError
from tests.bench.serving import Exporter
from tests.lab import faults, guests
from tests.lab.host import Host

CASE = "soak-exporter"
SCRAPES_A_ROUND = 2_000
GUESTS = 3
GROWTH_BYTES = 4 * 2**20
_LOOK = 20  # scrapes between two looks at what the server uses
_COME_AND_GO = 50
_OF_THE_LAB = "virCgroupDetectControllers"  # its guests have no control groups: libvirtd says so at each start
_HANG, _HANGING = 500, 4
_HUNG = "guest0"
_FORMS: tuple[Mapping[str, str], ...] = (
    {"Accept-Encoding": "gzip"},
    {},
    {"Accept": "application/openmetrics-text; version=1.0.0"},
)


class Used(msgspec.Struct, frozen=True):
    """What the server holds at a moment."""

    memory_bytes: int
    files: int
    threads: int


def measure(bench: Bench) -> Iterator[Figure]:
    """Scrape as often as the rounds say, and compare what the server holds after the first fifth with the last one."""
    (host,) = bench.lab.add("soaked")
    _furnish(host)
    log = host.folder / "log" / "libvirtd.log"
    count = SCRAPES_A_ROUND * bench.rounds
    with serving.omc("--uri", host.local_uri, "--refresh=2") as exporter:
        exporter.ask()  # what this libvirt cannot do it logs once, when it is first asked
        before, started = log.stat().st_size, time.monotonic()
        used = list(_scrape(exporter, host, count))
        seconds = time.monotonic() - started
        errors = _errors(log, before)
    first, last = _middle(used[len(used) // 5 : 2 * len(used) // 5]), _middle(used[-len(used) // 5 :])
    met = last.memory_bytes - first.memory_bytes <= GROWTH_BYTES and not errors
    met = met and last.files <= first.files and last.threads <= first.threads
    note = (
        f"memory {first.memory_bytes / 2**20:.1f} → {last.memory_bytes / 2**20:.1f} MiB, files {first.files} → "
        f"{last.files}, threads {first.threads} → {last.threads} (medians of the second fifth and the last), "
        f"errors of libvirtd: {len(errors)}{': ' + errors[0] if errors else ''}"
    )
    yield single(CASE, f"{count:,} scrapes of one server", seconds, budget="no growth", met=met, note=note)


def _furnish(host: Host) -> None:
    with host.connect() as connection:
        names = (f"guest{number}" for number in range(GUESTS))
        guests.start(guests.define(connection, [guests.halting(host, name) for name in names]))


def _scrape(exporter: Exporter, host: Host, count: int) -> Iterator[Used]:
    """Scrape, with a guest that comes and goes and one that hangs at times."""
    comer = guests.halting(host, "comer")
    with host.connect() as connection, ExitStack() as hanging:
        for number in range(count):
            if number % _COME_AND_GO == 0:
                _come_or_go(connection, comer)
            if number % _HANG == 0:
                hanging.enter_context(faults.stopped_guest(host, _HUNG))
            if number % _HANG == _HANGING:
                hanging.close()
            body = exporter.ask(headers=_FORMS[number % len(_FORMS)])
            if number % len(_FORMS) and b"\nlibvirt_up 1\n" not in body:
                raise BenchError(f"the host is down in scrape {number}")
            if number % _LOOK == 0:
                yield Used(exporter.resident_bytes, exporter.files, exporter.threads)


def _come_or_go(connection: libvirt.virConnect, comer: guests.Guest) -> None:
    with suppress(libvirt.libvirtError):
        guests.remove([connection.lookupByName(comer.name)])
        return
    guests.start(guests.define(connection, [comer]))


def _middle(used: Sequence[Used]) -> Used:
    return Used(
        memory_bytes=round(statistics.median(each.memory_bytes for each in used)),
        files=round(statistics.median(each.files for each in used)),
        threads=round(statistics.median(each.threads for each in used)),
    )


def _errors(log: Path, start: int) -> list[str]:
    """Give what libvirtd has logged as an error since its log had so many bytes."""
    lines = log.read_bytes()[start:].decode(errors="replace").splitlines()
    return [line for line in lines if ": error :" in line and _OF_THE_LAB not in line]
