"""Which differences between live and persistent configuration are changes, and which are nature."""

import pytest

from omc.inventory.domain import parse_guest
from omc.inventory.domain.pending import pending_changes
from omc.model import Change
from tests.unit.inventory.raw_answers import DATA, domain


def changes(live: str, inactive: str) -> list[tuple[str, object, object]]:
    found = pending_changes(parse_guest(live, host="kvm1"), parse_guest(inactive, host="kvm1"))
    return [(change.path, change.before, change.after) for change in found]


def of_devices(live: str, inactive: str) -> list[tuple[str, object, object]]:
    return changes(domain(live), domain(inactive))


def of_top(live: str, inactive: str) -> list[tuple[str, object, object]]:
    return changes(domain(top=live), domain(top=inactive))


def test_a_recorded_running_guest_shows_exactly_what_was_changed():
    """Given a guest whose definition got a title, a vCPU and a disk while it ran, name those three and nothing else."""
    live, inactive = ((DATA / "domains" / name).read_text() for name in ("running.xml", "running-persistent.xml"))
    assert [
        ("title", None, "Run 1"),
        ("vcpus", 1, 2),
        ("disks.vdc", None, "disk /var/lib/libvirt/images/new.raw"),
    ] == changes(live, inactive)


NATURE = {
    "the port that autoport chose": (
        "<graphics type='vnc' port='5901' autoport='yes' listen='127.0.0.1'/>",
        "<graphics type='vnc' port='-1' autoport='yes'/>",
    ),
    "aliases and the host's side of a nic": (
        (
            "<interface type='network'><mac address='52:54:00:00:00:01'/><source network='a' bridge='virbr0'/>"
            "<target dev='vnet0'/><alias name='net0'/></interface>"
        ),
        "<interface type='network'><mac address='52:54:00:00:00:01'/><source network='a'/></interface>",
    ),
    "what a nic takes over from its network": (
        (
            "<interface type='bridge'><mac address='52:54:00:00:00:01'/><source network='a' bridge='ovs0'/>"
            "<vlan><tag id='42'/></vlan><virtualport type='openvswitch'/></interface>"
        ),
        "<interface type='network'><mac address='52:54:00:00:00:01'/><source network='a'/></interface>",
    ),
    "a macvtap made of a network": (
        (
            "<interface type='direct'><mac address='52:54:00:00:00:01'/><source network='a' dev='eth0' mode='vepa'/>"
            "</interface>"
        ),
        "<interface type='network'><mac address='52:54:00:00:00:01'/><source network='a'/></interface>",
    ),
    "the chain and the number of a disk's image": (
        (
            "<disk><source file='/a' index='2'/><backingStore type='file'><source file='/b'/></backingStore>"
            "<target dev='vda'/></disk>"
        ),
        "<disk type='file'><source file='/a'/><target dev='vda'/></disk>",
    ),
    "a running copy": (
        "<disk><source file='/a'/><mirror type='file'><source file='/c'/></mirror><target dev='vda'/></disk>",
        "<disk type='file'><source file='/a'/><target dev='vda'/></disk>",
    ),
    "the format of an empty drive": (
        "<disk type='file' device='cdrom'><driver name='qemu'/><target dev='sda'/></disk>",
        "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><target dev='sda'/></disk>",
    ),
    "the agent's connection": (
        "<channel type='unix'><source path='/x'/><target name='org.qemu.guest_agent.0' state='connected'/></channel>",
        "<channel type='unix'><target name='org.qemu.guest_agent.0'/></channel>",
    ),
    "a console's terminal": (
        "<serial type='pty'><source path='/dev/pts/3'/></serial>",
        "<serial type='pty'/>",
    ),
    "an address that vsock chose": (
        "<vsock><cid auto='yes' address='3'/></vsock>",
        "<vsock><cid auto='yes'/></vsock>",
    ),
    "the driver of a passed-through device": (
        "<hostdev mode='subsystem' type='pci'><driver name='vfio'/><source><address bus='1'/></source></hostdev>",
        "<hostdev mode='subsystem' type='pci'><source><address bus='1'/></source></hostdev>",
    ),
    "controllers of PCI and of channels": (
        "<controller type='pci' index='9' model='pcie-root-port'/><controller type='virtio-serial' index='0'/>",
        "",
    ),
}


@pytest.mark.parametrize(("live", "inactive"), NATURE.values(), ids=NATURE.keys())
def test_what_libvirt_fills_in_at_the_start_is_no_change(live: str, inactive: str):
    """Given only what a running guest's XML has by nature, return nothing."""
    assert [] == of_devices(live, inactive)


