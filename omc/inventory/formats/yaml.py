"""A YAML sequence of plain data, written as it comes."""

from collections.abc import Iterator

import msgspec

from omc.inventory.formats import Listing, Page
from omc.inventory.formats.objects import documents


def render(listing: Listing, page: Page) -> Iterator[bytes]:  # noqa: ARG001 - every format has this signature
    """Give the list as one sequence; each thing is dumped by itself, so that memory stays small."""
    empty = True
    for document in documents(listing):
        empty = False
        yield dump([msgspec.json.decode(document)], ascii_only=b"\\u" in document)
    if empty:
        yield b"[]\n"


def dump(value: object, *, ascii_only: bool = False) -> bytes:
    """Return plain data as YAML in the order it has; `ascii_only` escapes what a terminal might act on."""
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text = yaml.dump(value, Dumper=dumper, sort_keys=False, allow_unicode=not ascii_only, width=120, encoding="utf-8")
    return bytes(text)
