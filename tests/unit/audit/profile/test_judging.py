"""Guests and hosts held to core-2026: how far from portable, in which area, and for want of what."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from omc.audit.profile.facts import FACTS
from omc.audit.profile.judging import Judged, judge_guest, judge_sheet
from omc.audit.profile.reading import find_profile
from omc.audit.profile.sheet import CoreHost, Sheet, sheet_of, together
from omc.model import Guest
from omc.site import reference_root

GUEST: Mapping[str, Any] = {
    "host": "kvm1",
    "name": "web",
    "uuid": "u",
    "state": "running",
    "type": "kvm",
    "arch": "x86_64",
    "machine": "pc-q35-7.2",
    "title": "Web server",
    "persistent": True,
    "managed_save": False,
    "cpu": {"mode": "custom", "model": "Nehalem"},
    "disks": [{"target": "vda", "bus": "virtio", "format": "qcow2", "source": "/a"}],
    "nics": [{"mac": "52:54:00:00:00:01", "model": "virtio", "source": "front"}],
    "metadata": {"os_id": "debian", "attributes": {"owner": "web team"}},
    "channels": [{"name": "org.qemu.guest_agent.0"}],
}
OFFERED: Mapping[str, Any] = {
    "arch": "x86_64",
    "type": "kvm",
    "machine": "pc-q35-7.2",
    "firmware": ["efi"],
    "secure_boot": True,
    "cpu_modes": ["custom"],
    "usable_models": ["Nehalem", "Haswell"],
    "devices": {
        "disk.bus": ["virtio", "scsi"],
        "video.modelType": ["virtio"],
        "rng.model": ["virtio"],
        "tpm.backendModel": ["emulator"],
        "hostdev.subsysType": ["pci"],
    },
}
UNREADABLE = {"cpu.model-there", "machine.there", "network.there", "state.snapshot", "state.saved", "state.persistent"}
"""Facts that may not have been collected though the guest's configuration was."""


def _host(name: str, **fields: Any) -> CoreHost:
    plain = {
        "name": name,
        "collected_at": "2026-11-21T10:00:00Z",
        "live_migration": True,
        "iommu": True,
        "cells": [{"huge_pages": [{"size_bytes": 2 << 20, "total": 8}]}],
        "architectures": [{"arch": "x86_64", "os_type": "hvm", "types": ["kvm"], "machines": [{"name": "pc-q35-7.2"}]}],
        "domain_capabilities": [OFFERED],
        "networks": [{"name": "front", "active": True}],
    }
    return msgspec.convert(plain | fields, CoreHost)


def _sheet(**fields: Any) -> Sheet:
    return sheet_of(_host("kvm1", **fields))


def _judge(profile: str = "core-2026", sheet: Sheet | None = None, **fields: Any) -> Judged:
    guest = msgspec.convert({**GUEST, **fields}, Guest)
    return judge_guest(guest, sheet or _sheet(), find_profile(profile, [reference_root()]))


def test_a_guest_that_keeps_to_it_is_portable() -> None:
    """In every area, with nothing to say."""
    judged = _judge()
    assert ("portable", ()) == (judged.verdict, judged.told)
    assert {"portable"} == set(judged.areas.values())


