"""What stands in the cells: facts in RVTools' words and units where it has them, and nothing where nothing was read."""

from typing import Any

import pytest

from omc.model import (
    Agent,
    AgentFilesystem,
    ChainImage,
    Change,
    Cpu,
    Device,
    Disk,
    Guest,
    GuestMetadata,
    Host,
    HostCpu,
    HostDevice,
    Issue,
    MemoryUsage,
    PortGroup,
)
from omc.report import words
from omc.report.tab import HostScene
from omc.report.tabs import TABS
from tests.facts import GIB, disk, guest, host, network, nic, pool, unreachable, uuid_of
from tests.unit.report.made import FINDING, source

MIB = 1 << 20
Row = dict[str, Any]


def rows(name: str, *hosts: Host, **settings: Any) -> list[Row]:
    """Return the rows of a tab over these hosts, by the names of its columns."""
    (tab,) = [tab for tab in TABS if tab.name == name]
    begun = tab.begin(source(hosts, **settings))
    found = [row for each in hosts for row in begun.of(HostScene(each, "site", "+".join(each.groups)))]
    return [dict(zip([column.name for column in tab.columns], row, strict=True)) for row in [*found, *begun.rest()]]


def of(name: str, one: Guest, **changes: Any) -> Row:
    """Return the only row of a tab over one host with one guest."""
    (row,) = rows(name, host("kvm1", guests=[one], **changes))
    return row


def test_every_row_has_a_cell_a_column() -> None:
    """No tab is wider than its header, whatever a host has; a host of which nothing was read counts, too."""
    full = guest(
        agent=Agent(filesystems=(AgentFilesystem(mountpoint="/"),)),
        host_devices=(HostDevice(type="usb", source="1:2"), HostDevice(type="pci", source="0000:01:00.0")),
        pending=(Change(path="vcpus", before=2, after=4),),
        disks=(disk("vda"), Disk(target="sda", device="cdrom")),
    )
    devices = (Device(name="net_eth0", kind="net"), Device(name="scsi_host0", kind="scsi_host"))
    issue = Issue(host="kvm1", subject="host", code="failed", what="pools", why="broken")
    made = (host("kvm1", guests=[full], devices=devices, issues=(issue,)), unreachable("kvm2"))
    assert [] == [tab.name for tab in TABS if not rows(tab.name, *made, findings=[FINDING])]


@pytest.mark.parametrize(
    ("state", "saved", "expected"),
    [
        ("running", False, "poweredOn"),
        ("in shutdown", False, "poweredOn"),
        ("paused", False, "suspended"),
        ("pmsuspended", False, "suspended"),
        ("shut off", True, "suspended"),
        ("shut off", None, "poweredOff"),
        ("crashed", False, "poweredOff"),
        ("unknown", False, None),
    ],
)
def test_states_are_rvtools_own(state: str, saved: bool | None, expected: str | None) -> None:
    """Three words for libvirt's eight; what nobody knows is none of them."""
    row = of("vInfo", guest(state=state, id=None, managed_save=saved))
    assert (expected, state) == (row["Powerstate"], row["omc State"])


def test_a_crashed_guest_that_is_kept_is_on() -> None:
    """Its process holds its memory until somebody ends it."""
    assert "poweredOn" == of("vInfo", guest(state="crashed", id=7))["Powerstate"]


