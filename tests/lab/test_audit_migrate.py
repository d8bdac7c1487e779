"""`omc audit migrate` beside the thing itself: what it says blocks a live migration, libvirt refuses, and no more."""

import shlex
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import libvirt
import msgspec
import pytest

from omc import offered
from omc.inventory.capabilities import read_domain_capabilities
from tests.lab import disks, guests
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.omc import Answer, Omc

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]

LIVE = libvirt.VIR_MIGRATE_LIVE | libvirt.VIR_MIGRATE_UNSAFE | libvirt.VIR_MIGRATE_UNDEFINE_SOURCE
UUID = "7c2c5b6e-6d0f-4a52-9d6b-0d1f3c1f0a11"
OTHER = "0f2c5b6e-6d0f-4a52-9d6b-0d1f3c1f0a22"
FOLDER = "/var/lib/libvirt/images"
POOL = f"<pool type='dir'><name>images</name><target><path>{FOLDER}</path></target></pool>"
NETWORK = "<network><name>apart</name><bridge name='virbr77'/></network>"
RUNS, AFTER = "would run as far as is known", "would run after"
Prepare = Callable[[libvirt.virConnect], object]


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A guest `mover`, what is there on the target, and what is said of the move."""

    verdict: str
    elements: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    boot: str = guests.disk(f"{FOLDER}/mover.raw")
    disks: tuple[str, ...] = ()
    nics: tuple[str, ...] = ()
    snapshot: bool = False
    there: Prepare = lambda _: None


def _defined(**fields: str) -> Prepare:
    return lambda there: there.defineXML(guests.Guest(**fields).xml())


def _cpu(mode: str, inside: str = "") -> tuple[str]:
    return (f"<cpu mode='{mode}'>{inside}</cpu>",)


CD = f"<disk type='file' device='cdrom'><source file='{FOLDER}/a.iso'/><target dev='sda' bus='sata'/></disk>"
SHARED_MEMORY = "<shmem name='x'><model type='ivshmem-plain'/><size unit='M'>1</size></shmem>"

CASES = {
    "plain": Case(verdict=RUNS),
    "named model": Case(verdict=RUNS, elements=_cpu("custom", "<model>Westmere</model>")),
    "host model": Case(verdict=RUNS, elements=_cpu("host-model")),
    "model with features left out": Case(verdict=RUNS, elements=_cpu("custom", "<model>EPYC</model>")),
    "all of the CPU, which is the same": Case(verdict=RUNS, elements=_cpu("maximum")),
    "itself, defined there": Case(verdict=RUNS, there=_defined(name="mover", uuid=UUID)),
    "snapshot": Case(verdict=AFTER, snapshot=True),
    "CD that is only here": Case(verdict=AFTER, disks=(CD,)),
    "disk that is only here": Case(verdict=AFTER, disks=(guests.disk(f"{FOLDER}/here.raw", 1),)),
    "screen at an address of the host": Case(verdict=AFTER, devices=("<graphics type='vnc' listen='{address}'/>",)),
    "shared memory": Case(verdict=AFTER, devices=(SHARED_MEMORY,)),
    "name taken": Case(verdict=AFTER, there=_defined(name="mover", uuid=OTHER)),
    "UUID taken": Case(verdict=AFTER, there=_defined(name="other", uuid=UUID)),
    "no such network": Case(verdict=AFTER, nics=(guests.nic("apart", network=True),)),
    "network that is not active": Case(
        verdict=AFTER, nics=(guests.nic("apart", network=True),), there=lambda it: it.networkDefineXML(NETWORK)
    ),
    "network of one name": Case(
        verdict=RUNS, nics=(guests.nic("apart", network=True),), there=lambda it: it.networkCreateXML(NETWORK)
    ),
}


@pytest.fixture(scope="module")
def pair(lab: Lab) -> Iterator[tuple[Host, Host]]:
    """Give two hosts with a pool and, on the first one, a network and two images that the other has not."""
    source, target = list(lab.hosts.values())[:2]
    disks.empty(source, "a.iso")
    disks.empty(source, "here.raw")
    with source.connect() as here, target.connect() as there:
        pools = [each.storagePoolCreateXML(POOL) for each in (here, there) if not _pools(each)]
        network = here.networkCreateXML(NETWORK)
        yield source, target
        network.destroy()
        for pool in pools:
            pool.destroy()
    for name in ("a.iso", "here.raw"):
        (source.images / name).unlink()


def _pools(connection: libvirt.virConnect) -> list[libvirt.virStoragePool]:
    """Return the active pools that have the images."""
    active = connection.listAllStoragePools(libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE)
    return [pool for pool in active if f"<path>{FOLDER}</path>" in pool.XMLDesc()]


@pytest.fixture(scope="module")
def omc(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Omc:
    """Return omc on the lab's site."""
    return Omc(lab.site, tmp_path_factory.mktemp("migrate"))


