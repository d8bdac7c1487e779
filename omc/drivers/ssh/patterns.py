"""OpenSSH's patterns: `*` and `?`, lists of them, and `!` before one that must not match."""

from collections.abc import Iterable


def is_plain(pattern: str) -> bool:
    """Tell whether a pattern stands for nothing but itself."""
    return not set(pattern) & set("*?!")


def matches(patterns: Iterable[str], text: str) -> bool:
    """Tell whether one of the patterns matches, and none with a `!` before it does. Case does not count."""
    text, found = text.lower(), False
    for pattern in patterns:
        if _fits(pattern.removeprefix("!").lower(), text):
            if pattern.startswith("!"):
                return False
            found = True
    return found


def _fits(pattern: str, text: str) -> bool:
    """Match one pattern, in time that no pattern can make more than its length times the text's."""
    at = position = 0
    star, resume = -1, 0
    while position < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resume = at, position
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[position]):
            at, position = at + 1, position + 1
        elif star >= 0:
            resume += 1
            at, position = star + 1, resume
        else:
            return False
    return not pattern[at:].strip("*")
