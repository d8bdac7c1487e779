"""What files of its host a guest names: all of them, wherever in its XML or in that of its snapshots they stand."""

import pytest

from omc.inventory.domain import GuestParser, complete_guest
from omc.inventory.domain.files import MOST_FILES
from omc.inventory.domain.surroundings import Surroundings
from omc.ports import RawGuest

DISK = "<disk type='file' device='disk'><source file='/pool/web.qcow2'/><target dev='vda'/></disk>"


def _xml(inside: str = "", devices: str = DISK) -> str:
    return f"<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>web</name><uuid>u</uuid>{inside}<devices>{devices}</devices></domain>"


def _files(
    xml: str, *, inactive: str | None = None, snapshots: tuple[str, ...] | None = (), runs: bool = False
) -> tuple[str, ...] | None:
    number, state = (3, (1, 1)) if runs else (None, (5, 1))
    raw = RawGuest(
        name="web", uuid="u", xml=xml, id=number, state=state, inactive_xml=inactive, persistent=True,
        snapshots=snapshots,
    )  # fmt: skip
    parser = GuestParser("kvm1")
    parsed = parser.parse(xml)
    other = None if inactive is None else parser.parse(inactive)
    return complete_guest(parsed, raw, inactive=other, surroundings=Surroundings()).files


def test_what_a_field_has_is_not_said_again() -> None:
    """The disks are there already."""
    assert () == _files(_xml())


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ("<tpm><backend type='emulator'><source type='file' path='/pool/tpm'/></backend></tpm>", "/pool/tpm"),
        ("<filesystem type='file'><source file='/pool/container.img'/></filesystem>", "/pool/container.img"),
        ("<memory model='nvdimm'><source><path>/pool/nvdimm</path></source></memory>", "/pool/nvdimm"),
        ('<serial type="file"><source path="/pool/log &amp; more"/></serial>', "/pool/log & more"),
        ("<unheard><of file='/pool/new'/></unheard>", "/pool/new"),
        ("<arg value='file=/pool/extra.img,if=virtio'/>", "/pool/extra.img"),
        (
            "<arg value='{&quot;driver&quot;:&quot;file&quot;,&quot;filename&quot;:&quot;/pool/json.img&quot;}'/>",
            "/pool/json.img",
        ),
    ],
)
def test_every_element_counts(element: str, expected: str) -> None:
    """Known to omc or not, in an attribute or as text."""
    assert (expected,) == _files(_xml(devices=DISK + element))


def test_what_is_of_the_system_is_left_out() -> None:
    """No volume is a program, a device or a socket."""
    devices = "<emulator>/usr/bin/qemu</emulator><rng><backend>/dev/urandom</backend></rng><x path='/run/a.sock'/>"
    assert () == _files(_xml(devices=devices))


def test_an_environment_is_nobodys_business() -> None:
    """What QEMU is given there may be a secret; the model never has it."""
    assert () == _files(_xml(inside="<qemu:commandline><qemu:env name='A' value='/s3cret'/></qemu:commandline>"))


def test_the_next_start_counts() -> None:
    """A disk that only the persistent configuration has is needed."""
    assert ("/pool/next.qcow2",) == _files(_xml(), inactive=_xml(devices=DISK.replace("web", "next")), runs=True)


def test_snapshots_count() -> None:
    """Their memory, their overlays, and the disks that the guest had then, as paths or as volumes."""
    volume = "<disk type='volume'><source pool='fast' volume='old'/></disk>"
    snapshot = f"""<domainsnapshot><memory snapshot='external' file='/pool/web.mem'/><disks><disk name='vda'>
    <source file='/pool/web.nightly'/></disk></disks>{_xml(devices=DISK.replace("web", "before") + volume)}
    </domainsnapshot>"""
    expected = ("/pool/before.qcow2", "/pool/web.mem", "/pool/web.nightly", "fast/old")
    assert expected == _files(_xml(), snapshots=(snapshot,))


def test_what_was_not_read_is_not_nothing() -> None:
    """Without its snapshots, or the persistent configuration of one that runs, nobody knows its files."""
    assert _files(_xml(), snapshots=None) is None
    assert _files(_xml(), runs=True) is None


def test_a_guest_that_names_endless_files_tells_nothing() -> None:
    """Whoever writes the XML decides its length; not what fits into the store."""
    many = "".join(f"<x f='/{number}'/>" for number in range(MOST_FILES + 1))
    assert _files(_xml(inside=f"<metadata>{many}</metadata>")) is None
