"""The host's own network interfaces, as libvirt's interface driver (udev or netcf) lists them, and two counts.

Not every host's libvirt has that driver; node devices of the kind `net`, read with the others, tell the rest.
"""

from collections.abc import Mapping
from functools import partial

import libvirt

from omc.drivers.hypervisor.calls import Calls, Session
from omc.ports import RawInterface

MOST = 500
"""A host with so many is one whose bridges of guests are counted, too."""


class Interfaces:
    """Reads the host's interfaces, and how many network filters and secrets it has, through `calls`."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.found: tuple[RawInterface, ...] | None = None
        self.counts: dict[str, int] = {}

    def submit(self) -> None:
        """Queue the list and the counts."""
        self.calls.submit("interface", "virConnectListAllInterfaces", self._list)
        self.calls.submit("host", "virConnectNumOfNWFilters", partial(self._count, "network_filters"))
        self.calls.submit("host", "virConnectNumOfSecrets", partial(self._count, "secrets"))

    def finish(self) -> Mapping[str, object]:
        """Give what was read, by the names of `RawHost`."""
        return {**self.counts, "interfaces": self.found}

    def _list(self, session: Session) -> None:
        connection = session.connection
        active = {one.name() for one in connection.listAllInterfaces(libvirt.VIR_CONNECT_LIST_INTERFACES_ACTIVE)}
        names = [one.name() for one in connection.listAllInterfaces(0)]
        self.found = tuple(RawInterface(name=name, active=name in active) for name in sorted(names)[:MOST])

    def _count(self, name: str, session: Session) -> None:
        connection = session.connection
        ask = connection.numOfNWFilters if name == "network_filters" else connection.numOfSecrets
        self.counts[name] = ask()
