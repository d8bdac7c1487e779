"""What hosts have and guests were given: sums that add up, and what was not read is not nothing."""

import msgspec

from omc.capacity.whole import Line
from omc.model import HostCell, HostCpu, HugePages, Memory, Volume
from tests.facts import GIB, guest, pool, unreachable
from tests.unit.capacity.conftest import Counted, kvm


def test_a_host_is_its_memory_without_reserve_and_running_guests(counted: Counted) -> None:
    """A guest that does not run takes none, and is among the defined."""
    one = kvm("kvm1", guests=[guest(1), guest(2, state="shut off", vcpus=6), guest(3, state="paused")])
    (line,) = counted(one, reserve="2GiB").hosts
    assert (64 * GIB, 2 * GIB, 8 * GIB, 54 * GIB) == (
        *(line.memory_bytes, line.reserve_bytes),
        *(line.allocated_bytes, line.free_bytes),
    )
    assert (4, 8, 4, 10, 0.5) == (line.cores, line.cpus, line.vcpus_running, line.vcpus_defined, line.overcommit)
    assert (2, 3, 12 * GIB) == (line.guests_running, line.guests, line.defined_bytes)


def test_a_reserve_may_be_a_share_and_is_never_more_than_all(counted: Counted) -> None:
    """Of each host's own memory."""
    small, large = counted(kvm("a", memory_bytes=10), kvm("b", memory_bytes=1000), reserve="5%").hosts
    assert (0, 50) == (small.reserve_bytes, large.reserve_bytes)
    assert 10 == counted(kvm("a", memory_bytes=10)).hosts[0].reserve_bytes


def test_clusters_and_the_total_are_sums_of_hosts(counted: Counted) -> None:
    """Hosts of equal groups are a cluster, or those of which the site says so."""
    hosts = [kvm("a", groups=("prod",), guests=[guest(1)]), kvm("b", groups=("prod",)), kvm("c", groups=("lab",))]
    found = counted(*hosts)
    assert [("lab", 1), ("prod", 2)] == [(line.name, line.hosts) for line in found.clusters]
    for field in ("cpus", "memory_bytes", "free_bytes", "allocated_bytes", "guests", "vcpus_running"):
        parts = [getattr(line, field) for line in found.hosts]
        assert sum(parts) == getattr(found.total, field) == sum(getattr(line, field) for line in found.clusters)
    named = counted(*hosts, clusters=dict.fromkeys("abc", "rack1"))
    assert ["rack1"] == [line.name for line in named.clusters]


def test_what_was_not_read_is_said_and_not_taken_for_nothing(counted: Counted) -> None:
    """A host without figures, one with a guest without, and one that was never read."""
    without = kvm("a", memory_bytes=None)
    unread = kvm("b", guests=[guest(1, memory_bytes=None)])
    never = unreachable("c")
    found = counted(without, unread, never)
    lines: dict[str, Line] = {line.name: line for line in found.hosts}
    assert (None, 1) == (lines["a"].free_bytes, lines["a"].unread_hosts)
    assert (1, 1) == (lines["b"].unread_guests, lines["b"].unread_hosts)
    assert (None, None) == (lines["c"].memory_bytes, lines["c"].overcommit)
    assert (3, 64 * GIB) == (found.total.unread_hosts, found.total.memory_bytes)


def test_huge_pages_are_counted_by_cell(counted: Counted) -> None:
    """Usual pages are none."""
    cells = tuple(
        HostCell(id=number, memory_bytes=32 * GIB, cpu_count=4, huge_pages=(HugePages(size_bytes=4096, total=9), pages))
        for number, pages in enumerate([HugePages(size_bytes=GIB, total=8, free=3), HugePages(size_bytes=GIB, total=4)])
    )
    (line,) = counted(kvm("a", cells=cells)).hosts
    assert [(0, 8, 3), (1, 4, None)] == [(pages.cell, pages.total, pages.free) for pages in line.huge_pages]
    assert (12 * GIB, None) == (line.huge_pages_bytes, line.huge_pages_free_bytes), "of one cell they were not read"


def test_huge_pages_are_a_memory_of_their_own(counted: Counted) -> None:
    """What is set aside for them is not free for others, and guests in them take nothing of the rest."""
    pages = HugePages(size_bytes=GIB, total=32, free=28)
    cells = (HostCell(id=0, memory_bytes=64 * GIB, cpu_count=8, huge_pages=(pages,)),)
    guests = [guest(1, memory=Memory(huge_pages=True)), guest(2)]
    (line,) = counted(kvm("a", cells=cells, guests=guests)).hosts
    assert (8 * GIB, (64 - 1 - 32 - 4) * GIB) == (line.allocated_bytes, line.free_bytes)
    assert (32 * GIB, 28 * GIB) == (line.huge_pages_bytes, line.huge_pages_free_bytes)


