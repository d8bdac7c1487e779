"""The figures on the terminal, and on the page of the documentation."""

from tests.bench.__main__ import BY_NAME_ONLY, CASES, described
from tests.bench.figures import Figure
from tests.bench.report import Facts, lines, page

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


def test_the_page_has_the_command_the_machine_and_a_row_a_figure() -> None:
    """Notes stand below the table, with the figure that they belong to."""
    facts = Facts("python -m tests.bench --write", "2030-01-02", 5, "2 x CPU", "0.1 to 2.0")
    text = page([_KEPT, _ALONE], facts, {"fleet": "20 hosts over real RPC."})
    assert "Written by `python -m tests.bench --write` on 2030-01-02" in text
    assert "- The machine: 2 x CPU.\n- Its load while this ran: 0.1 to 2.0. " in text
    assert "| fleet | 20 hosts | 1.50 s | 1.00 s | 1.50 | floor + 0.6 s | yes |\n" in text
    assert "| growth | 10 hosts | 250 ms |  |  |  |  |\n" in text
    assert "\n- fleet, 20 hosts: CPU 1 s\n" in text
    assert text.endswith("- `fleet`: 20 hosts over real RPC.\n")


def test_every_case_says_in_one_line_what_it_measures() -> None:
    """The help and the page have it from there."""
    assert {**CASES, **BY_NAME_ONLY}.keys() == described().keys()
    assert all(text.endswith(".") and len(text) > 30 for text in described().values())