@pytest.mark.parametrize(
    ("fields", "area", "verdict"),
    [
        ({"cpu": {"mode": "host-model"}}, "cpu", "with conversion"),
        ({"cpu": {"mode": "host-passthrough"}}, "cpu", "tied"),
        ({"cpu": {"model": "Skylake-Server"}}, "cpu", "with conversion"),
        ({"cpu": {"model": "Nehalem", "features": [{"name": "vmx", "policy": "require"}]}}, "cpu", "tied"),
        ({"cpu": {"model": "Nehalem", "features": [{"name": "vmx", "policy": "disable"}]}}, "cpu", "portable"),
        ({"custom_arguments": ["-x"]}, "cpu", "tied"),
        ({"machine": "pc-q35-rhel9.4.0"}, "machine", "tied"),
        ({"machine": "pc-q35-9.2+pve1"}, "machine", "tied"),
        ({"machine": "pc-q35-6.2"}, "machine", "with conversion"),
        ({"firmware": {"type": "efi", "loader": "/x.fd"}}, "firmware", "with conversion"),
        ({"firmware": {"type": "efi", "auto": True, "secure_boot": False}}, "firmware", "portable"),
        ({"firmware": {"type": "efi", "auto": True, "secure_boot": True}}, "firmware", "tied"),
        (
            {"firmware": {"type": "efi", "auto": True, "secure_boot": False, "nvram": "/n"}},
            "firmware",
            "with conversion",
        ),
        ({"tpm": {"backend": "emulator", "version": "2.0"}}, "firmware", "tied"),
        ({"memory": {"huge_pages": True}}, "memory", "with conversion"),
        ({"disks": [{"target": "sda", "bus": "sata"}]}, "disks", "with conversion"),
        ({"disks": [{"target": "sda", "bus": "scsi", "device": "lun"}]}, "disks", "tied"),
        ({"disks": [{"target": "vda", "backing_chain": [{"source": "/b"}]}]}, "disks", "with conversion"),
        ({"disks": [{"target": "vda", "shareable": True}]}, "disks", "tied"),
        ({"disks": [{"target": "sda", "device": "cdrom", "source": "/a.iso"}]}, "disks", "with conversion"),
        ({"disks": [{"target": "sda", "device": "cdrom"}]}, "disks", "portable"),
        ({"nics": [{"mac": "m", "type": "bridge", "model": "virtio"}]}, "network", "with conversion"),
        ({"nics": [{"mac": "m", "type": "direct", "model": "virtio"}]}, "network", "tied"),
        ({"nics": [{"mac": "00:50:56:00:00:01", "model": "virtio"}]}, "network", "tied"),
        ({"nics": [{"mac": "m", "source": "back", "model": "virtio"}]}, "network", "with conversion"),
        ({"nics": [{"mac": "m", "source": "front"}]}, "network", "with conversion"),
        ({"host_devices": [{"type": "pci", "source": "x"}]}, "devices", "tied"),
        ({"filesystems": [{"type": "mount", "driver": "virtiofs"}]}, "devices", "tied"),
        ({"graphics": [{"type": "spice"}]}, "devices", "with conversion"),
        ({"usb_redirections": 2}, "devices", "with conversion"),
        ({"managed_save": True}, "state", "with conversion"),
        ({"managed_save": None}, "state", "not known"),
        ({"snapshots": [{"name": "a", "memory": "internal"}]}, "state", "tied"),
        ({"snapshots": [{"name": "a", "memory": "no"}]}, "state", "with conversion"),
        ({"snapshots": None}, "state", "not known"),
    ],
)
def test_an_area_is_as_far_as_its_worst(fields: Mapping[str, Any], area: str, verdict: str) -> None:
    """And the guest as its worst area."""
    judged = _judge(**fields)
    assert (verdict, verdict) == (judged.areas[area], judged.verdict)


def test_advice_does_not_decide() -> None:
    """A guest without owner, of an old machine type and CPU, is told so and is portable."""
    judged = _judge(metadata={}, cpu={"model": "qemu64"}, machine="pc-i440fx-7.2", sheet=_sheet(
        architectures=[{"arch": "x86_64", "os_type": "hvm", "types": ["kvm"], "machines": [{"name": "pc-i440fx-7.2"}]}],
        domain_capabilities=[{**OFFERED, "usable_models": ["qemu64"]}],
    ))  # fmt: skip
    assert "portable" == judged.verdict
    told = {(found.requirement, found.status) for found in judged.told}
    assert {("metadata-owner", "advisory"), ("cpu-level", "advisory"), ("machine-i440fx", "deprecated")} <= told


def test_what_was_not_read_is_never_portable() -> None:
    """Neither a guest without its configuration, nor one on hosts of which nobody knows what guests may have."""
    bare = _judge(type=None)
    assert ("not known", {"not known"}) == (bare.verdict, set(bare.areas.values()))
    assert "not known" == _judge(sheet=_sheet(domain_capabilities=None)).areas["cpu"]


@pytest.mark.parametrize("name", FACTS)
def test_every_fact_of_a_bare_guest_is_said_or_missing(name: str) -> None:
    """None of them fails on a guest that has next to nothing, nor on hosts that nobody read."""
    bare = Guest(host="kvm1", name="web", uuid="u", state="shut off", type="kvm", snapshots=None, arch="x86_64")
    values = FACTS[name](bare, Sheet(hosts=()))
    assert values is None or all(isinstance(value, str) for pair in values for value in pair)
    if name in UNREADABLE - {"cpu.model-there", "machine.there", "network.there"}:
        assert values is None


