"""Batches and limits of failures, in numbers and percentages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.errors import UsageError
from omc.templates.batches import ALL, Share, parse, parse_share, split


def sizes(text: str, total: int) -> list[int]:
    return [len(batch) for batch in split(range(total), parse(text))]


@pytest.mark.parametrize(
    ("text", "total", "expected"),
    [
        ("1,10%,100%", 20, [1, 2, 17]),
        ("1,10%", 20, [1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1]),
        ("5", 12, [5, 5, 2]),
        ("10%", 3, [1, 1, 1]),
        ("33%", 10, [4, 4, 2]),
        (" 1 , 100% ", 1, [1]),
        ("50", 0, []),
    ],
)
def test_hosts_come_in_batches_of_these_sizes(text, total, expected):
    assert expected == sizes(text, total)


@given(st.integers(0, 500), st.lists(st.builds(Share, st.integers(1, 100), st.booleans()), min_size=1, max_size=5))
def test_every_host_is_in_one_batch_in_order(total, shares):
    assert list(range(total)) == [item for batch in split(range(total), shares) for item in batch]


def test_without_a_word_all_hosts_are_one_batch():
    assert [[1, 2, 3]] == split([1, 2, 3], ALL)


@pytest.mark.parametrize("text", ["", "0", "-1", "0%", "101%", "1.5", "many", "1,,2", "1;2", "٣"])
def test_what_is_no_number_of_hosts_is_refused(text):
    with pytest.raises(UsageError, match="not a number of hosts"):
        parse(text)


def test_part_of_a_host_counts_as_one():
    assert (1, 2, 3) == (parse_share("1%").of(20), parse_share("10%").of(20), parse_share("3").of(20))
