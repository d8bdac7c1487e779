"""How many more guests of a size fit: as many as can be added one by one, and no more."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from omc.capacity.fit import Fit, fit_on
from omc.capacity.size import Size, read_size
from omc.capacity.storage import PoolUse
from omc.capacity.terms import Terms
from omc.capacity.usage import CellUse, HostUse, PageUse
from omc.errors import UsageError
from tests.facts import GIB, guest, pool, unreachable
from tests.unit.capacity.conftest import Counted, kvm

HOSTS = some.builds(
    HostUse,
    name=some.just("a"),
    cluster=some.just("c"),
    status=some.just("ok"),
    cpus=some.integers(0, 8),
    vcpus_running=some.integers(0, 20),
    memory_bytes=some.integers(0, 64),
    reserve_bytes=some.integers(0, 4),
    allocated_bytes=some.integers(0, 70),
)
SIZES = some.builds(
    Size, vcpus=some.integers(0, 9), memory_bytes=some.integers(1, 20), disk_bytes=some.sampled_from([0, 3, 7])
)
POOLS = some.lists(
    some.builds(
        PoolUse,
        name=some.sampled_from(["p", "q"]),
        type=some.just("dir"),
        state=some.sampled_from(["running", "inactive"]),
        available_bytes=some.integers(0, 30) | some.none(),
    ),
    max_size=3,
)


def added(host: HostUse, size: Size, ratio: float, pools: list[PoolUse]) -> int:
    """Add guests one by one until one does not go in; there are never more than a hundred."""
    memory = (host.memory_bytes or 0) - (host.reserve_bytes or 0) - host.allocated_bytes
    vcpus = int((host.cpus or 0) * ratio) - host.vcpus_running
    space = [one.available_bytes or 0 for one in pools if one.state == "running"]
    for count in range(100):
        roomy = [index for index, free in enumerate(space) if free >= size.disk_bytes]
        if memory < size.memory_bytes or vcpus < size.vcpus or size.vcpus > (host.cpus or 0):
            return count
        if size.disk_bytes and not roomy:
            return count
        memory, vcpus = memory - size.memory_bytes, vcpus - size.vcpus
        if size.disk_bytes:
            space[roomy[0]] -= size.disk_bytes
    raise AssertionError("a hundred went in")


@given(HOSTS, SIZES, some.sampled_from([1.0, 1.5, 4.0]), POOLS)
def test_as_many_fit_as_can_be_added_one_by_one(host: HostUse, size: Size, ratio: float, pools: list[PoolUse]) -> None:
    """Of memory, vCPUs and disks the scarcest decides; a host that is full, or over, takes none."""
    if host.free_vcpus(ratio) < 0 and not size.vcpus:
        return  # a guest without vCPUs is only asked for to count memory or disks
    assert added(host, size, ratio, pools) == fit_on(host, size, Terms(ratio=ratio), pools).count


def with_cells(**changes: object) -> HostUse:
    cells = (
        CellUse(cell=0, cpus=4, memory_bytes=80, pages_bytes=48, bound_bytes=10),
        CellUse(cell=1, cpus=4, memory_bytes=48, pages_bytes=16),
    )
    pages = (
        *(PageUse(cell=0, size_bytes=2, total=8, free=5), PageUse(cell=1, size_bytes=2, total=8, free=3)),
        PageUse(cell=0, size_bytes=8, total=4, free=None),
    )
    facts = {"name": "a", "cluster": "c", "status": "ok", "cpus": 8, "memory_bytes": 128, "reserve_bytes": 4}
    return HostUse(**(facts | {"cells": cells, "huge_pages": pages} | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "fit"),
    [
        ("memory=4B,pages=2B", Fit(4, "huge pages")),  # 8 pages are free, 2 each
        ("memory=6B,pages=2B", Fit(2, "huge pages")),  # from both cells together
        ("memory=6B,pages=2B,cell=yes", Fit(2, "huge pages")),
        ("memory=8B,pages=2B,cell=yes", Fit(1, "huge pages")),  # 4 pages: one cell has 5, the other 3
        ("memory=3B,pages=2B", Fit(4, "huge pages")),  # what is not a whole page takes a whole one
        ("memory=8B,pages=8B", Fit(0, "not read")),  # how many are free was not
        ("memory=8B,pages=4B", Fit(0, "huge pages")),  # there are none of that size
        ("memory=15B,cell=yes", Fit(3, "a NUMA cell")),  # 20 in the one, 30 in the other
        ("memory=15B", Fit(4, "memory")),
        ("vcpus=5,memory=1B,cell=yes", Fit(0, "a NUMA cell")),
        ("vcpus=9,memory=1B", Fit(0, "a guest has more vCPUs than the host has CPUs")),
    ],
)
def test_huge_pages_and_cells_are_counted_where_they_are_asked_for(text: str, fit: Fit) -> None:
    """A guest in one cell has no use for what two cells have together."""
    assert fit == fit_on(with_cells(), read_size(text), Terms(), ())


def test_a_host_that_is_not_known_takes_none_and_says_so(counted: Counted) -> None:
    """Neither one that does not answer nor one with a guest of which nothing was read."""
    hosts = [unreachable("a"), kvm("b", guests=[guest(1, memory_bytes=None)]), kvm("c", status="unreachable")]
    found = counted(*hosts, size=read_size("memory=1GiB"))
    limits = [(line.name, line.fit, line.limit) for line in found.hosts]
    assert [("a", 0, "unreachable"), ("b", 0, "not read"), ("c", 0, "unreachable")] == sorted(limits)


def test_hosts_of_a_cluster_share_their_storage(counted: Counted) -> None:
    """Each alone could have it all; together they have it once."""
    shared = pool(name="nfs", type="netfs", source="nas:/vm", available_bytes=50 * GIB)
    hosts = [kvm(name, pools=(shared,)) for name in ("a", "b")]
    found = counted(*hosts, size=read_size("memory=8GiB,disk=10GiB"))
    assert [5, 5] == [line.fit for line in found.hosts]
    assert (5, 5) == (found.clusters[0].fit, found.total.fit)
    assert 0 == counted(*hosts, size=read_size("memory=8GiB,disk=10GiB,pool=other")).total.fit


def test_folders_of_one_file_system_have_its_space_once(counted: Counted) -> None:
    """Told by equal sizes; one of another size, or with other space free, is another file system."""
    uuids = {name: f"10000000-0000-4000-8000-00000000000{number}" for number, name in enumerate(("a", "b", "c", "d"))}
    pools = [pool(name=name, uuid=uuid, available_bytes=30 * GIB) for name, uuid in uuids.items()]
    pools[2] = pool(name="c", uuid=uuids["c"], capacity_bytes=101 * GIB, available_bytes=30 * GIB)
    pools[3] = pool(name="d", uuid=uuids["d"], available_bytes=32 * GIB)
    found = counted(kvm("kvm1", pools=pools), size=read_size("disk=10GiB"))
    assert ["", "a", "", ""] == [one.same_as for one in found.pools]
    assert 3 + 3 + 3 == found.total.fit
    assert 3 == counted(kvm("kvm1", pools=pools), size=read_size("disk=10GiB,pool=b")).total.fit


def test_a_size_is_read_in_any_order() -> None:
    """Units as everywhere."""
    expected = Size(vcpus=4, memory_bytes=8 * GIB, disk_bytes=40 * GIB, page_bytes=GIB, one_cell=True, pool="ssd")
    assert expected == read_size("pool=ssd, cell=yes,pages=1G,disk=40GiB,vcpus=4 , memory=8 GiB")


@pytest.mark.parametrize(
    "text",
    ["", "vcpus", "vcpus=", "vcpus=0", "vcpus=-1", "vcpus=1e3", "vcpus=²", "memory=much", "cores=4", "vcpus=1,vcpus=2",
     "pool=a", "cell=maybe,vcpus=1", "vcpus=1,pages=1G", "memory=0", "vcpus=99999999999999"],
)  # fmt: skip
def test_what_is_no_size_is_refused(text: str) -> None:
    """With a word on how to write one."""
    with pytest.raises(UsageError) as caught:
        read_size(text)
    assert "vcpus=4,memory=8GiB" in caught.value.hint
