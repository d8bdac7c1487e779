"""A YAML sequence of plain data, written as it comes."""

from collections.abc import Iterator, Mapping

import msgspec

from omc.inventory.formats import Listing, Page
from omc.inventory.formats.objects import documents, safe_json

KIND = "structure"
WIDE = True


def render(listing: Listing, page: Page) -> Iterator[bytes]:  # noqa: ARG001 - every format has this signature
    """Give the list as one sequence; each thing is dumped by itself, so that memory stays small."""
    empty = True
    for document in documents(listing):
        empty = False
        yield dump([msgspec.json.decode(document)], ascii_only=b"\\u" in document)
    if empty:
        yield b"[]\n"


def one(document: bytes) -> bytes:
    """Give one thing as a mapping."""
    safe = safe_json(document)
    return dump(msgspec.json.decode(safe), ascii_only=b"\\u" in safe)


def inventory(head: Mapping[str, object], hosts: Iterator[bytes], issues: Iterator[bytes]) -> Iterator[bytes]:
    """Give one mapping: what the head has, then the lists of hosts and issues."""
    yield dump(head)
    for key, things in (("hosts", hosts), ("issues", issues)):
        chunks = (dump([msgspec.json.decode(thing)], ascii_only=b"\\u" in thing) for thing in things)
        first = next(chunks, b"")
        yield f"{key}:\n".encode() + first if first else f"{key}: []\n".encode()
        yield from chunks


def dump(value: object, *, ascii_only: bool = False) -> bytes:
    """Return plain data as YAML in the order it has; `ascii_only` escapes what a terminal might act on."""
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text = yaml.dump(value, Dumper=dumper, sort_keys=False, allow_unicode=not ascii_only, width=120, encoding="utf-8")
    return bytes(text)
