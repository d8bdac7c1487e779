"""Times as the store keeps them: RFC 3339 UTC text with milliseconds, so that they sort as text."""

from datetime import UTC, datetime, timedelta

from omc.errors import UsageError

FOREVER = "9999-12-31T23:59:59.999Z"
"""The end of an interval that has not ended."""


def now() -> str:
    """Return the present time."""
    return _text(datetime.now(UTC))


def normal(time: str) -> str:
    """Return an RFC 3339 time (or a date) in the store's form; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        raise UsageError(f"not a time: {time!r}", hint="write it as 2026-02-28T14:00:00Z") from None
    return _text(moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC))


def just_after(time: str) -> str:
    """Return the next time that the store can tell from `time`."""
    return _text(datetime.fromisoformat(time) + timedelta(milliseconds=1))


def days_before(days: float) -> str:
    """Return the time that many days ago."""
    return _text(datetime.now(UTC) - timedelta(days=days))


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
