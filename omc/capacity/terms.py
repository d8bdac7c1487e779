"""What counts as full: how much of a host is not for guests, and how many vCPUs a CPU may carry."""

import msgspec

from omc.errors import UsageError
from omc.sizes import HOST_RESERVE, parse_share, reserve_of


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What the figures are counted by.

    `reserve`, a size or a share: memory of each host that is not for guests but for the system, QEMU's own needs, page
    tables. `ratio`: how many vCPUs of running guests a CPU may carry.
    """

    reserve: str = HOST_RESERVE
    ratio: float = 4.0

    def reserve_of(self, memory_bytes: int) -> int:
        """Return the reserve of a host with so much memory; never more than it has."""
        return reserve_of(self.reserve, memory_bytes)


def read_reserve(text: str) -> str:
    """Return the text where it is a reserve, "4GiB" or "5%". Raise UsageError where it is none."""
    try:
        parse_share(text, 0)
    except ValueError as error:
        raise UsageError(f"no reserve of memory: {error}", hint="write a size or a share, 4GiB or 5%") from None
    return text
