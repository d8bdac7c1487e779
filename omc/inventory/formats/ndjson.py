"""One JSON object a line."""

from collections.abc import Iterator, Mapping

from omc.inventory.formats import Listing, Page
from omc.inventory.formats.objects import documents, safe_json

KIND = "structure"
WIDE = True


def render(listing: Listing, page: Page) -> Iterator[bytes]:  # noqa: ARG001 - every format has this signature
    """Give each thing of the list as a line."""
    for document in documents(listing):
        yield document + b"\n"


def one(document: bytes) -> bytes:
    """Give one thing as a line."""
    return safe_json(document) + b"\n"


def inventory(head: Mapping[str, object], hosts: Iterator[bytes], issues: Iterator[bytes]) -> Iterator[bytes]:  # noqa: ARG001 - every format has this signature
    """Give a host a line; its own issues are in it."""
    yield from (host + b"\n" for host in hosts)
