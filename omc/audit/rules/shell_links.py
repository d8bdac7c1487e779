"""Rules on a host's network links, asked by --ssh: bonds, sizes of packets, VLANs on bridges."""

from collections import defaultdict

from omc.audit.machine import Machine
from omc.audit.rule import Found, Missing, Seen, Verdicts, fleet_rule, host_rule, typed
from omc.audit.rules.host_cluster import counted
from omc.model import Host

_READS = ("shell",)


@fleet_rule(
    "H28",
    severity="warning",
    title="A bond has less than two links, or hosts have links of different MTU",
    reason="A bond with one link is none; where two ends disagree on the MTU, large packets vanish, transfers hang.",
    source="Linux, Documentation/networking/bonding.rst; cv4pve-diag WN0034, WN0009",
    fix="on {host}: cat /proc/net/bonding/BOND; ip link set dev LINK mtu SIZE, and so in its configuration",
    reads=("cluster", *_READS),
)
def weak_links(seen: Seen) -> Verdicts:
    """Found for each bond, and once a cluster and name of a link."""
    for cluster in seen.fleet.clusters:
        sizes: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for host in cluster.hosts:
            machine = seen.machine(host.name)
            if isinstance(machine, Missing):
                yield Missing(why=machine.why, host=host.name, subject="host")
                continue
            yield from _bonds(host.name, machine)
            for link, size in machine.pairs("mtu").items():
                sizes[link][size].append(host.name)
        for link, names in sorted(sizes.items()):
            if len(names) > 1:
                fix = f"where it is wrong: ip link set dev {typed(link)} mtu SIZE, and so in its configuration"
                message = f"MTU of {link}: {counted(names)}"
                yield Found(message=message, subject=f"cluster/{cluster.name}", fix=fix)


def _bonds(host: str, machine: Machine) -> Verdicts:
    for bond, counts in machine.pairs("bond").items():
        up, _, total = counts.partition(" ")
        if up.isdecimal() and int(up) < 2:
            yield Found(message=f"{bond} has {up} of {total} links up", host=host, subject="host")


@host_rule(
    "H29",
    severity="warning",
    title="Guest has a VLAN on a bridge that knows none",
    reason="A Linux bridge without VLAN filtering ignores the tag: the guest is in the wrong network.",
    source="libvirt, formatdomain: VLAN tag; ip-link(8): vlan_filtering",
    fix="on {host}: ip link set dev BRIDGE type bridge vlan_filtering 1, or an Open vSwitch bridge",
    reads=("Guest.nics", *_READS),
)
def ignored_vlan(host: Host, seen: Seen) -> Verdicts:
    """Found for each guest with such a nic."""
    tagged = [
        (guest.name, nic.source or "")
        for guest in host.guests
        for nic in guest.nics
        if nic.type == "bridge" and nic.vlan and nic.virtual_port is None
    ]
    if not tagged:
        return
    machine = seen.machine(host.name)
    if isinstance(machine, Missing):
        yield machine
        return
    bridges = machine.pairs("bridge")
    for guest, bridge in tagged:
        if bridge not in bridges:
            yield Missing(why=f"{bridge} is no Linux bridge there now", subject=f"guest/{guest}")
        elif bridges[bridge] == "0":
            yield Found(message=f"its bridge {bridge} filters no VLANs", subject=f"guest/{guest}")