@contextmanager
def _mover(pair: tuple[Host, Host], case: Case) -> Iterator[tuple[libvirt.virConnect, libvirt.virConnect]]:
    """Run the guest of a case on the source, with the target prepared; nothing remains of it on either."""
    source, target = pair
    for host in pair:
        disks.halting(host, "mover.raw")
    devices = tuple(each.format(address=source.address) for each in case.devices)
    mover = guests.Guest(
        name="mover",
        uuid=UUID,
        disks=(case.boot, *case.disks),
        nics=case.nics,
        elements=case.elements,
        devices=devices,
    )
    with source.connect() as here, target.connect() as there:
        for connection in (here, there):
            _pools(connection)[0].refresh()
        try:
            domain = here.defineXML(mover.xml())
            domain.create()
            if case.snapshot:
                flags = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY
                domain.snapshotCreateXML("<domainsnapshot><name>s</name></domainsnapshot>", flags)
            case.there(there)
            yield here, there
        finally:
            for connection in (here, there):
                guests.remove(one for one in connection.listAllDomains() if one.UUIDString() in {UUID, OTHER})
            for network in there.listAllNetworks():
                if network.name() == "apart":
                    persistent = network.isPersistent()
                    if network.isActive():
                        network.destroy()
                    if persistent:
                        network.undefine()
            (source.images / "mover.s").unlink(missing_ok=True)


def _say(omc: Omc, pair: tuple[Host, Host], *words: str) -> Answer:
    collected = omc("inventory", "--read-write", ":".join(host.name for host in pair))
    assert 0 == collected.code, collected.stderr
    return omc("audit", "migrate", f"{pair[0].name}/mover", pair[1].name, "-o", "json", *words)


def _move(here: libvirt.virConnect, there: libvirt.virConnect, target: Host, flags: int = LIVE) -> str:
    """Move it, and return why libvirt did not; empty where it did."""
    try:
        here.lookupByName("mover").migrate3(there, {"migrate_uri": f"tcp://{target.address}"}, flags)
    except libvirt.libvirtError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", CASES)
def test_what_it_says_is_what_libvirt_does(omc: Omc, pair: tuple[Host, Host], name: str) -> None:
    """Where nothing blocks, the guest moves; where something does, libvirt refuses."""
    case = CASES[name]
    with _mover(pair, case) as (here, there):
        answer = _say(omc, pair)
        refused = _move(here, there, pair[1])
    assert f"live: {case.verdict}\n" in answer.stderr, (answer.stderr, answer.stdout, refused)
    assert (0, "") == (answer.code, refused) if case.verdict == RUNS else answer.code == 4 and refused


def test_a_disk_that_is_only_here_is_copied_and_one_that_both_have_is_not(
    omc: Omc, pair: tuple[Host, Host], tmp_path: Path
) -> None:
    """Typed as it stands, but for the lab's address and want of a network file system, it moves the guest."""
    shared = tmp_path / "shared.raw"
    shared.write_bytes(b"omc" * 4096)
    both = (guests.disk(str(shared), 1), guests.disk(f"{FOLDER}/here.raw", 2))
    with _mover(pair, Case(verdict=AFTER, disks=both)) as (here, there):
        (fix,) = (one["fix"] for one in _say(omc, pair).json["checks"] if one["status"] == "after")
        assert "--copy-storage-all --migrate-disks vdc mover" in fix
        _type(fix, "--migrateuri", f"tcp://{pair[1].address}", "--unsafe")
        assert "mover" not in {domain.name() for domain in here.listAllDomains()}
        assert (True, True) == (there.lookupByName("mover").isActive(), there.lookupByName("mover").isPersistent())
    assert b"omc" * 4096 == shared.read_bytes()
    (pair[1].images / "here.raw").unlink()


