"""Rules on guests against a real libvirt: what they say of a grown host, and that it is so."""

from collections.abc import Iterator
from pathlib import Path

import libvirt
import msgspec
import pytest

from tests.lab import disks, guests
from tests.lab.fixtures import MakeGuests
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.omc import Omc, make_site

pytestmark = [pytest.mark.lab, pytest.mark.timeout(180)]

_POOL = f"<pool type='dir'><name>audited</name><target><path>{disks.INSIDE}</path></target></pool>"


@pytest.fixture
def pool(connection: libvirt.virConnect) -> Iterator[libvirt.virStoragePool]:
    """A pool of the folder in which the lab's images lie; it is gone after the test."""
    made = connection.storagePoolCreateXML(_POOL)
    yield made
    made.destroy()


def _findings(omc: Omc) -> set[tuple[str, str]]:
    """Collect and audit: rule and guest of every finding."""
    collected = omc("inventory", "--read-write", "--max-age", "0")
    assert collected.code == 0, collected.stderr
    answer = omc("audit", "--rule", "G*", "-o", "json")
    assert answer.code == 0, answer.stderr
    return {(found["rule"], found["subject"].removeprefix("guest/")) for found in answer.json}


def _site(lab: Lab, host: Host, folder: Path) -> Omc:
    return make_site(folder, {host.name: lab.uri(host)})


def test_what_is_special_on_a_grown_host_is_found_and_nothing_is_lost(
    lab: Lab, furnished: Host, tmp_path: Path
) -> None:
    """Pending changes, a transient guest and saved memory are found; chains and snapshots in order are not."""
    found = _findings(_site(lab, furnished, tmp_path))
    expected = {("G28", "pending1"), ("G29", "once1"), ("G54", "saved1")}
    assert expected == {each for each in found if each[0] in {"G18", "G21", "G28", "G29", "G53", "G54"}}
    assert ("G50", "web1") not in found


def test_a_guest_whose_image_is_gone_is_found_and_does_not_start(
    lab: Lab, host: Host, make_guests: MakeGuests, pool: libvirt.virStoragePool, tmp_path: Path
) -> None:
    """The rule says what libvirt says at the start; the guest beside it starts, and nothing is found of it."""
    lost, _ = make_guests(guests.halting(host, "lost1"), guests.halting(host, "kept1"), start=False)
    pool.refresh()
    pool.storageVolLookupByName("lost1-0.raw").delete()
    pool.refresh()
    found = _findings(_site(lab, host, tmp_path))
    assert {("G18", "lost1")} == {each for each in found if each[0] == "G18"}
    with pytest.raises(libvirt.libvirtError, match=r"lost1-0\.raw"):
        lost.create()


def test_an_overlay_without_its_snapshot_is_found(
    lab: Lab, host: Host, make_guests: MakeGuests, tmp_path: Path
) -> None:
    """As long as libvirt knows the snapshot all is well; without its metadata the overlay is one that was left."""
    (domain,) = make_guests(guests.halting(host, "left1"))
    snapshot = "<domainsnapshot><name>nightly</name></domainsnapshot>"
    made = domain.snapshotCreateXML(snapshot, libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY)
    omc = _site(lab, host, tmp_path)
    assert ("G21", "left1") not in _findings(omc)
    made.delete(libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY)
    assert ("G21", "left1") in _findings(omc)


@pytest.mark.parametrize("cache", ["", "cache='writeback'"])
def test_native_io_with_a_cache_is_what_libvirt_refuses(host: Host, connection: libvirt.virConnect, cache: str) -> None:
    """What the rule warns of can only be of an older libvirt."""
    plain = guests.halting(host, "native1")
    native = plain.disks[0].replace("type='raw'", f"type='raw' io='native' {cache}")
    with pytest.raises(libvirt.libvirtError, match="native"):
        connection.defineXML(msgspec.structs.replace(plain, disks=(native,)).xml())
