"""`python -m tests.bench [CASE…] [--rounds N] [--write]`: measure, print, and write the reference page."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from omc.errors import OmcError
from tests.bench import machine, report, soak
from tests.bench.bench import Bench
from tests.bench.cases import ansible, distance, fleet, growth, lists, ssh, start
from tests.bench.figures import Figure
from tests.lab import requirements

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "benchmarks.md"
Measure = Callable[[Bench], Iterator[Figure]]
CASES: Mapping[str, Measure] = {
    case.CASE: case.measure for case in (start, fleet, distance, ssh, ansible, growth, lists)
}
BY_NAME_ONLY: Mapping[str, Measure] = {soak.CASE: soak.measure}


def main() -> int:
    """Run the cases that were asked for; 1 where a budget was missed or a case failed."""
    arguments = _parser().parse_args()
    if lacking := requirements.missing():
        print(f"error: {lacking}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="omc-bench-") as folder:
        bench = Bench(Path(folder), arguments.rounds)
        with bench.stack:
            figures, failed = _measure(bench, arguments.cases or list(CASES))
    print("\n" + "\n".join(report.lines(figures)))
    if arguments.write:
        _write(figures, arguments.rounds)
    return int(failed or any(figure.met is False for figure in figures))


def _measure(bench: Bench, names: list[str]) -> tuple[list[Figure], bool]:
    """Give the figures of all cases; a case that fails is named and costs itself alone."""
    figures: list[Figure] = []
    failed = False
    for name in names:
        print(f"{name}: {machine.load()}", file=sys.stderr)
        try:
            for figure in {**CASES, **BY_NAME_ONLY}[name](bench):
                figures.append(figure)
                print("\n".join(report.lines([figure])[1:]), file=sys.stderr)
        except OmcError as error:
            failed = True
            print(f"error: {name}: {error.message}" + (f"\nhint: {error.hint}" if error.hint else ""), file=sys.stderr)
    return figures, failed


def _write(figures: list[Figure], rounds: int) -> None:
    command = " ".join(["python -m tests.bench", *sys.argv[1:]])
    day = time.strftime("%Y-%m-%d", time.gmtime())
    PAGE.write_text(report.page(figures, command=command, day=day, rounds=rounds, machine=machine.describe()))
    print(f"written: {PAGE}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="omc beside its yardsticks.")
    known = [*CASES, *BY_NAME_ONLY]
    parser.add_argument(
        "cases", nargs="*", metavar="CASE", choices=[*known, []], help=f"{', '.join(known)}; default: all but soak"
    )
    parser.add_argument("--rounds", type=int, default=5, help="pairs of a comparison (%(default)s)")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(PAGE.parents[2])}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
