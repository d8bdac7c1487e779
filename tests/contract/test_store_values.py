"""Odd values in a store, on both databases: they are data, and cost at most themselves."""

import msgspec
import pytest

from omc.errors import StoreError
from omc.model import Guest
from tests.facts import GIB, disk, guest, host, unreachable


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
    assert odd == msgspec.json.decode(next(store.guest_documents()), type=Guest)


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
