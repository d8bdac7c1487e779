"""Patterns are OpenSSH's, and none of them takes long."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.drivers.ssh.patterns import is_plain, matches

WORDS = st.text("ab.*?", max_size=8)


@pytest.mark.parametrize(
    ("patterns", "text", "expected"),
    [
        (["kvm1"], "kvm1", True),
        (["KVM1"], "kvm1", True),
        (["kvm1"], "kvm11", False),
        (["kvm?"], "kvm1", True),
        (["kvm?"], "kvm", False),
        (["*"], "", True),
        (["*.example.com"], "a.b.example.com", True),
        (["*", "!kvm1"], "kvm1", False),
        (["!kvm1", "*"], "kvm2", True),
        (["!kvm1"], "kvm2", False),
        (["[10.0.0.*]:22"], "[10.0.0.7]:22", True),
        (["a.b"], "axb", False),
        ([], "kvm1", False),
    ],
)
def test_what_matches(patterns: list[str], text: str, expected: bool) -> None:
    assert expected == matches(patterns, text)


@given(WORDS, st.text("ab.", max_size=12))
def test_a_pattern_is_what_a_regular_expression_would_be(pattern: str, text: str) -> None:
    """Stars are anything, question marks one character."""
    expression = "".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in pattern)
    assert bool(re.fullmatch(expression, text)) == matches([pattern], text)


@given(st.text(max_size=20))
def test_plain_text_matches_itself(text: str) -> None:
    if is_plain(text):
        assert matches([text], text)


def test_no_pattern_takes_long() -> None:
    """What would take a regular expression years."""
    started = time.monotonic()
    assert not matches(["*a" * 60 + "b"], "a" * 2000)
    assert 5 > time.monotonic() - started
