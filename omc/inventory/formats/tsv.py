"""Tab-separated values, what a pipe gets: a header, raw values, nothing cut, nothing where a value is missing."""

from collections.abc import Iterator

from omc.inventory.formats import Listing, Page
from omc.inventory.formats.cells import chunks, printable, raw

KIND = "columns"
WIDE = False


def render(listing: Listing, page: Page) -> Iterator[bytes]:  # noqa: ARG001 - every format has this signature
    """Give the list as tab-separated lines; tabs and newlines within a value are written as `\\t` and `\\n`."""
    yield "\t".join(printable([column.name for column in listing.columns])).encode() + b"\n"
    for texts in chunks(listing.rows, listing.columns, raw):
        yield ("\n".join(map("\t".join, zip(*texts, strict=True))) + "\n").encode()
