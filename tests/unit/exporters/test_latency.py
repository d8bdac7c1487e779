"""libvirt's bins become a histogram of Prometheus, and timed groups get their interval as a label."""

import pytest

from omc.exporters.exposition import Plan, Writer
from omc.exporters.families import Families
from omc.exporters.guests import GuestFacts, GuestLines, completed
from omc.exporters.latency import cumulated
from omc.exporters.table import load_tables

TABLES = load_tables()
BINS = "block.0.latency_histogram.read.bin"
READS = {"block.0.name": "vda", f"{BINS}.count": 3} | {
    f"{BINS}.{place}.{key}": value
    for place, found in enumerate(
        ({"start": 0, "value": 9}, {"start": 10_000, "value": 4}, {"start": 5_000_000, "value": 1})
    )
    for key, value in found.items()
}


def page(values: dict[str, object]) -> list[str]:
    made = GuestLines(Families(TABLES, TABLES.guest, on=frozenset({"latency"}), compat=None))
    filled = completed(values, complete=True, last_full=0.0)
    lines = made.lines(GuestFacts(name="web1", uuid="u1"), filled)
    plan = Plan(lines, filled, budget=1000)
    text = Writer(made.families.families).render([(plan, plan.fill(filled))]).decode()
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_each_bucket_counts_all_that_took_no_longer():
    first = 'libvirt_domain_block_read_latency_seconds_bucket{domain="web1",uuid="u1",target_device="vda"'
    expected = [f'{first},le="1e-05"}} 9', f'{first},le="0.005"}} 13', f'{first},le="+Inf"}} 14']
    assert expected == page(READS)


def test_the_buckets_follow_the_counts_of_the_next_scrape():
    assert {"omc.block.0.read.0": 9, "omc.block.0.read.1": 13, "omc.block.0.read.2": 20} == cumulated(
        {**READS, f"{BINS}.2.value": 7}
    )


@pytest.mark.parametrize(
    "broken",
    [
        {f"{BINS}.count": 0},
        {f"{BINS}.count": 1_000_000},
        {f"{BINS}.1.start": "soon"},
        {f"{BINS}.1.start": 9_000_000},
        {f"{BINS}.count": 4},
    ],
)
def test_bins_that_make_no_histogram_are_left_out(broken):
    assert [] == page({**READS, **broken})


def test_a_timed_group_is_labelled_with_its_interval():
    values = {"block.0.name": "vda", "block.0.timed_group.1.interval_length": 60}
    values["block.0.timed_group.1.rd_latency_avg"] = 250_000
    labels = 'domain="web1",uuid="u1",target_device="vda",interval_seconds="60"'
    assert [f"libvirt_domain_block_timed_read_latency_avg_seconds{{{labels}}} 0.00025"] == page(values)


def test_what_this_libvirt_does_not_give_costs_no_series():
    assert [] == page({"block.0.name": "vda", "block.0.rd.bytes": 1})
