"""Which part of an old line may be a secret that omc does not know, told from its place and its words. Pure.

Three grounds, each a reason to hide: the line stands where a line with a secret stands in the new file; it begins
with the words that stand before a secret there; or it looks like a password by itself (`password = …`, a private key,
a password within a URL, a crypt hash). What is shown by mistake is told to the world, what is hidden by mistake only
costs a look at the host: in doubt it is hidden.
"""

import re
from collections.abc import Mapping, Sequence

from omc.templates.redact import HIDDEN, Span

Form = tuple[str, str]
"""What a line has before and after its secrets, without any space."""

HIDDEN_LINE = "(a line that stands where a secret is now)"

_NAMES = (
    r"pass(?:word|wd|phrase)?|passw|pwd|secret|token|api[-_]?key|private[-_]?key|preshared[-_]?key|psk|credentials?"
)
_ASSIGNED = re.compile(rf"(?i)(?:{_NAMES})[\"']?\s*[=:]\s*(?=\S)")
_ALONE = re.compile(rf"(?i)(?:{_NAMES}|requirepass|masterauth)[\"']?\s+(?=\S+\s*$)")
_URL = re.compile(r"(?<=://)[^/\s:@]*:[^@\s]+(?=@)")
_CRYPT = re.compile(r"\$(?:1|2[abxy]|5|6|7|y|gy|argon2\w*)\$[^\s:'\"]+")
_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----")
_KEY_ENDS = re.compile(r"-----END [A-Z0-9 ]*PRIVATE KEY-----")
_WORD = re.compile(r"[A-Za-z][\w.-]{2,}(?=\W*$)")
_FIRST = re.compile(r"\s*[\"']?([A-Za-z][\w.-]+)[\"']?(?=\s*[=:\s])")
_LONGEST = 10_000  # a longer line is hidden rather than searched
_MOST_FORMS = 100  # with more kinds of lines that hold secrets, every old line is hidden


class Suspicion:
    """Knows the old and the new lines, and where secrets stand in the new ones."""

    def __init__(self, old: Sequence[str], new: Sequence[str], spans: Mapping[int, Sequence[Span]]) -> None:
        self._old, self._new = old, new
        self._forms = {number: _form(new[number], found) for number, found in spans.items()}
        self._every_form = list(dict.fromkeys(form for form in self._forms.values() if form is not None))
        self._words = list(dict.fromkeys(filter(None, (_word(new[number], found) for number, found in spans.items()))))
        self._in_key = _key_lines(old)
        self._public_names: dict[range, set[str]] = {}
        self._complete: dict[tuple[range, range], bool] = {}

    def hide(self, number: int, text: str, beside: range, together: range) -> str:
        """Return the old line `number` with what may be a secret hidden; `text` is it with the known ones hidden.

        `beside` are the new lines that stand in its place, `together` the old lines that go with it.
        """
        if number in self._in_key or (self._forms and (len(text) > _LONGEST or len(self._every_form) > _MOST_FORMS)):
            return HIDDEN_LINE
        around = beside or range(beside.start - 1, beside.stop + 1)
        here = dict.fromkeys(self._forms[line] for line in around if line in self._forms)
        if here and HIDDEN not in text:
            found = next((hidden for form in here if (hidden := _hidden_by(form, text)) is not None), None)
            if found is not None:
                return found
            if _name(text) not in self._public(around) and not self._accounted_for(list(here), around, together):
                return HIDDEN_LINE
        return _CRYPT.sub(HIDDEN, _URL.sub(HIDDEN, text if HIDDEN in text else self._by_words(text)))

    def _public(self, around: range) -> set[str]:
        """Return the names that begin the lines there which hold no secret: an old line of that name was no secret."""
        if around not in self._public_names:
            lines = (self._new[number] for number in around if number < len(self._new) and number not in self._forms)
            self._public_names[around] = {name for line in lines if (name := _name(line))}
        return self._public_names[around]

    def _accounted_for(self, forms: Sequence[Form | None], around: range, together: range) -> bool:
        """Tell whether each secret that stands there now has its own line among the old ones, which is then hidden."""
        key = (around, together)
        if key not in self._complete:
            lines = [self._plain(number) for number in together]
            self._complete[key] = all(any(_hidden_by(form, line) is not None for line in lines) for form in forms)
        return self._complete[key]

    def _plain(self, number: int) -> str:
        return self._old[number].rstrip("\n")

    def _by_words(self, text: str) -> str:
        for form in self._every_form:
            if (hidden := _hidden_by(form, text)) is not None:
                return hidden
        for word in self._words:
            place = text.find(word)
            if place >= 0 and text[place + len(word) :].strip():
                return f"{text[: place + len(word)]} {HIDDEN}"
        for pattern in (_ASSIGNED, _ALONE):
            if match := pattern.search(text):
                return text[: match.end()] + HIDDEN
        return text


def _form(line: str, spans: Sequence[Span]) -> Form | None:
    """Return what a line has around its secrets; None for one that holds nothing else."""
    head, tail = line[: spans[0][0]], line[spans[-1][1] :]
    if not re.search(r"\w", head + tail):
        return None
    return "".join(head.split()), "".join(tail.split())


def _name(line: str) -> str:
    """Return the word that a line begins with, as `user` of `user = bob`; empty where it begins with none."""
    match = _FIRST.match(line)
    return match[1].lower() if match else ""


def _word(line: str, spans: Sequence[Span]) -> str | None:
    match = _WORD.search(line[: spans[0][0]])
    return match[0] if match else None


def _hidden_by(form: Form | None, text: str) -> str | None:
    """Return the text with what stands between the form's head and tail hidden; None where it has another form."""
    if form is None or len(text) > _LONGEST:
        return None
    start, end = _past(form[0], text), _past(form[1][::-1], text[::-1])
    if start is None or end is None or not text[start : len(text) - end].strip():
        return None
    gap = len(text[start:]) - len(text[start:].lstrip())
    rest = text[len(text) - end :]
    return text[: start + gap] + HIDDEN + rest


def _past(letters: str, text: str) -> int | None:
    """Return where the text goes on after these letters, whatever space is between them; None where it differs."""
    place = 0
    for letter in letters:
        while place < len(text) and text[place].isspace():
            place += 1
        if place == len(text) or text[place] != letter:
            return None
        place += 1
    return place


def _key_lines(lines: Sequence[str]) -> set[int]:
    """Return the lines of private keys."""
    found: set[int] = set()
    inside = False
    for number, line in enumerate(lines):
        inside = inside or bool(_KEY_BEGINS.search(line))
        if inside:
            found.add(number)
            inside = not _KEY_ENDS.search(line)
    return found
