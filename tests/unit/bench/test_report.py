"""The figures on the terminal, and on the page of the documentation."""

from pathlib import Path

from tests.bench.__main__ import BY_NAME_ONLY, CASES, described
from tests.bench.figures import Figure
from tests.bench.kept import Measured, keep
from tests.bench.report import lines, page

_KEPT = Figure("fleet", "20 hosts", 1.5, 1.0, 1.5, "floor + 0.6 s", met=True, note="CPU 1 s")
_MISSED = Figure("start", "omc --help", 0.3, 0.1, 3.0, "2 x import click", met=False)
_ALONE = Figure("growth", "10 hosts", 0.25)


def test_lines_are_aligned_with_the_note_below() -> None:
    """A missed budget is written large; what has no other side leaves its cells empty."""
    assert lines([_KEPT, _MISSED, _ALONE]) == [
        "case    what        omc     other   ratio  budget            kept",
        "fleet   20 hosts    1.50 s  1.00 s  1.50   floor + 0.6 s     yes",
        "          CPU 1 s",
        "start   omc --help  300 ms  100 ms  3.00   2 x import click  NO",
        "growth  10 hosts    250 ms",
    ]


def _measured(figure: Figure, day: str) -> Measured:
    return Measured(figure.case, day, 5, "0.1 at its start", "2 x CPU", (figure,))


def test_the_page_has_the_machine_the_day_and_a_row_a_figure() -> None:
    """Notes stand below the table, with the figure that they belong to."""
    both = [_measured(_KEPT, "2030-01-02"), _measured(_ALONE, "2030-01-03")]
    text = page(both, {"fleet": "20 hosts over real RPC."})
    assert "- fleet, growth: 2 x CPU.\n" in text
    assert "| fleet | 2030-01-02 | 5 | 0.1 at its start |\n| growth | 2030-01-03 | 5 |" in text
    assert "| fleet | 20 hosts | 1.50 s | 1.00 s | 1.50 | floor + 0.6 s | yes |\n" in text
    assert "| growth | 10 hosts | 250 ms |  |  |  |  |\n" in text
    assert "\n- fleet, 20 hosts: CPU 1 s\n" in text
    assert text.endswith("- `fleet`: 20 hosts over real RPC.\n")


def test_every_case_says_in_one_line_what_it_measures() -> None:
    """The help and the page have it from there."""
    assert {**CASES, **BY_NAME_ONLY}.keys() == described().keys()
    assert all(text.endswith(".") and len(text) > 30 for text in described().values())


def test_what_was_measured_again_takes_the_place_of_what_was_kept(tmp_path: Path) -> None:
    """A case at a time, in the order of the cases; the others stay as they are."""
    file, order = tmp_path / "benchmarks.json", ["start", "fleet", "growth"]
    keep([_measured(_KEPT, "2030-01-02"), _measured(_ALONE, "2030-01-02")], order, file)
    found = keep([_measured(_MISSED, "2030-02-01"), _measured(_ALONE, "2030-02-01")], order, file)
    assert [("start", "2030-02-01"), ("fleet", "2030-01-02"), ("growth", "2030-02-01")] == [
        (one.case, one.day) for one in found
    ]
    assert found == keep([], order, file)
