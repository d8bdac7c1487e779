"""`omc exporter serve` from nothing to its first whole answer, beside Python that imports libvirt."""

import sys
import time
from collections.abc import Iterator

from tests.bench import serving
from tests.bench.bench import Bench
from tests.bench.figures import Budget, Figure, compared
from tests.bench.measure import BenchError, Sample, Side, run

CASE = "exporter-start"
BUDGET_SECONDS = 0.5


def measure(bench: Bench) -> Iterator[Figure]:
    """Start both in turns; the exporter serves a host without guests, so that only its own start counts."""
    bare = Side("import libvirt", (sys.executable, "-c", "import libvirt"))
    uri = bench.hub.local_uri
    pairs = [(_first_answer(uri), run(bare)) for _ in range(1 + 2 * bench.rounds)][1:]
    yield compared(CASE, "start to the first answer", pairs, Budget("import libvirt", plus=BUDGET_SECONDS))


def _first_answer(uri: str) -> Sample:
    started = time.perf_counter()
    with serving.omc("--uri", uri) as exporter:
        page = exporter.ask()
        seconds = time.perf_counter() - started
        if b"\nlibvirt_up 1\n" not in page:
            raise BenchError(f"{uri} is down")
        return Sample(seconds, exporter.cpu_seconds, exporter.peak_bytes)
