"""The whole page of a recorded host, kept as a file: a change of a table shows as a change of its lines."""

from pathlib import Path

import msgspec
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse

from omc.exporters.exposition import openmetrics
from omc.exporters.hosts import ScrapeFacts
from omc.exporters.pages import Memory, Pages
from omc.exporters.request import ScrapeRequest
from omc.exporters.table import load_tables
from omc.ports import LiveReading

RECORDED = Path(__file__).parents[1] / "data" / "live" / "kvm1.json"
NOW = 1_795_000_030.0


def page(*, on: frozenset[str] | None = None, compat: str | None = None) -> bytes:
    tables = load_tables()
    reading = msgspec.json.decode(RECORDED.read_bytes(), type=LiveReading)
    memory = Memory(lambda raw: raw.name == "pending1")
    memory.notice(reading, NOW)
    pages = Pages(tables, on=frozenset(tables.collectors) - {"compat"} if on is None else on, compat=compat, budget=500)
    facts = ScrapeFacts(seconds=0.06, now=NOW, limit=9.5, reading=reading)
    return pages.page(facts, ScrapeRequest(deadline=0.0), memory)


def test_every_collector(golden):
    golden("metrics/all.txt", page().decode())


@pytest.mark.parametrize("dialect", ["tinkoff", "inovex", "kumina"])
def test_a_dialect_adds_its_names_and_changes_none(golden, dialect):
    plain = set(page().splitlines())
    added = [line for line in page(compat=dialect).splitlines() if line not in plain]
    golden(f"metrics/{dialect}.txt", b"\n".join([*added, b""]).decode())


@pytest.mark.parametrize("dialect", [None, "tinkoff", "inovex", "kumina"])
def test_both_parsers_read_the_page_and_no_series_comes_twice(dialect):
    body = page(compat=dialect)
    for families in (parse(body.decode()), parse_openmetrics(b"".join(openmetrics([body])).decode())):
        found = [(sample.name, *sorted(sample.labels.items())) for family in families for sample in family.samples]
        assert len(found) == len(set(found)) > 300


def test_a_hung_guest_keeps_what_needs_no_monitor():
    lines = [line for line in page().decode().splitlines() if 'domain="overlay1"' in line]
    names = {line.partition("{")[0] for line in lines}
    assert {"libvirt_domain_info_cpu_time_seconds_total", "libvirt_domain_interface_stats_receive_bytes_total"} <= names
    assert not any("block_stats_read" in name for name in names)
    assert any(line.startswith("libvirt_domain_timed_out") and line.endswith(" 1") for line in lines)


def test_only_the_chosen_collectors_are_on_the_page():
    names = {family.name for family in parse(page(on=frozenset({"memory"})).decode())}
    assert names
    assert all("memory" in name for name in names)
