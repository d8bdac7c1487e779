"""Which things of a host have a property, by one filtered list call for all of them."""

from collections.abc import Iterable
from typing import Protocol


class Identified(Protocol):
    """Any of libvirt's objects that has a UUID."""

    def UUIDString(self) -> str: ...  # noqa: D102, N802 - libvirt's name


class Members:
    """The UUIDs of each property's list; a list that was not read says nothing of anybody."""

    def __init__(self) -> None:
        self._read: dict[str, set[str]] = {}

    def keep(self, name: str, things: Iterable[Identified]) -> set[str]:
        """Keep the list of a property, and return it."""
        self._read[name] = {thing.UUIDString() for thing in things}
        return self._read[name]

    def has(self, name: str, uuid: str) -> bool | None:
        """Tell whether a thing has the property; None where its list was not read."""
        return uuid in self._read[name] if name in self._read else None
