"""The lines of a guest: whatever its XML and its statistics hold, no two series are the same and nothing raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.exporters import markup
from omc.exporters.exposition import Line
from omc.exporters.families import Families
from omc.exporters.guests import GuestFacts, GuestLines, completed
from omc.exporters.table import load_tables
from omc.ports import RawAddress, RawGuest

TABLES = load_tables()
LINES = GuestLines(Families(TABLES, TABLES.guest, on=frozenset(TABLES.collectors), compat=None))
NIC = "<interface type='bridge'><mac address='{mac}'/>{target}</interface>"
DISK = "<disk type='file'><source file='/a'/>{target}<iotune>{tune}</iotune></disk>"


def lines(devices: str = "", values: dict | None = None, *, xml: str | None = None, **facts) -> list[Line]:
    text = f"<domain id='3'><devices>{devices}</devices></domain>" if xml is None else xml
    raw = RawGuest(name="x", uuid="u", xml=text, **facts)
    return LINES.lines(GuestFacts(name="x", uuid="u", raw=raw), values or {"state.state": 1})


def devices_of(found: list[Line], metric: str) -> list[str]:
    return [line.labels.split('target_device="')[1].split('"')[0] for line in found if line.family == metric]


def test_interfaces_without_a_name_go_by_their_mac_address_and_doubled_names_are_told_apart():
    nics = [("aa", ""), ("bb", "<target dev='vnet0'/>"), ("cc", "<target dev='vnet0'/>"), ("", "")]
    xml = "".join(NIC.format(mac=mac, target=target) for mac, target in nics)
    values = {f"net.{number}.rx.bytes": 1 for number in range(4)} | {"net.1.name": "vnet0", "net.2.name": "vnet0"}
    found = lines(xml, values)
    expected = ["aa", "vnet0", "vnet0#2", "#3"]
    assert expected == devices_of(found, "libvirt_domain_interface_stats_info")
    assert expected == devices_of(found, "libvirt_domain_interface_stats_receive_bytes_total")


def test_only_limits_that_are_set_are_there():
    tune = "<read_iops_sec>500</read_iops_sec><total_bytes_sec>0</total_bytes_sec><write_bytes_sec>x</write_bytes_sec>"
    found = lines(DISK.format(target="<target dev='vda'/>", tune=tune))
    limits = {line.family: line.value for line in found if "limit" in line.family}
    assert {"libvirt_domain_block_stats_limit_read_requests": 500} == limits


def test_a_chain_of_images_is_counted_without_its_empty_end():
    last = "<backingStore><source file='/c'/><backingStore/></backingStore>"
    chain = f"<backingStore><source file='/b'/>{last}</backingStore>"
    (disk,) = markup.disks(markup.parse(f"<domain><devices><disk>{chain}</disk></devices></domain>"))
    assert disk.figures["backing_files"] == 2


def test_a_chain_that_the_definition_does_not_tell_is_no_series():
    """Of a guest that is off libvirt knows no chain, and none is not the same as an empty one."""
    (disk,) = markup.disks(markup.parse("<domain><devices><disk><source file='/a'/></disk></devices></domain>"))
    assert "backing_files" not in disk.figures


def test_addresses_come_once_each_with_who_knows_them():
    known = (RawAddress("arp", "vnet0", "aa", "10.0.0.1", None),) * 2
    found = [line for line in lines(addresses=known) if line.family == "libvirt_domain_interface_address_info"]
    assert len(found) == 1
    assert 'mac_address="aa",address="10.0.0.1",source="arp"' in found[0].labels


@pytest.mark.parametrize(("dialect", "expected"), [(None, 0), ("kumina", 0), ("inovex", 1), ("tinkoff", 2)])
def test_dialects_that_join_every_guest_with_its_openstack_instance_find_one_for_every_guest(dialect, expected):
    """Their dashboards are empty else, on every host without OpenStack."""
    made = GuestLines(Families(TABLES, TABLES.guest, on=frozenset({"info"}), compat=dialect))
    raw = RawGuest(name="x", uuid="u", xml="<domain><uuid>u</uuid></domain>")
    found = made.lines(GuestFacts(name="x", uuid="u", raw=raw), {"state.state": 1})
    said = [line.labels for line in found if "openstack" in line.family or "meta" in line.family]
    assert expected == len(said)
    assert all('instance_name="",instance_id="u"' in labels for labels in said)


def test_a_resource_monitor_goes_by_its_name_and_a_memory_controller_by_its_number_on_the_host():
    prefix = "memory.bandwidth.monitor.0"
    values = {f"{prefix}.name": "vcpus_0-1", f"{prefix}.node.0.id": 3, f"{prefix}.node.0.bytes.total": 5}
    (found,) = (line for line in lines(values=values) if "bandwidth" in line.family)
    assert found.labels.endswith('monitor="vcpus_0-1",node="3"')


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ("<vcpu>4</vcpu><cputune><vcpupin vcpu='0' cpuset='1'/></cputune>", 1),
        ("<vcpu cpuset='0-3'>4</vcpu><cputune><vcpupin vcpu='0' cpuset='1'/></cputune>", 4),
        ("<vcpu>4</vcpu>", 0),
        ("<vcpu cpuset='0'>x</vcpu>", 0),
    ],
)
def test_a_cpuset_of_the_guest_pins_every_virtual_cpu_that_has_none_of_its_own(xml, expected):
    assert expected == markup.figures(markup.parse(f"<domain>{xml}</domain>"))["vcpus_pinned"]


@pytest.mark.parametrize("xml", ["", "no XML", "<domain>", "<!DOCTYPE a [<!ENTITY b 'c'>]><domain/>", "<domain/>"])
def test_xml_that_is_none_costs_only_what_it_would_have_said(xml):
    families = {line.family for line in lines(xml=xml)}
    assert "libvirt_domain_state" in families


def test_an_incomplete_guest_is_marked_and_a_percentage_needs_both_its_numbers():
    assert {"omc.timed_out": 1} == completed({}, complete=False, last_full=0)
    values = completed({"balloon.available": 200, "balloon.usable": 50}, complete=True, last_full=5)
    assert (0, 5, 75.0) == (values["omc.timed_out"], values["omc.last_full"], values["omc.used_percent"])
    assert "omc.used_percent" not in completed(
        {"balloon.available": 0, "balloon.usable": 0}, complete=True, last_full=0
    )


NAMES = st.lists(st.sampled_from(["", "vnet0", "vnet1", "a#2", "vnet0#2", 'q"q']), max_size=6)


@given(NAMES, NAMES)
def test_no_two_series_are_the_same_whatever_devices_are_called(nics, disks):
    values: dict = {"state.state": 1}
    for group, names, field in (("net", nics, "rx.bytes"), ("block", disks, "rd.bytes")):
        for number, name in enumerate(names):
            values |= {f"{group}.{number}.name": name, f"{group}.{number}.{field}": 1}
    xml = "".join(NIC.format(mac="", target=f"<target dev='{name}'/>".replace("#", "&#35;")) for name in nics)
    found = [(line.family, line.labels) for line in lines(xml, values)]
    assert len(found) == len(set(found))
