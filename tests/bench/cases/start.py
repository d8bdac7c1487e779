"""`omc --help` starts about as fast as Python with click."""

import sys
from collections.abc import Iterator

from tests.bench.bench import OMC, Bench
from tests.bench.figures import Budget, Figure, compared
from tests.bench.measure import Side, paired

CASE = "start"


def measure(bench: Bench) -> Iterator[Figure]:
    """Compare with the bare import; many rounds, for each is short."""
    click = Side("import click", (sys.executable, "-c", "import click"))
    pairs = paired(Side("omc", (OMC, "--help")), click, rounds=4 * bench.rounds)
    yield compared(CASE, "omc --help", pairs, Budget("import click", times=2))
