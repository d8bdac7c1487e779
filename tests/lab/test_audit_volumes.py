"""F01 on a real libvirt: what it finds can be deleted and every guest still starts; it never finds what is needed."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import libvirt
import pytest

from tests.lab import disks, guests
from tests.lab.fixtures import MakeGuests
from tests.lab.guests import Guest, disk
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.omc import Omc, make_site

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]

_POOL = "<pool type='dir'><name>{name}</name><target><path>{path}</path></target></pool>"
_LONG_AGO = "2020-01-02T03:04:05Z"


class Ground:
    """A host with a pool of the lab's images, and files in it that were written long ago."""

    def __init__(self, lab: Lab, host: Host, folder: Path) -> None:
        self.lab, self.host, self.folder = lab, host, folder

    def shell(self, *lines: str) -> None:
        self.host.run("sh", "-c", "\n".join(("set -e", f"cd {disks.INSIDE}", *lines)))

    def image(self, name: str, *options: str) -> str:
        """Make an empty qcow2 or raw image; its path on the host."""
        form = "raw" if name.endswith((".img", ".raw")) else "qcow2"
        self.shell(f"qemu-img create -q -f {form} {' '.join(options)} {name} {_size(name)}")
        return str(disks.INSIDE / name)

    def found(self, pools: Sequence[libvirt.virStoragePool], *hosts: Host) -> tuple[set[str], str]:
        """Collect and audit; the volumes that F01 finds, and all that it says that is not checked."""
        self.shell(f"touch -h -d {_LONG_AGO} orphan-* || true")
        for pool in pools:
            pool.refresh()
        uris = {each.name: self.lab.uri(each) for each in (self.host, *hosts)}
        omc = self._omc(uris)
        answer = omc("audit", "--rule", "F01", "--show-unchecked", "-o", "json")
        assert 0 == answer.code, answer.stderr
        subjects = {one["subject"].partition("/")[2] for one in answer.json if one["severity"] != "unchecked"}
        unchecked = "\n".join(one["message"] for one in answer.json if one["severity"] == "unchecked")
        return {subject.partition("/")[2] for subject in subjects if "/orphan-" in subject}, unchecked

    def _omc(self, uris: dict[str, str]) -> Omc:
        number = len(list(self.folder.iterdir()))
        (self.folder / str(number)).mkdir()
        omc = make_site(self.folder / str(number), uris)
        collected = omc("inventory", "--max-age", "0")
        assert 0 == collected.code, collected.stderr
        return omc


def _size(name: str) -> str:
    """Give each image a size of its own, as disks of guests that have nothing to do with each other mostly have."""
    return f"{8 + sum(map(ord, name)) % 512}M"


@pytest.fixture
def ground(lab: Lab, host: Host, tmp_path: Path) -> Iterator[Ground]:
    """The host kvm1; its files are gone after the test."""
    made = Ground(lab, host, tmp_path)
    yield made
    made.shell("rm -rf orphan-*")


@pytest.fixture
def pool(connection: libvirt.virConnect) -> Iterator[libvirt.virStoragePool]:
    """A pool of the folder of all images."""
    made = connection.storagePoolCreateXML(_POOL.format(name="volumes", path=disks.INSIDE))
    yield made
    made.destroy()


def test_what_is_found_can_be_deleted_and_every_guest_starts(
    ground: Ground, pool: libvirt.virStoragePool, make_guests: MakeGuests
) -> None:
    """Of chains, volumes, snapshots with memory, media and variables nothing is found; the lost images are."""
    host = ground.host
    chain = disks.chain(host, "orphan-chain")
    running = disks.chain(host, "orphan-running", depth=2)
    by_name = disks.halting(host, "orphan-volume.img")
    ground.image("orphan-lost.qcow2")
    ground.image("orphan-lost.img")
    ground.image("orphan-above.qcow2", "-F qcow2 -b orphan-chain-base.qcow2")
    variables = ground.image("orphan-variables.img")
    loader = ground.image("orphan-loader.img")
    medium = _iso(ground, "orphan-medium.iso")
    _iso(ground, "orphan-tools.iso")
    block = (
        f"<disk type='block'><source dev='{ground.image('orphan-block.img')}'/><target dev='vda' bus='virtio'/></disk>"
    )
    pool.refresh()
    volume = f"<source pool='volumes' volume='{Path(by_name).name}'/><target dev='vda' bus='virtio'/>"
    drive = f"<disk type='file' device='cdrom'><source file='{medium}'/><target dev='hda' bus='ide'/><readonly/></disk>"
    firmware = f"<loader readonly='yes' type='pflash'>{loader}</loader><nvram>{variables}</nvram>"
    made = make_guests(
        Guest(name="orphan1", disks=(disk(chain, driver="qcow2"), drive)),
        Guest(name="orphan2", disks=(f"<disk type='volume'><driver name='qemu' type='raw'/>{volume}</disk>",)),
        Guest(name="orphan3", disks=(disk(running, driver="qcow2"),)),
        Guest(name="orphan4", boot=firmware, disks=(block,)),
        start=False,
    )
    made[2].create()
    _snapshots(made[2])
    found, _ = ground.found([pool])
    assert {"orphan-lost.qcow2", "orphan-lost.img", "orphan-above.qcow2"} == found
    for name in found:
        pool.storageVolLookupByName(name).delete()
    for domain in made[:2]:
        domain.create()
    made[2].destroy()
    made[2].create()
    assert all(domain.isActive() for domain in made[:3])
    for name in ("orphan-variables.img", "orphan-loader.img", "orphan-memory.img", "orphan-block.img"):
        assert pool.storageVolLookupByName(name)


