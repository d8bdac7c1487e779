"""One JSON array, an element a line, written as it comes."""

from collections.abc import Iterator

from omc.inventory.formats import Listing, Page
from omc.inventory.formats.objects import documents


def render(listing: Listing, page: Page) -> Iterator[bytes]:  # noqa: ARG001 - every format has this signature
    """Give the list as one array."""
    separator = b"["
    for document in documents(listing):
        yield separator + document
        separator = b",\n"
    yield b"]\n" if separator == b",\n" else b"[]\n"
