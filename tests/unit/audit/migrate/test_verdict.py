"""Would a guest run on another host: each thing that stands in the way is found, and what nobody read is never fine."""

import copy
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
import pytest
import yaml

from omc.audit.migrate.move import Move
from omc.audit.migrate.verdict import AREAS, Verdict, judge
from omc.model import Guest, Host

DATA = Path(__file__).parents[3] / "data"
GIB = 1024**3
IMAGE = "/var/lib/libvirt/images/web.qcow2"

Fields = Mapping[str, Any]
PLAIN: Fields = MappingProxyType({})


def _capabilities(**fields: Any) -> dict[str, Any]:
    return {
        "arch": "x86_64",
        "type": "kvm",
        "max_vcpus": 255,
        "firmware": ["bios", "efi"],
        "secure_boot": True,
        "cpu_modes": ["host-passthrough", "host-model", "custom"],
        "host_model": "Haswell-noTSX",
        "host_model_features": [{"name": "ssbd", "policy": "require"}],
        "usable_models": ["Nehalem", "Haswell-noTSX"],
        "blocked_models": {"Skylake-Server": ["avx512f"]},
        "devices": {"tpm.backendModel": ["emulator"]},
        **fields,
    }


def _host(name: str, **fields: Any) -> Host:
    machines = [{"name": "pc-q35-7.2", "max_cpus": 255}]
    plain = {
        "name": name,
        "uri": f"qemu+ssh://{name}/system",
        "collected_at": "2026-11-21T10:00:00Z",
        "uuid": f"uuid-{name}",
        "driver": "QEMU",
        "live_migration": True,
        "libvirt_version": "9.0.0",
        "hypervisor_version": "7.2.0",
        "cpu": {"arch": "x86_64", "vendor": "Intel", "model": "Haswell-noTSX", "features": ["ssbd"]},
        "memory_bytes": 64 * GIB,
        "memory_free_bytes": 32 * GIB,
        "cells": [{"id": 0, "cpus": "0-7", "huge_pages": [{"size_bytes": 2 << 20, "total": 0, "free": 0}]}],
        "architectures": [
            {"arch": "x86_64", "os_type": "hvm", "emulator": "/usr/bin/kvm", "types": ["kvm"], "machines": machines}
        ],
        "domain_capabilities": [_capabilities()],
        "devices": [{"name": "net_br0", "kind": "net", "interface": "br0"}],
        "pools": [_pool()],
        "networks": [{"name": "front", "uuid": "n", "active": True}],
    }
    return msgspec.convert(plain | fields, Host)


def _pool(*volumes: str, **fields: Any) -> dict[str, Any]:
    held = [{"pool": "images", "name": path.rpartition("/")[2], "path": path} for path in volumes]
    plain = {"name": "images", "uuid": "p", "type": "netfs", "state": "running", "source": "nas:/images"}
    return {**plain, "path": "/var/lib/libvirt/images", "available_bytes": 100 * GIB, "volumes": held, **fields}


def _guest(**fields: Any) -> Guest:
    plain = {
        "host": "kvm1",
        "name": "web",
        "uuid": "uuid-web",
        "state": "running",
        "type": "kvm",
        "os_type": "hvm",
        "arch": "x86_64",
        "machine": "pc-q35-7.2",
        "emulator": "/usr/bin/kvm",
        "vcpus": 2,
        "vcpus_maximum": 2,
        "memory_bytes": 4 * GIB,
        "persistent": True,
        "cpu": {"mode": "custom", "model": "Nehalem"},
        "disks": [{"target": "vda", "format": "qcow2", "source": IMAGE, "capacity_bytes": 20 * GIB}],
        "nics": [{"mac": "52:54:00:00:00:01", "source": "front"}],
    }
    return msgspec.convert(plain | fields, Guest)


def _judge(guest: Fields = PLAIN, there: Fields = PLAIN, here: Fields = PLAIN, *, live: bool | None = None) -> Verdict:
    source, target = _host("kvm1", **_host_fields(here)), _host("kvm2", **_host_fields(there))
    return judge(Move.of(_guest(**guest), source, target, live=live))


def _told(verdict: Verdict, area: str) -> list[tuple[str, str]]:
    return [(one.status, one.message) for one in verdict.checks if one.area == area and one.status != "fine"]


def test_a_portable_guest_would_run() -> None:
    """Shared storage, a named model, a network of one name: nothing is in the way, and each area was looked at."""
    verdict = _judge()
    assert ("would run", True, False) == (verdict.verdict, verdict.live, verdict.blocked)
    assert [area for area, _ in AREAS] == list(dict.fromkeys(one.area for one in verdict.checks))
    assert {"fine"} == {one.status for one in verdict.checks}


