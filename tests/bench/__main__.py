"""`python -m tests.bench [CASE…] [--rounds N] [--write]`: measure, print, and write them into the reference page."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from omc.errors import OmcError
from tests.bench import machine, report, soak, soak_exporter
from tests.bench.bench import Bench
from tests.bench.cases import (
    ansible,
    apply,
    apply_far,
    apply_many,
    audit,
    audit_profile,
    capacity,
    distance,
    exporter,
    exporter_fleet,
    exporter_memory,
    exporter_start,
    exposition,
    fleet,
    growth,
    lists,
    page,
    rendering,
    ssh,
    start,
    workbook,
)
from tests.bench.figures import Figure
from tests.bench.kept import Measured, keep

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "benchmarks.md"
Measure = Callable[[Bench], Iterator[Figure]]
CASES: Mapping[str, Measure] = {
    case.CASE: case.measure
    for case in (
        *(start, fleet, distance, ssh, ansible, growth, lists, audit, audit_profile, capacity, page, workbook),
        *(exposition, exporter, exporter_fleet, exporter_start, exporter_memory),
        *(rendering, apply, apply_many, apply_far),
    )
}
BY_NAME_ONLY: Mapping[str, Measure] = {case.CASE: case.measure for case in (soak, soak_exporter)}


def main() -> int:
    """Run the cases that were asked for; 1 where a budget was missed or a case failed."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="omc-bench-") as folder:
        bench = Bench(Path(folder), arguments.rounds)
        with bench.stack:
            run = _Run([], {}, failed=False)
            for name in arguments.cases or list(CASES):
                one = _measure(bench, [name])
                run = _Run([*run.figures, *one.figures], run.loads | one.loads, failed=run.failed or one.failed)
                if arguments.write:  # at once: whatever ends the next one takes none of this along
                    PAGE.write_text(report.page(keep(_measured(one, arguments.rounds), list(CASES)), described()))
    print("\n" + "\n".join(report.lines(run.figures)))
    return int(run.failed or any(figure.met is False for figure in run.figures))


class _Run(NamedTuple):
    """What came of the cases; `loads` is the machine's load before each."""

    figures: list[Figure]
    loads: dict[str, float]
    failed: bool


def _measure(bench: Bench, names: list[str]) -> _Run:
    """Run the cases; one that fails (no lab, no PyPI) is named and costs itself alone."""
    figures: list[Figure] = []
    loads: dict[str, float] = {}
    failed = False
    for name in names:
        loads[name] = machine.load()
        print(f"{name}: load {loads[name]:.1f}", file=sys.stderr)
        try:
            for figure in {**CASES, **BY_NAME_ONLY}[name](bench):
                figures.append(figure)
                print("\n".join(report.lines([figure])[1:]), file=sys.stderr)
        except OmcError as error:
            failed = True
            print(f"error: {name}: {error.message}" + (f"\nhint: {error.hint}" if error.hint else ""), file=sys.stderr)
    return _Run(figures, loads, failed)


def _measured(run: _Run, rounds: int) -> Iterator[Measured]:
    """Give the cases of a run that have figures."""
    day, where = time.strftime("%Y-%m-%d", time.gmtime()), machine.describe()
    for name, load in run.loads.items():
        figures = tuple(figure for figure in run.figures if figure.case == name)
        if figures and name in CASES:
            yield Measured(name, day, rounds, f"{load:.1f} at its start", where, figures)


def described() -> dict[str, str]:
    """Give what each case measures: the first line of its module."""
    documents = {name: str(sys.modules[case.__module__].__doc__) for name, case in {**CASES, **BY_NAME_ONLY}.items()}
    return {name: text.partition("\n")[0] for name, text in documents.items()}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="omc beside its yardsticks.",
        epilog="\n".join(["cases:", *(f"  {name:<17}{text}" for name, text in described().items())]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    known = [*CASES, *BY_NAME_ONLY]
    parser.add_argument(
        "cases", nargs="*", metavar="CASE", help=f"{', '.join(known)}; default: all but {' and '.join(BY_NAME_ONLY)}"
    )
    parser.add_argument("--rounds", type=int, default=5, help="pairs of a comparison (%(default)s)")
    parser.add_argument("--write", action="store_true", help="keep the figures in docs/reference/benchmarks.*")
    arguments = parser.parse_args()
    for name in arguments.cases:
        if name not in known:
            parser.error(f"no case {name!r}; there are {', '.join(known)}")
    if arguments.rounds < 1:
        parser.error("--rounds: at least 1")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
