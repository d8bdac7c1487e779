"""What a store remembers of how full things were, on both databases: a figure a pool and day, guests as they ran."""

from omc.model import Pool
from tests.facts import GIB, at, guest, host, pool, unreachable


def moment(day: int, hour: int = 12) -> str:
    return f"2026-01-{day:02d}T{hour:02d}:00:00.000Z"


def with_pool(taken: int, **changes: object) -> Pool:
    return pool(allocation_bytes=taken * GIB, available_bytes=(100 - taken) * GIB, **changes)


def test_a_pool_has_one_figure_a_day_that_of_the_last_read(store, record):
    """Also for a day on which it was as on the day before; none where its host was not read."""
    reads = {(1, 8): 40, (1, 20): 41, (2, 8): 41, (2, 9): 41, (4, 8): 50}
    for (day, hour), taken in reads.items():
        record(at(host(pools=(with_pool(taken),)), moment(day, hour)))
    record(unreachable())
    found = store.usage(moment(1, 0), ["kvm1"])
    assert [(moment(1, 20), 41), (moment(2, 9), 41), (moment(4, 8), 50)] == [
        (figure.read_at, figure.allocation_bytes // GIB) for figure in found.pools
    ]
    assert [("kvm1", moment(1, 20)), ("kvm1", moment(2, 9)), ("kvm1", moment(4, 8))] == found.reads
    assert {"kvm1": moment(1, 8)} == found.first


def test_only_the_asked_hosts_pools_that_ran_and_times_since_then_are_given(store, record):
    """A pool that does not run has no size."""
    stopped = with_pool(1, state="inactive", name="off", uuid="10000000-0000-4000-8000-000000000009")
    for day in (1, 2):
        record(*[at(host(name, guests=[], pools=(with_pool(day), stopped)), moment(day)) for name in ("kvm1", "kvm2")])
    found = store.usage(moment(1, 20), ["kvm2"])
    assert [("kvm2", "default", moment(2))] == [figure[:3] for figure in found.pools]
    assert ([("kvm2", moment(2))], {"kvm2": moment(1)}) == (found.reads, found.first)


def test_guests_are_known_by_when_they_ran_and_when_they_had_what(store, record):
    """States and sizes are spans of their own; what ended before is left out."""
    record(at(host(guests=[guest(1), guest(2, state="shut off")]), moment(1)))
    record(at(host(guests=[guest(1, memory_bytes=8 * GIB), guest(2, state="shut off")]), moment(3)))
    record(at(host(guests=[guest(1, memory_bytes=8 * GIB, state="shut off")]), moment(5)))
    found = store.usage(moment(2), ["kvm1"])
    uuid = guest(1).uuid
    assert [(uuid, moment(1), moment(5))] == [span[1:4] for span in found.running]
    sizes = [(span.valid_from, span.memory_bytes // GIB) for span in found.sizes if span.uuid == uuid]
    assert [(moment(1), 4), (moment(3), 8)] == sorted(sizes)
    assert [] == [span for span in store.usage(moment(6), ["kvm1"]).running if span.uuid == uuid]


def test_an_empty_store_remembers_nothing(store):
    """And asks for no host's facts."""
    assert ([], {}, [], [], []) == store.usage(moment(1), ["kvm1"])


def test_what_was_pruned_is_forgotten_here_too(store, record):
    """The history is the store's own: prune needs to know of no other."""
    for day in (1, 2, 3):
        record(at(host(pools=(with_pool(day),)), moment(day)))
    store.prune(0)
    assert 1 >= len(store.usage(moment(1, 0), ["kvm1"]).pools)
