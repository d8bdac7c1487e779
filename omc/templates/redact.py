"""Takes the values of secrets out of whatever is shown, saved or logged.

By value: wherever a secret stands, a mark stands instead, and all else stays readable. A secret of several lines is
also known by each of its longer lines, one that is too short to be told from chance hides the whole line.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

HIDDEN = "(secret)"
SHORT = 4
"""A secret below this many characters hides the line that it stands in: its place alone would tell it."""

_LINE_MOST_LIKELY_UNIQUE = 8

Span = tuple[int, int]
"""Where a secret stands in a text: from, to."""


class Redactor:
    """Hides these secrets."""

    def __init__(self, secrets: Iterable[str]) -> None:
        values = {value for value in secrets if value.strip()}
        lines = {line.strip() for value in values if "\n" in value for line in value.split("\n")}
        values |= {line for line in lines if len(line) >= _LINE_MOST_LIKELY_UNIQUE}
        self._values = sorted(values, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, self._values))) if values else None

    def text(self, text: str) -> str:
        """Return the text with a mark in place of each secret."""
        return replaced(text, self.spans(text))

    def end_of(self, text: str) -> str:
        """As `text`, for one that was cut at its beginning, perhaps within a secret."""
        for value in self._values:
            for length in range(len(value) - 1, SHORT - 1, -1):
                if text.startswith(value[-length:]):
                    return HIDDEN + self.text(text[length:])
        return self.text(text)

    def spans(self, text: str) -> list[Span]:
        """Return where secrets stand, in order, without overlaps."""
        if self._pattern is None:
            return []
        found = [_whole_line(text, match) for match in self._pattern.finditer(text)]
        return _joined(found)


def replaced(text: str, spans: Sequence[Span]) -> str:
    """Return the text with a mark in place of each span; marks that touch are one."""
    parts, last = [], 0
    for start, end in spans:
        parts += [text[last:start], HIDDEN]
        last = end
    return "".join([*parts, text[last:]])


def line_spans(lines: Sequence[str], spans: Sequence[Span]) -> dict[int, list[Span]]:
    """Return the spans of a text by the lines that they touch; `lines` are the text's own, with their ends."""
    starts = [0, *accumulate(map(len, lines))]
    found: dict[int, list[Span]] = {}
    for start, end in spans:
        line = bisect_right(starts, start) - 1
        while line < len(lines) and starts[line] < end:
            length = len(lines[line].rstrip("\n"))
            here = (max(start - starts[line], 0), min(end - starts[line], length))
            if here[0] < here[1]:
                found.setdefault(line, []).append(here)
            line += 1
    return found


def _whole_line(text: str, match: re.Match[str]) -> Span:
    start, end = match.span()
    if end - start >= SHORT:
        return start, end
    line_end = text.find("\n", end)
    return text.rfind("\n", 0, start) + 1, len(text) if line_end < 0 else line_end


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
