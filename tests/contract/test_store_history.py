"""What a store knows of the past, on both databases: changes, histories, and lists as they were."""

import msgspec

from omc.model import Address, Host
from tests.facts import BETWEEN, ELEVEN, GIB, NINE, TEN, at, disk, guest, host, nic, pool, unreachable


def test_measurements_are_a_row_a_run_with_the_value_of_that_run(store, record):
    record(at(host(guests=[guest(disks=(disk("vda", physical_bytes=1),))]), NINE))
    record(at(host(guests=[guest(disks=(disk("vda", physical_bytes=1),))]), TEN))
    record(unreachable())
    record(at(host(guests=[guest(disks=(disk("vda", physical_bytes=9),))]), ELEVEN))
    found = list(store.query("measurements", columns=["physical_bytes"], where="kind = 'disk'", sort=["run"]))
    assert [(1,), (1,), (9,)] == found


def test_changes_are_named_by_what_happened(store, record):
    old = [guest(1), guest(2), guest(3), guest(4, state="shut off"), guest(5)]
    record(at(host(guests=old), NINE))
    new = [
        guest(1, vcpus=4, disks=(disk("vda", capacity_bytes=30 * GIB), disk("vdc"))),
        guest(3, state="shut off", state_reason="user", nics=(nic(3, source="dmz"),)),
        guest(4, name="renamed"),
        guest(5),
        guest(6),
    ]
    record(at(host(guests=new), TEN))
    assert {
        ("resized", "guest/web1", "vcpus"),
        ("resized", "guest/web1", "disks.vda.capacity_bytes"),
        ("plugged", "guest/web1", "disks.vdc"),
        ("unplugged", "guest/web1", "disks.vdb"),
        ("removed", "guest/web2", ""),
        ("stopped", "guest/web3", "state"),
        ("replugged", "guest/web3", "nics.52:54:00:00:00:03.source"),
        ("renamed", "guest/renamed", "name"),
        ("started", "guest/renamed", "state"),
        ("created", "guest/web6", ""),
    } == {(item.kind, item.subject, item.path) for item in store.changes(BETWEEN)}
    assert [] == store.changes("2026-01-01T10:30:00Z")


def test_a_change_says_when_it_was_first_seen_and_both_values(store, record):
    record(at(host(guests=[guest()]), NINE))
    record(at(host(guests=[guest(memory_bytes=8 * GIB)]), TEN))
    record(at(host(guests=[guest(memory_bytes=8 * GIB)]), ELEVEN))
    (found,) = store.changes(BETWEEN)
    assert (4 * GIB, 8 * GIB, "2026-01-01T10:00:00.000Z") == (found.before, found.after, found.seen_at)


def test_a_guest_that_vanished_here_and_appeared_there_moved(store, record):
    record(at(host("kvm1"), NINE), at(host("kvm2", guests=[]), NINE))
    record(at(host("kvm1", guests=[guest(1)]), TEN), at(host("kvm2", guests=[guest(2, host="kvm2")]), TEN))
    (found,) = store.changes(BETWEEN)
    assert ("moved", "kvm2", "guest/web2", "kvm1", "kvm2") == (
        *(found.kind, found.host, found.subject),
        *(found.before, found.after),
    )
    assert [found] == store.changes(BETWEEN, hosts={"kvm1"})
    assert ["added", "moved"] == [item.kind for item in store.history("web2")]


def test_a_new_host_is_added_and_its_guests_are_not_called_created(store, record):
    record(at(host("kvm1"), NINE))
    record(at(host("kvm2", guests=[guest(7, host="kvm2")]), TEN))
    assert [("added", "kvm2")] == [(item.kind, item.host) for item in store.changes(BETWEEN)]


def test_a_guest_seen_elsewhere_while_its_host_is_dark_appeared(store, record):
    record(at(host("kvm1"), NINE), at(host("kvm2", guests=[]), NINE))
    record(unreachable("kvm1"), at(host("kvm2", guests=[guest(1, host="kvm2")]), TEN))
    kinds = {(item.kind, item.host, item.before) for item in store.changes(BETWEEN)}
    assert {("unreachable", "kvm1", None), ("appeared", "kvm2", "kvm1")} == kinds
    assert ["unreachable", "appeared"] == [item.kind for item in store.changes(BETWEEN, hosts={"kvm1"})]


def test_changes_of_a_host_are_not_those_whose_former_value_is_its_name(store, record):
    record(at(host("kvm1", guests=[]), NINE), at(host("kvm2", guests=[guest(1, host="kvm2", title="kvm1")]), NINE))
    record(at(host("kvm2", guests=[guest(1, host="kvm2", title="front end")]), TEN))
    assert [] == store.changes(BETWEEN, hosts={"kvm1"})
    assert ["title"] == [item.path for item in store.changes(BETWEEN, hosts={"kvm2"})]


