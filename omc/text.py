"""Text for people: names that nobody vouches for made harmless, widths on a terminal, sizes and ages in words.

Everything that guests, agents and hosts say is untrusted: printed as it is, it could move the cursor, set the
terminal's title, or fake a line. Pure: nothing here prints.
"""

import re
from functools import lru_cache

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_NAMED = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}
HARMFUL = "\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff"
"""What a terminal or an editor acts on beside C0, as a regular expression's set: DEL, C1, line and paragraph
separators, what turns the writing direction, byte-order marks, annotations, half characters."""

_HARMFUL = re.compile(f"[\x00-\x1f{HARMFUL}]")
_AGES = ((86_400 * 2, 86_400, "d"), (3_600 * 2, 3_600, "h"), (120, 60, "m"), (0, 1, "s"))


def safe(text: str) -> str:
    """Return `text` on one line, without what a terminal acts on: `\\x1b` for an escape, `\\n` for a newline."""
    return text if text.isprintable() else _HARMFUL.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    return _NAMED.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def safe_lines(text: str) -> str:
    """As `safe`, but lines stay lines."""
    return "\n".join(map(safe, text.split("\n")))


def cell_width(text: str) -> int:
    """Return how many columns `text` takes on a terminal: wide characters two, marks that sit on others none."""
    if text.isascii():
        return len(text)
    return sum(map(_character_width, text))


@lru_cache(4096)
def _character_width(character: str) -> int:
    from unicodedata import category, east_asian_width

    if character < "\u0300":
        return 1
    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in ("W", "F") else 1


def cut(text: str, width: int) -> str:
    """Return `text` in at most `width` columns; an ellipsis shows that something is missing."""
    if cell_width(text) <= width:
        return text
    taken = 0
    for position, character in enumerate(text):
        taken += _character_width(character)
        if taken > width - 1:
            return text[:position] + "…"
    return text


def wrapped(text: str, width: int | None, *, indent: str = "") -> str:
    """Return the lines indented, and wrapped between words where there is a width; a word is never cut."""
    from textwrap import wrap

    lines = text.split("\n")
    if width is not None:
        room = max(width - len(indent), 1)
        pieces = (wrap(line, room, break_long_words=False, break_on_hyphens=False) or [""] for line in lines)
        lines = [piece for found in pieces for piece in found]
    return "\n".join(f"{indent}{line}" for line in lines)


def human_bytes(count: int) -> str:
    """Return a size in binary units: `512 MiB`, `1.5 GiB`."""
    value, unit = float(count), 0
    while abs(value) >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    digits = f"{value:.1f}".removesuffix(".0") if abs(value) < 100 else f"{value:.0f}"
    return f"{digits} {_UNITS[unit]}"


def human_age(seconds: float) -> str:
    """Return a time span in one unit: `45s`, `12m`, `30h`, `9d`."""
    for least, size, unit in _AGES:
        if seconds >= least:
            return f"{int(seconds // size)}{unit}"
    return "0s"


def plural(count: int, word: str) -> str:
    """Return `1 host`, `2 hosts`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def public_uri(uri: str) -> str:
    """Return a URI without the password of its user, whatever characters that has."""
    scheme, separator, rest = uri.partition("://")
    authority, slash, path = rest.partition("/")
    while slash and ":" in authority and "@" not in authority and "@" in path:  # a slash within the password
        more, slash, path = path.partition("/")
        authority = f"{authority}/{more}"
    user, at, host = authority.rpartition("@")
    return f"{scheme}{separator}{user.partition(':')[0]}{at}{host}{slash}{path}"
