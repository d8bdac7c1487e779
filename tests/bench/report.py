"""The figures as lines on the terminal, and as the reference page of the documentation. Pure text."""

from collections.abc import Mapping, Sequence

from tests.bench.figures import Figure
from tests.bench.kept import Measured

_HEADINGS = ("case", "what", "omc", "other", "ratio", "budget", "kept")
_PAGE = """# Benchmarks

Written by `python -m tests.bench --write`, which measures all cases, or those that it is told; do not edit.

Both sides of a line are whole processes that ran in turns on the same machine, after one run of each to warm up; the
figures are medians of so many rounds unless the line says otherwise, and the ratio is the median of the rounds'
ratios. A scrape is the time of one HTTP request to the running exporter, without gzip.

{machines}
| case | measured on | rounds | load of the machine |
| --- | --- | --- | --- |
{runs}
Where the load is above the number of processors both sides are slower, and budgets in seconds are harder to keep.

The *floor* is a fixed script of bare libvirt-python, `tests/bench/floor.py`, that asks for the same facts with as many
calls in flight and drops the answers. The *lean floor* asks for all guests at once where libvirt can: no budget stands
against it, it shows what is left to gain.

The *bare driver* is `tests/bench/ssh_floor.py`: paramiko with the same socket options and 20 threads, which compares by
SHA-256, writes beside the target, syncs and renames. Ansible runs with 20 forks, pipelining and no facts, pyinfra as it
comes; both are installed from PyPI into `~/.cache/omc-bench`. Their hosts are 20 sshd on this machine, so what the
hosts do is part of every side's seconds: a change by omc starts about 25 processes on its host, by the bare driver 10.

{table}
{notes}
## What each case measures

{cases}"""


def lines(figures: Sequence[Figure]) -> list[str]:
    """Align the figures for a terminal, each with its note below."""
    rows = [_HEADINGS, *(_cells(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    found = []
    for row, figure in zip(rows, (None, *figures), strict=True):
        found.append("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        if figure is not None and figure.note:
            found.append(f"{'':{widths[0]}}    {figure.note}")
    return found


def page(measured: Sequence[Measured], cases: Mapping[str, str]) -> str:
    """Write the page in Markdown; `cases` says what each case that there is measures."""
    figures = [figure for one in measured for figure in one.figures]
    machines: dict[str, list[str]] = {}
    for one in measured:
        machines.setdefault(one.machine, []).append(one.case)
    runs = "".join(f"| {one.case} | {one.day} | {one.rounds} | {one.load} |\n" for one in measured)
    rows = [_HEADINGS, ("---",) * len(_HEADINGS), *(_cells(figure) for figure in figures)]
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    notes = "".join(f"- {figure.case}, {figure.what}: {figure.note}\n" for figure in figures if figure.note)
    known = "".join(f"- `{name}`: {text}\n" for name, text in cases.items())
    where = "".join(f"- {', '.join(names)}: {machine}.\n" for machine, names in machines.items())
    return _PAGE.format(machines=where, runs=runs, table=table, notes=notes, cases=known)


def _cells(figure: Figure) -> tuple[str, ...]:
    return (
        figure.case,
        figure.what,
        _seconds(figure.seconds),
        _seconds(figure.theirs),
        "" if figure.ratio is None else f"{figure.ratio:.2f}",
        figure.budget,
        {True: "yes", False: "NO", None: ""}[figure.met],
    )


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"
