"""What a store keeps of what was read, on both databases: whole, once, and whatever a host says."""

import threading

import msgspec

from omc.inventory.store import Store
from omc.inventory.store.catalogue import VIEWS
from omc.model import Guest, Host, Issue, MemoryUsage
from tests.facts import BETWEEN, ELEVEN, NINE, TEN, at, digests, guest, host, network, pool, unreachable, uuid_of


def counts(store: Store) -> dict[str, int]:
    """How many rows each view has."""
    return {name: sum(1 for _ in store.query(name)) for name in VIEWS}


def test_a_recorded_host_comes_back_whole(store, record):
    known = host()
    record(known)
    (document,) = store.documents()
    assert known == msgspec.json.decode(document, type=Host)


def test_what_the_last_run_knew_is_given_back_by_uuid(store, record):
    known = host()
    record(known)
    assert {item.uuid: (digests(known)[item.uuid], msgspec.json.encode(item)) for item in known.guests} == {
        uuid: (item.digest, item.doc) for uuid, item in store.known("kvm1").items()
    }
    assert {} == store.known("kvm2")


def test_an_unchanged_guest_costs_no_row(store, record):
    record(at(host(), NINE))
    before = counts(store)
    record(at(host(), TEN))
    after = counts(store)
    series = {"runs", "measurements"}  # shown a run each; kept as spans
    assert {name: before[name] for name in before if name not in series} == {
        name: after[name] for name in after if name not in series
    }
    assert 2 * before["measurements"] == after["measurements"]
    assert [(1,)] == list(store.sql("SELECT DISTINCT count(*) FROM history GROUP BY host, kind, uuid, aspect, name"))


def test_observed_values_make_no_history(store, record):
    record(at(host(guests=[guest()]), NINE))
    before = counts(store)["history"]
    record(at(host(guests=[guest(memory_usage=MemoryUsage(rss_bytes=5), id=77)]), TEN))
    assert before == counts(store)["history"]
    assert [(5,)] == list(store.query("guests", columns=["memory_rss_bytes"]))


def test_an_unreachable_host_keeps_its_facts_and_says_why(store, record):
    record(at(host(), NINE))
    record(unreachable())
    assert [("unreachable", "no route to host", "2026-01-01T09:00:00.000Z")] == list(
        store.query("hosts", columns=["status", "status_reason", "collected_at"])
    )
    assert ["unreachable"] * 2 == [row[0] for row in store.query("guests", columns=["host_status"])]
    (document,) = store.documents()
    found = msgspec.json.decode(document, type=Host)
    assert ("unreachable", 2, ["unreachable"]) == (found.status, len(found.guests), [i.code for i in found.issues])
    assert ["unreachable"] == [item.kind for item in store.changes(BETWEEN)]


def test_a_host_that_never_answered_is_listed(store, record):
    record(unreachable("kvm9"))
    (document,) = store.documents()
    assert "unreachable" == msgspec.json.decode(document, type=Host).status
    assert [("kvm9", None)] == list(store.query("hosts", columns=["name", "collected_at"]))
    (fresh,) = store.freshness(["kvm9"])
    assert ("unreachable", None) == (fresh.status, fresh.collected_at)


def test_freshness_names_hosts_that_the_store_does_not_know(store, record):
    record(at(host(), NINE))
    assert [("kvm1", "2026-01-01T09:00:00.000Z"), ("new", None)] == [
        (item.host, item.collected_at) for item in store.freshness(["kvm1", "new"])
    ]


def test_what_a_host_was_not_asked_for_is_known_while_it_is_reached(store, record):
    """What the hosts that did not answer would have said is no less than the last time."""
    issue = Issue(host="kvm1", subject="host", code="needs-read-write", what="domain capabilities", why="read-only")
    record(at(host("kvm1", issues=[issue]), NINE), at(host("kvm2"), NINE), unreachable("kvm9"))
    asked = ["kvm1", "kvm2", "kvm9", "new"]
    assert {"kvm1": {"needs-read-write"}, "kvm2": set()} == store.unasked(asked)
    record(unreachable("kvm1"))
    assert {"kvm2": set()} == store.unasked(asked)
    assert {} == store.unasked(["new"])


