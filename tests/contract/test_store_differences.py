"""What `diff` says of two times, on both databases: of what was read, since when, and from when on at all."""

import msgspec

from omc.inventory.store.times import now
from tests.facts import BETWEEN, ELEVEN, GIB, NINE, TEN, at, guest, host, unreachable


def test_before_the_first_collect_all_changes_since_it_are_shown(store, record):
    record(at(host(guests=[guest(1), guest(2), guest(3)]), TEN))
    changed = guest(2, memory_bytes=8 * GIB)
    record(at(host(guests=[changed, guest(3, state="shut off"), guest(4)]), ELEVEN))
    assert {
        ("added", "host", "2026-01-01T10:00:00.000Z"),
        ("removed", "guest/web1", "2026-01-01T11:00:00.000Z"),
        ("resized", "guest/web2", "2026-01-01T11:00:00.000Z"),
        ("stopped", "guest/web3", "2026-01-01T11:00:00.000Z"),
        ("created", "guest/web4", "2026-01-01T11:00:00.000Z"),
    } == {(item.kind, item.subject, item.seen_at) for item in store.changes(BETWEEN)}


def test_a_host_that_is_added_has_the_time_of_its_first_read_whatever_changed_since(store, record):
    record(at(host("kvm1"), NINE))
    record(at(host("kvm2", guests=[]), TEN))
    record(at(msgspec.structs.replace(host("kvm2", guests=[]), hostname="other"), ELEVEN))
    found = {item.kind: item for item in store.changes(BETWEEN) if item.host == "kvm2"}
    assert {"added": "2026-01-01T10:00:00.000Z", "changed": "2026-01-01T11:00:00.000Z"} == {
        kind: item.seen_at for kind, item in found.items()
    }


def test_a_guest_that_moved_to_a_host_before_that_was_first_read_moved(store, record):
    record(at(host("kvm1"), NINE), at(host("kvm3", guests=[]), NINE))
    record(at(host("kvm2", guests=[guest(2, host="kvm2")]), TEN))
    record(at(host("kvm1", guests=[guest(1)]), ELEVEN))
    assert {("added", "host", None), ("moved", "guest/web2", "kvm1")} == {
        (item.kind, item.subject, item.before) for item in store.changes(BETWEEN)
    }


def test_what_is_gone_or_dark_says_when_that_was_seen(store, record):
    record(at(host("kvm1"), NINE), at(host("kvm2", guests=[]), NINE))
    record(at(host("kvm1", guests=[guest(1, state="shut off"), guest(2)]), TEN))
    record(at(host("kvm1", guests=[guest(2)]), ELEVEN), unreachable("kvm2"))
    found = {item.kind: item.seen_at for item in store.changes(BETWEEN)}
    (dark,) = store.query("history", columns=("valid_from",), where="kind = 'host' and value = 'unreachable'")
    assert {"removed": "2026-01-01T11:00:00.000Z", "unreachable": str(dark[0])} == found
    record(at(host("kvm2", guests=[]), now()))
    (again,) = [item for item in store.changes(str(dark[0])) if item.kind == "reachable"]
    assert again.seen_at > str(dark[0])


def test_a_store_says_since_when_it_knows_something_also_after_its_runs_are_forgotten(store, record):
    assert store.beginning() is None
    record(at(host(), NINE))
    record(at(host(), TEN))
    store.prune(0)
    assert "2026-01-01T09:00:00.000Z" == store.beginning()
