"""Which secrets one host's render came to see, and what was made of them.

Three nets, each for what passes the one before: the forms that are known beforehand (`forms`); what a filter or a
method makes of a text that holds a secret; and where a file asked for a secret and holds none of all these, the whole
file, because the secret may stand in it in a form that nobody can find.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from omc.errors import OmcError
from omc.templates.secrets.forms import LEAST, forms, lines

_MOST_WALKED = 10_000


class Seen:
    """The secrets of one host; a new one is made for the next host."""

    def __init__(self) -> None:
        self.asked = 0
        self.active = False  # whether there is any secret: asked before every filter, so no method
        self._forms: dict[str, None] = {}

    def clear(self) -> None:
        """Forget everything: the next host begins."""
        self.asked = 0
        self.active = False
        self._forms = {}

    def add(self, value: str, reference: str) -> str:
        """Take note of a secret, and return its value; raise OmcError where it is too short to be hidden."""
        self.asked += 1
        if len(value) < LEAST:
            found = f"{len(value)} characters" if value else "an empty one"
            raise OmcError(f"the secret {reference!r}: expected at least {LEAST} characters, found {found}")
        if value not in self._forms:
            self._note(forms(value))
        return value

    def add_all(self, value: object) -> None:
        """Take note of every text in a value that was declared secret."""
        self.asked += 1
        for text in _texts(value):
            if len(text) >= LEAST:
                self._note(forms(text))

    def derive(self, result: object, arguments: Iterable[object]) -> None:
        """Take note of what was made of arguments that hold a secret, where it is no longer recognized in it."""
        if not any(self.holds(text) for argument in arguments for text in _texts(argument)):
            return
        for text in _texts(result):
            if len(text) >= LEAST and not self.holds(text):
                self._note((text, *(line for line in lines(text) if len(line) >= LEAST)))

    def _note(self, found: Iterable[str]) -> None:
        self._forms.update(dict.fromkeys(found))
        self.active = True

    def holds(self, text: str) -> bool:
        """Tell whether any form of any secret stands in a text."""
        return any(form in text for form in self._forms)

    def found_in(self, text: str) -> tuple[str, ...]:
        """Return the forms that stand in a text, longest first, for whoever shows any of it."""
        return tuple(sorted((form for form in self._forms if form in text), key=len, reverse=True))

    def redacted(self, text: str) -> str:
        """Return a message without any form of any secret."""
        for form in sorted(self._forms, key=len, reverse=True):
            text = text.replace(form, "(secret)")
        return text


def _texts(value: object) -> Iterator[str]:
    """Yield the texts in a value, of lists and mappings too; digits count as text."""
    waiting: list[Any] = [value]
    for _ in range(_MOST_WALKED):
        if not waiting:
            return
        item = waiting.pop()
        if isinstance(item, str):
            yield str.__str__(item)  # of a subclass, such as Jinja2's for what is escaped, plain text
        elif isinstance(item, bytes):
            yield item.decode("utf-8", "surrogateescape")
        elif isinstance(item, int | float) and not isinstance(item, bool):
            yield str(item)
        elif isinstance(item, dict):
            waiting.extend((*item, *item.values()))
        elif isinstance(item, list | tuple | set | frozenset):
            waiting.extend(item)
