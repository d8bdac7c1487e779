"""What a lost host means: proofs of either kind, and what decides it besides room."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from omc.capacity.losses import VERDICTS, Loss, losses
from omc.capacity.terms import Terms
from omc.capacity.usage import HostUse
from omc.model import (
    Architecture,
    Cpu,
    CpuFeature,
    Disk,
    DomainCapabilities,
    Guest,
    GuestMetadata,
    HostCell,
    HugePages,
    Memory,
)
from omc.placement import Item
from tests import facts
from tests.facts import GIB, unreachable
from tests.unit.capacity.conftest import Counted, kvm
from tests.unit.test_placement import fewest_left


def guest(number: int, **changes: Any) -> Guest:
    """Return a guest that is not tied to its host."""
    return facts.guest(number, **({"disks": ()} | changes))


GUESTS = some.lists(some.tuples(some.integers(1, 9), some.integers(1, 3)), max_size=3)


def host_use(name: str, memory: int, guests: list[tuple[int, int]]) -> HostUse:
    items = tuple(Item(f"{name}/{number}", size, vcpus) for number, (size, vcpus) in enumerate(guests))
    return HostUse(
        name=name,
        cluster="c",
        status="ok",
        cpus=4,
        memory_bytes=memory,
        reserve_bytes=0,
        allocated_bytes=sum(item.memory_bytes for item in items),
        vcpus_running=sum(item.vcpus for item in items),
        items=items,
    )


@given(some.lists(some.tuples(some.integers(0, 24), GUESTS), min_size=1, max_size=4))
def test_a_verdict_is_true_for_every_host(fleet: list[tuple[int, list[tuple[int, int]]]]) -> None:
    """It is "fits" where everything can be placed, "does not fit" only where nothing places all."""
    hosts = [host_use(f"h{number}", memory, guests) for number, (memory, guests) in enumerate(fleet)]
    terms = Terms(ratio=2)
    best = {
        host.name: fewest_left(host.items, [other.room(2, ()) for other in hosts if other is not host])
        for host in hosts
    }
    first, *second = losses(hosts, terms)
    assert first.least_left <= best[first.lost[0]] <= first.left
    if first.verdict == "fits":
        assert not any(best.values())
    assert ("does not fit" == first.verdict) <= (best[first.lost[0]] > 0)
    assert len(hosts) == first.checked
    assert (len(hosts) > 2) == bool(second)


def losses_of(counted: Counted, *hosts: object, clusters: object = None) -> dict[str, Loss]:
    return {loss.level: loss for loss in counted(*hosts, clusters=clusters).losses}


def test_a_cluster_with_room_survives_one_host_and_not_two(counted: Counted) -> None:
    """Three hosts of 63 GiB, each with 30 GiB given: one's fit on the others, those of two do not fit on the last."""
    hosts = [kvm(name, guests=[guest(number, memory_bytes=15 * GIB) for number in (1, 2)]) for name in "abc"]
    found = losses_of(counted, *hosts)
    assert ("fits", 2, 0, 0) == (found["N+1"].verdict, found["N+1"].guests, found["N+1"].left, found["N+1"].failing)
    assert ("does not fit", 4, 2) == (found["N+2"].verdict, found["N+2"].guests, found["N+2"].least_left)


def test_the_worst_host_is_told_not_the_largest(counted: Counted) -> None:
    """A host with one guest that fits nowhere is worse than one with many small ones."""
    many = kvm("a", memory_bytes=256 * GIB, guests=[guest(number, memory_bytes=4 * GIB) for number in range(10)])
    giant = kvm("b", guests=[guest(1, memory_bytes=34 * GIB)])
    spare = [kvm("c", memory_bytes=32 * GIB), kvm("d", memory_bytes=32 * GIB)]
    found = losses_of(counted, many, giant, *spare)["N+1"]
    assert ("fits", 0) == (found.verdict, found.failing)  # on a
    full = kvm("a", memory_bytes=70 * GIB, guests=[guest(number, memory_bytes=4 * GIB) for number in range(10)])
    found = losses_of(counted, full, giant, *spare)["N+1"]
    assert ("does not fit", ("b",), 1) == (found.verdict, found.lost, found.failing)
    assert ("b/web1",) == found.left_guests


def test_a_host_alone_has_nowhere_to_go(counted: Counted) -> None:
    """Unless nothing runs on it."""
    assert "one host" == losses_of(counted, kvm("a", guests=[guest(1)]))["N+1"].verdict
    assert "fits" == losses_of(counted, kvm("a"))["N+1"].verdict


def test_guests_kept_apart_need_as_many_hosts(counted: Counted) -> None:
    """Tags `anti-affinity:NAME`; other tags keep nobody apart."""
    apart = GuestMetadata(tags=("anti-affinity:db", "prod"))
    hosts = [kvm(name, guests=[guest(1, metadata=apart)]) for name in "ab"]
    assert "does not fit" == losses_of(counted, *hosts)["N+1"].verdict
    assert "fits" == losses_of(counted, *hosts, kvm("c"))["N+1"].verdict


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "fits"),
        ({"architectures": (Architecture(arch="aarch64", os_type="hvm", types=("kvm",)),)}, "does not fit"),
        ({"architectures": (Architecture(arch="x86_64", os_type="hvm", types=("qemu",)),)}, "does not fit"),
        ({"status": "unreachable", "status_reason": "no route"}, "does not fit"),
        ({"memory_bytes": None}, "not read"),
        ({"guests": [guest(2, memory_bytes=None)]}, "not read"),
        ({"status": "unreachable", "memory_bytes": None}, "not read"),
    ],
)
def test_a_guest_needs_its_architecture_its_type_and_a_host_that_answers(
    counted: Counted, changes: dict[str, object], verdict: str
) -> None:
    """Of the only other host."""
    found = counted(kvm("a", guests=[guest(1)]), kvm("b", **changes)).losses
    assert [verdict] == [loss.verdict for loss in found]


