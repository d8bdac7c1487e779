"""Definitions of libvirt objects: what libvirt adds is no difference, what a template drops is one."""

import pytest

from omc.ports import Definition
from omc.templates.desired import DesiredObject
from omc.templates.fingerprint import Fingerprints
from omc.templates.objects import document
from omc.templates.objects.comparison import ComparedObject, compare
from omc.templates.objects.live import stands

PRINTS = Fingerprints(lambda: b"k" * 32)
PRESENT = """<domain type='kvm'><name>g</name><uuid>02dc56fd-cb2c-4b74-99c8-10174a7feb1b</uuid>
<memory unit='KiB'>1048576</memory><currentMemory unit='KiB'>1048576</currentMemory><vcpu placement='static'>2</vcpu>
<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><boot dev='hd'/></os><on_reboot>restart</on_reboot>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
<disk type='file' device='disk'><driver name='qemu' type='raw' cache='none'/><source file='/a'/>
<target dev='vda' bus='virtio'/><address type='pci' slot='0x06'/></disk>
<controller type='usb' index='0' model='piix3-uhci'/>
<interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='br0'/><model type='virtio'/></interface>
<interface type='bridge'><mac address='52:54:00:00:00:02'/><source bridge='br1'/><model type='virtio'/></interface>
<graphics type='vnc' port='-1' autoport='yes' listen='0.0.0.0' passwd='hidden-word'>
<listen type='address' address='0.0.0.0'/></graphics><memballoon model='virtio'/></devices></domain>"""
RENDERED = """<domain type='kvm'><name>g</name><memory unit='GiB'>1</memory><vcpu>2</vcpu>
<os><type machine='q35'>hvm</type></os><devices>
<disk type='file'><driver name='qemu' cache='none'/><source file='/a'/><target dev='vda'/></disk>
<interface type='bridge'><source bridge='br0'/><model type='virtio'/></interface>
<interface type='bridge'><source bridge='br1'/><model type='virtio'/></interface>
<graphics type='vnc' listen='0.0.0.0' passwd='hidden-word'/></devices></domain>"""


def compared(rendered: str, present: str | None = PRESENT) -> ComparedObject:
    now = None if present is None else Definition(kind="guest", name="g", xml=present)
    return compare(DesiredObject(template="t", kind="guest", name="g", xml=rendered), now, PRINTS)


def test_what_libvirt_adds_is_no_difference() -> None:
    """UUID, MACs, addresses, controllers, defaults and units are the host's own."""
    assert compared(RENDERED).plan.action == "same"
    assert compared(RENDERED).change is None


@pytest.mark.parametrize(
    ("dropped", "gone"),
    [
        (" cache='none'", 'cache="none"'),
        (" listen='0.0.0.0'", 'address="0.0.0.0"'),
        (" passwd='hidden-word'", 'passwd="hidden-word"'),
        ("<interface type='bridge'><source bridge='br0'/><model type='virtio'/></interface>", "52:54:00:00:00:01"),
        ("<graphics type='vnc' listen='0.0.0.0' passwd='hidden-word'/>", "<graphics"),
    ],
)
def test_what_a_template_drops_is_a_change(dropped: str, gone: str) -> None:
    """It is taken away, and the difference is not empty."""
    found = compared(RENDERED.replace(dropped, ""))
    assert (found.plan.action, found.plan.difference == ()) == ("change", False)
    assert found.change is not None
    assert gone in str(found.change.before)
    assert gone not in found.change.after


def test_a_card_keeps_its_address_when_the_one_before_it_goes() -> None:
    """The second card does not inherit the first one's MAC."""
    first = "<interface type='bridge'><source bridge='br0'/><model type='virtio'/></interface>"
    change = compared(RENDERED.replace(first, "")).change
    assert change is not None
    assert "52:54:00:00:00:02" in change.after
    assert "52:54:00:00:00:01" not in change.after


def test_other_programs_metadata_stays() -> None:
    """A template without metadata does not take away what another program keeps there, prefixes included."""
    metadata = "<metadata><n:x xmlns:n='urn:n'><n:y>a <n:b/> tail</n:y></n:x></metadata>"
    assert compared(RENDERED, PRESENT.replace("<memory ", f"{metadata}<memory ", 1)).plan.action == "same"
    own = RENDERED.replace("<memory ", f"{metadata.replace('tail', 'tale')}<memory ", 1)
    change = compared(own, PRESENT.replace("<memory ", f"{metadata}<memory ", 1)).change
    assert change is not None
    assert "<n:b />tale" in change.after


def test_no_difference_shows_a_password() -> None:
    """Neither the old one nor the new one, however it is written."""
    found = compared(RENDERED.replace("hidden-word", "new&lt;word&quot;"))
    assert found.plan.action == "change"
    assert [] == [line for line in found.plan.difference if "word" in line]
    assert str(found.plan.before).startswith("hmac-")


def test_a_definition_still_stands_as_libvirt_made_it() -> None:
    """What was asked for and what libvirt made of it are one; with a change of somebody else they are not."""
    assert stands("guest", RENDERED, PRESENT)
    assert not stands("guest", RENDERED, PRESENT.replace(">2</vcpu>", ">3</vcpu>"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<domain>" * 100, "nested more than"),
        (f"<domain>{'x' * (300 << 10)}</domain>", "at most 256 KiB"),
        ("<!DOCTYPE d SYSTEM 'file:///etc/passwd'><domain/>", "document type"),
        ("", "no XML"),
        ("\0", "no XML"),
    ],
)
def test_what_cannot_be_a_definition_is_refused(text: str, said: str) -> None:
    """Whoever wrote it: a template, or a host."""
    with pytest.raises(document.UnfitError, match=said):
        document.read("guest", text)
    assert compared(text).plan.action == "refused"
