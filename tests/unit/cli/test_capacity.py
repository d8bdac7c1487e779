"""`omc capacity` on the reference site, and its forecasts from a past that was recorded."""

import csv
import io
import json
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from omc.inventory.formats import BUILT_IN
from omc.inventory.store import default_url, open_store
from omc.model import HostCell, HostCpu, HugePages
from tests.facts import GIB, at, digests, guest, host, pool
from tests.unit.cli.running import Omc


@pytest.mark.parametrize("words", [(), ("pools",), ("losses",), ("forecast",)])
def test_an_empty_store_says_what_to_do_first(omc: Omc, words: tuple[str, ...]) -> None:
    """It collects nothing by itself."""
    ran = omc("capacity", *words)
    assert (2, "") == (ran.code, ran.out)
    assert "omc inventory" in ran.err


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize("words", [(), ("pools",), ("losses",), ("forecast",)])
def test_every_format_gives_an_answer(collected: Omc, words: tuple[str, ...], name: str) -> None:
    """The cluster of the production hosts, or a pool of theirs, is in it."""
    ran = collected("capacity", *words, "-o", name)
    assert 0 == ran.code
    assert ("images" if words == ("pools",) else "production") in ran.out


def test_a_table_shows_hosts_losses_and_pools(collected: Omc) -> None:
    """One below the other, and on stderr what was counted by."""
    ran = collected("capacity", "-o", "table")
    assert ["hosts, clusters, total", "losses", "pools"] == [line for line in ran.out.splitlines() if line.islower()]
    assert "1 GiB reserved on each host and 4 vCPUs a CPU" in ran.err


def test_json_is_all_of_it_and_adds_up(collected: Omc) -> None:
    """Figures of the hosts are those of omc inventory hosts."""
    found = json.loads(collected("capacity", "-o", "json").out)
    hosts = {one["name"]: one for one in json.loads(collected("inventory", "hosts", "-o", "json").out)}
    for line in found["hosts"]:
        known = hosts[line["name"]]
        for ours, theirs in (("vcpus_running", "vcpus_running"), ("allocated_bytes", "guest_memory_running_bytes")):
            assert known[theirs] == line[ours]
    assert found["total"]["allocated_bytes"] == sum(line["allocated_bytes"] for line in found["hosts"])
    assert {"terms", "size", "total", "clusters", "hosts", "pools", "losses"} == set(found)


def test_how_many_more_fit_is_shown_where_a_size_is_asked_for(collected: Omc) -> None:
    """With what stops the next one."""
    rows = list(csv.DictReader(io.StringIO(collected("capacity", "--size", "memory=64GiB", "-o", "csv").out)))
    fits = {row["name"]: (row["fit"], row["limit"]) for row in rows}
    assert (("2", "memory"), ("3", "memory"), ("5", "")) == (fits["kvm1"], fits["kvm2"], fits["production"])
    assert "fit" not in collected("capacity", "-o", "csv").out.splitlines()[0]


def test_what_is_no_size_is_refused_before_anything_is_read(omc: Omc) -> None:
    """With how it is written."""
    ran = omc("capacity", "--size", "huge")
    assert (2, True) == (ran.code, "vcpus=4,memory=8GiB" in ran.err)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--size", "memory=8"), "memory='8' has no unit: 8GiB?"),
        (("--reserve", "5"), "'5' has no unit: 5GiB?"),
        (("--size", "disk=1GiB,pool=imges"), "no host has a pool named 'imges'\n  hint: meant images?"),
    ],
)
def test_what_nobody_means_is_refused(collected: Omc, words: tuple[str, ...], told: str) -> None:
    """Bytes of memory, and a pool that is not there."""
    ran = collected("capacity", *words)
    assert (2, "") == (ran.code, ran.out)
    assert told in ran.err


