"""`omc capacity` of real hosts: what libvirt itself says of pools, memory and processors."""

from collections.abc import Iterator
from pathlib import Path

import libvirt
import pytest

from tests.lab import disks, guests
from tests.lab.fixtures import MakeGuests
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.omc import Omc, make_site
from tests.waiting import until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(180)]

_MIB = 1 << 20
_NFS = """<pool type='netfs'><name>{name}</name><source><host name='nas.example'/><dir path='/export/vm'/></source>
<target><path>/mnt/{name}</path></target></pool>"""


@pytest.fixture
def omc(lab: Lab, tmp_path: Path) -> Omc:
    made = make_site(tmp_path, {name: lab.uri(lab.hosts[name]) for name in ("kvm1", "kvm2", "kvm3")})
    (made.site / "inventory" / "site.yaml").write_text("connect_timeout_seconds: 20\n")  # the machine may be busy
    return made


def collect(omc: Omc) -> None:
    answer = omc("inventory", "--max-age", "0")
    assert 0 == answer.code, answer.stderr


@pytest.fixture
def shared(lab: Lab) -> Iterator[None]:
    """The same export, defined under two names on two hosts; it is not there, so neither runs."""
    with lab.hosts["kvm1"].connect() as first, lab.hosts["kvm3"].connect() as second:
        defined = [
            first.storagePoolDefineXML(_NFS.format(name="nfs")),
            second.storagePoolDefineXML(_NFS.format(name="vm")),
        ]
        try:
            yield
        finally:
            for one in defined:
                one.undefine()


def test_pools_are_as_libvirt_says(omc: Omc, furnished: Host) -> None:
    """Size, what is taken and free, and what all volumes may grow to."""
    with furnished.connect() as connection:
        pools: list[libvirt.virStoragePool] = connection.listAllStoragePools()
        for pool in (pool for pool in pools if pool.isActive()):
            pool.refresh()  # libvirt lists files that are gone until it is told to look
        collect(omc)
        found = {one["name"]: one for one in omc("capacity", "pools", "kvm2", "-o", "json").json}
        assert {pool.name() for pool in pools} == set(found)
        for pool in (pool for pool in pools if pool.isActive()):
            ours, volumes = found[pool.name()], pool.listAllVolumes()
            assert pool.info()[1] == ours["capacity_bytes"]
            assert sum(volume.info()[1] for volume in volumes) == ours["provisioned_bytes"]
            assert ours["capacity_bytes"] >= ours["allocated_bytes"] + ours["available_bytes"]


def test_a_storage_that_two_hosts_define_is_one(omc: Omc, shared: None) -> None:
    """By its source, whatever each calls it."""
    collect(omc)
    found = [one for one in omc("capacity", "pools", "-o", "json").json if one["type"] == "netfs"]
    assert [["kvm1", "kvm3"]] == [one["hosts"] for one in found]
    assert [(None, None)] == [(one["capacity_bytes"], one["provisioned_bytes"]) for one in found]


def test_a_started_guest_takes_its_memory_and_as_many_fit_less(omc: Omc, host: Host, make_guests: MakeGuests) -> None:
    """One that is only defined takes none; the hosts' memory is that of the machine below them."""
    size = ("--size", "memory=16MiB", "--ratio", "1000", "-o", "json")
    collect(omc)
    before = omc("capacity", *size).json
    make_guests(guests.halting(host, "takes16"))
    make_guests(guests.halting(host, "waits16"), start=False)
    collect(omc)
    after = omc("capacity", *size).json
    (ours,) = (line for line in after["hosts"] if line["name"] == "kvm1")
    assert 16 * _MIB == after["total"]["allocated_bytes"] - before["total"]["allocated_bytes"]
    assert 32 * _MIB == after["total"]["defined_bytes"] - before["total"]["defined_bytes"]
    assert (-1, -16 * _MIB) == tuple(after["total"][name] - before["total"][name] for name in ("fit", "free_bytes"))
    with host.connect() as connection:
        assert connection.getInfo()[1] == ours["memory_bytes"] // _MIB
        assert connection.getInfo()[2] == ours["cpus"]
    (loss,) = (one for one in after["losses"] if one["level"] == "N+1")
    assert ("room, but tied", 0, 3) == (loss["verdict"], loss["left"], loss["checked"])


def test_a_crashed_guest_that_is_kept_takes_its_memory(omc: Omc, host: Host, make_guests: MakeGuests) -> None:
    """As libvirt has it: it is active until somebody ends it, and so says whoever counts."""
    collect(omc)
    before = omc("capacity", "-o", "json").json["total"]
    kept = "<on_crash>preserve</on_crash>"
    drive = guests.disk(disks.panicking(host, "gaveup.raw"))
    (domain,) = make_guests(
        guests.Guest(name="gaveup", disks=(drive,), elements=(kept,), devices=("<panic model='isa'/>",))
    )
    until(lambda: domain.state() == [libvirt.VIR_DOMAIN_CRASHED, libvirt.VIR_DOMAIN_CRASHED_PANICKED])
    collect(omc)
    after = omc("capacity", "-o", "json").json["total"]
    assert domain.isActive()
    assert 16 * _MIB == after["allocated_bytes"] - before["allocated_bytes"]
    assert 1 == after["guests_running"] - before["guests_running"]
    question = "SELECT h.guests_running FROM hosts h JOIN guests g ON g.host = h.name WHERE g.state = 'crashed'"
    assert [{"guests_running": 1}] == omc("inventory", "sql", question, "-o", "json").json


def test_a_forecast_of_a_first_day_is_refused(omc: Omc, furnished: Host) -> None:
    """With what is needed for one."""
    collect(omc)
    found = omc("capacity", "forecast", furnished.name, "-o", "json").json
    assert {"not known"} == {one["verdict"] for one in found}
    assert "at least 10 over 14 are needed" in next(one["why"] for one in found if one["name"] == "images")
