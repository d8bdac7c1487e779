"""One JSON array, an element a line, written as it comes."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from omc.inventory.formats import Listing, Page
from omc.inventory.formats.objects import documents, safe_json

KIND = "structure"
WIDE = True


def render(listing: Listing, page: Page) -> Iterator[bytes]:  # noqa: ARG001 - every format has this signature
    """Give the list as one array."""
    yield b"["
    yield from _separated(documents(listing))
    yield b"]\n"


def one(document: bytes) -> bytes:
    """Give one thing as an object."""
    return safe_json(document) + b"\n"


def inventory(head: Mapping[str, object], hosts: Iterator[bytes], issues: Iterator[bytes]) -> Iterator[bytes]:
    """Give one object: what the head has, then the lists of hosts and issues."""
    yield msgspec.json.encode(head)[:-1] + b',"hosts":[\n'
    yield from _separated(hosts)
    yield b'],"issues":[\n'
    yield from _separated(issues)
    yield b"]}\n"


def _separated(documents: Iterable[bytes]) -> Iterator[bytes]:
    separator = b""
    for document in documents:
        yield separator + document
        separator = b",\n"
