"""What a benchmark says: medians of both sides, their ratio, and whether that keeps the budget. Pure."""

import statistics
from collections.abc import Sequence

import msgspec

from tests.bench.measure import Sample


class Budget(msgspec.Struct, frozen=True):
    """At most `times` the other side's seconds, `plus` so many seconds; `yardstick` names the other side."""

    yardstick: str
    times: float = 1.0
    plus: float = 0.0

    def __str__(self) -> str:
        more = f" + {self.plus:g} s" if self.plus else ""
        if more and self.times == 1:
            return self.yardstick + more
        return f"{self.times:.3g} x {self.yardstick}{more}"

    def excess(self, ours: float, theirs: float) -> float:
        """The seconds over the budget; negative is what is left of it."""
        return ours - (self.times * theirs + self.plus)


class Figure(msgspec.Struct, frozen=True):
    """One line of the report. Without a budget, a line for information."""

    case: str
    what: str
    seconds: float
    theirs: float | None = None
    ratio: float | None = None
    budget: str = ""
    met: bool | None = None
    note: str = ""


def compared(case: str, what: str, pairs: Sequence[tuple[Sample, Sample]], budget: Budget, note: str = "") -> Figure:
    """Judge pairs by the median of what each pair gives, not by the medians of the sides."""
    excess = statistics.median(budget.excess(ours.seconds, theirs.seconds) for ours, theirs in pairs)
    figure = informed(case, what, pairs, note)
    return msgspec.structs.replace(figure, budget=str(budget), met=excess <= 0)


def informed(case: str, what: str, pairs: Sequence[tuple[Sample, Sample]], note: str = "") -> Figure:
    """A comparison that no budget judges."""
    cpu = statistics.median(ours.cpu_seconds for ours, _ in pairs)
    other_cpu = statistics.median(theirs.cpu_seconds for _, theirs in pairs)
    peak = max(ours.peak_bytes for ours, _ in pairs) / 2**20
    used = f"CPU {cpu:.2f} s against {other_cpu:.2f} s, {peak:.0f} MiB"
    return Figure(
        case=case,
        what=what,
        seconds=statistics.median(ours.seconds for ours, _ in pairs),
        theirs=statistics.median(theirs.seconds for _, theirs in pairs),
        ratio=statistics.median(ours.seconds / theirs.seconds for ours, theirs in pairs),
        note=f"{note}; {used}" if note else used,
    )


def single(
    case: str, what: str, seconds: float, *, budget: str = "", met: bool | None = None, note: str = ""
) -> Figure:
    """A figure that nothing stands beside."""
    return Figure(case=case, what=what, seconds=seconds, budget=budget, met=met, note=note)
