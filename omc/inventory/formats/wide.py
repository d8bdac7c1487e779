"""The table with every column, cut nowhere: a wide screen or `less -S` shows it."""

from collections.abc import Iterator

from omc.inventory.formats import Listing, Page
from omc.inventory.formats.table import table

KIND = "people"
WIDE = True


def render(listing: Listing, page: Page) -> Iterator[bytes]:
    """Give all of the list's columns as a table."""
    return table(listing.columns, listing.rows, page._replace(width=None))