@pytest.mark.parametrize(
    ("size", "expected"), [(None, None), (0, 0), (MIB // 2 - 1, 0), (MIB // 2, 1), (4 * GIB, 4096)]
)
def test_sizes_are_whole_mib(size: int | None, expected: int | None) -> None:
    """As RVTools has them; what was not read is not zero."""
    assert expected == words.mib(size)


def test_a_guest_has_its_sums() -> None:
    """Disks without CD-ROMs, capacities, and what all images take; one that was not read leaves no sum."""
    below = ChainImage(source="/images/base.qcow2", physical_bytes=GIB)
    one = guest(
        disks=(disk("vda", backing_chain=(below,)), disk("vdb", backing_chain=()), Disk(target="sda", device="cdrom"))
    )
    row = of("vInfo", one)
    assert (2, 40 * 1024, 9 * 1024) == (row["Disks"], row["Total disk capacity MiB"], row["In Use MiB"])
    unread = of("vInfo", guest(disks=(disk("vda", physical_bytes=None),)))
    assert (20 * 1024, None) == (unread["Total disk capacity MiB"], unread["In Use MiB"])


def test_who_a_guest_is_stands_in_each_of_its_rows() -> None:
    """Name, host, cluster and ids, so that every tab can be filtered alone."""
    keys = {
        "VM": "web1",
        "Datacenter": "site",
        "Cluster": "prod+rack1",
        "Host": "kvm1",
        "VM ID": f"kvm1/{uuid_of(1)}",
        "VM UUID": uuid_of(1),
        "VI SDK Server": "qemu+ssh://root@kvm1/system",
    }
    one = guest(disks=(disk("vda"),))
    for name in ("vInfo", "vCPU", "vMemory", "vDisk", "vNetwork", "vSnapshot", "vTools"):
        row = of(name, one)
        assert keys == {key: row[key] for key in keys}


def test_tags_and_the_agent_say_what_a_guest_is() -> None:
    """A tag makes it a template; the configured system is libosinfo's, the installed one the agent's."""
    metadata = GuestMetadata(
        os_id="http://debian.org/debian/12", tags=("template", "web"), attributes={"owner": "web team"}
    )
    row = of("vInfo", guest(metadata=metadata, agent=Agent(os_name="Debian GNU/Linux 13", hostname="web1.example.org")))
    assert (True, "debian 12") == (row["Template"], row["OS according to the configuration file"])
    assert ("Debian GNU/Linux 13", "web1.example.org") == (row["OS according to the VMware Tools"], row["DNS Name"])
    assert ("template, web", "owner=web team") == (row["omc Tags"], row["omc Attributes"])


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"agent_connected": True}, "toolsOk"),
        ({"agent_connected": False}, "toolsNotRunning"),
        ({"state": "shut off"}, "toolsNotRunning"),
        ({"channels": ()}, "toolsNotInstalled"),
        ({"type": None, "channels": ()}, None),
    ],
)
def test_the_guest_agent_is_what_the_tools_are(facts: Row, expected: str | None) -> None:
    """In RVTools' words; a guest whose configuration was not read has none of them."""
    assert expected == of("vTools", guest(**facts))["Tools"]


def test_vcpus_have_their_topology() -> None:
    """As configured; without a topology each vCPU is a socket, as libvirt has it."""
    row = of("vCPU", guest(cpu=Cpu(sockets=1, dies=2, cores=4, threads=2)))
    assert (2, 1, 8, 2, True) == tuple(
        row[name] for name in ("CPUs", "Sockets", "Cores p/s", "omc Threads p/c", "Hot Add")
    )
    plain = of("vCPU", guest())
    assert (4, 1) == (plain["Sockets"], plain["Cores p/s"])


def test_memory_is_what_it_has_what_it_takes_and_what_was_taken() -> None:
    """Size, what QEMU has of it on the host, and what the balloon took away."""
    row = of("vMemory", guest(memory_current_bytes=3 * GIB, memory_usage=MemoryUsage(rss_bytes=2 * GIB)))
    assert (4096, 2048, 1024) == (row["Size MiB"], row["Consumed"], row["Ballooned"])


def test_a_disk_says_where_it_lies_and_how() -> None:
    """Path, thin or thick, and the unit of its address."""
    row = of("vDisk", guest(disks=(disk("sda", controller="0:0:0:3", shareable=True, cache="none"),)))
    assert ("sda", "/images/sda.qcow2", 20 * 1024) == (row["Disk"], row["Disk Path"], row["Capacity MiB"])
    assert (True, "sharingMultiWriter", 3) == (row["Thin"], row["Sharing mode"], row["Unit #"])
    assert ("/images/base.qcow2", 1) == (row["omc Backing file"], row["omc Images below"])


