"""What omc says of times before the store's first collect, and of hosts that were never read."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.cli.running import Omc

URI = "libvirt_uri: qemu+unix:///system?socket=/nowhere\n"
DEAD = f"all:\n  hosts:\n    dead1:\n      {URI}"


def take_away(site: Path) -> None:
    """Take a guest away from a host."""
    path = site / "inventory" / "demo" / "lab1.xml"
    text = path.read_text()
    first = text.index("<domain")
    path.write_text(text[:first] + text[text.index("</domain>") + len("</domain>") :])


def test_diff_since_a_time_before_the_first_collect_shows_all_that_changed_since_it(omc: Omc, site: Path) -> None:
    """On the first day `--since yesterday` is what a new user types."""
    omc("inventory")
    take_away(site)
    omc("inventory")
    ran = omc("inventory", "diff", "--since", "yesterday", "-o", "json")
    found = [(entry["kind"], entry["host"]) for entry in json.loads(ran.out)]
    assert ("removed", "lab1") in found
    assert [("added", host) for host in ("kvm1", "kvm2", "lab1")] == [one for one in found if one[0] == "added"]
    assert all(entry["seen_at"] for entry in json.loads(ran.out))
    assert "the store begins at " in ran.err


def test_after_a_prune_the_store_still_begins_with_what_it_knows(omc: Omc) -> None:
    omc("inventory")
    between = datetime.fromtimestamp(time.time(), UTC).isoformat()
    omc("inventory")
    omc("store", "prune", "--keep", "0")
    assert "the store begins" not in omc("inventory", "diff", "--since", between).err


def test_diff_refuses_times_in_the_wrong_order(omc: Omc) -> None:
    ran = omc("inventory", "diff", "--since", "1 hour ago", "--until", "2 hours ago")
    assert (ran.code, ran.out) == (2, "")
    assert "--since is after --until" in ran.err


def test_list_of_a_time_before_the_first_collect_says_so(omc: Omc) -> None:
    omc("inventory")
    ran = omc("inventory", "guests", "--at", "yesterday")
    assert ran.code == 0
    assert "the store begins at " in ran.err
    assert "the store begins" not in omc("inventory", "guests", "--at", "now").err


@pytest.mark.parametrize("asked", [("show", "web1"), ("sql", "SELECT name FROM guests")])
def test_show_and_sql_of_a_time_before_the_first_collect_say_so(omc: Omc, asked: tuple[str, str]) -> None:
    omc("inventory")
    assert "the store begins at " in omc("inventory", *asked, "--at", "yesterday").err


def test_list_of_the_past_of_an_empty_store_says_so(omc: Omc) -> None:
    assert "the store is empty" in omc("inventory", "guests", "--at", "yesterday").err


def test_nothing_is_counted_of_hosts_that_were_never_read(omc: Omc, site: Path) -> None:
    hosts = site / "inventory" / "hosts.yaml"
    whole = hosts.read_text()
    hosts.write_text(DEAD)
    assert "1 host, none ever read\n" in omc("inventory", "-o", "table").err
    hosts.write_text(f"{whole}    gone:\n      hosts:\n        dead1:\n          {URI}")
    ran = omc("inventory", "-o", "table")
    assert "4 hosts (1 never read), " in ran.err
    assert " of 15 guests running" in ran.err


def test_hosts_that_did_not_answer_were_tried_and_not_collected(omc: Omc, site: Path) -> None:
    (site / "inventory" / "hosts.yaml").write_text(DEAD)
    omc("inventory")
    ran = omc("inventory", "hosts")
    assert "tried 0s ago" in ran.err
    assert "collected" not in ran.err
