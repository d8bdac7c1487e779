"""A network that runs: which differences libvirt can update, in which order, and which need a restart."""

import pytest

from omc.ports import Definition, Usage
from omc.templates.desired import DesiredObject
from omc.templates.fingerprint import Fingerprints
from omc.templates.objects.comparison import ComparedObject, compare
from omc.templates.objects.effect import with_effect
from omc.templates.objects.live import stands, updates

PRINTS = Fingerprints(lambda: b"k" * 32)
LIVE = """<network connections='2'><name>n</name><uuid>7e95ac38-d4ff-4ac2-9abd-827053c27cb3</uuid>
<forward mode='bridge'><interface dev='eth0' connections='1'/><interface dev='eth1'/></forward>
<ip address='10.0.0.1' netmask='255.255.255.0'/><ip address='10.0.1.1' netmask='255.255.255.0'><dhcp>
<range start='10.0.1.2' end='10.0.1.9'/><host mac='52:54:00:00:00:02' ip='10.0.1.3'/></dhcp></ip></network>"""
PORTGROUP = "<portgroup name='a'><bandwidth><inbound average='{}'/></bandwidth></portgroup><ip address='10.0.0.1'"


def wanted(*changes: tuple[str, str]) -> str:
    text = LIVE.replace(" connections='2'", "").replace(" connections='1'", "")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def words(live: str, text: str) -> list[tuple[str, str, int]]:
    found = updates(live, text)
    assert found is not None
    return [(one.command, one.section, one.parent) for one in found]


def test_what_libvirt_counts_is_no_difference():
    assert () == updates(LIVE, wanted())
    assert stands("network", wanted(), LIVE)


def test_an_entry_goes_before_another_of_its_address_comes():
    """Both stand in the second <ip>, and libvirt refuses two of one MAC."""
    found = words(LIVE, wanted(("'10.0.1.3'", "'10.0.1.4'"), ("'10.0.1.9'", "'10.0.1.8'")))
    assert [
        ("delete", "ip-dhcp-host", 1), ("delete", "ip-dhcp-range", 1),
        ("add-last", "ip-dhcp-host", 1), ("add-last", "ip-dhcp-range", 1),
    ] == found  # fmt: skip


def test_a_port_group_is_modified_by_its_name():
    live = LIVE.replace("<ip address='10.0.0.1'", PORTGROUP.format(1))
    text = wanted(("<ip address='10.0.0.1'", PORTGROUP.format(2)))
    assert [("modify", "portgroup", -1)] == words(live, text)
    assert [("add-last", "portgroup", -1)] == words(LIVE, text)
    assert [("delete", "portgroup", -1)] == words(live, wanted())


def test_an_interface_that_guests_are_on_goes_only_by_a_restart():
    assert [("delete", "forward-interface", -1)] == words(LIVE, wanted(("<interface dev='eth1'/>", "")))
    assert updates(LIVE, wanted(("<interface dev='eth0'/>", ""))) is None


@pytest.mark.parametrize(
    "change",
    [
        ("mode='bridge'", "mode='private'"),
        ("<name>n</name>", "<name>n</name><mtu size='9000'/>"),
        ("<ip address='10.0.0.1' netmask='255.255.255.0'/>", ""),
        ("<name>n</name>", "<name>n</name><dns enable='no'/>"),
    ],
)
def test_anything_else_needs_a_restart(change: tuple[str, str]):
    assert updates(LIVE, wanted(change)) is None


def effect(text: str, usage: Usage, *, disruptive: bool, live: str = LIVE) -> ComparedObject:
    present = Definition(kind="network", name="n", xml=wanted(), active=True, live=live)
    made = compare(DesiredObject(template="t", kind="network", name="n", xml=text), present, PRINTS)
    return with_effect(made, present, lambda: usage, disruptive=disruptive)


def test_a_restart_is_asked_for_and_may_be_refused():
    """What stands against it wins over --disruptive; many guests are counted, not named."""
    text = wanted(("mode='bridge'", "mode='private'"))
    used = Usage(guests=tuple(f"g{number}" for number in range(9)))
    plan = effect(text, used, disruptive=False).plan
    assert ("change", "next_start") == (plan.action, plan.effect)
    assert plan.note.endswith("now (used by g0, g1, g2, g3, g4 and 4 more)")
    assert "restart" == effect(text, used, disruptive=True).plan.effect
    plan = effect(text, Usage(hindrance="because"), disruptive=True).plan
    assert ("next_start", True) == (plan.effect, plan.note.endswith("goes on as it is: because"))


def test_what_runs_otherwise_than_it_is_defined_is_renewed_where_that_may_be():
    live = LIVE.replace("bridge'", "vepa'")
    waits = effect(wanted(), Usage(), disruptive=False, live=live)
    assert ("same", "next_start", None) == (waits.plan.action, waits.plan.effect, waits.change)
    renewed = effect(wanted(), Usage(), disruptive=True, live=live)
    assert ("renew", "restart") == (renewed.plan.action, renewed.plan.effect)
    assert renewed.change is not None
    assert renewed.change.before == renewed.change.after