def test_a_guest_moves_once_its_snapshot_in_files_is_forgotten_and_its_chain_pulled(
    omc: Omc, pair: tuple[Host, Host]
) -> None:
    """What is told first, typed as it stands, and then what is told of the chain that was left."""
    with _mover(pair, CASES["snapshot"]) as (_, there):
        _type(next(one["fix"] for one in _say(omc, pair).json["checks"] if one["area"] == "state"))
        (fix,) = (one["fix"] for one in _say(omc, pair).json["checks"] if one["status"] == "after")
        pull, move = fix.split("; then ")
        _type(pull)
        _type(move, "--migrateuri", f"tcp://{pair[1].address}", "--unsafe")
        assert there.lookupByName("mover").isActive()
    (pair[1].images / "mover.s").unlink()


def test_a_guest_moves_once_its_snapshot_in_the_image_is_deleted(omc: Omc, pair: tuple[Host, Host]) -> None:
    """The fix, typed as it stands, is enough."""
    image, _ = (disks.chain(host, "kept", depth=1) for host in pair)
    with _mover(pair, Case(verdict=AFTER, boot=guests.disk(image, driver="qcow2"))) as (here, there):
        here.lookupByName("mover").snapshotCreateXML("<domainsnapshot><name>s</name></domainsnapshot>")
        (fix,) = (one["fix"] for one in _say(omc, pair).json["checks"] if one["area"] == "state")
        _type(fix)
        assert "" == _move(here, there, pair[1])


def _type(line: str, *more: str) -> None:
    """Run a command as somebody at this machine types it."""
    subprocess.run([*shlex.split(line), *more], check=True, capture_output=True, timeout=60)


def test_an_ejected_cd_blocks_no_longer(omc: Omc, pair: tuple[Host, Host]) -> None:
    """The fix, typed as it stands, is enough."""
    with _mover(pair, CASES["CD that is only here"]) as (here, there):
        (fix,) = (one["fix"] for one in _say(omc, pair).json["checks"] if one["status"] == "after")
        assert "change-media mover sda --eject --live" in fix
        pair[0].run("virsh", "change-media", *fix.partition("change-media ")[2].split())
        assert f"live: {RUNS}\n" in _say(omc, pair).stderr
        assert "" == _move(here, there, pair[1])


@pytest.mark.parametrize("kind", ["qemu", "kvm"])
def test_models_run_where_libvirt_says_that_they_are_compatible(pair: tuple[Host, Host], kind: str) -> None:
    """As virsh hypervisor-cpu-compare has it; libvirt is stricter with old models that QEMU starts without `vme`."""
    with pair[1].connect() as connection:
        try:
            xml = connection.getDomainCapabilities(None, "x86_64", None, kind, 0)
        except libvirt.libvirtError:
            pytest.skip(f"no {kind} guests on this machine")
        capabilities = read_domain_capabilities(xml, where=pair[1].name)
        models = {*capabilities.usable_models, *capabilities.blocked_models}
        compatible = {model for model in models if _compatible(connection, kind, model)}
    runs = {model for model in models if offered.lacking(model, frozenset(), capabilities) == frozenset()}
    assert compatible <= runs
    assert runs <= compatible or "vme" in offered.missing(capabilities)
    assert models - runs


def _compatible(connection: libvirt.virConnect, kind: str, model: str) -> bool:
    xml = f"<cpu mode='custom' match='exact'><model fallback='forbid'>{model}</model></cpu>"
    found = connection.compareHypervisorCPU(None, "x86_64", None, kind, xml, 0)
    return bool(found in {libvirt.VIR_CPU_COMPARE_IDENTICAL, libvirt.VIR_CPU_COMPARE_SUPERSET})
