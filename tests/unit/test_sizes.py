"""Sizes, and shares of one, as people write them."""

import pytest

from omc.sizes import parse, parse_share


@pytest.mark.parametrize(
    ("text", "size"),
    [("5%", 50), ("0.5 %", 5), ("100%", 1000), ("0%", 0), ("4 KiB", 4096), ("12 B", 12), ("0", 0), ("1 kB", 1000)],
)
def test_a_share_is_of_the_whole_and_a_size_is_a_size(text: str, size: int) -> None:
    """Of a whole of 1000."""
    assert size == parse_share(text, 1000)


@pytest.mark.parametrize("text", ["", "%", "101%", "-1%", "5 percent", "1e3", "4 GiBs", "\u0665%"])
def test_what_is_neither_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match=r"no size|more than all"):
        parse_share(text, 1000)


def test_a_share_keeps_every_byte_of_large_sizes() -> None:
    """No float between the text and the bytes."""
    assert 10**24 // 1000 == parse_share("0.1%", 10**24)
    assert 3 * 1024**6 == parse("3 EiB")