def test_addons_take_what_the_core_refuses() -> None:
    """A TPM under secure, a card under gpu, pins under realtime."""
    secured = {
        "tpm": {"backend": "emulator", "version": "2.0"},
        "firmware": {"type": "efi", "auto": True, "secure_boot": True},
    }
    assert ("tied", "portable") == (_judge(**secured).verdict, _judge("core-2026+secure", **secured).verdict)
    card = {"host_devices": [{"type": "pci", "source": "x"}]}
    assert ("tied", "with conversion") == (_judge(**card).verdict, _judge("core-2026+gpu", **card).verdict)
    pinned = {"cpu_tuning": {"pins": [{"what": "vcpu 0", "cpus": "1"}]}}
    assert ("with conversion", "portable") == (_judge(**pinned).verdict, _judge("core-2026+realtime", **pinned).verdict)


def test_the_fix_names_the_guest_quoted() -> None:
    """It ends in somebody's shell."""
    (told,) = _judge(name="a b; rm", managed_save=True, cpu={"mode": "host-model"}).told[:1]
    assert "virsh edit 'a b; rm':" in told.fix


def test_a_host_conforms_or_lacks_something() -> None:
    """What is missing is named; what was not read is not taken for there."""
    profile = find_profile("core-2026", [reference_root()])
    assert "conforms" == judge_sheet("host", "kvm1", _sheet(), profile).verdict
    poor = judge_sheet("host", "kvm1", _sheet(domain_capabilities=[{**OFFERED, "firmware": []}]), profile)
    assert ("does not conform", "does not conform") == (poor.verdict, poor.areas["firmware"])
    assert ["firmware: no efi"] == [found.message for found in poor.told]
    unread = judge_sheet("host", "kvm1", _sheet(domain_capabilities=None), profile)
    assert "not known" == unread.verdict
    assert "not known" == judge_sheet("host", "kvm1", sheet_of(_host("kvm1", collected_at=None)), profile).verdict


def test_a_groups_sheet_is_what_all_of_its_hosts_offer() -> None:
    """Models, machine types, devices, networks: the intersection; the level is the lowest."""
    old = {**OFFERED, "usable_models": ["qemu64", "Nehalem"], "devices": {"disk.bus": ["virtio", "sata"]}}
    both = together([_sheet(), _sheet(domain_capabilities=[old], networks=[])])
    main = both.main
    assert main is not None
    assert (2, "Nehalem", frozenset({"virtio"})) == (main.level, main.model, (main.facts or {})["disk.bus"])
    assert "video.modelType" not in (main.facts or {})
    assert frozenset() == both.facts["network"]
    assert ("kvm1", "kvm1") == both.hosts


@pytest.mark.parametrize(("machine", "verdict"), [("pc-i440fx-7.2", "not known"), ("pc-q35-7.2", "does not conform")])
def test_a_board_that_never_has_secure_boot_tells_nothing_of_one_that_may(machine: str, verdict: str) -> None:
    """What libvirt answers is for the board that it is asked for, i440FX where nobody says another."""
    profile = find_profile("core-2026", [reference_root()]).having(("secure",))
    sheet = _sheet(domain_capabilities=[{**OFFERED, "machine": machine, "secure_boot": False}])
    assert verdict == judge_sheet("host", "kvm1", sheet, profile).areas["firmware"]


I440FX: Mapping[str, Any] = {**OFFERED, "machine": "pc-i440fx-7.2", "firmware": [], "secure_boot": False}


