"""One JSON object a line."""

from collections.abc import Iterator

from omc.inventory.formats import Listing, Page
from omc.inventory.formats.objects import documents


def render(listing: Listing, page: Page) -> Iterator[bytes]:  # noqa: ARG001 - every format has this signature
    """Give each thing of the list as a line."""
    for document in documents(listing):
        yield document + b"\n"