def _iso(ground: Ground, name: str) -> str:
    """Make a file that libvirt takes for an ISO 9660 image."""
    ground.shell(
        f"truncate -s 65536 {name}", f"printf '\\001CD001' | dd of={name} bs=1 seek=32768 conv=notrunc status=none"
    )
    return str(disks.INSIDE / name)


def _snapshots(domain: libvirt.virDomain) -> None:
    """Take one with its memory in the pool, and one whose overlay becomes the disk."""
    memory = disks.INSIDE / "orphan-memory.img"
    overlay = disks.INSIDE / "orphan-overlay.qcow2"
    one = f"<disk name='vda' snapshot='external'><source file='{overlay}'/></disk>"
    domain.snapshotCreateXML(
        f"<domainsnapshot><name>whole</name><memory snapshot='external' file='{memory}'/><disks>{one}</disks>"
        "</domainsnapshot>"
    )
    nightly = "<domainsnapshot><name>nightly</name></domainsnapshot>"
    domain.snapshotCreateXML(nightly, libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY)


def test_what_may_be_the_same_file_under_another_name_is_not_found(
    ground: Ground, pool: libvirt.virStoragePool, make_guests: MakeGuests
) -> None:
    """A link, a folder that is linked, a data file of a qcow2, an image that is served over the network."""
    ground.image("orphan-target.qcow2")
    ground.image("orphan-elsewhere.qcow2")
    ground.image("orphan-outside.qcow2")
    ground.image("orphan-net.qcow2")
    ground.image("orphan-meta.qcow2", "-o data_file=orphan-data.raw,data_file_raw=on")
    ground.shell(
        "ln -s orphan-target.qcow2 orphan-link.qcow2",
        "mkdir -p /var/lib/libvirt/linked",
        f"ln -sfn {disks.INSIDE} /var/lib/libvirt/linked/images",
        f"ln -sfn {disks.INSIDE}/orphan-outside.qcow2 /var/lib/libvirt/linked/web.qcow2",
    )
    served = "<source protocol='nbd' name='orphan-net.qcow2'><host name='127.0.0.1' port='10809'/></source>"
    net = f"<disk type='network'><driver name='qemu' type='qcow2'/>{served}<target dev='vdb' bus='virtio'/></disk>"
    make_guests(
        Guest(name="orphan1", disks=(disk(f"{disks.INSIDE}/orphan-link.qcow2", driver="qcow2"), net)),
        Guest(name="orphan2", disks=(disk("/var/lib/libvirt/linked/images/orphan-elsewhere.qcow2", driver="raw"),)),
        Guest(name="orphan3", disks=(disk(f"{disks.INSIDE}/orphan-meta.qcow2", driver="qcow2"),)),
        Guest(name="orphan4", disks=(disk("/var/lib/libvirt/linked/web.qcow2", driver="raw"),)),
        start=False,
    )
    found, unchecked = ground.found([pool])
    assert set() == found
    names = ("orphan-target.qcow2", "orphan-elsewhere.qcow2", "orphan-outside.qcow2", "orphan-data.raw")
    assert [] == [name for name in (*names, "orphan-net.qcow2") if name not in unchecked]


def test_a_folder_that_a_guest_is_given_holds_nothing_that_is_found(
    ground: Ground, pool: libvirt.virStoragePool, make_guests: MakeGuests
) -> None:
    """Whatever lies in it may be the guest's; a file that only QEMU's own arguments name is the guest's."""
    ground.image("orphan-given.qcow2")
    shared = "<filesystem type='mount'><source dir='/var/lib/libvirt'/><target dir='all'/></filesystem>"
    (domain,) = make_guests(Guest(name="orphan1", devices=(shared,)), start=False)
    found, unchecked = ground.found([pool])
    assert (set(), True) == (found, "is given the folder /var/lib/libvirt" in unchecked)
    argument = f"<qemu:arg value='-drive'/><qemu:arg value='file={disks.INSIDE}/orphan-given.qcow2,if=virtio'/>"
    beside = Guest(
        name="orphan1", uuid=domain.UUIDString(), elements=(f"<qemu:commandline>{argument}</qemu:commandline>",)
    ).xml()
    space = "<domain xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0' "
    domain.connect().defineXML(beside.replace("<domain ", space, 1))
    assert set() == ground.found([pool])[0]