def test_storage_that_hosts_share_is_counted_once_by_its_source(counted: Counted) -> None:
    """Whatever its name; a folder of the same path is each host's own."""
    shared = [pool(name=name, type="netfs", source="nas:/vm") for name in ("nfs", "vm")]
    older = msgspec.structs.replace(shared[0], allocation_bytes=1, volumes=None)
    hosts = [
        kvm("a", pools=(older, pool()), collected_at="2026-01-01T00:00:00Z"),
        kvm("b", pools=(shared[1], pool()), collected_at="2026-01-02T00:00:00Z"),
    ]
    found = {(one.name, one.hosts): one for one in counted(*hosts).pools}
    assert {("vm", ("a", "b")), ("default", ("a",)), ("default", ("b",))} == set(found)
    assert (40 * GIB, 20 * GIB) == (found["vm", ("a", "b")].allocated_bytes, found["vm", ("a", "b")].provisioned_bytes)


def test_a_pool_that_runs_tells_more_than_a_later_one_that_does_not(counted: Counted) -> None:
    """Its figures are null where it does not run."""
    runs = pool(type="netfs", source="nas:/vm")
    stopped = msgspec.structs.replace(runs, state="inactive", capacity_bytes=None, available_bytes=None)
    hosts = [
        kvm("a", pools=(runs,), collected_at="2026-01-01T00:00:00Z"),
        kvm("b", pools=(stopped,), collected_at="2026-01-02T00:00:00Z"),
    ]
    (found,) = counted(*hosts).pools
    assert ("running", 100 * GIB) == (found.state, found.capacity_bytes)


def test_provisioned_is_what_all_volumes_may_grow_to(counted: Counted) -> None:
    """What cannot grow, as an ISO image, takes its size; null where the volumes were not read, or one of them."""
    volumes = [Volume(pool="default", name=f"v{size}", capacity_bytes=size * GIB) for size in (50, 60)]
    iso = Volume(pool="default", name="iso", format="iso", capacity_bytes=10 * GIB)
    pools = (
        pool(volumes=(*volumes, iso)),
        pool(name="x", volumes=None),
        pool(name="y", volumes=(*volumes, Volume(pool="y", name="v"))),
    )
    thin, *unread = counted(kvm("a", pools=pools)).pools
    assert (120 * GIB, 120.0) == (thin.provisioned_bytes, thin.promised_percent)
    assert [(None, None)] * 2 == [(each.provisioned_bytes, each.promised_percent) for each in unread]


def test_taken_is_what_is_not_free_whoever_took_it(counted: Counted) -> None:
    """Others fill the same storage; what libvirt counts as allocated is its own volumes only (RBD)."""
    figures = {"capacity_bytes": 100, "allocation_bytes": 10, "available_bytes": 20}
    taken, unread = counted(
        kvm("a", pools=(pool(**figures), pool(name="x", **figures | {"available_bytes": None})))
    ).pools
    assert (80, 10) == (taken.allocated_bytes, unread.allocated_bytes)


def test_guests_are_tied_by_disks_on_their_host_and_by_its_devices(counted: Counted) -> None:
    """A disk on the network or in a network's pool ties to nothing."""
    from omc.model import Disk, HostDevice

    shared = pool(name="nfs", type="netfs", source="nas:/vm", path="/mnt/nfs/")
    disks = {
        1: Disk(target="vda", source="/mnt/nfs/a.qcow2"),
        2: Disk(target="vda", type="volume", source="nfs/a"),
        3: Disk(target="vda", type="network", source="rbd/a"),
        4: Disk(target="vda", source="/images/a.qcow2"),
        5: Disk(target="sda", device="cdrom", source="/images/a.iso"),
        6: Disk(target="vda", type="volume", source="default/a"),
    }
    guests = [guest(number, disks=(disk,)) for number, disk in disks.items()]
    guests.append(guest(7, disks=(), host_devices=(HostDevice(type="pci", source="0000:03:00.0"),)))
    (line,) = counted(kvm("a", guests=guests, pools=(shared, pool()))).hosts
    assert 3 == line.tied_guests


def test_a_host_without_processors_read_has_no_ratio(counted: Counted) -> None:
    """It is not zero."""
    (line,) = counted(kvm("a", cpu=HostCpu())).hosts
    assert (None, None, None) == (line.cpus, line.cores, line.overcommit)