def test_a_host_that_does_not_answer_offers_nothing(collected: Omc, site: Path) -> None:
    """Its status is shown, its free memory is not, and it is named with the losses."""
    assert "STATUS" not in collected("capacity", "-o", "table").out
    assert 0 == collected("capacity", "--reserve", "0").code
    hosts = site / "inventory" / "hosts.yaml"
    text = hosts.read_text(encoding="utf-8")
    hosts.write_text(text.replace("kvm[1:2]:\n", "kvm1:\n        kvm2:\n          libvirt_uri: test:///nowhere.xml\n"))
    assert 3 == collected("inventory").code
    assert "unreachable" in collected("capacity", "-o", "table").out
    found = json.loads(collected("capacity", "-o", "json").out)
    free = {line["name"]: line["free_bytes"] for line in found["hosts"]}
    assert free["kvm2"] is None
    assert free["kvm1"] == next(line["free_bytes"] for line in found["clusters"] if line["name"] == "production")
    assert [["kvm2"]] == [loss["away"] for loss in found["losses"] if loss["cluster"] == "production"]
    (told,) = (one["message"] for one in json.loads(collected("audit", "--rule", "F04", "-o", "json").out))
    assert "not reachable, so that they take none: kvm2 (last read " in told


def test_terms_come_from_the_line_then_the_site_then_the_audit(collected: Omc, site: Path) -> None:
    """The site's host_reserve, --reserve; the ratio of H14, --ratio."""

    def terms(*words: str) -> str:
        return collected("capacity", "-o", "csv", *words).err

    (site / "inventory" / "audit.yaml").write_text("limits: {H14: {ratio: 2}}\n")
    assert "1 GiB reserved on each host and 2 vCPUs" in terms()
    with (site / "inventory" / "site.yaml").open("a") as file:
        file.write("host_reserve: 10%\n")
    assert "10% reserved" in terms()
    assert "2GiB reserved on each host and 1.5 vCPUs" in terms("--reserve", "2GiB", "--ratio", "1.5")
    assert 2 == collected("capacity", "--reserve", "some").code


@pytest.mark.parametrize(
    "words", [("capacity", "--ratio"), ("capacity", "forecast", "--full"), ("inventory", "--timeout")]
)
def test_what_is_no_number_is_outside_of_every_range(collected: Omc, words: tuple[str, ...]) -> None:
    """`nan` is neither less nor more than a bound."""
    ran = collected(*words, "nan")
    assert (2, "") == (ran.code, ran.out)
    assert "'nan' is not a number" in ran.err


def test_a_limit_without_end_is_refused_with_its_line(collected: Omc, site: Path) -> None:
    """Nothing can be counted by it."""
    (site / "inventory" / "audit.yaml").write_text("limits:\n  H14: {ratio: .inf}\n")
    ran = collected("capacity")
    assert (1, "") == (ran.code, ran.out)
    assert "audit.yaml:2" in ran.err


def test_clusters_are_those_of_the_audit(collected: Omc, site: Path) -> None:
    """One word for one thing."""

    def clusters(named: str) -> set[str]:
        (site / "inventory" / "audit.yaml").write_text(f"clusters: [{named}]\n")
        return {loss["cluster"] for loss in json.loads(collected("capacity", "losses", "-o", "json").out)}

    assert {"production", "lab"} == clusters("lab")
    assert {"all"} == clusters("all")


def test_a_host_that_was_never_read_is_named_and_not_fine(collected: Omc, site: Path) -> None:
    """Nobody knows what its loss means."""
    hosts = site / "inventory" / "hosts.yaml"
    text = hosts.read_text(encoding="utf-8")
    hosts.write_text(text.replace("kvm[1:2]", "kvm[1:3]"), encoding="utf-8")
    ran = collected("capacity", "losses", "-o", "json")
    assert 3 == ran.code
    assert "kvm3" in ran.err
    (found,) = [one for one in json.loads(ran.out) if (one["cluster"], one["level"]) == ("production", "N+1")]
    assert ("not read", ["kvm3"]) == (found["verdict"], found["lost"])


def test_a_part_of_a_cluster_is_said_to_be_one(collected: Omc) -> None:
    """Its other hosts could take guests, and are not counted."""
    assert "production: 1 of 2 hosts of the cluster are selected" in collected("capacity", "losses", "kvm1").err
    assert "are selected" not in collected("capacity", "losses").err


