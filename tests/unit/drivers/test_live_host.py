"""A host that is read again and again, with a driver that has no bulk statistics: the calls a guest are waited for."""

import time
from pathlib import Path

import pytest

from omc.drivers.hypervisor.live import door
from omc.drivers.hypervisor.live.host import LibvirtLiveHost
from omc.ports import LiveOptions
from tests.lab import fleet

GROUPS = frozenset({"state", "cpu", "balloon", "vcpu", "interface", "block", "node"})


def test_every_reading_is_whole_and_over_the_same_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each running guest has its CPU time every time; the scrapes open one connection, the facts another one."""
    opened = []
    connect = door.connect
    monkeypatch.setattr(door, "connect", lambda *given, **named: opened.append(given) or connect(*given, **named))
    (file,) = fleet.write(tmp_path, hosts=1, guests=20)
    host = LibvirtLiveHost(f"test://{file}", LiveOptions())
    try:
        for _ in range(10):
            reading = host.read(GROUPS, time.monotonic() + 20)
            assert [] == [guest.name for guest in reading.guests if guest.running and "cpu.time" not in guest.values]
    finally:
        host.close()
    assert len(opened) <= 2
