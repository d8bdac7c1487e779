"""What lists and SQL show of a store: the same views with the same types on both databases."""

import msgspec
import pytest

from omc.errors import UsageError
from omc.inventory.store.catalogue import VIEWS
from omc.model import Guest
from tests.facts import GIB, disk, guest, host, unreachable, uuid_of


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
