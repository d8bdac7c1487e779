"""One suite for both databases: what a store promises, whatever it lies in."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from omc.errors import StoreError, UsageError
from omc.inventory.store import Store, open_store, upgrade_store
from omc.inventory.store.catalogue import VIEWS
from omc.model import Address, Guest, Host, Issue, MemoryUsage
from tests.facts import GIB, at, digests, disk, guest, host, network, nic, pool, unreachable, uuid_of

NINE, TEN, ELEVEN = "2026-01-01T09:00:00Z", "2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z"
BETWEEN = "2026-01-01T09:30:00Z"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty place for a store."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    return str(request.getfixturevalue("postgresql").new_database())


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        yield opened


@pytest.fixture
def record(store: Store) -> Callable[..., None]:
    """Record hosts in a run of their own."""

    def write(*hosts: Host) -> None:
        run = store.begin(actor="tester", selection="all")
        for item in hosts:
            store.record(run, item, digests(item))
        store.finish(run, "ok")

    return write


def counts(store: Store) -> dict[str, int]:
    """How many rows each view has."""
    return {name: sum(1 for _ in store.query(name)) for name in VIEWS}


def guests_of(store: Store, **options: object) -> list[Guest]:
    return [msgspec.json.decode(document, type=Guest) for document in store.guest_documents(**options)]  # type: ignore[arg-type]


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


def test_every_view_answers_with_its_columns_in_order(store, record):
    record(host(), unreachable("kvm2"))
    for name, view in VIEWS.items():
        rows = store.query(name)
        assert view.names == rows.columns
        assert list(rows), name


def test_types_of_values_are_those_of_the_reference_page(store, record):
    record(host(), unreachable("kvm2"))
    kinds = {"text": str, "integer": int, "number": float, "boolean": bool}
    for name, view in VIEWS.items():
        for row in store.query(name):
            for column, value in zip(view.columns, row, strict=True):
                assert value is None or type(value) is kinds[column.type], f"{name}.{column.name}: {value!r}"


def test_a_guest_is_listed_with_sums_over_its_disks(store, record):
    record(host(guests=[guest(disks=(disk("vda"), disk("vdb"), disk("sda", device="cdrom")))]))
    columns = ["disks", "disk_capacity_bytes", "disk_physical_bytes", "address", "memory_rss_bytes"]
    assert [(3, 40 * GIB, 8 * GIB, "192.0.2.1", GIB)] == list(store.query("guests", columns=columns))


def test_a_sum_is_null_where_a_part_was_not_read(store, record):
    record(host(guests=[guest(disks=(disk("vda"), disk("vdb", physical_bytes=None)))]))
    assert [(40 * GIB, None)] == list(store.query("guests", columns=["disk_capacity_bytes", "disk_physical_bytes"]))


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


def test_measurements_are_a_row_a_run_with_the_value_of_that_run(store, record):
    record(at(host(guests=[guest(disks=(disk("vda", physical_bytes=1),))]), NINE))
    record(at(host(guests=[guest(disks=(disk("vda", physical_bytes=1),))]), TEN))
    record(unreachable())
    record(at(host(guests=[guest(disks=(disk("vda", physical_bytes=9),))]), ELEVEN))
    found = list(store.query("measurements", columns=["physical_bytes"], where="kind = 'disk'", sort=["run"]))
    assert [(1,), (1,), (9,)] == found


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
    assert 2 == len(guests_of(store, at=TEN))


def test_older_facts_do_not_replace_newer_ones(store):
    first, second = (store.begin(actor="a", selection="all") for _ in range(2))
    store.record(second, at(host(guests=[guest(vcpus=8)]), TEN), {})
    store.record(first, at(host(guests=[guest(vcpus=2)]), NINE), {})
    assert [(8,)] == list(store.query("guests", columns=["vcpus"]))


def test_two_reads_within_one_second_are_two_points_of_time(store, record):
    record(at(host(guests=[guest(vcpus=2)]), NINE))
    record(at(host(guests=[guest(vcpus=8)]), NINE))
    assert [(8,)] == list(store.query("guests", columns=["vcpus"]))
    assert [] == store.check()


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


def test_address_history_is_kept(store, record):
    record(at(host(guests=[guest()]), NINE))
    moved = nic(1, addresses=(Address(address="198.51.100.7", source="agent"),))
    record(at(host(guests=[guest(nics=(moved,))]), TEN))
    rows = store.query("history", columns=["value", "valid_to"], where="aspect = 'address'")
    assert [("192.0.2.1", "2026-01-01T10:00:00.000Z"), ("198.51.100.7", None)] == list(rows)


def test_lists_select_hosts_sort_and_limit(store, record):
    record(*(host(name, guests=[guest(n, host=name, vcpus=n)]) for n, name in enumerate(("a", "b", "c"), 1)))
    assert [("c",), ("a",)] == list(store.query("guests", columns=["host"], hosts=["a", "c"], sort=["-vcpus"]))
    assert [("b",), ("c",)] == list(store.query("guests", columns=["host"], where="vcpus > 1", limit=2))
    assert [] == list(store.query("guests", hosts=[]))


def test_the_example_of_the_manual_works_on_both(store, record):
    record(host(guests=[guest(1, memory_bytes=16 * GIB), guest(2), guest(3, memory_bytes=9 * GIB)]))
    where = "memory_bytes > 8*1024*1024*1024 and state = 'running'"
    assert [("web1",), ("web3",)] == list(store.query("guests", columns=["name"], where=where, sort=["-memory_bytes"]))


def test_booleans_are_true_and_false_on_both(store, record):
    record(host(guests=[guest(1), guest(2, autostart=False)]))
    assert [("web1", True)] == list(store.query("guests", columns=["name", "autostart"], where="autostart"))
    assert [("web2", False)] == list(store.sql("SELECT name, autostart FROM guests WHERE autostart = false"))


def test_hostile_names_are_data(store, record):
    names = ["'; DROP TABLE guest; --", "\x1b]0;x\x07", "a\nb", "=cmd()", "%s?", "\u202eevil", "\U0001f600" * 1024]
    record(host(guests=[guest(n, name=name, title=name) for n, name in enumerate(names)]))
    assert sorted(names) == [row[0] for row in store.query("guests", columns=["name"], sort=["name"])]
    assert [("%s?",)] == list(store.query("guests", columns=["name"], where="name = '%s?'"))
    assert names[0] == msgspec.json.decode(store.guest(names[0]), type=Guest).name


def test_values_that_no_database_takes_are_not_known_but_lose_no_host(store, record):
    odd = guest(1, title="a\0b", disks=(disk("vda", capacity_bytes=2**64 - 1),))
    record(host(guests=[odd, guest(2)]))
    assert [("web1", None), ("web2", 40 * GIB)] == list(store.query("guests", columns=["name", "disk_capacity_bytes"]))
    assert odd == guests_of(store)[0]


@pytest.mark.parametrize("odd", ["a\0b", "half \ud800 character", "\udcff"])
def test_texts_that_no_database_takes_cost_no_host(store, record, odd):
    named = guest(1, title=odd)
    record(host(driver=odd, groups=(odd,), guests=[named]), unreachable("kvm2", odd), host("kvm3"))
    found = dict(store.sql("SELECT name, coalesce(status_reason, driver) FROM hosts"))
    shown = odd.encode("utf-8", "replace").decode()
    assert {"kvm1", "kvm2", "kvm3"} == found.keys()
    assert {found["kvm1"], found["kvm2"]} <= {shown, shown.replace("\0", "\ufffd")}, "SQLite keeps a NUL"
    assert 3 == len(list(store.documents()))
    assert [] == store.check()


def test_a_number_that_no_database_takes_costs_no_host(store, record):
    record(host(memory_free_bytes=2**64, guests=[guest(1, vcpus=2**70)]))
    assert [("kvm1", None)] == list(store.query("hosts", columns=["name", "memory_free_bytes"]))
    assert [("web1", None)] == list(store.query("guests", columns=["name", "vcpus"]))


def test_a_name_that_no_database_takes_is_nobodys(store, record):
    record(host())
    with pytest.raises(StoreError, match="half characters"):
        store.find("\udcff")


def test_names_stand_for_hosts_and_guests(store, record):
    record(host("kvm1", guests=[guest(1), guest(2, name="kvm1/odd")]), host("kvm2", guests=[guest(1, host="kvm2")]))
    assert ["kvm1/web1", "kvm2/web1"] == [item.path for item in store.find("web1")]
    assert ["kvm1/web1"] == [item.path for item in store.find("kvm1/web1")]
    assert ["kvm1/kvm1/odd"] == [item.path for item in store.find(uuid_of(2).upper())]
    assert "kvm1/odd" == msgspec.json.decode(store.guest("kvm1/kvm1/odd"), type=Guest).name
    with pytest.raises(UsageError, match="2 guests: kvm1/web1"):
        store.guest("web1")
    with pytest.raises(UsageError, match="knows no guest named nobody"):
        store.guest("nobody")
    assert {"kvm1": "host", "kvm1/odd": "guest", "kvm2": "host"} == store.names("kvm")


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


def test_what_was_not_read_this_time_stays(store, record):
    record(at(host(), NINE))
    record(at(host(pools=(pool(volumes=None),), networks=(network(leases=None),)), TEN))
    record(at(host(pools=None, networks=None), ELEVEN))
    assert (1, 1, 1, 1) == tuple(counts(store)[name] for name in ("pools", "volumes", "networks", "leases"))


def days_since(time: str) -> float:
    return (datetime.now(UTC) - datetime.fromisoformat(time)).total_seconds() / 86_400


def test_prune_forgets_what_ended_and_keeps_what_holds(store, record):
    record(at(host(guests=[guest(1), guest(2)]), NINE))
    record(at(host(guests=[guest(1, vcpus=8)]), TEN))
    record(at(host(guests=[guest(1, vcpus=8)]), ELEVEN))
    pruned = store.prune(days_since("2026-01-01T10:30:00Z"))
    assert (1, 0) == (pruned.guests, pruned.hosts)
    assert [("web1", 8)] == list(store.query("guests", columns=["name", "vcpus"]))
    assert [] == store.changes(BETWEEN, "2026-01-01T09:40:00Z")
    assert [] == store.check()


def test_prune_forgets_hosts_that_were_not_tried_while_others_were(store, record):
    record(at(host("gone"), NINE))
    record(at(host("stays", guests=[]), ELEVEN))
    assert 1 == store.prune(days_since(TEN)).hosts
    assert [("stays",)] == list(store.query("hosts", columns=["name"]))
    assert 0 == store.prune(0).hosts
    assert [] == store.check()


def test_a_new_store_is_sound_and_of_this_version(store, url):
    assert [] == store.check()
    assert "0001" == upgrade_store(url).after


def test_check_names_what_is_missing(store, record):
    record(host())
    with store._database.writing("test") as session:
        session.run("DROP VIEW leases")
        session.run("DELETE FROM guest_document")
    assert ["the view leases is missing", "2 guests without their document"] == store.check()


def test_a_newer_store_is_refused(store, url):
    with store._database.writing("test") as session:
        session.run("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="version 9999, which this omc does not know") as caught:
        open_store(url)
    assert "newer omc" in caught.value.hint


def test_a_store_is_not_made_where_none_is_wanted(url):
    with pytest.raises(StoreError, match="there is no store yet"):
        open_store(url, create=False)


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