PCI = {"type": "pci", "source": "0000:03:00.0"}
OTHER_CPU = {"cpu": {"arch": "x86_64", "vendor": "Intel", "model": "Nehalem"}}
CASES: dict[str, dict[str, Any]] = yaml.safe_load((DATA / "migrate.yaml").read_text(encoding="utf-8"))


def _host_fields(case: Fields) -> Fields:
    """Put `capabilities` (of one board, or a list of them) and `pool` of a case where a host has them."""
    fields = dict(case)
    if "capabilities" in fields:
        said = fields.pop("capabilities")
        boards = said if isinstance(said, list) else [said]
        fields["domain_capabilities"] = [_capabilities(**each) for each in boards]
    if "pool" in fields:
        pool = fields.pop("pool")
        fields["pools"] = [_pool(*pool.pop("volumes", ()), **pool)]
    return fields


def all_fixes() -> Iterator[str]:
    """Give what is told to be typed in each case, live and offline."""
    for case in CASES.values():
        for live in (True, False):
            it = copy.deepcopy(case)
            verdict = _judge(it.get("guest", {}), it.get("there", {}), it.get("here", {}), live=live)
            yield from (check.fix for check in verdict.checks)


@pytest.mark.parametrize("case", CASES)
def test_what_stands_in_the_way_is_told(case: str) -> None:
    """In its area, with its status, and with something to type or to know."""
    it = copy.deepcopy(CASES[case])
    area, status, words = it["area"], it["status"], it["says"]
    verdict = _judge(it.get("guest", {}), it.get("there", {}), it.get("here", {}))
    told = _told(verdict, area)
    assert any(status == found and words in message for found, message in told), told
    assert it.get("fix", "") in "\n".join(one.fix for one in verdict.checks if one.area == area)
    assert "would run" != verdict.verdict
    assert (status in {"after", "cannot"}) <= verdict.blocked


@pytest.mark.parametrize("area", [area for area, _ in AREAS if area != "host"])
def test_every_area_has_a_case_that_blocks(area: str) -> None:
    """So that no area is fine by having no check."""
    assert any(case["area"] == area and case["status"] != "unknown" for case in CASES.values())


def test_what_blocks_can_be_typed_away() -> None:
    """A command names the guest, quoted, on the host that it is for."""
    verdict = _judge({"name": "a b", "snapshots": [{"name": "x;y"}]})
    (fix,) = (one.fix for one in verdict.checks if one.area == "state")
    assert "virsh -c qemu+ssh://kvm1/system snapshot-delete 'a b' 'x;y'" == fix


@pytest.mark.parametrize(
    "guest",
    [
        {"disks": [{"target": "vda", "source": "/a;reboot"}]},
        {"disks": [{"target": "vda", "type": "block", "source": "/a;reboot"}]},
        {"nics": [{"mac": "52:54:00:00:00:01", "type": "bridge", "source": "/a;reboot"}]},
        {"filesystems": [{"type": "mount", "source": "/a;reboot", "target": "/a;reboot"}]},
        {"state": "shut off", "firmware": {"type": "efi", "nvram": "/a;reboot"}},
    ],
)
def test_what_is_to_be_typed_brings_nothing_along(guest: Fields) -> None:
    """Paths and names are of a guest's owner, and end in somebody's shell: they are quoted there."""
    fixes = [one.fix for one in _judge(guest).checks if ";reboot" in one.fix]
    assert fixes
    assert all("reboot" not in re.sub("'[^']*'", "", fix) for fix in fixes), fixes


def test_on_the_same_cpu_a_guest_keeps_what_it_has() -> None:
    """Whatever its features are, they are there: nothing has to be told of them."""
    cpu = {"mode": "custom", "model": "Haswell-noTSX", "features": [{"name": "xsaves", "policy": "require"}]}
    assert "would run" == _judge({"cpu": cpu}).verdict
    assert "would run" == _judge({"cpu": {"mode": "host-passthrough"}}).verdict


def test_features_that_a_guest_leaves_out_are_not_missed() -> None:
    """Skylake-Server without what blocks it runs."""
    features = [{"name": "avx512f", "policy": "disable"}]
    cpu = {"mode": "custom", "model": "Skylake-Server", "features": features}
    assert [] == _told(_judge({"cpu": cpu}, {}, {"cpu": {}}), "cpu")


