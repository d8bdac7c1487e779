"""The forms that a secret takes in a file: as it is, line by line, and in the encodings that programs want."""

import base64
import json
import shlex
from collections.abc import Iterator
from html import escape
from urllib.parse import quote, quote_plus

LEAST = 4
"""Shorter than this nothing is redacted: it would be found everywhere, and tell where the secret is."""


def forms(value: str) -> list[str]:
    """Return every form in which a value may stand in a file, without those that are too short; the value is first."""
    return [form for form in dict.fromkeys(_forms(value)) if len(form) >= LEAST]


def _forms(value: str) -> Iterator[str]:
    yield value
    yield from lines(value)
    data = value.encode("utf-8", "surrogatepass")
    yield base64.b64encode(data).decode()
    yield base64.urlsafe_b64encode(data).decode()
    yield data.hex()
    yield quote(value, safe="")
    yield quote(value)
    yield quote_plus(value)
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield shlex.quote(value)
    yield value.replace("'", "''")
    yield escape(value)
    yield escape(value, quote=False)


def lines(value: str) -> Iterator[str]:
    """Yield the lines of a text of several, as an indented block has them; a diff shows one at a time."""
    parts = value.splitlines()
    if len(parts) > 1:
        yield from (part.strip() for part in parts)
