"""Commands of a manifest as argument lists: split before anything is rendered, so a value stays one argument."""

import re
import shlex

MARKS = ("{{", "{%", "{#")
_HOLE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_FIRST_PLACE = 0xE000  # Unicode's private use: in no manifest, and no separator for shlex
_MOST_HOLES = 1_000


def has_marks(text: str) -> bool:
    """Tell whether a text holds anything to render."""
    return any(mark in text for mark in MARKS)


def split(command: str) -> list[str]:
    """Return a command's arguments, quoted as in a shell, each `{{ … }}` whole; raise ValueError on a bad quote."""
    holes: list[str] = []

    def keep(match: re.Match[str]) -> str:
        if len(holes) >= _MOST_HOLES:
            raise ValueError("too many {{ … }} in one command")
        holes.append(match[0])
        return chr(_FIRST_PLACE + len(holes) - 1)

    arguments = shlex.split(_HOLE.sub(keep, command))
    places = {chr(_FIRST_PLACE + number): hole for number, hole in enumerate(holes)}
    return ["".join(places.get(character, character) for character in argument) for argument in arguments]
