"""A list of 50,000 guests from the store, beside a script with the sqlite3 module that prints the same rows."""

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.bench import Bench
from tests.bench.figures import Budget, Figure, compared
from tests.bench.measure import BenchError, Side, paired, run

CASE = "lists"
_PEER = Path(__file__).parents[1] / "list_peer.py"


def measure(bench: Bench) -> Iterator[Figure]:
    """Compare what a pipe gets, CSV and the table; omc says itself which columns those are."""
    site, _ = bench.thousand
    store = str(bench.store(site))
    for name in ("tsv", "csv", "table"):
        ours = bench.omc(site, "guests", "-o", name, "--max-age", "100d")
        columns = _columns(bench.omc(site, "guests", "-o", "csv" if name == "csv" else "tsv", "--max-age", "100d"))
        theirs = Side("sqlite3", (sys.executable, str(_PEER), store, name, columns))
        pairs = paired(ours, theirs, rounds=bench.rounds)
        rows = {sample.lines for pair in pairs for sample in pair}
        if len(rows) != 1:
            raise BenchError(f"the two lists do not have the same rows: {rows}")
        what = f"{rows.pop() - 1:,} guests as {name}, {columns.count(',') + 1} columns"
        yield compared(CASE, what, pairs, Budget("sqlite3 script", times=3))


def _columns(listing: Side) -> str:
    return run(listing).first_line.decode().strip().replace("\t", ",")
