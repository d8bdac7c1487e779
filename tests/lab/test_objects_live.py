"""Libvirt objects that run while templates change them: what takes effect now, what --disruptive restarts, and back."""

import re
from collections.abc import Sequence

import libvirt
import msgspec
import pytest

from tests.lab import disks, guests
from tests.lab.fixtures import MakeGuests
from tests.lab.host import Host
from tests.lab.objects import NAME, NETWORK, POOL, Site, find, site, xml
from tests.waiting import until

__all__ = ["site"]
pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]

WIDER = NETWORK.replace('netmask="255.255.255.0"', "netmask=\"{{ mask | default('255.255.255.0') }}\"")
MASK = ("-e", "mask=255.255.0.0")
HOST = '<host mac="52:54:00:aa:00:01" name="db" ip="10.201.0.{{ h }}"/>'
RICH = f"""<network><name>{NAME}</name><bridge name="omc-test" delay="0"/>
<dns>{{% if h is defined %}}<host ip="10.201.0.77"><hostname>x{{{{ h }}}}</hostname></host>
<txt name="t{{{{ h }}}}" value="v"/>{{% endif %}}</dns>
{{% if h is defined %}}<portgroup name="slow" {{% if h == '5' %}}default="yes"{{% endif %}}/>{{% endif %}}
<ip address="10.201.0.1" netmask="255.255.255.0"><dhcp>
<range start="10.201.0.2" end="10.201.0.{{{{ n | default(9) }}}}"/>{{% if h is defined %}}{HOST}{{% endif %}}
</dhcp></ip></network>"""


def on_network(host: Host, name: str = "user", nics: int = 2) -> guests.Guest:
    """A guest with two cards on the tests' network."""
    cards = (guests.nic(NAME, network=True),) * nics
    return msgspec.structs.replace(guests.halting(host, name, nic_count=0), nics=cards)


def begun(site: Site, connection: libvirt.virConnect, text: str) -> libvirt.virNetwork:
    """The network as its template has it, running."""
    site.template({"network": text})
    assert site.apply().code == 0
    network = connection.networkLookupByName(NAME)
    network.create()
    return network


def attached(host: Host) -> Sequence[str]:
    """The interfaces on the network's bridge."""
    return host.run("sh", "-c", "ls /sys/class/net/omc-test/brif").split()


def started(host: Host) -> str:
    """What tells one life of the bridge from another."""
    return host.run("cat", "/sys/class/net/omc-test/ifindex")


def test_what_libvirt_can_change_takes_effect_now(
    site: Site, connection: libvirt.virConnect, host: Host, make_guests: MakeGuests
) -> None:
    """Ranges, hosts, DNS and port groups of a running network; its bridge and its guest stay, and all comes back."""
    network = begun(site, connection, RICH)
    make_guests(on_network(host))
    before, bridge = re.sub("<network.*>", "", network.XMLDesc(0)), started(host)
    for words in (("-e", "n=8", "-e", "h=3"), ("-e", "n=7", "-e", "h=5")):
        planned = site.plan(*words)
        assert "takes effect now, without a restart" in planned.stdout, planned
        assert site.apply(*words).code == 0
        n, h = words[1][-1], words[3][-1]
        live = network.XMLDesc(0)
        wanted = (f"end='10.201.0.{n}'", f"ip='10.201.0.{h}'", f"<hostname>x{h}<", f"name='t{h}'", "<portgroup ")
        assert [text for text in wanted if text not in live] == []
        assert site.plan(*words).code == 0
        assert site("status", "kvm1", "objects", *words).code == 0
    assert "default='yes'" in network.XMLDesc(0)
    assert (started(host), len(attached(host))) == (bridge, 2)
    assert "dhcp-range=10.201.0.2,10.201.0.7" in host.run("cat", f"/var/lib/libvirt/dnsmasq/{NAME}.conf")
    for _ in range(2):
        assert site("rollback", next_undone(site), "--yes").code == 0
    assert re.sub("  <dns>\n  </dns>\n|<network.*>", "", network.XMLDesc(0)) == before
    assert started(host) == bridge


def next_undone(site: Site) -> str:
    """The newest run that was not put back yet."""
    runs = site("history", "-o", "json").json
    undone = {run["undoes"] for run in runs}
    return next(str(run["run"]) for run in runs if run["kind"] == "apply" and run["run"] not in undone)


def test_a_network_with_guests_is_restarted_only_when_asked(
    site: Site, connection: libvirt.virConnect, host: Host, make_guests: MakeGuests
) -> None:
    """Without --disruptive it goes on; with it guests are attached again and go on; a rollback does the same."""
    network = begun(site, connection, WIDER)
    make_guests(on_network(host))
    bridge, process, cards = started(host), host.guest_pid("user"), attached(host)
    planned = site.plan(*MASK)
    assert "takes effect at its next start; what runs now goes on as it is. With --disruptive it is" in planned.stdout
    assert "(used by user)" in planned.stdout
    assert site.apply(*MASK).code == 0
    assert started(host) == bridge
    status = site("status", "kvm1", "objects", *MASK, "-o", "json").json
    assert [(one["state"], one["subject"]) for one in status] == [("pending", f"libvirt:network/{NAME}")]
    assert site.plan(*MASK).code == 0
    assert site.plan(*MASK, "--disruptive").code == 4
    applied = site.apply(*MASK, "--disruptive")
    assert applied.code == 0, applied
    assert "takes effect now: it is restarted, and its guests are attached again (used by user)" in applied.stdout
    assert f"renew libvirt:network/{NAME}" in applied.stdout
    assert started(host) != bridge
    assert "255.255.0.0" in network.XMLDesc(0)
    assert (host.guest_pid("user"), attached(host), len(network.listAllPorts())) == (process, cards, 2)
    assert site("status", "kvm1", "objects", *MASK).code == 0
    assert site("rollback", site.run(), "--yes").code == 0
    assert "255.255.255.0" in network.XMLDesc(0)
    assert "255.255.0.0" in network.XMLDesc(libvirt.VIR_NETWORK_XML_INACTIVE)
    assert (host.guest_pid("user"), attached(host), len(network.listAllPorts())) == (process, cards, 2)


