"""`omc` whose libvirt shows the first running guest of a host many times: no machine here runs a thousand.

`python -m tests.bench.multiplied COUNT ARGUMENTS…` runs `omc ARGUMENTS…`. All of omc is real, and so is the connection:
each guest has a name and UUID of its own and the XML of that one guest, read again for each; its statistics are asked
once and recorded, and each answer is made anew from them, as libvirt's binding makes it from what the daemon sends.
"""

import sys
import uuid
from collections.abc import Sequence
from functools import cache
from typing import Any

import libvirt

from omc.cli.main import run
from omc.drivers.hypervisor.connection import connect
from omc.drivers.hypervisor.live import door

_NAMESPACE = uuid.UUID("6f6d6300-0077-4000-8000-000000000002")
Stats = dict[str, object]


class MultipliedGuest:
    """The one guest under a name and UUID of its own."""

    def __init__(self, real: libvirt.virDomain, number: int) -> None:
        self._real = real
        self._name = f"guest{number:04}"
        self._uuid = str(uuid.uuid5(_NAMESPACE, self._name))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def name(self) -> str:
        """Give the own name."""
        return self._name

    def UUIDString(self) -> str:
        """Give the own UUID."""
        return self._uuid

    def XMLDesc(self, flags: int = 0) -> str:
        """Give the guest's XML with the own name and UUID."""
        text: str = self._real.XMLDesc(flags)
        return text.replace(self._real.name(), self._name).replace(self._real.UUIDString(), self._uuid)


class MultipliedConnection:
    """A connection that shows its first running guest `count` times."""

    def __init__(self, real: libvirt.virConnect, count: int) -> None:
        self._real = real
        (self._guest, *_) = real.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE)
        self._guests = {each.UUIDString(): each for each in (MultipliedGuest(self._guest, n) for n in range(count))}
        self._recorded = cache(self._record)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def listAllDomains(self, flags: int = 0) -> list[MultipliedGuest]:
        """Give all of them, where the one is among what is asked for."""
        shown = {domain.UUIDString() for domain in self._real.listAllDomains(flags)}
        if self._guest.UUIDString() not in shown:
            return []
        return list(self._guests.values())

    def lookupByUUIDString(self, uuid: str) -> MultipliedGuest:
        """Give one of them."""
        return self._guests[uuid]

    def domainListGetStats(
        self, domains: Sequence[MultipliedGuest], stats: int = 0, flags: int = 0
    ) -> list[tuple[MultipliedGuest, Stats]]:
        """Make an answer of its own for each: no two share a text or a number."""
        recorded = self._recorded(stats, flags)
        return [(domain, {key.decode(): _fresh(value) for key, value in recorded}) for domain in domains]

    def _record(self, stats: int, flags: int) -> list[tuple[bytes, object]]:
        waiting = flags & ~libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT  # what is recorded is to be whole
        ((_, found),) = self._real.domainListGetStats([self._guest], stats, waiting)
        return [(key.encode(), value) for key, value in found.items()]


def _fresh(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    return int(str(value))


def main() -> None:
    """Put the multiplied connection into omc's door, and run omc."""
    count = int(sys.argv.pop(1))

    def multiplied(uri: str, *, read_write: bool) -> Any:
        return MultipliedConnection(connect(uri, read_write=read_write), count)

    setattr(door, connect.__name__, multiplied)  # the door has it from there by this name
    run()


if __name__ == "__main__":
    main()
