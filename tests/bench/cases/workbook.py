"""The workbook of 50,000 guests, beside a script that writes the same cells by XlsxWriter; how its memory grows."""

import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import msgspec

from tests.bench.bench import OMC, Bench
from tests.bench.figures import Budget, Figure, compared, single
from tests.bench.measure import BenchError, Sample, Side, paired, run

CASE = "workbook"
MOST_TIMES = 1.4
MOST_GROWTH = 1.1
"""Ten times the guests may take so many times the memory: what is written is not kept."""

TIMEOUT_SECONDS = 900.0
_PEER = Path(__file__).parents[1] / "workbook_peer.py"
_ROWS = "tests.bench.workbook_rows"
_ROOT = Path(__file__).parents[3]


def measure(bench: Bench) -> Iterator[Figure]:
    """Compare 100 hosts of 50 guests in turns, and all 1,000 hosts once: that takes minutes."""
    site, _ = bench.thousand
    budget = Budget("XlsxWriter script", times=MOST_TIMES)
    ours, theirs = _sides(bench, site, "fleet00*")
    pairs = paired(ours, theirs, rounds=bench.rounds)
    yield compared(CASE, f"5,000 guests, {_size(bench)}", pairs, budget)
    ours, theirs = _sides(bench, site)
    pair = (run(ours, timeout=TIMEOUT_SECONDS), run(theirs, timeout=TIMEOUT_SECONDS))
    yield compared(CASE, f"50,000 guests, {_size(bench)}", [pair], budget, note="once")
    few, many = (run(_plain(bench, site, *names), timeout=TIMEOUT_SECONDS) for names in (("fleet00*",), ()))
    yield _grown(few, many)


def _sides(bench: Bench, site: Path, *patterns: str) -> tuple[Side, Side]:
    """Return omc and the peer with the same cells, findings included."""
    cells, environment = bench.folder / "cells", _environment(bench, site)
    environment["PYTHONPATH"] = str(_ROOT)
    run(
        Side("cells", (sys.executable, "-m", _ROWS, str(site), str(cells), *patterns), environment),
        timeout=TIMEOUT_SECONDS,
    )
    command = (OMC, "--site", str(site), "report", "xlsx", *patterns, "-f", str(bench.folder / "ours.xlsx"))
    peer = (sys.executable, str(_PEER), str(cells), str(bench.folder / "theirs.xlsx"))
    return Side("omc report", command, _environment(bench, site)), Side("XlsxWriter", peer)


def _plain(bench: Bench, site: Path, *patterns: str) -> Side:
    """Return omc without findings: the audit has the fleet in memory, and its own budget."""
    path = str(bench.folder / "plain.xlsx")
    command = (OMC, "--site", str(site), "report", "xlsx", *patterns, "--no-findings", "-f", path)
    return Side("omc report", command, _environment(bench, site))


def _environment(bench: Bench, site: Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(bench.folder / "state" / site.name)}


def _size(bench: Bench) -> str:
    """Say how many cells and bytes that is. Raise BenchError where the two workbooks do not have the same rows."""
    (cells, rows), (_, other) = (_counted(bench.folder / name) for name in ("ours.xlsx", "theirs.xlsx"))
    if rows != other:
        raise BenchError(f"the two workbooks do not have the same rows: {rows:,} and {other:,}")
    return f"{cells:,} cells"


def _counted(path: Path) -> tuple[int, int]:
    """Count cells and rows of all sheets, a piece at a time."""
    cells = rows = 0
    with ZipFile(path) as file:
        for name in (name for name in file.namelist() if name.startswith("xl/worksheets/sheet")):
            with file.open(name) as sheet:
                rest = b""
                while chunk := sheet.read(1 << 20):
                    data = rest + chunk
                    cells += data.count(b"<c r=")
                    rows += data.count(b"<row ")
                    rest = data[-4:]  # shorter than what is counted, so nothing is counted twice
    return cells, rows


def _grown(few: Sample, many: Sample) -> Figure:
    growth = many.peak_bytes / few.peak_bytes
    told = f"{few.peak_bytes / 2**20:.0f} MiB for 5,000 guests, {many.peak_bytes / 2**20:.0f} MiB for 50,000"
    figure = single(CASE, "50,000 guests without findings", many.seconds, budget="constant memory", note=told)
    return msgspec.structs.replace(figure, met=growth <= MOST_GROWTH)
