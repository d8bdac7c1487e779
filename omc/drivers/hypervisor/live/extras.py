"""What is kept fresh only while somebody asks for it: sizes of volumes, workers and clients of libvirt's daemons."""

import time
from collections.abc import Callable, Iterable

import msgspec

from omc.drivers.hypervisor.admin import read_servers
from omc.drivers.hypervisor.calls import Calls, Session
from omc.drivers.hypervisor.volumes import Volumes
from omc.ports import Fault, RawPool, RawServer

VOLUMES, DAEMON = "volumes", "daemon"
PART_OF = {VOLUMES: "pools", DAEMON: DAEMON}
"""Which part of a host's facts each belongs to. Volumes are asked in the pools' lane, behind them."""

KEPT_SECONDS = 600.0
"""What nobody has asked for so long is no longer read."""

LEAST_SECONDS = 20.0
"""Volumes are read at the most so often, however often their pools change: each is a call."""


class Extras:
    """What is read of one host on request. Thread-safe as far as a scrape may ask while the facts are read."""

    def __init__(self, uri: str, *, volumes_per_pool: int) -> None:
        self._uri = uri
        self._volumes = Volumes(volumes_per_pool)
        self._read_at = float("-inf")
        self._servers: tuple[RawServer, ...] | None = None
        self._asked: dict[str, float] = {}

    def want(self, groups: Iterable[str]) -> list[str]:
        """Note what of these a scrape asks for, and give the parts to read soon: those that nobody asked until now."""
        wanted = [name for name in PART_OF if name in groups]
        new = [PART_OF[name] for name in wanted if not self._is_wanted(name)]
        self._asked.update(dict.fromkeys(wanted, time.monotonic()))
        return new

    def with_sizes(self, pools: tuple[RawPool, ...] | None) -> tuple[RawPool, ...] | None:
        """Add to pools what is known of their volumes."""
        if pools is None or not self._is_wanted(VOLUMES):
            return pools
        return tuple(msgspec.structs.replace(pool, sizes=self._volumes.of(pool.name)) for pool in pools)

    def servers(self) -> tuple[RawServer, ...] | None:
        """Give the daemons' servers; None where they were not read."""
        return self._servers if self._is_wanted(DAEMON) else None

    def ask_volumes(self, calls: Calls) -> None:
        """Queue the calls for the volumes' sizes, where somebody wants them."""
        now = time.monotonic()
        if not self._is_wanted(VOLUMES):
            self._volumes.forget()
            self._read_at = float("-inf")
        elif now - self._read_at >= LEAST_SECONDS:
            self._read_at = now
            self._volumes.submit(calls)

    def ask_daemon(self, calls: Calls) -> Callable[[], None]:
        """Queue the question to the daemons, where somebody wants it; what is given back keeps the answer."""
        servers: list[RawServer] = []
        faults: list[Fault] = []

        def read(_: Session) -> None:
            found, failed = read_servers(self._uri)
            servers.extend(found)
            faults.extend(failed)

        def keep() -> None:
            calls.faults.extend(faults)
            self._servers = tuple(servers)

        if not self._is_wanted(DAEMON):
            return lambda: None
        calls.submit("daemon", "virAdmConnectOpen", read)
        return keep

    def _is_wanted(self, name: str) -> bool:
        return time.monotonic() - self._asked.get(name, float("-inf")) < KEPT_SECONDS