@pytest.mark.parametrize(
    ("machine", "secure", "boards", "told"),
    [
        ("pc-q35-7.2", False, [I440FX, OFFERED], None),
        ("pc-q35-7.2", True, [I440FX, OFFERED], None),
        ("pc-q35-7.2", True, [I440FX, {**OFFERED, "secure_boot": False}], "for its board: Secure Boot on q35: no"),
        ("pc-i440fx-7.2", False, [I440FX, OFFERED], "for its board: UEFI on i440fx: no"),
        ("pc-q35-7.2", False, [I440FX], "not checked: firmware.there was not read"),
    ],
)
def test_a_guests_firmware_is_there_where_its_own_board_has_it(
    machine: str, secure: bool, boards: list[Mapping[str, Any]], told: str | None
) -> None:
    """Whatever libvirt tells of another board."""
    machines = [{"name": "pc-q35-7.2"}, {"name": "pc-i440fx-7.2"}]
    kinds = [{"arch": "x86_64", "os_type": "hvm", "types": ["kvm"], "machines": machines}]
    firmware = {"type": "efi", "auto": True, "secure_boot": secure}
    judged = _judge(machine=machine, firmware=firmware, sheet=_sheet(domain_capabilities=boards, architectures=kinds))
    messages = [found.message for found in judged.told if found.requirement == "firmware-there"]
    assert ([] if told is None else [told]) == [
        message.removeprefix("its firmware is on every host of the group, ") for message in messages
    ]


def test_a_host_offers_what_guests_may_have_on_any_of_its_boards() -> None:
    """UEFI with Secure Boot on q35, IDE on i440FX: it conforms by what either has."""
    profile = find_profile("core-2026", [reference_root()]).having(("secure",))
    old = {"machine": "pc-i440fx-7.2", "firmware": [], "secure_boot": False, "devices": {"disk.bus": ["ide", "virtio"]}}
    sheet = _sheet(domain_capabilities=[{**OFFERED, **old}, {**OFFERED, "machine": "pc-q35-7.2"}])
    assert "conforms" == judge_sheet("host", "kvm1", sheet, profile).verdict
    assert sheet.main is not None
    assert frozenset({"ide", "virtio", "scsi"}) == (sheet.main.facts or {})["disk.bus"]


@pytest.mark.parametrize(("models", "best"), [(["486", "pentium3", "qemu64"], "qemu64"), (["486", "pentium3"], None)])
def test_guests_of_64_bits_are_given_no_model_of_32(models: list[str], best: str | None) -> None:
    """However rich it is: they would not start."""
    main = _sheet(domain_capabilities=[{**OFFERED, "usable_models": models}]).main
    assert main is not None
    assert best == main.model


def test_a_host_that_was_never_read_takes_nothing_away() -> None:
    """It is named, and the group is not known to conform."""
    both = together([_sheet(), sheet_of(_host("kvm9", collected_at=None))])
    assert (("kvm1",), ("kvm9",)) == (both.hosts, both.unread)
    profile = find_profile("core-2026", [reference_root()])
    assert "not known" == judge_sheet("group", "all", both, profile).verdict


def test_a_host_whose_capabilities_were_not_read_lacks_nothing_for_sure() -> None:
    """It is not known which guests it runs; so it is of its group, and of guests there."""
    profile = find_profile("core-2026", [reference_root()])
    bare = _sheet(architectures=[], domain_capabilities=None)
    assert "not known" == judge_sheet("host", "kvm1", bare, profile).verdict
    both = together([_sheet(), bare])
    assert "not known" == judge_sheet("group", "all", both, profile).verdict
    areas = _judge(sheet=both).areas
    assert ("not known", "not known") == (areas["cpu"], areas["machine"])


@pytest.mark.parametrize(
    "group",
    [together([_sheet(), sheet_of(_host("kvm9", collected_at=None))]), together([_sheet()], "1 of 2 hosts")],
    ids=["one was never read", "one was not selected"],
)
def test_what_a_group_has_on_every_host_is_not_known_where_one_is_not_looked_at(group: Sheet) -> None:
    """It may lack anything; what another one lacks is lacked all the same."""
    areas = _judge(sheet=group).areas
    assert ["not known"] * 3 == [areas[name] for name in ("cpu", "machine", "network")]
    newer = _judge(sheet=group, machine="pc-q35-9.2", cpu={"mode": "custom", "model": "EPYC-Milan"}).areas
    assert ["with conversion"] * 2 == [newer[name] for name in ("cpu", "machine")]


def test_a_group_of_two_architectures_has_no_kind_in_common() -> None:
    """Nothing is portable between them, and that is said."""
    arm = [{"arch": "aarch64", "os_type": "hvm", "types": ["kvm"], "machines": [{"name": "virt-7.2"}]}]
    both = together([_sheet(), _sheet(architectures=arm, domain_capabilities=None)])
    assert {} == both.kinds
    judged = _judge(sheet=both)
    assert "with conversion" == judged.areas["machine"]
