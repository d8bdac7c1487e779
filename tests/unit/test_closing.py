"""The closing line of a test run in parts."""

from tests.__main__ import closing


def test_counts_are_summed_up() -> None:
    first = b"...\n====== 5 passed, 2 skipped, 1 warning in 3.21s ======\n"
    second = b"4 passed in 1.00s\n1 failed, 3 passed, 2 errors in 61.20s (0:01:01)\n"
    assert "1 failed, 8 passed, 2 skipped, 1 warning, 2 error" == closing([first, second])


def test_a_part_that_ended_without_a_word_is_an_error() -> None:
    assert "4 passed, 1 error" == closing([b"4 passed in 1.00s\n", b"Killed\n"])