def test_a_named_cpu_model_must_not_be_blocked(counted: Counted) -> None:
    """By any machine type that could have it; a model that follows the host starts anywhere."""
    blocked = DomainCapabilities(arch="x86_64", type="kvm", blocked_models={"EPYC": ["svm"]})
    named, following = Cpu(mode="custom", model="EPYC"), Cpu(mode="host-model", model="EPYC")
    other = kvm("b", domain_capabilities=(blocked,))
    assert "does not fit" == losses_of(counted, kvm("a", guests=[guest(1, cpu=named)]), other)["N+1"].verdict
    assert "fits" == losses_of(counted, kvm("a", guests=[guest(1, cpu=following)]), other)["N+1"].verdict
    either = kvm("b", domain_capabilities=(blocked, DomainCapabilities(arch="x86_64", type="kvm", machine="q35")))
    assert "fits" == losses_of(counted, kvm("a", guests=[guest(1, cpu=named)]), either)["N+1"].verdict


@pytest.mark.parametrize(
    ("models", "off", "verdict"),
    [
        ({"usable_models": ("Haswell",)}, (), "does not fit"),  # its QEMU does not know EPYC
        ({"usable_models": ("Haswell",), "unknown_models": ("EPYC",)}, (), "fits"),  # nobody tells
        ({"blocked_models": {"EPYC": ["svm"]}}, ("svm",), "fits"),
        ({"blocked_models": {"EPYC": ["svm", "npt"]}}, ("svm",), "does not fit"),
    ],
)
def test_a_named_cpu_model_must_be_listed_but_for_what_the_guest_leaves_out(
    counted: Counted, models: dict[str, Any], off: tuple[str, ...], verdict: str
) -> None:
    """As `omc audit migrate` says it of the same guest and host."""
    offered = DomainCapabilities(arch="x86_64", type="kvm", **models)
    cpu = Cpu(mode="custom", model="EPYC", features=tuple(CpuFeature(name=name, policy="disable") for name in off))
    other = kvm("b", domain_capabilities=(offered,))
    assert verdict == losses_of(counted, kvm("a", guests=[guest(1, cpu=cpu)]), other)["N+1"].verdict


@pytest.mark.parametrize(
    ("size", "free", "asked", "verdict"),
    [
        (GIB, 4, (), "fits"),
        (GIB, 4, (GIB,), "fits"),
        (GIB, 3, (), "does not fit"),
        (GIB, None, (), "not read"),  # how many of them are free
        (2 << 20, None, (GIB,), "does not fit"),  # nor would it matter: they are of another size
        (2 << 20, 2048, (GIB,), "does not fit"),  # enough, of another size
    ],
)
def test_a_guest_in_huge_pages_needs_free_ones(
    counted: Counted, size: int, free: int | None, asked: tuple[int, ...], verdict: str
) -> None:
    """However much other memory there is."""
    in_pages = guest(1, memory=Memory(huge_pages=True, huge_page_bytes=asked))
    cells = (HostCell(id=0, huge_pages=(HugePages(size_bytes=size, total=4096 * (2 << 20) // size, free=free),)),)
    found = losses_of(counted, kvm("a", guests=[in_pages]), kvm("b", cells=cells))["N+1"]
    assert (verdict, 4 * GIB) == (found.verdict, found.memory_bytes)


def test_what_was_not_read_is_never_fine(counted: Counted) -> None:
    """Guests of a host that was never read are many or few: nobody knows."""
    same = dict.fromkeys("abc", "prod")
    found = losses_of(counted, kvm("a", guests=[guest(1)]), kvm("b"), unreachable("c"), clusters=same)["N+1"]
    assert ("not read", ("c",), 1) == (found.verdict, found.lost, found.failing)
    found = losses_of(counted, kvm("a", guests=[guest(1)]), unreachable("b"), clusters=same)["N+1"]
    assert ("not read", 2) == (found.verdict, found.failing)
    unread = kvm("a", guests=[guest(1, memory_bytes=None)])
    assert "not read" == losses_of(counted, unread, kvm("b"))["N+1"].verdict


def test_first_fit_may_find_no_placement_where_nothing_proves_that_there_is_none() -> None:
    """Between the two proofs it says so: 5 + 4 and 3 + 3 + 3 would fill both hosts."""
    hosts = [host_use("a", 18, [(5, 1), (4, 1), (3, 1), (3, 1), (3, 1)]), host_use("b", 9, []), host_use("c", 9, [])]
    found = losses(hosts, Terms(ratio=9))[0]
    assert found.verdict in VERDICTS[:2]
    hosts = [host_use("a", 20, [(4, 1), (4, 1), (3, 1), (3, 1), (3, 1), (3, 1)])] + [
        host_use(name, 10, []) for name in "bc"
    ]
    found = losses(hosts, Terms(ratio=9))[0]
    assert ("not found", 0) == (found.verdict, found.least_left)


def test_room_elsewhere_does_not_save_guests_that_are_tied(counted: Counted) -> None:
    """The verdict says so, and the host counts as one whose loss is not known to fit."""
    bound = guest(1, disks=(Disk(device="disk", type="block", source="/dev/vg0/web", target="vda"),))
    found = losses_of(counted, kvm("a", guests=[bound]), kvm("b"))["N+1"]
    assert ("room, but tied", 1, 0, 1) == (found.verdict, found.tied, found.left, found.failing)
