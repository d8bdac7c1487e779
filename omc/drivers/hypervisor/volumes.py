"""Names and sizes of the volumes in a host's pools, round after round: bounded a pool and in time, oldest news first.

There is no bulk call: each volume costs one, and libvirtd looks at its file. A pool's list is one call.
"""

import time
from functools import partial

import libvirt

from omc.drivers.hypervisor.calls import Calls, Session
from omc.drivers.hypervisor.faults import GONE, number
from omc.drivers.hypervisor.storage import STARTED
from omc.ports import RawVolume

ROUND_SECONDS = 10.0
"""So long a round asks for volumes; what it did not come to keeps its last sizes, and is the first of the next one."""


class Volumes:
    """The volumes of one host's pools as they are known; lives as long as the connection's facts."""

    def __init__(self, most_per_pool: int) -> None:
        self._most = most_per_pool
        self._known: dict[str, dict[str, tuple[float, RawVolume]]] = {}  # pool's name → volume's name → when, what

    def submit(self, calls: Calls) -> None:
        """Queue the list of each started pool, and behind it the sizes of its volumes."""
        calls.submit("volume", "virConnectListAllStoragePools", partial(self._pools, calls, time.monotonic()))

    def of(self, pool: str) -> tuple[RawVolume, ...] | None:
        """Give what is known of a pool's volumes, by name; None where it was not read."""
        known = dict(self._known.get(pool) or {})  # a copy: a lane may be adding to it
        return tuple(known[name][1] for name in sorted(known)) if pool in self._known else None

    def forget(self) -> None:
        """Forget all, because nobody asks any more."""
        self._known.clear()

    def _pools(self, calls: Calls, started: float, session: Session) -> None:
        pools = [pool for pool in session.connection.listAllStoragePools(0) if pool.info()[0] in STARTED]
        names = {pool.name() for pool in pools}
        self._known = {name: known for name, known in self._known.items() if name in names}
        for pool in pools:
            # libvirt's object belongs to the first session, whichever lane runs the task
            subject = f"volume/{pool.name()}"
            calls.submit(subject, "virStoragePoolListAllVolumes", partial(self._pool, calls, started, pool))

    def _pool(self, calls: Calls, started: float, pool: libvirt.virStoragePool, _: Session) -> None:
        found = sorted(((volume.name(), volume) for volume in pool.listAllVolumes(0)), key=lambda pair: pair[0])
        chosen = dict(found[: self._most])
        before = self._known.get(pool.name(), {})
        known = self._known[pool.name()] = {name: before[name] for name in chosen if name in before}
        order = sorted(chosen, key=lambda name: known[name][0] if name in known else 0.0)
        for start in range(0, len(order), calls.batch):
            part = {name: chosen[name] for name in order[start : start + calls.batch]}
            task = partial(_sizes, known, part, started + ROUND_SECONDS)
            calls.submit(f"volume/{pool.name()}", "virStorageVolGetInfo", task, first=True)


def _sizes(
    known: dict[str, tuple[float, RawVolume]], part: dict[str, libvirt.virStorageVol], until: float, _: Session
) -> None:
    for name, volume in part.items():
        if time.monotonic() > until:
            return
        try:
            _, capacity, allocation = volume.info()
        except libvirt.libvirtError as error:
            known.pop(name, None)
            if number(error) not in GONE:
                raise
            continue
        known[name] = (time.monotonic(), RawVolume(name=name, capacity_bytes=capacity, allocation_bytes=allocation))
