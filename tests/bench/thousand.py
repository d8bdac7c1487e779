"""What the cases over the stored 50,000 guests have in common: the fastest of the rounds, and how a figure grows."""

from pathlib import Path

from tests.bench.bench import OMC, Bench
from tests.bench.measure import Sample, Side, run

Grown = tuple[Sample, Sample]
"""One host of a site, and all of it."""


def fastest(bench: Bench, site: Path, *words: str) -> Sample:
    """Return the fastest round of omc with these words on a site whose store the bench keeps."""
    state = {"XDG_STATE_HOME": str(bench.folder / "state" / site.name)}
    side = Side(f"omc {words[0]}", (OMC, "--site", str(site), *words), state)
    return min((run(side) for _ in range(bench.rounds)), key=lambda sample: sample.seconds)


def growth(tenth: Grown, whole: Grown) -> float:
    """Return how many times the CPU of a guest among 5,000 one among 50,000 takes, the start of the process left out.

    Not by the clock: others work on the machine, too.
    """
    return (_more(whole) / 49_950) / max(_more(tenth) / 4_950, 1e-9)


def _more(grown: Grown) -> float:
    one, every = grown
    return every.cpu_seconds - one.cpu_seconds


def used(sample: Sample) -> str:
    """Say what a run took beside its time."""
    return f"CPU {sample.cpu_seconds:.2f} s, {sample.peak_bytes / 2**20:.0f} MiB"
