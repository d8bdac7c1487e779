"""The figures of the reference page, a case at a time: what was measured last of each, when, and on what machine."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from tests.bench.figures import Figure

FILE = Path(__file__).parents[2] / "docs" / "reference" / "benchmarks.json"


class Measured(msgspec.Struct, frozen=True):
    """One case as it was measured: without these facts its figures mean nothing. `load` is the machine's."""

    case: str
    day: str
    rounds: int
    load: str
    machine: str
    figures: tuple[Figure, ...]


_DECODER = msgspec.json.Decoder(tuple[Measured, ...])


def kept(file: Path = FILE) -> tuple[Measured, ...]:
    """Return what is kept."""
    return _DECODER.decode(file.read_bytes()) if file.exists() else ()


def keep(measured: Iterable[Measured], order: Sequence[str], file: Path = FILE) -> tuple[Measured, ...]:
    """Put these in the place of what is kept of their cases; return all that is kept then, in this order of cases."""
    by_case = {one.case: one for one in (*kept(file), *measured)}
    every = tuple(by_case[case] for case in order if case in by_case)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(every), indent=1) + b"\n")
    return every
