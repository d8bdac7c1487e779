"""Times as people write them: `yesterday`, `2 hours ago`, `2026-02-28 14:00`, RFC 3339.

What has no zone is in this machine's own. The result is always UTC; callers say which time they took it for.
"""

import re
from datetime import UTC, datetime, time, timedelta

from omc.errors import UsageError

_SPAN = re.compile(r"(?P<count>\d{1,6}(?:\.\d+)?|an?)\s*(?P<unit>[a-z]+?)s?(?:\s+ago)?", re.IGNORECASE)
_UNITS = {
    **dict.fromkeys(("s", "sec", "second"), 1),
    **dict.fromkeys(("m", "min", "minute"), 60),
    **dict.fromkeys(("h", "hour"), 3600),
    **dict.fromkeys(("d", "day"), 86_400),
    **dict.fromkeys(("w", "week"), 7 * 86_400),
    **dict.fromkeys(("month",), 30 * 86_400),
    **dict.fromkeys(("y", "year"), 365 * 86_400),
}
_DAYS = {"today": 0, "midnight": 0, "yesterday": 1}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HINT = 'a time is "yesterday", "2 hours ago", "monday", "14:30", "2026-02-28", "2026-02-28 14:30" or RFC 3339'


def moment(text: str, now: datetime) -> datetime:
    """Return the time in UTC that the words stand for at `now`. Raise UsageError where they stand for none."""
    words = " ".join(text.split()).lower()
    local = now.astimezone()
    try:
        found = _named(words, local) or _ago(words, now) or _clock(words, local) or _written(text.strip())
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise UsageError(f"no such time: {text!r}", hint=_HINT)
    return found.astimezone(UTC)


def rfc3339(when: datetime) -> str:
    """Return a time as the store writes them."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def said(when: datetime) -> str:
    """Return a time for a person: in this machine's zone, and which zone that is."""
    local = when.astimezone()
    return f"{local:%Y-%m-%d %H:%M:%S} {local:%Z}"


def _named(words: str, local: datetime) -> datetime | None:
    if words == "now":
        return local
    day, _, clock = words.partition(" ")
    if day in _DAYS:
        back = _DAYS[day]
    elif day in _WEEKDAYS:
        back = (local.weekday() - _WEEKDAYS.index(day)) % 7 or 7
    else:
        return None
    at = time.fromisoformat(clock.removeprefix("at ").zfill(5)) if clock else time()
    return _local(datetime.combine(local.date() - timedelta(days=back), at))


def _ago(words: str, now: datetime) -> datetime | None:
    match = _SPAN.fullmatch(words)
    if not match or match["unit"] not in _UNITS:
        return None
    count = 1.0 if match["count"].startswith("a") else float(match["count"])
    return now - timedelta(seconds=count * _UNITS[match["unit"]])


def _clock(words: str, local: datetime) -> datetime | None:
    if not re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", words):
        return None
    return _local(datetime.combine(local.date(), time.fromisoformat(words.zfill(8 if words.count(":") == 2 else 5))))


def _written(text: str) -> datetime | None:
    when = datetime.fromisoformat(text)
    return when if when.tzinfo else _local(when)


def _local(naive: datetime) -> datetime:
    """Return the time that this machine's clock shows so; summer time is that of the day itself."""
    return naive.astimezone()


def span(text: str) -> float:
    """Return the seconds of a time span: `300`, `5m`, `2 hours`. Raise UsageError where it is none."""
    words = " ".join(text.split()).lower()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", words):
        return float(words)
    match = _SPAN.fullmatch(words)
    if not match or match["unit"] not in _UNITS or words.endswith("ago"):
        raise UsageError(f"no time span: {text!r}", hint='a time span is a number of seconds, or "5m", "2h", "3 days"')
    return (1.0 if match["count"].startswith("a") else float(match["count"])) * _UNITS[match["unit"]]
