"""Cells in words for a table: sizes in binary units, times as local time or as an age, booleans as yes and no."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

from omc.inventory.formats import Column, Value
from omc.inventory.formats.cells import Texts, printable, raw
from omc.text import human_age, human_bytes

MISSING = "-"


class Words:
    """Puts values into words as of `now` (seconds since 1970)."""

    def __init__(self, now: float) -> None:
        self._now = now

    def column(self, column: Column, values: Sequence[Value]) -> Texts:
        """Return a column's values in words; `-` is what is missing."""
        if column.kind == "bytes":
            return [MISSING if value is None else human_bytes(cast(int, value)) for value in values]
        if column.kind == "seconds":
            return [MISSING if value is None else human_age(cast(float, value)) for value in values]
        if column.kind == "boolean":
            return [MISSING if value is None else "yes" if value else "no" for value in values]
        if column.kind == "age":
            return printable([self._age(value) for value in values])
        if column.kind == "os":
            return printable([_system(value) for value in values])
        if column.kind == "time":
            return printable([MISSING if value is None else local_time(str(value)) for value in values])
        if column.kind == "value":
            values = [("yes" if value else "no") if isinstance(value, bool) else value for value in values]
        return [text or MISSING for text in raw(column, values)]

    def _age(self, value: Value) -> str:
        moment = _moment(value)
        if moment is None:
            return MISSING if value is None else str(value)
        seconds = self._now - moment.timestamp()
        return human_age(seconds) if seconds > -1 else f"in {human_age(-seconds)}"


def local_time(text: str) -> str:
    """Return an RFC 3339 time in this machine's zone, for people; a text that is none stays."""
    moment = _moment(text)
    return text if moment is None else moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _system(value: Value) -> str:
    """Return libosinfo's `http://debian.org/debian/12` as `debian-12`; what an agent says stays."""
    text = str(value or MISSING)
    return "-".join(text.rstrip("/").split("/")[-2:]) if "://" in text else text


def _moment(value: Value) -> datetime | None:
    """Return the time that an RFC 3339 text stands for; None where it is no such text."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
