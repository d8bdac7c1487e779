"""Rules on several hosts beside each other, on real ones: what they say is what libvirt itself then refuses, or has."""

import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libvirt
import pytest

from tests.lab import disks, guests
from tests.lab.guests import Guest, disk, nic
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.omc import make_site

pytestmark = [pytest.mark.lab, pytest.mark.timeout(180)]

_UUID = "7777aaaa-0000-4000-8000-0000000000fb"
_MAC = "52:54:00:fb:00:01"
_DISK_ONLY = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY
_TAGS = "<metadata><omc:guest xmlns:omc='urn:omc:guest:1'><omc:tag>anti-affinity:db</omc:tag></omc:guest></metadata>"


class Pair:
    """Two hosts of a site of their own."""

    def __init__(self, lab: Lab, folder: Path, here: libvirt.virConnect, there: libvirt.virConnect) -> None:
        self.hosts = (lab.hosts["kvm1"], lab.hosts["kvm3"])
        self.here, self.there = here, there
        self._omc = make_site(folder, {host.name: lab.uri(host) for host in self.hosts})

    def findings(self, *rules: str) -> set[tuple[str, str, str, str]]:
        """Collect and audit: rule, severity, host and guest of every finding about guests of this file."""
        collected = self._omc("inventory", "--max-age", "0")
        assert 0 == collected.code, collected.stderr
        found = [one for one in self._audited(*rules) if "pair" in one["subject"]]
        return {(one["rule"], one["severity"], one["host"], one["subject"].removeprefix("guest/")) for one in found}

    def undefine(self, name: str) -> None:
        """Type what F02 says of a guest, up to its last bracket."""
        (fix,) = (one["fix"] for one in self._audited("F02") if one["subject"] == f"guest/{name}")
        command = fix.partition("not wanted: ")[2].partition(" (")[0]
        subprocess.run(shlex.split(command), check=True, capture_output=True, timeout=60)

    def _audited(self, *rules: str) -> Any:
        answer = self._omc("audit", *(word for rule in rules for word in ("--rule", rule)), "-o", "json")
        assert 0 == answer.code, answer.stderr
        return answer.json


@pytest.fixture
def pair(lab: Lab, tmp_path: Path) -> Iterator[Pair]:
    """The hosts kvm1 and kvm3; guests of this file are gone after the test."""
    kvm1, kvm3 = lab.hosts["kvm1"], lab.hosts["kvm3"]
    with kvm1.connect() as here, kvm3.connect() as there:
        yield Pair(lab, tmp_path, here, there)
        for connection in (here, there):
            guests.remove(domain for domain in connection.listAllDomains() if domain.name().startswith("pair"))


def _guest(host: Host, name: str, *, uuid: str = "", mac: str = "", tags: str = "") -> Guest:
    parts = (disk(disks.halting(host, f"{name}.raw")),)
    return Guest(name=name, uuid=uuid, disks=parts, nics=(nic(mac=mac),), elements=(tags,))


def test_a_guest_on_two_hosts_is_stale_until_both_run(pair: Pair) -> None:
    """Defined on both it is a warning where it does not run; started on both it is critical on each.

    What is told of the stale one, typed as it stands, takes its definition away, and leaves its files.
    """
    (first,) = guests.define(pair.here, [_guest(pair.hosts[0], "pair1", uuid=_UUID)])
    (second,) = guests.define(pair.there, [_guest(pair.hosts[1], "pair1", uuid=_UUID)])
    first.create()
    assert {("F02", "warning", "kvm3", "pair1")} == pair.findings("F02", "G43")
    second.create()
    expected = {("G43", "critical", "kvm1", "pair1"), ("G43", "critical", "kvm3", "pair1")}
    assert expected == pair.findings("F02", "G43")
    second.snapshotCreateXML("<domainsnapshot><name>s</name></domainsnapshot>", _DISK_ONLY)
    second.destroy()
    assert {("F02", "warning", "kvm3", "pair1")} == pair.findings("F02")
    pair.undefine("pair1")
    assert "pair1" not in {domain.name() for domain in pair.there.listAllDomains()}
    (pair.hosts[1].images / "pair1.s").unlink()


def test_a_migrated_guest_is_on_one_host(pair: Pair) -> None:
    """After a live migration without leaving the definition behind nothing is found; with it, the source is stale."""
    wanted = Guest(name="pair2", nics=(nic(),))
    (domain,) = guests.define(pair.here, [wanted])
    domain.create()
    uri = f"tcp://{pair.hosts[1].address}"
    persist = libvirt.VIR_MIGRATE_LIVE | libvirt.VIR_MIGRATE_PERSIST_DEST
    moved = domain.migrate3(pair.there, {libvirt.VIR_MIGRATE_PARAM_URI: uri}, persist)
    assert {("F02", "warning", "kvm1", "pair2")} == pair.findings("F02", "G43")
    domain.undefine()
    assert moved.isActive()
    assert set() == pair.findings("F02", "G43")


def test_one_address_twice_on_one_bridge(pair: Pair) -> None:
    """The lab's bridges are one network: critical once both run, and a warning before."""
    guests.define(pair.here, [_guest(pair.hosts[0], "pair3", mac=_MAC)])[0].create()
    (second,) = guests.define(pair.there, [_guest(pair.hosts[1], "pair4", mac=_MAC.upper())])
    assert {("G42", "warning", "kvm1", "pair3"), ("G42", "warning", "kvm3", "pair4")} == pair.findings("G42")
    second.create()
    assert {("G42", "critical", "kvm1", "pair3"), ("G42", "critical", "kvm3", "pair4")} == pair.findings("G42")


def test_one_image_in_two_guests_is_what_qemu_refuses(pair: Pair) -> None:
    """Both defined it is a warning; the second start fails on QEMU's lock. Shareable on both sides it is right."""
    path = disks.halting(pair.hosts[0], "pair5.raw")
    plain = disk(path)
    first, second = guests.define(pair.here, [Guest(name=f"pair{number}", disks=(plain,)) for number in (5, 6)])
    assert {("G19", "warning", "kvm1", "pair5"), ("G19", "warning", "kvm1", "pair6")} == pair.findings("G19")
    first.create()
    with pytest.raises(libvirt.libvirtError, match="lock"):
        second.create()
    first.destroy()
    shared = plain.replace("</disk>", "<shareable/></disk>")
    for domain in (first, second):
        pair.here.defineXML(Guest(name=domain.name(), uuid=domain.UUIDString(), disks=(shared,)).xml())
        domain.create()
    assert set() == pair.findings("G19")


def test_guests_of_one_tag_belong_on_two_hosts(pair: Pair) -> None:
    """Both on one host are found; once one of them runs on the other host neither is."""
    one, two = (_guest(pair.hosts[0], name, tags=_TAGS) for name in ("pair7", "pair8"))
    guests.start(guests.define(pair.here, [one, two]))
    assert {("F05", "warning", "kvm1", "pair7"), ("F05", "warning", "kvm1", "pair8")} == pair.findings("F05")
    pair.here.lookupByName("pair8").destroy()
    guests.start(guests.define(pair.there, [_guest(pair.hosts[1], "pair8", tags=_TAGS)]))
    assert set() == pair.findings("F05")