def test_old_facts_are_said_to_be_old(collected: Omc, site: Path) -> None:
    """By what the site takes for fresh."""
    assert "the oldest facts" not in collected("capacity").err
    (site / "inventory" / "site.yaml").write_text("max_age_seconds: 0\n")
    assert "the oldest facts were collected" in collected("capacity").err


def test_patterns_and_limit_choose_hosts(collected: Omc) -> None:
    """A sub-command's name wins over a pattern; --limit takes any."""
    assert "kvm2" not in collected("capacity", "kvm1", "-o", "csv").out
    assert "no host" in collected("capacity", "--limit", "pools").err


@pytest.fixture
def past(omc: Omc, site: Path) -> Omc:
    """Give omc on a site with 40 days behind it: a pool of kvm1 grew by 1 of 100 GiB a day, and memory by 4 GiB."""
    now = datetime.fromtimestamp(time.time(), UTC)
    with open_store(default_url(site)) as store:
        for day in range(40):
            then = (now - timedelta(days=39 - day)).isoformat()
            taken = (40 + day) * GIB
            grown = pool(allocation_bytes=taken, available_bytes=100 * GIB - taken)
            guests = [guest(number) for number in range(day + 1)]
            known = at(host(guests=guests, pools=(grown,), memory_bytes=225 * GIB, cpu=HostCpu(count=64)), then)
            run = store.begin(actor="a", selection="all")
            store.record(run, known, digests(known))
            store.finish(run, "ok")
    return omc


def test_free_huge_pages_that_were_not_read_are_not_none(omc: Omc, site: Path) -> None:
    """The figure stays empty, and the last line says so."""
    cells = (HostCell(id=0, huge_pages=(HugePages(size_bytes=2 << 20, total=8),)),)
    with open_store(default_url(site)) as store:
        known = at(host(cells=cells, cpu=HostCpu(count=8), memory_bytes=64 * GIB), datetime.now(UTC).isoformat())
        run = store.begin(actor="a", selection="all")
        store.record(run, known, digests(known))
        store.finish(run, "ok")
    ran = omc("capacity", "kvm1", "-o", "json")
    assert [None] == [line["huge_pages_free_bytes"] for line in json.loads(ran.out)["hosts"]]
    assert "of 1 host the free huge pages were not read" in ran.err


def test_a_forecast_follows_what_was_recorded(past: Omc) -> None:
    """79 of 100 GiB are taken: 21 days. 160 of 224 GiB are given: 16 days."""
    found = {one["kind"]: one for one in json.loads(past("capacity", "forecast", "kvm1", "-o", "json").out)}
    today = datetime.fromtimestamp(time.time(), UTC)
    for kind, days, growth in (("pool", 21, GIB), ("memory", 16, 4 * GIB)):
        assert "fills" == found[kind]["verdict"]
        full = datetime.fromisoformat(found[kind]["full_at"])
        assert abs((full - today).total_seconds() / 86_400 - days) < 1
        assert growth == pytest.approx(found[kind]["growth_per_day"], rel=0.01)
    assert "not soon" == found["vcpus"]["verdict"]  # 80 of 256, 2 a day


def test_a_shorter_past_or_a_lower_mark_may_be_asked_for(past: Omc) -> None:
    """From 5 days nothing is foretold; at 79 % it is full now."""
    short = past("capacity", "forecast", "kvm1", "--since", "5 days ago", "-o", "json")
    assert {"not known"} == {one["verdict"] for one in json.loads(short.out)}
    low = json.loads(past("capacity", "forecast", "kvm1", "--full", "79", "-o", "json").out)
    assert "full" == next(one["verdict"] for one in low if one["kind"] == "pool")


def test_a_forecast_reads_well_in_a_table(past: Omc) -> None:
    """The most urgent first, dates without the hour, growth in words."""
    lines = past("capacity", "forecast", "kvm1", "-o", "wide").out.splitlines()
    assert lines[1].startswith("memory")
    assert re.search(
        r"production +cluster +fills +\d{4}-\d\d-\d\d +\d{4}-\d\d-\d\d +\d{4}-\d\d-\d\d .*\+4 GiB", lines[1]
    )
