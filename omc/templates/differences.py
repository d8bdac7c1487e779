"""What a change of a file looks like: a unified difference that shows no secret, neither the new one nor the old.

The new secrets are known and hidden by value. The old file's are not: omc never read them. So an old line is hidden
where a secret stands in the new file (in the same place, or after the same words), and where it looks like one
(`omc.templates.suspicion`); a changed secret is seen to change, and its text is not. Pure.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

import msgspec

from omc.templates.redact import Redactor, line_spans, replaced
from omc.templates.suspicion import Suspicion

CONTEXT = 3
MOST_LINES = 10_000
"""Of what differs, old and new together: more is counted, not compared."""

MOST_CHARACTERS = 2_000  # of one line
NO_NEWLINE = "\\ No newline at end of file"

Opcode = tuple[str, int, int, int, int]


class Difference(msgspec.Struct, frozen=True):
    """`lines` of a unified difference without its head; `omitted` says why there are none."""

    lines: tuple[str, ...] = ()
    omitted: str = ""
    redacted: bool = False  # something is hidden, or may be in what is omitted


def difference(before: bytes | None, after: bytes, secrets: Sequence[str] = ()) -> Difference:
    """Return how a file changes; `before` None is a file that is not there yet. `secrets` stand in `after`."""
    if b"\0" in after or (before is not None and b"\0" in before):
        return Difference(omitted="not text", redacted=bool(secrets))
    old, new = _lines(before or b""), _lines(after)
    opcodes = _opcodes(old, new)
    size = sum((i2 - i1) + (j2 - j1) for tag, i1, i2, j1, j2 in opcodes if tag != "equal")
    if size > MOST_LINES:
        return Difference(omitted=f"{size} lines differ", redacted=bool(secrets))
    page = _Page(old, new, secrets)
    lines = [line for group in _groups(opcodes) for line in page.hunk(group)]
    return Difference(tuple(lines), redacted=page.redacted)


def _lines(content: bytes) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", content.decode("utf-8", "backslashreplace"))


def _opcodes(old: Sequence[str], new: Sequence[str]) -> list[Opcode]:
    """Return what difflib says, without letting it look at what both begin and end with."""
    shorter = min(len(old), len(new))
    head = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    tail = next((i for i in range(shorter - head) if old[-1 - i] != new[-1 - i]), shorter - head)
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(middle_old) + len(middle_new) > MOST_LINES:
        inner: list[Opcode] = [("replace", head, len(old) - tail, head, len(new) - tail)]
    else:
        found = SequenceMatcher(None, middle_old, middle_new).get_opcodes()
        inner = [(tag, i1 + head, i2 + head, j1 + head, j2 + head) for tag, i1, i2, j1, j2 in found]
    ends = (len(old), len(new))
    return [("equal", 0, head, 0, head), *inner, ("equal", ends[0] - tail, ends[0], ends[1] - tail, ends[1])]


def _groups(opcodes: Sequence[Opcode]) -> list[list[Opcode]]:
    """Return the changes with what stands around them; two that are near each other come together."""
    groups: list[list[Opcode]] = [[]]
    for number, (tag, i1, i2, j1, j2) in enumerate(opcodes):
        if tag != "equal":
            groups[-1].append((tag, i1, i2, j1, j2))
            continue
        first, last = number == 0, number == len(opcodes) - 1
        if i2 - i1 > 2 * CONTEXT or first or last:
            if not first and groups[-1]:
                groups[-1].append((tag, i1, min(i1 + CONTEXT, i2), j1, min(j1 + CONTEXT, j2)))
                groups.append([])
            if not last:
                groups[-1].append((tag, max(i2 - CONTEXT, i1), i2, max(j2 - CONTEXT, j1), j2))
        elif i2 > i1:
            groups[-1].append((tag, i1, i2, j1, j2))
    return [group for group in groups if any(tag != "equal" for tag, *_ in group)]


class _Page:
    """Writes hunks, with secrets hidden."""

    def __init__(self, old: Sequence[str], new: Sequence[str], secrets: Sequence[str]) -> None:
        self._old, self._new = old, new
        redactor = Redactor(secrets)
        self._old_spans = line_spans(old, redactor.spans("".join(old)))
        self._new_spans = line_spans(new, redactor.spans("".join(new)))
        self._suspicion = Suspicion(old, new, self._new_spans)
        self.redacted = bool(secrets)

    def hunk(self, group: Sequence[Opcode]) -> list[str]:
        _, i1, _, j1, _ = group[0]
        _, _, i2, _, j2 = group[-1]
        lines = [f"@@ -{_range(i1, i2)} +{_range(j1, j2)} @@"]
        for tag, first, end, new_first, new_end in group:
            if tag == "equal":
                lines += [text for j in range(new_first, new_end) for text in self._added(" ", j)]
                continue
            places = range(first, end)
            lines += [text for i in places for text in self._removed(i, range(new_first, new_end), places)]
            lines += [text for j in range(new_first, new_end) for text in self._added("+", j)]
        return lines

    def _added(self, sign: str, number: int) -> list[str]:
        line = self._new[number]
        return _shown(sign, replaced(line, self._new_spans.get(number, ())), ended=line.endswith("\n"))

    def _removed(self, number: int, beside: range, together: range) -> list[str]:
        line = self._old[number]
        known = replaced(line.rstrip("\n"), self._old_spans.get(number, ()))
        text = self._suspicion.hide(number, known, beside, together)
        self.redacted = self.redacted or text != line.rstrip("\n")
        return _shown("-", text, ended=line.endswith("\n"))


def _shown(sign: str, line: str, *, ended: bool) -> list[str]:
    text = line.rstrip("\n")
    if len(text) > MOST_CHARACTERS:
        text = f"{text[:MOST_CHARACTERS]}… ({len(text)} characters)"
    return [sign + text] if ended else [sign + text, NO_NEWLINE]


def _range(first: int, end: int) -> str:
    """Return the lines of one side as the format wants them: an empty range names the line before it."""
    length = end - first
    if length == 1:
        return str(first + 1)
    return f"{first + 1 if length else first},{length}"
