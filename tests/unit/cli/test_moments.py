"""Times and time spans in a user's words."""

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.cli.inventory.facts import in_words
from omc.cli.moments import moment, rfc3339, said, span
from omc.errors import UsageError
from omc.inventory.formats import Column, Listing, Page, render

NOW = datetime(2026, 3, 30, 12, 30, 15, tzinfo=UTC)  # a Monday, the day after summer time began in Berlin


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stand in Berlin."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("now", "2026-03-30T12:30:15.000Z"),
        ("today", "2026-03-29T22:00:00.000Z"),
        ("Yesterday", "2026-03-28T23:00:00.000Z"),
        ("yesterday 14:30", "2026-03-29T12:30:00.000Z"),
        ("yesterday at 9:05", "2026-03-29T07:05:00.000Z"),
        ("sunday", "2026-03-28T23:00:00.000Z"),
        ("monday", "2026-03-22T23:00:00.000Z"),
        ("2 hours ago", "2026-03-30T10:30:15.000Z"),
        ("90m", "2026-03-30T11:00:15.000Z"),
        ("an hour ago", "2026-03-30T11:30:15.000Z"),
        ("1.5 days ago", "2026-03-29T00:30:15.000Z"),
        ("2 weeks ago", "2026-03-16T12:30:15.000Z"),
        ("8:15", "2026-03-30T06:15:00.000Z"),
        ("2026-03-28", "2026-03-27T23:00:00.000Z"),
        ("2026-03-28 14:30", "2026-03-28T13:30:00.000Z"),
        ("2026-03-30T14:30:00", "2026-03-30T12:30:00.000Z"),
        ("2026-03-28T14:30:00Z", "2026-03-28T14:30:00.000Z"),
        ("2026-03-28T14:30:00.5+05:30", "2026-03-28T09:00:00.500Z"),
    ],
)
def test_time_in_words(words: str, expected: str) -> None:
    """What has no zone is local time, with the summer time of its own day."""
    assert rfc3339(moment(words, NOW)) == expected


@pytest.mark.usefixtures("berlin")
def test_time_is_said_with_its_zone() -> None:
    assert said(NOW) == "2026-03-30 14:30:15 CEST"


@pytest.mark.parametrize(
    "words", ["", "soon", "yesterday 25:00", "2026-02-30", "5 parsecs ago", "99999 years ago", "-1h"]
)
def test_other_words_are_refused_with_examples(words: str) -> None:
    with pytest.raises(UsageError) as refused:
        moment(words, NOW)
    assert "yesterday" in refused.value.hint


@given(st.text())
def test_any_text_is_a_time_or_refused(words: str) -> None:
    with suppress(UsageError):
        assert moment(words, NOW).tzinfo is UTC


@pytest.mark.parametrize(
    ("words", "seconds"), [("0", 0), ("300", 300), ("1.5", 1.5), ("5m", 300), ("2 hours", 7200), ("90d", 7_776_000)]
)
def test_span(words: str, seconds: float) -> None:
    assert span(words) == seconds


@pytest.mark.parametrize("words", ["", "soon", "-5", "5 minutes ago", "1e9", "nan", "inf"])
def test_no_span(words: str) -> None:
    with pytest.raises(UsageError):
        span(words)


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize("text", ["2026-03-30T12:30:15Z", "2026-03-30T12:30:15", "2026-03-30T14:30:15+02:00"])
def test_list_and_sheet_show_the_same_local_time(text: str) -> None:
    """What the store has without a zone is UTC, wherever it is shown."""
    listed = b"".join(render(Listing([Column("seen_at", "time")], [(text,)]), "table", Page())).decode().split("\n")[1]
    assert "2026-03-30 14:30:15" == listed == in_words("seen_at", text)
