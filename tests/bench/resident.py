"""How much memory a process and its children have resident together, looked at while they run."""

import subprocess
import time
from pathlib import Path

from tests.bench.measure import BenchError, Side, environment

_PAUSE = 0.02


def resident(side: Side) -> tuple[float, int]:
    """Run one side; its seconds, and the most bytes that its processes had, a shared page in equal parts."""
    side.prepare()
    started, most = time.perf_counter(), 0
    with subprocess.Popen(
        side.command,
        env=environment(side.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while process.poll() is None:
            most = max(most, sum(_bytes(pid) for pid in _family(process.pid)))
            time.sleep(_PAUSE)
    if process.returncode not in side.exit_codes:
        raise BenchError(f"{side.name}: exit code {process.returncode}")
    return time.perf_counter() - started, most


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(member for child in children for member in _family(int(child)))]


def _bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))