def test_a_uuid_on_two_hosts_is_an_issue_of_both(store, record):
    record(host("kvm1", guests=[guest(1)]), host("kvm2", guests=[guest(1, host="kvm2")]))
    doubled = {"columns": ["host", "subject"], "where": "code = 'duplicate-uuid'"}
    assert [("kvm1", "guest/web1"), ("kvm2", "guest/web1")] == list(store.query("issues", **doubled))
    found = [msgspec.json.decode(document, type=Host) for document in store.documents()]
    assert [("kvm1", ["duplicate-uuid"]), ("kvm2", ["duplicate-uuid"])] == [
        (item.name, [issue.code for issue in item.issues]) for item in found
    ]
    record(at(host("kvm1", guests=[]), TEN))
    assert [] == list(store.query("issues", **doubled))


def test_a_guest_that_comes_back_is_the_same_guest_again(store, record):
    record(at(host(), NINE))
    record(at(host(guests=[]), TEN))
    assert [] == list(store.query("guests"))
    record(at(host(), ELEVEN))
    assert [("web1", "2026-01-01T09:00:00.000Z"), ("web2", "2026-01-01T09:00:00.000Z")] == list(
        store.query("guests", columns=["name", "first_seen_at"])
    )
    assert ["added", "removed", "created"] == [item.kind for item in store.history("web1")]
    assert [] == store.check()


def test_older_facts_do_not_replace_newer_ones(store):
    first, second = (store.begin(actor="a", selection="all") for _ in range(2))
    store.record(second, at(host(guests=[guest(vcpus=8)]), TEN), {})
    store.record(first, at(host(guests=[guest(vcpus=2)]), NINE), {})
    assert [(8,)] == list(store.query("guests", columns=["vcpus"]))


def test_a_guest_whose_configuration_could_not_be_read_has_no_history(store, record):
    bare = Guest(host="kvm1", name="broken", uuid=uuid_of(9), state="running")
    run = store.begin(actor="a", selection="all")
    store.record(run, at(host(guests=[bare]), NINE), {bare.uuid: ""})
    assert {} == store.known("kvm1")
    store.record(run, at(host(guests=[guest(9, name="broken")]), TEN), {bare.uuid: "1" * 32})
    store.record(run, at(host(guests=[bare]), ELEVEN), {bare.uuid: ""})
    assert [] == [item for item in store.changes(BETWEEN) if item.path]
    assert [] == store.check()


def test_a_guest_is_removed_whatever_else_could_not_be_read(store, record):
    record(at(host(), NINE))
    whats = ("what guests may have here (domain capabilities)", "libvirt's messages on guests")
    lacks = tuple(
        Issue(host="kvm1", subject="host", code="deadline", what=what, why="too late", failed=True) for what in whats
    )
    record(at(host(guests=[guest(1)], status="partial", issues=lacks), TEN))
    assert [("web1",)] == list(store.query("guests", columns=["name"]))


def test_what_was_not_read_this_time_stays(store, record):
    record(at(host(), NINE))
    record(at(host(pools=(pool(volumes=None),), networks=(network(leases=None),)), TEN))
    record(at(host(pools=None, networks=None), ELEVEN))
    assert (1, 1, 1, 1) == tuple(counts(store)[name] for name in ("pools", "volumes", "networks", "leases"))


def test_known_and_record_work_from_many_threads(store):
    run = store.begin(actor="a", selection="all")
    errors: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for _ in range(3):
                store.known(name)
                store.record(run, host(name, collected_at=None), digests(host(name)))
                list(store.query("guests", hosts=[name]))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(f"kvm{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [] == errors
    assert 16 == sum(1 for _ in store.query("guests"))


def test_a_reader_sees_one_state_while_others_write(store, record):
    record(at(host("a"), NINE), at(host("b"), NINE))
    documents = store.documents()
    next(documents)
    record(at(host("b", guests=[]), TEN))
    assert 2 == len(msgspec.json.decode(next(documents), type=Host).guests)