def test_a_nic_hangs_on_the_bridge_of_its_network() -> None:
    """The switch is found through the network; addresses are told apart by kind, with who says so."""
    row = of("vNetwork", guest(nics=(nic(1),)))
    assert ("default", "virbr0", True) == (row["Network"], row["Switch"], row["Connected"])
    assert ("192.0.2.1", None, "lease") == (row["IPv4 Address"], row["IPv6 Address"], row["omc Address sources"])
    off = of("vNetwork", guest(state="shut off", nics=(nic(1, type="bridge", source="br0", link_state="down"),)))
    assert ("br0", False, False) == (off["Switch"], off["Connected"], off["Starts Connected"])


def test_file_systems_come_from_the_agent() -> None:
    """What is free is what is not used; an unread size leaves both out."""
    mounted = (
        AgentFilesystem(mountpoint="/", total_bytes=10 * GIB, used_bytes=4 * GIB),
        AgentFilesystem(mountpoint="/mnt"),
    )
    first, second = rows("vPartition", host("kvm1", guests=[guest(agent=Agent(filesystems=mounted))]))
    assert ("/", 6 * 1024, 60.0) == (first["Disk"], first["Free MiB"], first["Free %"])
    assert ("/mnt", None, None) == (second["Disk"], second["Free MiB"], second["Free %"])


def test_a_pool_that_several_hosts_share_is_one_datastore() -> None:
    """It is the same where type and source are, whatever it is called; local pools of one name stay apart."""
    shared = {"type": "netfs", "source": "nas:/export"}
    made = (
        host("kvm1", pools=(pool(), pool(name="nfs", path="/nfs", volumes=(), **shared))),
        host("kvm2", pools=(pool(), pool(name="images", path="/nfs", volumes=(), **shared))),
    )
    found = rows("vDatastore", *made)
    assert [("default", "kvm1"), ("default", "kvm2"), ("nfs", "kvm1, kvm2")] == [
        (row["Name"], row["Hosts"]) for row in found
    ]
    assert [1, 1, 2] == [row["# Hosts"] for row in found]


def test_a_shared_datastore_is_told_as_the_host_sees_it_that_knows_most() -> None:
    """Where it does not run there are no figures, and what was read last holds."""
    shared = {"name": "nfs", "type": "netfs", "source": "nas:/export", "path": "/nfs"}
    dead = pool(**shared, state="inactive", capacity_bytes=None, allocation_bytes=None, available_bytes=None)
    live = pool(**shared, capacity_bytes=100 << 20, allocation_bytes=1 << 20, available_bytes=30 << 20, volumes=None)
    made = (
        host("kvm1", pools=(dead,), collected_at="2026-01-09T00:00:00Z"),
        host("kvm2", pools=(live,), collected_at="2026-01-02T00:00:00Z"),
        host("kvm3", pools=(pool(**shared, volumes=()),), collected_at="2026-01-01T00:00:00Z"),
    )
    for order in (made, made[::-1]):
        (row,) = rows("vDatastore", *order)
        names = ("Accessible", "Capacity MiB", "In Use MiB", "Free MiB", "Provisioned MiB", "# Hosts")
        assert (True, 100, 70, 30, 0, 3) == tuple(row[name] for name in names)


def test_a_datastore_counts_the_guests_with_a_disk_on_it() -> None:
    """A volume of it, a file below its folder, or one that names it."""
    guests = [
        guest(1, disks=(disk("vda"),)),
        guest(2, state="shut off", disks=(disk("vda", source="/images/deep/x.raw"),)),
        guest(3, disks=(disk("vda", type="volume", source="default/x"),)),
        guest(4, disks=(disk("vda", source="/images2/x"),)),
    ]
    (row,) = rows("vDatastore", host("kvm1", guests=guests))
    assert (3, 2, 60.0) == (row["# VMs total"], row["# VMs"], row["Free %"])


def test_a_host_counts_what_runs_on_it() -> None:
    """Guests, vCPUs and memory of those that run, and how many a core."""
    cpu = HostCpu(sockets=2, cores_per_socket=4, threads_per_core=2, count=16, mhz=2000)
    guests = [guest(1, vcpus=8), guest(2, state="shut off", vcpus=8)]
    (row,) = rows("vHost", host("kvm1", guests=guests, cpu=cpu, hypervisor_version="9.2.0"))
    assert (8, 2, 1, 8, 1.0, 4096) == tuple(
        row[name] for name in ("# Cores", "# VMs total", "# VMs", "# vCPUs", "vCPUs per Core", "vRAM")
    )
    assert (87.5, "QEMU 9.2.0", True) == (row["Memory usage %"], row["ESX Version"], row["HT Active"])


