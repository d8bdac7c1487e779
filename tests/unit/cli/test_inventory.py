"""`omc inventory` and its lists on libvirt's test driver: what is collected, and what is answered in which form."""

import csv
import io
import json
import re
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from omc.inventory.collect import CollectOptions
from tests.unit.cli.running import Omc

GUEST_KEYS = {
    *("host", "name", "uuid", "state", "vcpus", "memory_bytes", "machine", "autostart", "persistent"),
    *("pending_changes", "disks", "nics", "snapshots"),
}
DISK_KEYS = {
    *("target", "bus", "format", "source", "capacity_bytes", "allocation_bytes", "physical_bytes", "backing_chain"),
}


def add_dead_host(site: Path) -> None:
    """Add a host to the site that nothing answers for."""
    with (site / "inventory" / "hosts.yaml").open("a") as file:
        file.write(
            "    gone:\n      hosts:\n        dead1:\n          libvirt_uri: qemu+unix:///system?socket=/nowhere\n"
        )


def test_first_run_collects_and_later_ones_answer_from_the_store(omc: Omc) -> None:
    first, second = omc("inventory", "hosts"), omc("inventory", "hosts")
    assert (first.code, second.code) == (0, 0)
    assert first.out == second.out
    assert "collected" not in first.err
    assert "collected 0s ago" in second.err


def test_max_age_zero_always_collects(omc: Omc) -> None:
    omc("inventory")
    assert "ago" not in omc("inventory", "--max-age", "0").err
    assert len(omc("inventory", "sql", "SELECT started_at FROM runs").out.splitlines()) == 1 + 2


def runs(omc: Omc) -> int:
    """Return how many collects there were."""
    return len(omc("inventory", "sql", "SELECT started_at FROM runs").out.splitlines()) - 1