def test_a_network_that_does_not_start_is_put_back_running(
    site: Site, connection: libvirt.virConnect, host: Host, make_guests: MakeGuests
) -> None:
    """Its new bridge is there already: the old network runs again with its guests, and the file is the old one."""
    network = begun(site, connection, NETWORK.replace('"omc-test"', "\"{{ bridge | default('omc-test') }}\""))
    (guest,) = make_guests(on_network(host))
    host.run("ip", "link", "add", "omc-other", "type", "bridge")
    try:
        applied = site.apply("-e", "bridge=omc-other", "-e", "n=5", "--disruptive")
    finally:
        host.run("ip", "link", "del", "omc-other")
    assert applied.code == 3
    assert "kvm1: restored" in applied.stdout, applied
    assert "omc-other" in applied.stderr
    assert network.isActive()
    assert "omc-test" in network.XMLDesc(0)
    assert (len(attached(host)), guest.isActive(), site.file()) == (2, 1, "n = 0")


def test_a_network_that_cannot_take_its_guests_back_is_not_restarted(
    site: Site, connection: libvirt.virConnect, host: Host, make_guests: MakeGuests
) -> None:
    """A guest over macvtap: the plan says so, with --disruptive too, and the definition alone is changed."""
    host.run("ip", "link", "add", "omc-nic", "up", "type", "bridge")
    try:
        direct = (
            f'<network><name>{NAME}</name><forward mode="{{{{ m }}}}"><interface dev="omc-nic"/></forward></network>'
        )
        network = begun(site, connection, direct.replace("{{ m }}", "{{ m | default('bridge') }}"))
        make_guests(on_network(host, nics=1))
        applied = site.apply("-e", "m=private", "--disruptive")
        assert applied.code == 0, applied
        assert "interfaces that are on no Linux bridge cannot be attached again: user" in applied.stdout
        assert "mode='bridge'" in network.XMLDesc(0)
        assert "mode='private'" in network.XMLDesc(libvirt.VIR_NETWORK_XML_INACTIVE)
    finally:
        host.run("ip", "link", "del", "omc-nic")


def test_a_pool_is_restarted_only_when_asked(site: Site, connection: libvirt.virConnect) -> None:
    """It then has its new folder, and gets the old one back by a rollback."""
    site.host.run("mkdir", "-p", f"/var/lib/libvirt/{NAME}0", f"/var/lib/libvirt/{NAME}7")
    site.template({"pool": POOL})
    assert site.apply().code == 0
    pool = connection.storagePoolLookupByName(NAME)
    pool.create()
    assert site.apply("-e", "n=7").code == 0
    assert f"{NAME}0<" in pool.XMLDesc(0)
    assert site.apply("-e", "n=7", "--disruptive").code == 0
    assert f"{NAME}7<" in pool.XMLDesc(0)
    assert site("rollback", site.run(), "--yes").code == 0
    assert f"{NAME}0<" in pool.XMLDesc(0)
    assert pool.isActive()


def test_a_guest_is_restarted_only_when_asked(site: Site, connection: libvirt.virConnect, host: Host) -> None:
    """It is asked to shut down, started as it is defined, and by a rollback once more as it was."""
    says = host.folder / "log" / f"{NAME}-console.log"
    text = guests.Guest(
        name=NAME,
        disks=(guests.disk(disks.obeying(host, f"{NAME}.raw")),),
        elements=("<title>{{ n | default(0) }}</title>",),
        devices=(f"<serial type='file'><source path='/var/log/libvirt/{says.name}'/></serial>",),
    ).xml()

    def is_up() -> bool:
        """Whether it takes a wish to shut down: what an earlier life said is gone, each begins the file anew."""
        return says.exists() and "!" in says.read_text()

    site.template({"guest": text})
    assert site.apply().code == 0
    guest = connection.lookupByName(NAME)
    guest.create()
    until(is_up)
    first = host.guest_pid(NAME)
    assert site.apply("-e", "n=5").code == 0
    assert host.guest_pid(NAME) == first
    applied = site.apply("-e", "n=6", "--disruptive")
    assert applied.code == 0, applied
    assert "takes effect now: it is shut down and started" in applied.stdout
    second = host.guest_pid(NAME)
    assert (second != first, "<title>6<" in guest.XMLDesc(0)) == (True, True)
    until(is_up)
    assert site("rollback", site.run(), "--yes").code == 0
    assert (host.guest_pid(NAME) != second, "<title>5<" in guest.XMLDesc(0)) == (True, True)


def test_a_saved_plan_says_whether_it_restarts(site: Site, connection: libvirt.virConnect) -> None:
    """It is carried out with the same word that it was made with."""
    network = begun(site, connection, WIDER)
    plan = str(site.omc.home / "plan.json")
    assert site.plan(*MASK, "--disruptive", "-f", plan).code == 4
    refused = site("apply", plan, "--yes", *MASK)
    assert refused.code == 2
    assert "the plan was made with --disruptive" in refused.stderr
    assert site("apply", plan, "--yes", *MASK, "--disruptive").code == 0
    assert re.search("netmask=.255.255.0.0", network.XMLDesc(0))
    assert find(connection, "network") is not None
    assert "255.255.0.0" in str(xml(connection, "network"))
