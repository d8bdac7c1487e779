"""Collect over and over in one process: memory, open files and threads must not grow."""

import gc
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from omc.inventory.collect import CollectOptions, collect
from omc.inventory.store import open_store
from omc.providers import hypervisor_for
from omc.select import select
from omc.site import load_site
from tests.bench.bench import Bench
from tests.bench.figures import Figure, single

CASE = "soak"
HOSTS, GUESTS = 20, 50
WARM_UP, COLLECTS = 10, 60
GROWTH_BYTES = 8 * 2**20


class Used(msgspec.Struct, frozen=True):
    """What this process holds."""

    memory_bytes: int
    files: int
    threads: int


def measure(bench: Bench) -> Iterator[Figure]:
    """Collect a fleet again and again into one store."""
    folder, _ = bench.fleet(HOSTS, GUESTS)
    site = load_site(folder)
    targets = select(site, [])
    with open_store(f"sqlite:///{bench.folder / 'soak.db'}") as store:
        for number in range(WARM_UP + COLLECTS):
            if number == WARM_UP:
                before, started = used(), time.monotonic()
            collect(targets, store=lambda: store, reader=hypervisor_for, options=CollectOptions())
        after, seconds = used(), time.monotonic() - started
    grown = after.memory_bytes - before.memory_bytes
    met = grown <= GROWTH_BYTES and after.files <= before.files and after.threads <= before.threads
    note = (
        f"memory {before.memory_bytes / 2**20:.0f} → {after.memory_bytes / 2**20:.0f} MiB, "
        f"files {before.files} → {after.files}, threads {before.threads} → {after.threads}"
    )
    what = f"{COLLECTS} collects of {HOSTS} hosts of {GUESTS} guests in one process"
    yield single(CASE, what, seconds, budget="no growth", met=met, note=note)


def used() -> Used:
    """Look, when what can be freed is freed and the threads of the last collect have ended."""
    gc.collect()
    deadline = time.monotonic() + 2
    while threading.active_count() > 1 and time.monotonic() < deadline:
        time.sleep(0.02)
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * 4096
    return Used(resident, len(list(Path("/proc/self/fd").iterdir())), threading.active_count())