NATURE_AT_THE_TOP = {
    "labels": ("<seclabel type='dynamic' model='selinux'/>", ""),
    "the cgroup": ("<resource><partition>/machine</partition></resource>", ""),
    "the balloon": (
        "<currentMemory unit='KiB'>1024</currentMemory>",
        "<currentMemory unit='KiB'>65536</currentMemory>",
    ),
    "the firmware's files": (
        "<os firmware='efi'><type>hvm</type><loader secure='no' type='pflash'>/c</loader><nvram>/v</nvram></os>",
        "<os firmware='efi'><type>hvm</type></os>",
    ),
    "what the chosen firmware needs": (
        "<os firmware='efi'><type>hvm</type></os><features><acpi/><smm state='on'/></features>",
        "<os firmware='efi'><type>hvm</type></os><features><acpi/></features>",
    ),
    "the model that host-model chose": (
        "<cpu mode='custom' check='full'><model>EPYC</model><feature name='x2apic' policy='require'/></cpu>",
        "<cpu mode='host-model' check='partial'/>",
    ),
    "the features that a model brings": (
        "<cpu mode='custom' check='full'><model>EPYC</model><feature name='ss' policy='require'/></cpu>",
        "<cpu mode='custom' check='partial'><model>EPYC</model><feature name='aes' policy='require'/></cpu>",
    ),
    "the model above a minimum": (
        "<cpu mode='custom' match='exact' check='full'><model>EPYC</model></cpu>",
        "<cpu mode='custom' match='minimum'><model>qemu64</model></cpu>",
    ),
}


@pytest.mark.parametrize(("live", "inactive"), NATURE_AT_THE_TOP.values(), ids=NATURE_AT_THE_TOP.keys())
def test_what_the_host_decides_at_the_start_is_no_change(live: str, inactive: str):
    """Given a decision that is the host's, return nothing."""
    assert [] == of_top(live, inactive)


DISK = "<disk type='file'><driver type='qcow2' cache='{cache}'/><source file='{file}'/><target dev='vda'/></disk>"
NIC = "<interface type='{type}'><mac address='52:54:00:00:00:01'/><source {type}='{name}'/>{more}</interface>"


def test_a_changed_disk_is_named_field_by_field():
    """Given another cache and another file, return both with before and after."""
    live, inactive = DISK.format(cache="none", file="/a"), DISK.format(cache="unsafe", file="/b")
    assert [("disks.vda.source", "/a", "/b"), ("disks.vda.cache", "none", "unsafe")] == of_devices(live, inactive)


def test_an_ejected_medium_is_a_change():
    """Given a CD that was ejected in the definition only, the next start brings no medium."""
    live = "<disk type='file' device='cdrom'><source file='/a.iso'/><target dev='sda'/></disk>"
    inactive = "<disk type='file' device='cdrom'><target dev='sda'/></disk>"
    assert [("disks.sda.source", "/a.iso", None)] == of_devices(live, inactive)


def test_a_nic_moved_to_another_network_is_a_change():
    """Given another network, return its name before and after."""
    live, inactive = (NIC.format(type="network", name=name, more="") for name in ("a", "b"))
    assert [("nics.52:54:00:00:00:01.source", "a", "b")] == of_devices(live, inactive)


def test_a_vlan_of_the_definition_is_a_change_on_a_bridge_and_on_a_network():
    """Given a tag in the definition, return it; a list is a list, as JSON has it."""
    for kind in ("bridge", "network"):
        live = NIC.format(type=kind, name="a", more="")
        inactive = NIC.format(type=kind, name="a", more="<vlan><tag id='7'/></vlan>")
        assert [("nics.52:54:00:00:00:01.vlan", [], [7])] == of_devices(live, inactive)


def test_devices_without_a_key_are_compared_as_lists():
    """Given a new host device and another graphics, return both lists."""
    live = "<graphics type='vnc'/>"
    inactive = (
        "<graphics type='spice'/><hostdev mode='subsystem' type='pci'><source><address bus='1'/></source></hostdev>"
    )
    assert [
        ("host_devices", [], ["pci 0000:01:00.0"]),
        ("graphics", ["vnc"], ["spice"]),
    ] == of_devices(live, inactive)


def test_a_feature_of_the_definition_that_is_off_now_is_a_change():
    """Given a feature that the definition requires and the running guest has not, return it."""
    live = "<cpu mode='custom' check='full'><model>EPYC</model><feature name='vmx' policy='disable'/></cpu>"
    inactive = "<cpu mode='custom'><model>EPYC</model><feature name='vmx' policy='require'/></cpu>"
    assert [("cpu.features.vmx", "disable", "require")] == of_top(live, inactive)


def test_a_timer_added_reads_as_json_would_have_it():
    """Given a struct that differs, the change holds plain values, the same before and after the store."""
    change = pending_changes(
        parse_guest(domain(), host="kvm1"), parse_guest(domain(top="<clock><timer name='hpet'/></clock>"), host="kvm1")
    )
    assert (Change(path="timers", before=[], after=[{"name": "hpet", "present": None, "tick_policy": None}]),) == change
