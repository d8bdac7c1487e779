"""The storage pools of one host with their volumes; a pool whose storage hangs costs itself alone."""

from functools import partial

import libvirt

from omc.drivers.hypervisor.calls import Calls, Session
from omc.drivers.hypervisor.faults import each_that_is_there
from omc.drivers.hypervisor.members import Members
from omc.ports import RawPool

_FILTERS = {
    "autostart": libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_AUTOSTART,
    "persistent": libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_PERSISTENT,
}

STARTED = (libvirt.VIR_STORAGE_POOL_RUNNING, libvirt.VIR_STORAGE_POOL_DEGRADED)
"""States of a pool that has sizes and volumes."""


class PoolDraft:
    """What is known of one pool so far."""

    def __init__(self, pool: libvirt.virStoragePool) -> None:
        self.name: str = pool.name()
        self.uuid: str = pool.UUIDString()
        self.subject = f"pool/{self.name}"
        self.xml = ""
        self.info: list[int] | None = None
        self.volumes: dict[int, str] | None = None
        self.volume_count: int | None = None


class Pools:
    """Reads all pools of one host through `calls`."""

    def __init__(self, calls: Calls, *, count_only: bool = False) -> None:
        self.calls = calls
        self.count_only = count_only
        self.drafts: list[PoolDraft] | None = None
        self.members = Members()

    def submit(self) -> None:
        """Queue the lists; each pool's own calls follow when they answer."""
        self.calls.submit("host", "virConnectListAllStoragePools", self._list)
        for name, flag in _FILTERS.items():
            self.calls.submit("host", f"virConnectListAllStoragePools({name})", partial(self._filter, name, flag))

    def finish(self) -> tuple[RawPool, ...] | None:
        """Freeze what was read; None where the list itself failed."""
        if self.drafts is None:
            return None
        return tuple(self._freeze(draft) for draft in self.drafts if draft.xml)

    def _list(self, session: Session) -> None:
        pools = session.connection.listAllStoragePools(0)
        self.drafts = [PoolDraft(pool) for pool in pools]
        for pool, draft in zip(pools, self.drafts, strict=True):
            # libvirt's object belongs to the first session, whichever lane runs the task
            self.calls.submit(draft.subject, "virStoragePoolGetXMLDesc", partial(self._pool, pool, draft), first=True)

    def _filter(self, name: str, flag: int, session: Session) -> None:
        self.members.keep(name, session.connection.listAllStoragePools(flag))

    def _pool(self, pool: libvirt.virStoragePool, draft: PoolDraft, _: Session) -> None:
        draft.xml = pool.XMLDesc(0)
        draft.info = pool.info()
        if draft.info[0] not in STARTED:
            return
        if self.count_only:
            draft.volume_count = pool.numOfVolumes()
        else:
            self.calls.submit(
                draft.subject, "virStoragePoolListAllVolumes", partial(self._volumes, pool, draft), first=True
            )

    def _volumes(self, pool: libvirt.virStoragePool, draft: PoolDraft, _: Session) -> None:
        volumes = pool.listAllVolumes(0)
        read: dict[int, str] = {}
        for start in range(0, len(volumes), self.calls.batch):
            part = volumes[start : start + self.calls.batch]
            self.calls.submit(draft.subject, "virStorageVolGetXMLDesc", partial(_each, read, start, part), first=True)
        draft.volumes = read

    def _freeze(self, draft: PoolDraft) -> RawPool:
        state, capacity, allocation, available = draft.info or (libvirt.VIR_STORAGE_POOL_INACCESSIBLE, 0, 0, 0)
        started = state in STARTED
        volumes = draft.volumes
        return RawPool(
            name=draft.name,
            uuid=draft.uuid,
            xml=draft.xml,
            state=state,
            capacity_bytes=capacity if started else None,
            allocation_bytes=allocation if started else None,
            available_bytes=available if started else None,
            autostart=self.members.has("autostart", draft.uuid),
            persistent=self.members.has("persistent", draft.uuid),
            volume_count=draft.volume_count,
            volumes=None if volumes is None else tuple(volumes[key] for key in sorted(volumes)),
        )


def _each(read: dict[int, str], start: int, part: list[libvirt.virStorageVol], _: Session) -> None:
    for offset, xml in enumerate(each_that_is_there(part, lambda volume: volume.XMLDesc(0))):
        read[start + offset] = xml
