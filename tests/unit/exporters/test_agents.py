"""What a guest agent says becomes lines, whatever it says: it is the word of whoever is root in the guest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families as parse

from omc.exporters.agents import MOST_CHARACTERS, MOST_FILESYSTEMS, AgentLines
from omc.exporters.exposition import Plan, Writer
from omc.exporters.families import Families
from omc.exporters.table import load_tables
from omc.ports import LiveAgent, Value

BASE = (("domain", "web1"), ("uuid", "u1"))
TABLES = load_tables()
FAMILIES = Families(TABLES, TABLES.guest, on=frozenset({"agent", "address"}), compat=None)
KEYS = (
    "hostname",
    "os.id",
    "fs.count",
    "fs.0.mountpoint",
    "fs.0.total-bytes",
    "user.count",
    "timezone.name",
    "if.0.addr.0.addr",
)


def samples(values: dict[str, Value], *, up: bool = True) -> list[tuple[str, dict[str, str], float]]:
    lines = FAMILIES.sorted(AgentLines(FAMILIES).lines(BASE, LiveAgent(up=up, read_at=1000.0, values=values)))
    page = Writer(FAMILIES.families).render([(Plan(lines, {}, budget=10_000), [])]).decode()
    found = [(sample.name, sample.labels, sample.value) for family in parse(page) for sample in family.samples]
    return [(name, {k: v for k, v in labels.items() if k not in dict(BASE)}, value) for name, labels, value in found]


def filesystem(number: int, mountpoint: str, *, used: int = 1) -> dict[str, Value]:
    prefix = f"fs.{number}"
    texts = {f"{prefix}.mountpoint": mountpoint, f"{prefix}.fstype": "ext4", f"{prefix}.name": "vda1"}
    return {**texts, f"{prefix}.total-bytes": 100, f"{prefix}.used-bytes": used}


def test_a_filesystem_has_its_size_and_what_is_used():
    own = {"mountpoint": "/data", "fstype": "ext4", "device": "vda1"}
    found = samples({"fs.count": 1, **filesystem(0, "/data", used=7)})
    assert ("libvirt_domain_guest_filesystem_size_bytes", own, 100.0) in found
    assert ("libvirt_domain_guest_filesystem_used_bytes", own, 7.0) in found


def test_an_agent_that_is_silent_is_down_and_says_nothing_else():
    found = samples({"hostname": "old"}, up=False)
    assert {"libvirt_domain_agent_up", "libvirt_domain_agent_last_answer_timestamp_seconds"} == {
        row[0] for row in found
    }


def test_of_ten_thousand_filesystems_the_first_are_told_and_how_many_there_are():
    values: dict[str, Value] = {"fs.count": 10_000}
    for number in range(10_000):
        values |= filesystem(number, f"/{number}")
    found = samples(values)
    assert MOST_FILESYSTEMS == sum(row[0] == "libvirt_domain_guest_filesystem_used_bytes" for row in found)
    assert ("libvirt_domain_guest_filesystems", {}, 10_000.0) in found


def test_a_place_that_is_mounted_twice_is_told_once():
    found = samples({"fs.count": 2, **filesystem(0, "/a", used=1), **filesystem(1, "/a", used=2)})
    assert [2.0] == [row[2] for row in found if row[0] == "libvirt_domain_guest_filesystem_used_bytes"]


@pytest.mark.parametrize("hostile", ['"} 1\nlibvirt_up 0', "\\", "\x1b[2J", "\u202etxt.exe", "a" * 100_000, "\ud800"])
def test_a_hostile_name_stays_one_short_label(hostile):
    (found,) = [row for row in samples({"hostname": hostile}) if row[0] == "libvirt_domain_guest_hostname_info"]
    assert len(found[1]["hostname"]) <= MOST_CHARACTERS
    assert not set("\n\x1b\u202e") & set(found[1]["hostname"])


def test_a_size_that_is_no_number_is_left_out():
    found = samples({"fs.count": 1, **filesystem(0, "/a"), "fs.0.total-bytes": "many"})
    assert "libvirt_domain_guest_filesystem_size_bytes" not in {row[0] for row in found}


def test_an_address_that_every_guest_has_for_itself_is_no_series():
    """Two of each guest, and nobody can reach one by them; what only looks like them stays."""
    addresses = ("127.0.0.1", "::1", "127.0.0.1 or so", "::10", "1127.0.0.1")
    values: dict[str, Value] = {f"if.0.addr.{place}.addr": each for place, each in enumerate(addresses)}
    found = {own["address"] for name, own, _ in samples(values) if name.endswith("address_info")}
    assert {"127.0.0.1 or so", "::10", "1127.0.0.1"} == found


def test_addresses_say_that_the_agent_told_them():
    values: dict[str, Value] = {"if.0.hwaddr": "52:54:00:00:00:01", "if.0.addr.0.addr": "10.0.0.5"}
    own = {"mac_address": "52:54:00:00:00:01", "address": "10.0.0.5", "source": "agent"}
    assert ("libvirt_domain_interface_address_info", own, 1.0) in samples(values)


@given(st.dictionaries(st.sampled_from(KEYS), st.one_of(st.text(), st.integers(), st.floats(), st.booleans())))
def test_whatever_an_agent_says_is_a_page_without_a_series_twice(values):
    found = [(name, *sorted(labels.items())) for name, labels, _ in samples(values)]
    assert len(found) == len(set(found))