def test_seeds_backups_and_what_is_being_made_are_not_found(ground: Ground, connection: libvirt.virConnect) -> None:
    """Their names or their age speak for them."""
    names = ("orphan-seed.img", "orphan-backup.qcow2", "orphan-fresh.qcow2")
    ground.shell("mkdir orphan-own")
    for name in names:
        ground.image(f"orphan-own/{name}")
    pool = connection.storagePoolCreateXML(_POOL.format(name="own", path=disks.INSIDE / "orphan-own"))
    try:
        found, unchecked = ground.found([pool])
    finally:
        pool.destroy()
    assert set() == found
    assert [] == [name for name in names if name not in unchecked]


def test_saved_memory_is_not_found_nor_anything_beside_it(
    ground: Ground, connection: libvirt.virConnect, pool: libvirt.virStoragePool, make_guests: MakeGuests
) -> None:
    """It has a configuration of its own, whose disks libvirt does not list; without it the lost image is found."""
    ground.image("orphan-lost.qcow2")
    (domain,) = make_guests(Guest(name="orphan-saved", disks=(disk(disks.halting(ground.host, "orphan-disk.img")),)))
    domain.managedSave()
    saves = connection.storagePoolCreateXML(_POOL.format(name="saves", path="/var/lib/libvirt/qemu/save"))
    try:
        assert "orphan-saved.save" in [volume.name() for volume in saves.listAllVolumes()]
        found, unchecked = ground.found([pool, saves])
        assert set() == found
        assert "guest orphan-saved has saved memory" in unchecked
        domain.managedSaveRemove()
        assert {"orphan-lost.qcow2"} == ground.found([pool, saves])[0]
    finally:
        saves.destroy()


def test_the_state_of_a_tpm_is_not_found(
    ground: Ground, connection: libvirt.virConnect, make_guests: MakeGuests
) -> None:
    """No XML names it where libvirt chooses its place; even under the name of an image it is libvirt's own."""
    (domain,) = make_guests(Guest(name="orphan1"), start=False)  # a TPM can be defined only where swtpm is installed
    folder = f"/var/lib/libvirt/swtpm/{domain.UUIDString()}/tpm2"
    ground.shell(f"mkdir -p {folder}", f"truncate -s 1M {folder}/orphan-state.img", f"touch -d {_LONG_AGO} {folder}/*")
    states = connection.storagePoolCreateXML(_POOL.format(name="states", path=folder))
    try:
        assert ["orphan-state.img"] == states.listVolumes()
        assert set() == ground.found([states])[0]
    finally:
        states.destroy()
        ground.shell(f"rm -r {folder}")


def test_storage_that_another_host_uses_too_is_not_found(
    ground: Ground, connection: libvirt.virConnect, lab: Lab, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A folder that both reach, as by NFS: a disk and a backing file of the other host's guests are not found."""
    shared = tmp_path_factory.mktemp("shared")
    ground.shell(
        f"cd {shared}",
        *(
            f"qemu-img create -q -f qcow2 {name} {_size(name)}"
            for name in ("orphan-disk", "orphan-base", "orphan-lost")
        ),
        "for name in disk base lost; do mv orphan-$name orphan-$name.qcow2; done",
        "qemu-img create -q -f qcow2 -F qcow2 -b orphan-base.qcow2 orphan-top.qcow2",
        f"touch -d {_LONG_AGO} orphan-*",
    )
    other = lab.hosts["kvm3"]
    pool = connection.storagePoolCreateXML(_POOL.format(name="shared", path=shared))
    names = ("orphan-disk.qcow2", "orphan-top.qcow2")
    with other.connect() as there:
        beside: libvirt.virStoragePool | None = there.storagePoolCreateXML(_POOL.format(name="shared", path=shared))
        parts = tuple(disk(str(shared / name), index, driver="qcow2") for index, name in enumerate(names))
        domains = guests.define(there, [Guest(name="orphan-there", disks=parts)])
        try:
            assert {"orphan-lost.qcow2"} == ground.found([pool], other)[0]
            beside.destroy()
            beside = None
            found, unchecked = ground.found([pool], other)
            assert set() == found
            assert "what lies below" in unchecked
        finally:
            guests.remove(domains)
            pool.destroy()
            if beside is not None:
                beside.destroy()


def test_without_the_other_host_nothing_is_found(ground: Ground, pool: libvirt.virStoragePool, lab: Lab) -> None:
    """A part of the site, or a host that does not answer, may hold the guest that needs it."""
    ground.image("orphan-lost.qcow2")
    assert {"orphan-lost.qcow2"} == ground.found([pool])[0]
    omc = make_site(
        ground.folder / "two", {ground.host.name: lab.uri(ground.host), "gone": "qemu+unix:///system?socket=/nowhere"}
    )
    assert 3 == omc("inventory", "--max-age", "0").code
    for words in ((), (ground.host.name,)):
        answer = omc("audit", *words, "--rule", "F01", "-o", "json")
        assert [] == answer.json
