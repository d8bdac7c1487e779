"""Facts over time: spans in which something kept its value. A change ends one span and begins the next.

The caller knows what held until now (the current rows say it), so nothing old is read, and what did not change costs
nothing. A span that still holds ends at `FOREVER`, by which it is found in the table's key.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from omc.inventory.store.database import Session
from omc.inventory.store.times import FOREVER

Key = tuple[Hashable, ...]


class Series:
    """One table of spans; the last of `keys` before `valid_to` need not be unique in time."""

    def __init__(self, table: str, *, keys: str, values: str) -> None:
        self.table = table
        self.keys = keys.split()
        self.values = values.split()

    @cached_property
    def closing(self) -> str:
        """Ends the open span of a key: (moment, *key, FOREVER)."""
        tests = " AND ".join(f"{name} = ?" for name in (*self.keys, "valid_to"))
        return f"UPDATE {self.table} SET valid_to = ? WHERE {tests}"

    @cached_property
    def opening(self) -> str:
        """Begins a span: (*key, FOREVER, moment, *values)."""
        return insert(self.table, [*self.keys, "valid_to", "valid_from", *self.values])

    def follow(
        self,
        session: Session,
        old: Mapping[Key, tuple[object, ...]],
        new: Mapping[Key, tuple[object, ...]],
        *,
        moment: str,
    ) -> None:
        """Write what differs between what held until now and what holds from `moment` on."""
        closed = [(moment, *key, FOREVER) for key, values in old.items() if new.get(key) != values]
        opened = [(*key, FOREVER, moment, *values) for key, values in new.items() if old.get(key) != values]
        if closed:
            session.run_many(self.closing, closed)
        if opened:
            session.run_many(self.opening, opened)


VERSIONS = Series("version", keys="host kind uuid", values="name digest document")
HOST_STATES = Series("host_state", keys="host", values="status reason")
GUEST_STATES = Series("guest_state", keys="guest", values="state reason")
GUEST_ADDRESSES = Series("guest_address", keys="guest mac address source", values="prefix")
DISK_SAMPLES = Series("disk_sample", keys="guest target", values="capacity_bytes allocation_bytes physical_bytes")
POOL_SAMPLES = Series("pool_sample", keys="host pool", values="state capacity_bytes allocation_bytes available_bytes")
LEASE_SAMPLES = Series("lease_sample", keys="host network mac address", values="hostname expires_at")
ALL = (VERSIONS, HOST_STATES, GUEST_STATES, GUEST_ADDRESSES, DISK_SAMPLES, POOL_SAMPLES, LEASE_SAMPLES)


def insert(table: str, columns: Iterable[str]) -> str:
    """Return the statement that inserts a row."""
    names = list(columns)
    marks = ", ".join("?" * len(names))
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"


def upsert(table: str, columns: Iterable[str], *, key: str, keep: Iterable[str] = ()) -> str:
    """Return the statement that inserts a row or, where its key is there, changes it; `keep` stays as it was."""
    names = list(columns)
    fixed = {*key.split(), *keep}
    changed = ", ".join(f"{name} = excluded.{name}" for name in names if name not in fixed)
    return f"{insert(table, names)} ON CONFLICT ({', '.join(key.split())}) DO UPDATE SET {changed}"


_DOCUMENT = insert("version_document", ["id", "document"])


class Version(NamedTuple):
    """A configuration to be kept: who has it, its name, its mark and its JSON."""

    key: Key
    name: str
    digest: bytes
    document: bytes


def follow_versions(session: Session, ended: Iterable[Key], begun: Sequence[Version], *, moment: str) -> None:
    """End the spans of these keys and begin others; the documents, which are long, go into a table of their own."""
    closed = [(moment, *key, FOREVER) for key in ended]
    ids = session.new_ids("version_document", len(begun)) if begun else ()
    if closed:
        session.run_many(VERSIONS.closing, closed)
    if begun:
        session.run_many(_DOCUMENT, [(number, version.document) for number, version in zip(ids, begun, strict=True)])
        spans = [
            (*version.key, FOREVER, moment, version.name, version.digest, number)
            for number, version in zip(ids, begun, strict=True)
        ]
        session.run_many(VERSIONS.opening, spans)