def test_an_old_libvirt_that_does_not_say_what_blocks_a_model_leaves_it_open() -> None:
    """Only where the guest leaves something out, which may be just that."""
    there = {"domain_capabilities": [_capabilities(blocked_models={"EPYC": []})]}
    cpu = {"mode": "custom", "model": "EPYC", "features": [{"name": "npt", "policy": "disable"}]}
    assert ["unknown"] == [status for status, _ in _told(_judge({"cpu": cpu}, there, {"cpu": {}}), "cpu")]
    assert ["cannot"] == [status for status, _ in _told(_judge({"cpu": {"model": "EPYC"}}, there, {"cpu": {}}), "cpu")]


@pytest.mark.parametrize(
    ("fields", "area", "words"),
    [
        ({"managed_save": True, "state": "shut off"}, "state", "saved image"),
        (
            {"firmware": {"type": "efi", "auto": True, "nvram": "/n.fd"}, "state": "shut off"},
            "firmware",
            "UEFI variables",
        ),
        ({"tpm": {"backend": "emulator"}, "state": "shut off"}, "firmware", "state of its TPM"),
        ({"state": "running"}, "state", "it is running"),
        ({"state": "shut off", "host_devices": [PCI]}, "devices", "none at that address"),
    ],
)
def test_a_guest_that_is_shut_off_takes_its_files_along(fields: Fields, area: str, words: str) -> None:
    """Offline, libvirt moves the configuration alone."""
    told = _told(_judge(fields, live=False), area)
    assert [("after", True)] == [(status, words in message) for status, message in told]


def test_offline_the_cpu_of_another_host_does_not_matter() -> None:
    """The next start takes the CPU that is there."""
    verdict = _judge({"state": "shut off", "cpu": {"mode": "host-passthrough"}}, OTHER_CPU)
    assert ("would run", False) == (verdict.verdict, verdict.live)


@pytest.mark.parametrize("machine", ["pc-q35-7.2", "q35"])
def test_firmware_is_held_against_that_of_its_own_board(machine: str) -> None:
    """What libvirt tells of its default board stands in no way where it told of the guest's one, too."""
    boards = [{"machine": "pc-i440fx-7.2", "firmware": [], "secure_boot": False}, {"machine": "pc-q35-7.2"}]
    firmware = {"type": "efi", "auto": True, "secure_boot": True}
    assert [] == _told(_judge({"machine": machine, "firmware": firmware}, {"capabilities": boards}), "firmware")


def test_a_guest_whose_configuration_was_not_read_is_not_fine() -> None:
    """Nothing is known of it, and that is all that is said."""
    verdict = _judge({"type": None})
    assert "would run as far as is known" == verdict.verdict
    assert [("state", "unknown")] == [(one.area, one.status) for one in verdict.checks]


def test_a_server_that_a_guest_there_uses_is_reached() -> None:
    """Its disk is of the same place: nobody has to look."""
    disk = {"target": "vda", "type": "network", "source": "rbd://mon1/vms/web"}
    other = {"target": "vda", "type": "network", "source": "rbd://mon1/vms/db"}
    guest = {"host": "kvm2", "name": "db", "uuid": "d", "state": "running", "disks": [other]}
    assert "would run" == _judge({"disks": [disk]}, {"guests": [guest]}).verdict


def _fixes(verdict: Verdict) -> list[str]:
    return [one.fix for one in verdict.checks if one.fix]


def test_a_guest_that_is_off_is_asked_about_again_with_its_name_and_host() -> None:
    """The same move, offline."""
    assert "omc audit migrate kvm1/web kvm2 --offline" in _fixes(_judge({"state": "shut off"}, live=True))


def test_a_network_is_copied_started_and_stays() -> None:
    """In one line."""
    uri = "virsh -c qemu+ssh://kvm2/system"
    copied = f"> net.xml && {uri} net-define net.xml && {uri} net-start front && {uri} net-autostart front"
    assert any(copied in fix for fix in _fixes(_judge(there={"networks": []})))


def test_what_a_driver_cannot_tell_is_not_asked_for_again() -> None:
    """A read-only connection is another matter."""
    unread = {"domain_capabilities": None}
    issue = {"host": "kvm2", "subject": "host", "code": "unsupported", "why": "no such function"}
    untold = {**unread, "issues": [{**issue, "what": "what guests may have here (domain capabilities)"}]}
    assert "omc inventory --read-write kvm2" in _fixes(_judge(there=unread))
    assert "omc inventory --read-write kvm2" not in _fixes(_judge(there=untold))
