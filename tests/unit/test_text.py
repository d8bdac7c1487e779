"""Untrusted text on a terminal: harmless, as wide as it says, cut where it must be."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.text import cell_width, cut, human_age, human_bytes, plural, safe, safe_lines


@given(st.text())
def test_safe_text_moves_nothing(text: str) -> None:
    """No control character, no change of direction and no half character is left, whatever came in."""
    categories = {unicodedata.category(character) for character in safe(text)}
    assert categories.isdisjoint({"Cc", "Cs", "Zl", "Zp"})
    assert not any(character in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" for character in safe(text))
    assert "\n" not in safe(text)


@given(st.text())
def test_safe_text_can_be_encoded(text: str) -> None:
    safe(text).encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("web1", "web1"),
        ("größe 数据库 🚀 👩‍👧", "größe 数据库 🚀 👩‍👧"),
        ("\x1b[2J", r"\x1b[2J"),
        ("a\tb\nc\r", r"a\tb\nc\r"),
        ("\x9b31m\x7f", r"\x9b31m\x7f"),
        ("\u202eevil\ud800", r"\u202eevil\ud800"),
    ],
)
def test_safe(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_safe_lines_keep_their_lines() -> None:
    assert safe_lines("a\x1b\nb") == "a\\x1b\nb"


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("数据", 4), ("e\u0301", 1), ("🚀", 2), ("größe", 5), ("", 0)])
def test_cell_width(text: str, width: int) -> None:
    assert cell_width(text) == width


@given(st.text(), st.integers(1, 30))
def test_cut_text_fits(text: str, width: int) -> None:
    """Text that fits stays as it is; other text ends with an ellipsis and fits."""
    shown = cut(safe(text), width)
    assert cell_width(shown) <= width
    assert shown == safe(text) or shown.endswith("…")


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (8 * 2**30, "8 GiB"),
        (2**40 * 3 // 2, "1.5 TiB"),
        (150 * 2**30 + 2**29, "150 GiB"),
        (2**70, "1024 EiB"),
        (-2048, "-2 KiB"),
    ],
)
def test_human_bytes(count: int, shown: str) -> None:
    assert human_bytes(count) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(-3, "0s"), (0, "0s"), (119, "119s"), (120, "2m"), (7199, "119m"), (7200, "2h"), (172_800, "2d"), (8e6, "92d")],
)
def test_human_age(seconds: float, shown: str) -> None:
    assert human_age(seconds) == shown


def test_plural() -> None:
    assert (plural(1, "host"), plural(0, "host"), plural(2, "host")) == ("1 host", "0 hosts", "2 hosts")
