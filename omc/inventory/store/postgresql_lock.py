"""How writers of one PostgreSQL store wait for each other: advisory locks that end with the transaction.

They have a key space of their own (the two-number form), because other programs may lock in the same database.
"""

from zlib import crc32

from omc.inventory.store.database import BUSY_SECONDS

_SPACE = 0x6F6D6373  # "omcs"


def hold(subject: str) -> tuple[str, str]:
    """Return the statements that wait for the subject's lock, at most BUSY_SECONDS, and keep it for the transaction."""
    key = crc32(subject.encode("utf-8", "replace")) - 2**31
    return (
        f"SET LOCAL lock_timeout = '{BUSY_SECONDS * 1000:.0f}ms'",
        f"SELECT pg_advisory_xact_lock({_SPACE}, {key})",
    )
