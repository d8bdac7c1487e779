"""What an earlier run knew of a guest: enough not to parse its XML again."""

import msgspec


class KnownGuest(msgspec.Struct, frozen=True):
    """A guest as the last run left it."""

    digest: str  # of the XML that `doc` was read from, see `omc.inventory.guests.digest`
    doc: bytes  # the complete Guest as JSON