def test_a_host_that_was_never_read_counts_nothing() -> None:
    """It is there with its state, and no zero stands for what nobody knows."""
    (row,) = rows("vHost", unreachable("kvm2"))
    assert ("kvm2", "unreachable", "no route to host") == (row["Host"], row["Config status"], row["omc Status reason"])
    assert {None} == {
        row[name] for name in ("# VMs total", "# VMs", "# vCPUs", "vRAM", "# Memory", "# Cores", "# NICs")
    }


def test_a_cluster_is_the_sum_of_its_hosts_where_all_told() -> None:
    """One host that was never read leaves the sums of hardware out, and not those of guests."""
    known = host("kvm1", cpu=HostCpu(sockets=1, cores_per_socket=4, count=8, mhz=1000))
    (whole,) = rows("vCluster", known)
    assert (1, 4, 8, 4000, 65536) == tuple(
        whole[name] for name in ("NumHosts", "NumCpuCores", "NumCpuThreads", "TotalCpu", "TotalMemory")
    )
    lost = Host(name="kvm2", uri="", status="unreachable", groups=known.groups)
    (part,) = rows("vCluster", known, lost)
    assert (2, 1, None, None, 2) == tuple(
        part[name] for name in ("NumHosts", "numEffectiveHosts", "TotalMemory", "NumCpuCores", "omc Guests")
    )


def test_a_network_without_port_groups_is_one_itself() -> None:
    """Guests choose it by its name; a group's own VLAN wins over the network's."""
    groups = (PortGroup(name="dmz", vlan=(7,)), PortGroup(name="lan", default=True))
    made = host("kvm1", networks=(network(), network(name="vlans", vlan=(4,), portgroups=groups)))
    found = [(row["Port Group"], row["Switch"], row["VLAN"]) for row in rows("vPort", made)]
    assert [("default", "default", None), ("dmz", "vlans", "7"), ("lan", "vlans", "4")] == found


def test_a_bridge_of_the_host_that_guests_are_on_is_a_switch() -> None:
    """Not where it is a network's, which is listed by its name."""
    nics = tuple(nic(number, type="bridge", source=name) for number, name in enumerate(("br0", "virbr0")))
    made = host("kvm1", networks=(network(bridge="virbr0"),), guests=[guest(1, nics=nics)])
    found = [(row["Switch"], row["omc Bridge"], row["omc Forward"], row["omc UUID"]) for row in rows("vSwitch", made)]
    assert ["default", "br0"] == [row[0] for row in found]
    assert ("br0", "br0", "bridge of the host", None) == found[1]
    assert ["default", "br0"] == [row["Port Group"] for row in rows("vPort", made)]


def test_the_loopback_is_no_network_interface() -> None:
    """Neither counted nor listed."""
    devices = tuple(Device(name=f"net_{name}", kind="net", interface=name) for name in ("lo", "eth0"))
    made = host("kvm1", devices=devices)
    assert ["eth0"] == [row["Network Device"] for row in rows("vNIC", made)]
    assert [1] == [row["# NICs"] for row in rows("vHost", made)]


def test_findings_keep_the_order_of_the_audit() -> None:
    """Each names what it is about, and what to type."""
    other = FINDING._replace(rule="H25", severity="warning", subject="host")
    first, second = rows("vHealth", findings=[FINDING, other])
    assert ("web1", "G11", "virsh edit web1") == (first["Name"], first["omc Rule"], first["omc Fix"])
    assert ("kvm1", "host") == (second["Name"], second["omc Subject"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, None),
        ("2026-01-01T12:00:00Z", "2026-01-01T12:00:00+00:00"),
        ("2026-01-01T12:00:00", "2026-01-01T12:00:00+00:00"),
        ("yesterday", None),
    ],
)
def test_times_are_utc_or_not_there(text: str | None, expected: str | None) -> None:
    """A guest may say anything for a time."""
    when = words.moment(text)
    assert expected == (when and when.isoformat())