def test_a_guest_that_was_there_when_its_host_was_first_read_was_added_and_later_ones_were_created(store, record):
    record(at(host(guests=[guest(1)]), NINE))
    record(at(host(guests=[guest(1), guest(2)]), TEN))
    assert ["added"] == [item.kind for item in store.history("web1")]
    assert ["created"] == [item.kind for item in store.history("web2")]


def test_the_past_is_shown_by_the_same_views(store, record):
    record(at(host(guests=[guest(1, vcpus=2), guest(2)]), NINE))
    record(at(host(guests=[guest(1, vcpus=8, state="shut off")], pools=(), networks=()), ELEVEN))
    columns = ["name", "vcpus", "state", "disk_physical_bytes", "address", "memory_rss_bytes", "collected_at"]
    was = [("web1", 2, "running", 8 * GIB, "192.0.2.1", None), ("web2", 2, "running", 8 * GIB, "192.0.2.2", None)]
    found = list(store.query("guests", columns=columns, at=TEN))
    assert was == [row[:-1] for row in found]
    assert {"2026-01-01T09:00:00.000Z"} == {row[-1] for row in found}
    assert [("default", 40 * GIB)] == list(store.query("pools", columns=["name", "allocation_bytes"], at=TEN))
    assert [] == list(store.query("guests", at="2025-12-31T00:00:00Z"))
    assert [(4,)] == list(store.sql("SELECT count(*) FROM measurements WHERE kind = 'disk'", at=TEN))


def test_documents_of_the_past_are_whole_but_for_what_is_only_observed(store, record):
    then = host()
    record(at(then, NINE))
    record(at(host(guests=[]), ELEVEN))
    (document,) = store.documents(at=TEN)
    found = msgspec.json.decode(document, type=Host)
    assert then.guests[0].nics[0].addresses == found.guests[0].nics[0].addresses
    assert then.guests[0].snapshots == found.guests[0].snapshots
    assert None is found.guests[0].memory_usage
    assert 2 == len(list(store.guest_documents(at=TEN)))


def test_two_reads_within_one_second_are_two_points_of_time(store, record):
    record(at(host(guests=[guest(vcpus=2)]), NINE))
    record(at(host(guests=[guest(vcpus=8)]), NINE))
    assert [(8,)] == list(store.query("guests", columns=["vcpus"]))
    assert [] == store.check()


def test_address_history_is_kept(store, record):
    record(at(host(guests=[guest()]), NINE))
    moved = nic(1, addresses=(Address(address="198.51.100.7", source="agent"),))
    record(at(host(guests=[guest(nics=(moved,))]), TEN))
    rows = store.query("history", columns=["value", "valid_to"], where="aspect = 'address'")
    assert [("192.0.2.1", "2026-01-01T10:00:00.000Z"), ("198.51.100.7", None)] == list(rows)


def test_a_start_and_a_stop_are_states_and_no_change_of_configuration(store, record):
    def stopped(time: str, **changes: object) -> Host:
        return at(host(guests=[guest(state="shut off", state_reason="user", id=None, **changes)]), time)

    aliased = (disk("vda", alias="virtio-disk0"), disk("vdb", alias="virtio-disk1"))
    record(stopped(NINE))
    record(at(host(guests=[guest(disks=aliased)]), TEN))
    record(stopped(ELEVEN))
    assert ["started"] == [item.kind for item in store.changes(BETWEEN, "2026-01-01T10:30:00Z")]
    assert ["added", "started", "stopped"] == [item.kind for item in store.history("web1")]
    where = "aspect = 'configuration' and kind = 'guest'"
    assert 1 == sum(1 for _ in store.query("history", where=where))
    record(stopped("2026-01-01T12:00:00Z", vcpus=8))
    record(at(host(guests=[guest(vcpus=8, disks=aliased)]), "2026-01-01T13:00:00Z"))
    assert [("started", "state"), ("resized", "vcpus")] == [
        (item.kind, item.path) for item in store.changes("2026-01-01T11:30:00Z")
    ]
    assert [] == store.check()


def test_pools_and_networks_have_a_history(store, record):
    record(at(host(), NINE))
    record(at(host(pools=(pool(path="/srv"),), networks=()), TEN))
    assert {("changed", "pool/default", "path"), ("removed", "network/default", "")} == {
        (item.kind, item.subject, item.path) for item in store.changes(BETWEEN)
    }
