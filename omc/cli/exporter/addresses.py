"""Addresses of guests from the store, for discovery: the exporters know nothing of the inventory."""

from typing import TYPE_CHECKING

from omc.exporters.discovery import GuestAddress

if TYPE_CHECKING:
    from omc.inventory.store import Store

_STATEMENT = """
SELECT a.host, a.guest, a.uuid, g.state, a.address, a.source, g.tags
FROM addresses a JOIN guests g ON g.host = a.host AND g.uuid = a.uuid
ORDER BY a.host, a.guest, a.address, a.source
"""


def guest_addresses(store: "Store") -> list[GuestAddress]:
    """Return every address that the store knows, by host, guest and address."""
    return [
        GuestAddress(
            host=str(host),
            guest=str(guest),
            uuid=str(uuid),
            state=str(state or ""),
            address=str(address),
            source=str(source),
            tags=tuple(filter(None, str(tags or "").split(","))),
        )
        for host, guest, uuid, state, address, source, tags in store.sql(_STATEMENT)
    ]
