"""Versions of the store's schema. Each is an alembic revision under `migrations/versions`."""

from omc.errors import StoreError

VERSIONS = ("0001", "0002", "0003")
"""All versions that this omc knows, oldest first; a test holds them equal to the migrations."""

CURRENT = VERSIONS[-1]


def demand_current(found: str, where: str) -> None:
    """Refuse a store of another version, and say what to do about it."""
    if found == CURRENT:
        return
    if found in VERSIONS:
        raise StoreError(
            f"the store is of the older version {found}, this omc needs {CURRENT}",
            where=where,
            hint="run `omc store upgrade`; it keeps a copy of an SQLite store beside it",
        )
    raise StoreError(
        f"the store is of version {found}, which this omc does not know (its own is {CURRENT})",
        where=where,
        hint="a newer omc made it: use that one, or give this one a store of its own",
    )