def test_the_site_says_what_every_collect_reads(omc: Omc, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless the command line says something else."""
    asked: list[tuple[bool, bool]] = []

    def collect(*_: object, options: CollectOptions, **__: object) -> None:
        asked.append((options.read_write, options.agent))

    monkeypatch.setattr("omc.inventory.collect.collect", collect)
    omc("inventory")
    settings = site / "inventory" / "site.yaml"
    settings.write_text("collect_read_write: true\ncollect_agent: true\n")
    omc("inventory")
    omc("inventory", "--no-read-write", "--no-agent")
    assert [(False, False), (True, True), (False, False)] == asked


def test_a_collect_that_asks_for_less_than_the_last_says_so_once(omc: Omc) -> None:
    """It asked for more, and what it was told is gone with it."""
    told = "not asked this time for what guests may have there, unlike before"
    assert told not in omc("inventory").err
    assert 0 == omc("inventory", "--read-write").code
    ran = omc("inventory")
    assert told in ran.err
    assert "collect_read_write: true in inventory/site.yaml" in ran.err
    assert told not in omc("inventory").err


@pytest.mark.parametrize("option", ["--agent", "--read-write"])
def test_agent_and_read_write_collect_now(omc: Omc, option: str) -> None:
    """An answer from the store would not hold what was asked for, however young it is."""
    omc("inventory")
    assert omc("inventory", "--max-age", "1h", option).code == 0
    assert omc("inventory", "show", "web1", "--max-age", "1h", option).code == 0
    assert runs(omc) == 3


@pytest.mark.parametrize("option", ["--agent", "--read-write"])
def test_what_only_a_collect_reads_is_not_asked_of_the_past(omc: Omc, option: str) -> None:
    omc("inventory")
    ran = omc("inventory", "--at", "now", option)
    assert (ran.code, ran.out) == (2, "")
    assert option in ran.err


@pytest.mark.parametrize(("ahead", "collects"), [(5, 1), (3600, 2)])
def test_collect_from_the_future_is_no_fresh_answer(omc: Omc, tmp_path: Path, ahead: int, collects: int) -> None:
    """A clock that was put back must not hide the hosts until it has caught up; a team's clocks differ a little."""
    omc("inventory")
    (path,) = (tmp_path / "state").rglob("*.db")
    later = datetime.fromtimestamp(time.time() + ahead, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    with closing(sqlite3.connect(path)) as store, store:
        store.execute("UPDATE host SET attempted_at = ?", (later,))
    omc("inventory", "guests", "--max-age", "1m")
    assert runs(omc) == collects


def test_patterns_and_limit_select_hosts(omc: Omc) -> None:
    names = [line.split("\t")[0] for line in omc("inventory", "hosts", "production:!kvm1").out.splitlines()[1:]]
    assert names == ["kvm2"]
    assert set(column(omc("inventory", "guests", "--limit", "lab").out, 0)) == {"lab1"}
    assert set(column(omc("inventory", "--limit", "kvm2", "guests", "all").out, 0)) == {"kvm2"}


def test_options_before_the_name_of_the_sub_command(omc: Omc) -> None:
    """A list's own options, too, and their values are never taken for the name; `export` hands them down."""
    omc("inventory")
    where = ("--where", "name = 'db1'", "--columns", "name")
    assert omc("inventory", *where, "-o", "csv", "guests").out == "name\r\ndb1\r\n"
    assert omc("inventory", *where, "guests", "kvm2").out == "name\n"
    assert set(json.loads(omc("inventory", "--host", "web1", "export", "ansible").out)) >= {"omc_host", "omc_name"}
    graph = omc("inventory", "--limit", "lab1", "export", "dot").out
    assert graph.startswith("digraph")
    assert "kvm1" not in graph
    assert "nothing changed" in omc("inventory", "--since", "now", "diff", "lab1").err
    assert omc("inventory", "--limit", "guests").code == 2
    assert "no host and no group is named 'guests'" in omc("inventory", "kvm1", "guests").err


def column(text: str, index: int) -> list[str]:
    return [line.split("\t")[index] for line in text.splitlines()[1:]]


def test_sub_command_wins_over_a_host_of_its_name(omc: Omc, site: Path) -> None:
    path = site / "inventory" / "hosts.yaml"
    path.write_text(path.read_text().replace("lab1:", "guests:"))
    (site / "inventory" / "demo" / "lab1.xml").rename(site / "inventory" / "demo" / "guests.xml")
    assert omc("inventory", "guests").out.startswith("host\tname\t")
    assert column(omc("inventory", "--limit", "guests").out, 0) == ["guests"]


def test_whole_inventory_as_json(omc: Omc) -> None:
    """One document with schema, time, hosts and issues."""
    document = json.loads(omc("inventory", "-o", "json").out)
    assert list(document) == ["schema", "collected_at", "hosts", "issues"]
    assert [host["name"] for host in document["hosts"]] == ["kvm1", "kvm2", "lab1"]
    assert all(host["status"] == "ok" and host["guests"] and "pools" in host for host in document["hosts"])
    assert {issue["host"] for issue in document["issues"]} == {"kvm1", "kvm2", "lab1"}


def test_whole_inventory_as_yaml_and_lines_say_the_same(omc: Omc) -> None:
    document = json.loads(omc("inventory", "-o", "json").out)
    same = ("inventory", "--max-age", "1h", "-o")
    assert yaml.safe_load(omc(*same, "yaml").out) == document
    assert [json.loads(line) for line in omc(*same, "ndjson").out.splitlines()] == document["hosts"]


def test_omc_inventory_itself_collects_at_every_call(omc: Omc) -> None:
    first, second = (json.loads(omc("inventory", "-o", "json").out)["collected_at"] for _ in range(2))
    assert first < second


def test_guests_as_json_are_whole(omc: Omc) -> None:
    guests = json.loads(omc("inventory", "guests", "-o", "json").out)
    assert len(guests) == 15
    assert all(guest.keys() >= GUEST_KEYS for guest in guests)
    assert all(disk.keys() >= DISK_KEYS for guest in guests for disk in guest["disks"])
    assert all(nic.keys() >= {"mac", "model", "source", "addresses"} for guest in guests for nic in guest["nics"])


def test_where_sort_and_columns(omc: Omc) -> None:
    where = "memory_bytes > 8*1024*1024*1024 and state = 'running'"
    ran = omc("inventory", "guests", "--where", where, "--sort", "-memory_bytes,name", "--columns", "name,memory_bytes")
    assert ran.out.splitlines()[:3] == ["name\tmemory_bytes", "db1\t68719476736", "ad1\t17179869184"]
    whole = json.loads(omc("inventory", "guests", "--where", where, "--sort", "-memory_bytes,name", "-o", "json").out)
    assert [guest["name"] for guest in whole] == column(ran.out, 0)


@pytest.mark.parametrize("where", ["1) --", "nothing = 1", "1; DROP TABLE guest", "(SELECT 1", "name = 'x"])
def test_where_that_is_no_expression_is_refused(omc: Omc, where: str) -> None:
    omc("inventory")
    ran = omc("inventory", "guests", "--where", where)
    assert ran.code != 0
    assert "--where" in ran.err
    assert ran.out == ""


def test_csv_is_for_spreadsheets(omc: Omc) -> None:
    rows = list(csv.DictReader(io.StringIO(omc("inventory", "guests", "-o", "csv").out, newline="")))
    assert len(rows) == 15
    assert rows[0].keys() >= {"host", "name", "uuid", "tags"}


@pytest.mark.parametrize(
    "view", ["disks", "nics", "addresses", "snapshots", "pools", "volumes", "networks", "leases", "issues"]
)
def test_every_list_in_every_format(omc: Omc, view: str) -> None:
    plain = omc("inventory", view)
    assert plain.code == 0
    count = len(plain.out.splitlines()) - 1
    assert len(json.loads(omc("inventory", view, "-o", "json").out)) == count
    assert len(omc("inventory", view, "-o", "table").out.splitlines()) == count + 1
    assert len(yaml.safe_load(omc("inventory", view, "-o", "yaml").out)) == count


def test_booleans_are_booleans(omc: Omc) -> None:
    network = json.loads(omc("inventory", "networks", "-o", "json").out)[0]
    assert network["active"] is True


def test_dead_host_is_named_and_the_others_are_complete(omc: Omc, site: Path) -> None:
    """Exit code 3; the reason and the host stand on stderr, and the answer has every other host whole."""
    add_dead_host(site)
    ran = omc("inventory", "-o", "json")
    assert ran.code == 3
    assert "dead1" in ran.err
    hosts = {host["name"]: host for host in json.loads(ran.out)["hosts"]}
    assert hosts["dead1"]["status"] == "unreachable"
    assert hosts["dead1"]["status_reason"]
    assert sum(len(host["guests"]) for host in hosts.values()) == 15
    listed = omc("inventory", "guests")
    assert listed.code == 3
    assert "dead1: unreachable" in listed.err
    assert "ago" in listed.err


def test_unreachable_host_keeps_its_guests(omc: Omc, site: Path) -> None:
    omc("inventory")
    path = site / "inventory" / "hosts.yaml"
    path.write_text(path.read_text().replace("rack: b4", "libvirt_uri: qemu+unix:///system?socket=/nowhere"))
    ran = omc("inventory", "guests", "--max-age", "0")
    assert ran.code == 3
    assert "lab1" in column(ran.out, 0)
    assert "shown as collected" in ran.err
    diff = omc("inventory", "diff", "--since", "1 hour ago", "-o", "json")
    assert "removed" not in {entry["kind"] for entry in json.loads(diff.out)}


def test_messages_as_json_lines_name_the_host(omc: Omc, site: Path) -> None:
    add_dead_host(site)
    lines = [json.loads(line) for line in omc("inventory", "--log-format", "json").err.splitlines()]
    assert any(line["level"] == "error" and line["where"] == "dead1" for line in lines)


def test_v_tells_of_each_host_and_vv_of_each_issue(omc: Omc, site: Path) -> None:
    add_dead_host(site)
    told = omc("inventory", "guests", "-v").err
    assert re.search(r"^kvm1: ok, 6 guests, \d\.\d s$", told, re.M)
    assert re.search(r"^dead1: unreachable, .*Failed to connect socket.*, \d\.\d s$", told, re.M)
    assert "the connection is read-only" not in told
    told = omc("inventory", "guests", "-vv", "--max-age", "0").err
    assert re.search(r"^kvm1: ok, 6 guests", told, re.M)
    assert re.search(r"^kvm1: host: .*: the connection is read-only$", told, re.M)


def test_table_of_hosts_with_totals(omc: Omc) -> None:
    ran = omc("inventory", "-o", "table")
    assert ran.out.splitlines()[0].split() == [
        *("NAME", "STATUS", "GUESTS", "VCPUS", "MEMORY", "ALLOCATED", "POOLS", "USED", "VERSIONS", "AGE")
    ]
    assert "3 hosts, 12 of 15 guests running" in ran.err


def test_what_no_run_can_give_is_counted_and_listed_on_request(omc: Omc) -> None:
    """A driver that lacks a call says so at every run: one line, not one a fact."""
    assert omc("inventory").err.count("not given by the driver or this connection: 14 facts") == 1
    assert "the connection is read-only" in omc("inventory", "issues").out


def test_alike_issues_of_several_hosts_are_one_message(omc: Omc, site: Path) -> None:
    path = site / "inventory" / "hosts.yaml"
    path.write_text("dead:\n  hosts: {a1: , a2: }\n  vars: {libvirt_uri: 'qemu+unix:///system?socket=/nowhere'}\n")
    ran = omc("inventory")
    assert ran.err.count("Failed to connect socket") == 1
    assert "a1, a2" in ran.err


def test_show_guest(omc: Omc) -> None:
    shown = omc("inventory", "show", "web1").out
    assert "memory_bytes" in shown
    assert "/var/lib/libvirt/images/debian-12.qcow2" in shown
    assert "after-upgrade *current*" in shown
    assert "\nhistory\n" in shown
    assert json.loads(omc("inventory", "show", "kvm1/web1", "-o", "json").out)["name"] == "web1"


def test_show_by_uuid_and_host(omc: Omc) -> None:
    guest = json.loads(omc("inventory", "show", "web1", "-o", "json").out)
    assert json.loads(omc("inventory", "show", guest["uuid"], "-o", "json").out) == guest
    host = json.loads(omc("inventory", "show", "kvm1", "-o", "json").out)
    assert guest in host["guests"]
    assert yaml.safe_load(omc("inventory", "show", "kvm1", "-o", "yaml").out) == host
    assert json.loads(omc("inventory", "show", "kvm1", "-o", "ndjson").out) == host


def test_ambiguous_name_lists_all_that_have_it(omc: Omc) -> None:
    ran = omc("inventory", "show", "web2")
    assert ran.code == 2
    assert "kvm1/web2" in ran.err
    assert "kvm2/web2" in ran.err


def test_show_collects_only_the_guest_s_host(omc: Omc, site: Path) -> None:
    omc("inventory")
    omc("inventory", "show", "web1", "--max-age", "0")
    assert column(omc("inventory", "sql", "SELECT selection FROM runs ORDER BY run").out, 0) == ["all", "kvm1"]


@pytest.mark.parametrize("name", ["csv", "tsv", "markdown"])
def test_lists_are_for_lists(omc: Omc, name: str) -> None:
    ran = omc("inventory", "show", "web1", "-o", name)
    assert ran.code == 2
    assert "-o json" in ran.err


def test_changed_guest_is_in_diff_and_history(omc: Omc, site: Path) -> None:
    """A guest with less memory is resized, one with another name is renamed, and the old state is still there."""
    omc("inventory")
    between = omc("inventory", "sql", "SELECT max(finished_at) FROM runs").out.split()[-1]
    path = site / "inventory" / "demo" / "kvm1.xml"
    text = path.read_text()
    path.write_text(text.replace("<name>web1</name>", "<name>shop1</name>"))
    omc("inventory", "--max-age", "0")
    differences = json.loads(omc("inventory", "diff", "--since", between, "-o", "json").out)
    assert ("renamed", "kvm1", "web1", "shop1") in {
        (item["kind"], item["host"], item["before"], item["after"]) for item in differences
    }
    assert "renamed" in omc("inventory", "history", "shop1").out
    assert json.loads(omc("inventory", "show", "web1", "--at", between, "-o", "json").out)["name"] == "web1"
    assert "web1" in column(omc("inventory", "guests", "--at", between).out, 1)
    assert "shop1" not in column(omc("inventory", "guests", "--at", between).out, 1)


def test_diff_without_changes_exits_0(omc: Omc) -> None:
    omc("inventory")
    between = omc("inventory", "sql", "SELECT max(finished_at) FROM runs").out.split()[-1]
    ran = omc("inventory", "diff", "--since", between)
    assert (ran.code, len(ran.out.splitlines())) == (0, 1)
    assert "nothing changed" in ran.err


def test_time_in_words_is_said_in_the_local_zone(omc: Omc) -> None:
    omc("inventory")
    assert "--since yesterday: " in omc("inventory", "diff", "--since", "yesterday").err


def test_sql_before_the_first_collect(omc: Omc) -> None:
    """What collects nothing by itself says that there is nothing yet, and makes no empty store."""
    for arguments in (("sql", "SELECT 1"), ("history", "web1")):
        ran = omc("inventory", *arguments)
        assert (ran.code, ran.out) == (1, "")
        assert "omc inventory" in ran.err


def test_sql_lists_the_views_that_it_reads(omc: Omc) -> None:
    """Without a store, too: the documentation's page of them is not at hand on every machine."""
    ran = omc("inventory", "sql", "--views")
    assert ran.code == 0
    assert "guests\tmemory_bytes\tinteger\t" in ran.out


def test_sql_reads_and_never_writes(omc: Omc) -> None:
    omc("inventory")
    ran = omc(
        "inventory", "sql", "SELECT host, count(*) AS guests FROM guests GROUP BY host ORDER BY host", "-o", "json"
    )
    assert json.loads(ran.out)[0] == {"host": "kvm1", "guests": 6}
    for statement in ("DELETE FROM guest", "SELECT * FROM guest", "PRAGMA writable_schema=1", "ATTACH 'x' AS y"):
        assert omc("inventory", "sql", statement).code == 2


def test_store_commands(omc: Omc, tmp_path: Path) -> None:
    assert omc("store", "check").code == 1
    omc("inventory")
    assert "sound" in omc("store", "check").out
    copy = tmp_path / "copy.db"
    assert omc("store", "backup", str(copy)).code == 0
    assert copy.stat().st_size > 0
    assert omc("store", "backup", str(copy)).code == 1
    assert "already" in omc("store", "upgrade").out
    assert "forgotten: 0 spans" in omc("store", "prune", "--keep", "90d").out
    assert omc("store", "prune").code == 2
